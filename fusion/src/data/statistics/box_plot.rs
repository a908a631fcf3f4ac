//! Boxes and whiskers.

use super::numbers::{quantile, sorted_finite};

/// Box and whiskers of some numbers: the middle half, how far the rest goes, and what lies apart. matplotlib's `boxplot`.
///
/// A whisker goes to the farthest number that is within 1.5 times the height of the box. NaN and infinite numbers are left
/// out. All figures are NaN if nothing is left.
///
/// Source: J. Tukey (1977), Exploratory Data Analysis.
///
/// ```
/// use fusion::data::BoxPlot;
///
/// let plot = BoxPlot::new(&[1.0, 2.0, 3.0, 4.0, 5.0, 20.0]);
/// assert_eq!((plot.q25, plot.median, plot.q75), (2.25, 3.5, 4.75));
/// assert_eq!((plot.low, plot.high, plot.outliers), (1.0, 5.0, vec![20.0]));
/// ```
#[derive(Clone, Debug, PartialEq)]
#[doc(alias = "boxplot")]
pub struct BoxPlot {
    /// How many numbers there are.
    pub count: usize,
    /// The end of the lower whisker.
    pub low: f64,
    /// The first quartile; between two numbers, interpolated linearly.
    pub q25: f64,
    /// The median.
    pub median: f64,
    /// The third quartile.
    pub q75: f64,
    /// The end of the upper whisker.
    pub high: f64,
    /// The numbers beyond the whiskers, in rising order.
    pub outliers: Vec<f64>,
}

impl BoxPlot {
    /// The box and whiskers of a list of numbers.
    pub fn new(numbers: &[f64]) -> Self {
        let sorted = sorted_finite(numbers);
        let [q25, median, q75] = [0.25, 0.5, 0.75].map(|q| quantile(&sorted, q));
        let far = 1.5 * (q75 - q25);
        // Where no number is between fence and box, there is no whisker.
        let within = |x: &&f64| (q25 - far..=q75 + far).contains(*x);
        let low = sorted.iter().find(within).map_or(q25, |low| low.min(q25));
        let high = sorted.iter().rfind(within).map_or(q75, |high| high.max(q75));
        let outliers = sorted.iter().copied().filter(|x| !(low..=high).contains(x)).collect();
        Self { count: sorted.len(), low, q25, median, q75, high, outliers }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `matplotlib.cbook.boxplot_stats` gives; the sets inside the crate are held to it by tests/parity/statistics.rs.
    #[test]
    fn as_matplotlib() {
        let plot = BoxPlot::new(&[1.0, 1.0, 1.0, 1.0, 9.0]);
        assert_eq!((plot.low, plot.high, plot.outliers), (1.0, 1.0, vec![9.0]));
        // The upper fence is 8.5, and all below it is below the third quartile, 4: no whisker.
        let plot = BoxPlot::new(&[1.0, 1.0, 1.0, 13.0]);
        assert_eq!((plot.q75, plot.high, plot.outliers), (4.0, 4.0, vec![13.0]));
    }

    #[test]
    fn odd_numbers() {
        let none = BoxPlot::new(&[f64::NAN, f64::INFINITY]);
        assert!(none.count == 0 && none.median.is_nan() && none.outliers.is_empty());
        let one = BoxPlot::new(&[3.0, f64::NEG_INFINITY]);
        assert_eq!((one.count, one.low, one.median, one.high), (1, 3.0, 3.0, 3.0));
        let wide = BoxPlot::new(&[f64::MIN, f64::MAX, 0.0]);
        assert_eq!((wide.low, wide.high), (f64::MIN, f64::MAX));
    }
}
