//! How often numbers lie where.

use super::numbers::{quantile, sorted_finite};

/// The most bins that a rule makes.
const MOST: f64 = 10_000.0;

/// How many bins a histogram has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bins {
    /// As wide as the narrower of Sturges' and Freedman and Diaconis' bins, but no more of these than twice the root of the count:
    /// NumPy's `'auto'`.
    Auto,
    /// `log2(n) + 1` for n numbers: good for few numbers that lie about their mean. NumPy's `'sturges'`; H. Sturges (1926), The
    /// choice of a class interval.
    Sturges,
    /// As wide as `2 · IQR / n^(1/3)`, which far numbers don't change; at most 10,000. NumPy's `'fd'`; D. Freedman and P. Diaconis
    /// (1981), On the histogram as a density estimator.
    FreedmanDiaconis,
    /// This many, at least one.
    Count(usize),
}

/// How many numbers lie in each of equally wide bins, from the smallest finite number to the largest. A bin has its lower edge
/// and not its upper one; the last bin has both. NumPy's `histogram`.
///
/// If all numbers are equal, the bins go from half below to half above; if there are none, from 0 to 1.
///
/// ```
/// use fusion::data::{Bins, Histogram};
///
/// let histogram = Histogram::new(&[1.0, 2.0, 2.5, 4.0, f64::NAN], Bins::Count(3));
/// assert_eq!(histogram.edges(), [1.0, 2.0, 3.0, 4.0]);
/// assert_eq!((histogram.counts, histogram.nans), (vec![1, 2, 1], 1));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram {
    /// The lower edge of the first bin.
    pub low: f64,
    /// The upper edge of the last bin.
    pub high: f64,
    /// How many numbers each bin has.
    pub counts: Vec<u64>,
    /// How many numbers are NaN: no bin has them.
    pub nans: u64,
    /// How many numbers are infinite: no bin has them.
    pub infinite: u64,
}

impl Histogram {
    /// The histogram of all numbers.
    ///
    /// ```
    /// use fusion::data::{self, Bins, Histogram, columns};
    ///
    /// let petals = &columns(&data::iris().x)[2];
    /// assert_eq!(Histogram::new(petals, Bins::Count(5)).counts, [50, 3, 34, 47, 16]);
    /// ```
    pub fn new(numbers: &[f64], bins: Bins) -> Self {
        let sorted = sorted_finite(numbers);
        let (low, high) = match (sorted.first(), sorted.last()) {
            (Some(&low), Some(&high)) if low == high => (low - 0.5, high + 0.5),
            (Some(&low), Some(&high)) => (low, high),
            _ => (0.0, 1.0),
        };
        Self::within(numbers, low, high, count(&sorted, high - low, bins))
    }

    /// The histogram of the numbers from `low` to `high`, in `bins` bins. Finite ones outside are not counted.
    ///
    /// # Panics
    /// If `low` is not below `high`, one is not finite, or there are no bins.
    ///
    /// ```
    /// use fusion::data::Histogram;
    ///
    /// let dice = [1.0, 6.0, 6.0, 3.0];
    /// assert_eq!(Histogram::within(&dice, 0.5, 6.5, 6).counts, [1, 0, 1, 0, 0, 2]);
    /// ```
    #[track_caller]
    pub fn within(numbers: &[f64], low: f64, high: f64, bins: usize) -> Self {
        assert!(low.is_finite() && high.is_finite() && low <= high, "a histogram cannot go from {low} to {high}");
        assert!(bins > 0, "a histogram needs a bin");
        let mut histogram = Self { low, high, counts: vec![0; bins], nans: 0, infinite: 0 };
        let edges = histogram.edges();
        for &x in numbers {
            match x {
                x if x.is_nan() => histogram.nans += 1,
                x if x.is_infinite() => histogram.infinite += 1,
                x if (low..=high).contains(&x) => {
                    let bin = edges.partition_point(|&edge| edge <= x).clamp(1, bins);
                    histogram.counts[bin - 1] += 1;
                }
                _ => {}
            }
        }
        histogram
    }

