//! What a plot shows: layers over each other, each with the data that was given.

use super::colour::{Picture, Scale};
use super::points::{drawable, extent};
use crate::data::Column;

#[derive(Clone, Debug)]
pub(super) enum Layer {
    /// Points one after the other.
    Line {
        name: String,
        colour: usize,
        points: Vec<(f64, f64)>,
    },
    /// Points each by itself.
    Scatter {
        name: String,
        colour: usize,
        points: Vec<(f64, f64)>,
    },
    /// Numbers that are counted.
    Histogram {
        name: String,
        colour: usize,
        values: Vec<f64>,
    },
    /// Quartiles, and what is far from them.
    Spread {
        name: String,
        colour: usize,
        spread: Option<Spread>,
    },
    /// A number for each cell of a table.
    Table(Table),
    /// The classes of all points of a rectangle.
    Regions(Regions),
    /// A line from the lower end to the upper one.
    Vertical {
        name: String,
        x: f64,
    },
    Image(Picture),
}

/// How numbers lie: Tukey's box.
#[derive(Clone, Debug)]
pub(super) struct Spread {
    pub(super) quartiles: [f64; 3],
    /// The farthest numbers that are no farther from the box than one and a half times its height.
    pub(super) whiskers: (f64, f64),
    /// Those beyond, in order.
    pub(super) outliers: Vec<f64>,
}

impl Spread {
    /// `None` if there are no numbers.
    pub(super) fn new(mut values: Vec<f64>) -> Option<Self> {
        values.retain(|&x| drawable(x));
        let column = Column::new("", values.clone());
        let quartiles = [column.q25, column.median, column.q75];
        let reach = 1.5 * (column.q75 - column.q25);
        let within = |x: &f64| (column.q25 - reach..=column.q75 + reach).contains(x);
        let whiskers = extent(values.iter().copied().filter(within))?;
        values.retain(|x| !within(x));
        values.sort_unstable_by(f64::total_cmp);
        Some(Self { quartiles, whiskers, outliers: values })
    }
}

/// Numbers in rows and columns.
#[derive(Clone, Debug)]
pub(super) struct Table {
    pub(super) rows: Vec<String>,
    pub(super) columns: Vec<String>,
    /// What makes the colour of each cell, row by row.
    pub(super) values: Vec<f64>,
    /// What stands in each cell.
    pub(super) texts: Vec<String>,
    pub(super) scale: Scale,
    /// Whether the scale is drawn too.
    pub(super) bar: bool,
}

/// Scores of each class over a grid of points.
#[derive(Clone, Debug)]
pub(super) struct Regions {
    pub(super) x: (f64, f64),
    pub(super) y: (f64, f64),
    /// Points from left to right, and from the lower end to the upper one.
    pub(super) columns: usize,
    pub(super) rows: usize,
    /// Scores of each point; a single one is that of class 1 against class 0.
    pub(super) classes: usize,
    pub(super) scores: Vec<f32>,
}

impl Regions {
    /// The class at a place, 0 to 1 from left to right and from the lower end to the upper one: that of the highest score, where
    /// scores between the points of the grid follow linearly. `None` where a score is NaN.
    pub(super) fn class(&self, x: f64, y: f64) -> Option<usize> {
        let split = |place: f64, count: usize| {
            let at = (place * (count - 1) as f64).clamp(0.0, (count - 1) as f64);
            let first = (at as usize).min(count - 2);
            (first, (at - first as f64) as f32)
        };
        let ((column, right), (row, up)) = (split(x, self.columns), split(y, self.rows));
        let at =
            |row: usize, column: usize, class: usize| self.scores[(row * self.columns + column) * self.classes + class];
        let between = |a: f32, b: f32, t: f32| a * (1.0 - t) + b * t;
        let score = |class| {
            let low = between(at(row, column, class), at(row, column + 1, class), right);
            between(low, between(at(row + 1, column, class), at(row + 1, column + 1, class), right), up)
        };
        if self.classes == 1 {
            let score = score(0);
            return (!score.is_nan()).then_some(usize::from(score > 0.0));
        }
        let mut best = (0, score(0));
        for class in 1..self.classes {
            let score = score(class);
            if best.1.is_nan() || score.is_nan() {
                return None;
            }
            if score > best.1 {
                best = (class, score);
            }
        }
        Some(best.0)
    }
}

/// The bins of a histogram.
#[derive(Clone, Debug)]
pub(super) struct Bins {
    /// Where they begin and end, one more than there are bins, from 0 to 1 between the least and the greatest number.
    count: usize,
    low: f64,
    high: f64,
    log: bool,
}

impl Bins {
    /// The most bins that are drawn.
    pub(super) const MOST: usize = 500;