    /// The edges of the bins, one more than there are bins.
    ///
    /// ```
    /// use fusion::data::Histogram;
    ///
    /// assert_eq!(Histogram::within(&[], 0.0, 1.0, 4).edges(), [0.0, 0.25, 0.5, 0.75, 1.0]);
    /// ```
    pub fn edges(&self) -> Vec<f64> {
        let (bins, range) = (self.counts.len(), self.high - self.low);
        let (width, share) = (range / bins as f64, |bin: usize| bin as f64 / bins as f64);
        let edge = |bin: usize| match bin {
            last if last == bins => self.high,
            bin if range.is_finite() => bin as f64 * width + self.low,
            // The difference of the largest numbers is infinite.
            bin => self.low * (1.0 - share(bin)) + self.high * share(bin),
        };
        (0..=bins).map(edge).collect()
    }

    /// How many numbers all bins have together.
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }
}

/// How many bins a rule makes of these numbers.
fn count(sorted: &[f64], range: f64, bins: Bins) -> usize {
    let n = sorted.len() as f64;
    let sturges = range / (n.log2() + 1.0);
    let spread = || 2.0 * (quantile(sorted, 0.75) - quantile(sorted, 0.25)) * n.powf(-1.0 / 3.0);
    let width = match bins {
        Bins::Count(count) => return count.max(1),
        _ if sorted.first() == sorted.last() => return 1,
        Bins::Auto => spread().max(range / n.sqrt() / 2.0).min(sturges),
        Bins::Sturges => sturges,
        Bins::FreedmanDiaconis => spread(),
    };
    // As in NumPy, no width is one bin. What is no number comes of ranges that no number holds.
    match (range / width).ceil() {
        count if width > 0.0 && count >= 1.0 => count.min(MOST) as usize,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `numpy.histogram` gives; the sets inside the crate are held to it by tests/parity/statistics.rs.
    #[test]
    fn as_numpy() {
        let numbers = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 5.0];
        let histogram = Histogram::new(&numbers, Bins::Auto);
        assert_eq!(histogram.counts, [7, 3, 0, 0, 0, 0, 1]);
        assert_eq!(Histogram::new(&numbers, Bins::Sturges).counts, [10, 0, 0, 0, 1]);
        assert_eq!(Histogram::new(&numbers, Bins::FreedmanDiaconis).counts, [5, 4, 1, 0, 0, 0, 0, 0, 0, 0, 1]);
        // Sums of 0.1 fall on edges that are no exact numbers.
        let tenths: Vec<f64> = (0..=10).map(|i| f64::from(i) * 0.1).collect();
        assert_eq!(Histogram::new(&tenths, Bins::Count(10)).counts, [1, 1, 1, 1, 1, 1, 1, 1, 1, 2]);
    }

    #[test]
    fn odd_numbers() {
        let none = Histogram::new(&[], Bins::Auto);
        assert_eq!((none.low, none.high, none.total(), none.counts.len()), (0.0, 1.0, 0, 1));
        let one = Histogram::new(&[3.0, 3.0], Bins::Auto);
        assert_eq!((one.low, one.high, one.counts), (2.5, 3.5, vec![2]));
        let strange = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1.0, 2.0];
        let strange = Histogram::new(&strange, Bins::Count(2));
        assert_eq!((strange.nans, strange.infinite, strange.counts), (1, 2, vec![1, 1]));
        for bins in [Bins::Auto, Bins::Sturges, Bins::FreedmanDiaconis, Bins::Count(0), Bins::Count(7)] {
            for numbers in
                [&[f64::MIN, f64::MAX][..], &[1.0, 1.0 + f64::EPSILON], &[0.0, 0.0, 0.0, 1e300], &[0.0, 5e-324]]
            {
                assert_eq!(Histogram::new(numbers, bins).total(), numbers.len() as u64, "{numbers:?} {bins:?}");
            }
        }
        assert_eq!(Histogram::new(&[f64::MIN, f64::MAX], Bins::Count(64)).counts[63], 1);
        let huge: Vec<f64> = (0..100).map(f64::from).chain([1e300]).collect();
        assert_eq!(Histogram::new(&huge, Bins::FreedmanDiaconis).counts.len(), 10_000);
        assert_eq!(Histogram::within(&[0.0, 5.0, 9.0], 1.0, 6.0, 5).counts, [0, 0, 0, 0, 1]);
    }

    #[test]
    #[should_panic(expected = "a histogram cannot go from 1 to NaN")]
    fn no_range() {
        Histogram::within(&[], 1.0, f64::NAN, 3);
    }
}