    /// Bins for all these numbers: so many as are wanted, or by the rules of Freedman and Diaconis and of Sturges, whichever
    /// gives more (NumPy's `auto`). `None` if there are no numbers.
    pub(super) fn new(all: &[f64], wanted: Option<usize>, log: bool) -> Option<Self> {
        let inside = |x: &f64| if log { x.log10() } else { *x };
        let numbers: Vec<f64> = all.iter().filter(|&&x| drawable(x) && !(log && x <= 0.0)).map(inside).collect();
        let (low, high) = extent(numbers.iter().copied())?;
        let bins = if low == high {
            let half = (low.abs() * 1e-3).max(0.5);
            return Some(Self { count: 1, low: low - half, high: high + half, log });
        } else if let Some(wanted) = wanted {
            wanted
        } else {
            let count = numbers.len() as f64;
            let column = Column::new("", numbers);
            let width = 2.0 * (column.q75 - column.q25) / count.cbrt();
            let sturges = count.log2().ceil() + 1.0;
            let fine = if width > 0.0 { ((high - low) / width).ceil() } else { 0.0 };
            sturges.max(fine).min(100.0) as usize
        };
        Some(Self { count: bins.clamp(1, Self::MOST), low, high, log })
    }

    /// Where bin `i` begins.
    pub(super) fn edge(&self, i: usize) -> f64 {
        let t = i as f64 / self.count as f64;
        let x = self.low * (1.0 - t) + self.high * t;
        if self.log { 10_f64.powf(x) } else { x }
    }

    /// How many numbers are in each bin. The last bin has its end too.
    pub(super) fn counts(&self, values: &[f64]) -> Vec<u64> {
        let mut counts = vec![0; self.count];
        for &x in values.iter().filter(|&&x| drawable(x) && !(self.log && x <= 0.0)) {
            let x = if self.log { x.log10() } else { x };
            let place = (x - self.low) / (self.high - self.low) * self.count as f64;
            if (0.0..=self.count as f64).contains(&place) {
                counts[(place as usize).min(self.count - 1)] += 1;
            }
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_is_tukeys() {
        let spread = Spread::new(vec![3.0, f64::NAN, 1.0, 2.0, 4.0, 5.0, 30.0, -20.0, f64::INFINITY]).unwrap();
        // numpy.percentile([-20, 1, 2, 3, 4, 5, 30], [25, 50, 75])
        assert_eq!(spread.quartiles, [1.5, 3.0, 4.5]);
        assert_eq!((spread.whiskers, spread.outliers), ((1.0, 5.0), vec![-20.0, 30.0]));
        assert!(Spread::new(vec![f64::NAN]).is_none());
    }

    #[test]
    fn bins_have_all_numbers() {
        let values: Vec<f64> = (0..1000).map(|i| f64::from(i * i % 997)).collect();
        let bins = Bins::new(&values, None, false).unwrap();
        // len(numpy.histogram_bin_edges(values, "auto")) - 1
        assert_eq!(bins.count, 11);
        assert_eq!(bins.counts(&values).iter().sum::<u64>(), 1000);
        assert_eq!((bins.edge(0), bins.edge(bins.count)), (0.0, 996.0));
        let four = Bins::new(&[0.0, 0.5, 1.0, 4.0], Some(4), false).unwrap();
        assert_eq!(four.counts(&[0.0, 0.5, 1.0, 4.0, f64::NAN, 9.0]), [2, 1, 0, 1]);
        let decades = Bins::new(&[1.0, 1000.0, 0.0, -1.0], Some(3), true).unwrap();
        assert_eq!(decades.counts(&[1.0, 5.0, 50.0, 1000.0, 0.0, -3.0]), [2, 1, 1]);
        assert_eq!(Bins::new(&[7.0, 7.0], None, false).unwrap().counts(&[7.0, 7.0]), [2]);
        assert!(Bins::new(&[], None, false).is_none());
        assert_eq!(
            Bins::new(&[-1e300, 1e300], None, false).unwrap().counts(&[-1e300, 0.0, 1e300]).iter().sum::<u64>(),
            3
        );
    }

    #[test]
    fn classes_between_the_points_of_a_grid() {
        let regions = |classes, scores: &[f32]| Regions {
            x: (0.0, 1.0),
            y: (0.0, 1.0),
            columns: 2,
            rows: 2,
            classes,
            scores: scores.to_vec(),
        };
        // Zero at a third of the way from left to right.
        let one = regions(1, &[-1.0, 2.0, -1.0, 2.0]);
        assert_eq!([0.0, 0.3, 0.4, 1.0].map(|x| one.class(x, 0.5)), [0, 0, 1, 1].map(Some));
        // Class 2 wins at the upper end.
        let three = regions(3, &[1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 3.0, 1.0, 0.0, 3.0]);
        assert_eq!([0.0, 0.3, 0.4, 1.0].map(|y| three.class(0.5, y)), [0, 0, 2, 2].map(Some));
        let nan = regions(2, &[f32::NAN, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0]);
        assert_eq!(nan.class(0.1, 0.1), None);
    }
}
