//! Which columns go together.

use super::describe::Table;
use std::fmt;

/// How it is measured whether two columns go together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Correlation {
    /// On a line: the covariance over the product of the standard deviations.
    Pearson,
    /// In one order: Pearson's of the ranks, of equal numbers their mean.
    Spearman,
}

/// The correlation of each column with each: 1 if both rise together, -1 if one falls as the other rises, about 0 if neither
/// says anything of the other. Printed as pandas prints its `corr`.
///
/// Of two columns the rows count in which both have a number. A column that is always the same has NaN with all. The cost is
/// that of rows times the square of the columns.
///
/// ```
/// use fusion::data::{self, Correlation, Correlations, columns};
///
/// let iris = data::iris();
/// let table = Correlations::new(&columns(&iris.x), Correlation::Pearson).with_names(iris.feature_names());
/// assert!((table.get(2, 3) - 0.9629).abs() < 1e-4); // a long petal is a wide one
/// println!("{table}");
/// ```
#[derive(Clone, Debug)]
#[doc(alias = "corr")]
#[doc(alias = "corrcoef")]
pub struct Correlations {
    /// What each column is called.
    pub names: Vec<String>,
    /// Row by row.
    values: Vec<f64>,
}

impl Correlations {
    /// The correlations of these columns, called 0, 1, 2, ... [`columns`](super::columns) makes columns of a tensor.
    ///
    /// # Panics
    /// If the columns have different lengths.
    ///
    /// ```
    /// use fusion::data::{Correlation, Correlations};
    ///
    /// let columns = [vec![1.0, 2.0, 3.0], vec![1.0, 10.0, 100.0]];
    /// assert!(Correlations::new(&columns, Correlation::Pearson).get(0, 1) < 0.91);
    /// assert!(Correlations::new(&columns, Correlation::Spearman).get(0, 1) > 0.9999999);
    /// ```
    #[track_caller]
    pub fn new(columns: &[Vec<f64>], how: Correlation) -> Self {
        let (n, rows) = (columns.len(), columns.first().map_or(0, Vec::len));
        if let Some(other) = columns.iter().find(|column| column.len() != rows) {
            panic!("columns of {rows} and of {} numbers", other.len());
        }
        let whole: Vec<Option<Deviations>> = columns
            .iter()
            .map(|column| column.iter().all(|x| !x.is_nan()).then(|| Deviations::of(column.clone(), how)))
            .collect();
        let mut values = vec![f64::NAN; n * n];
        for i in 0..n {
            for j in 0..=i {
                let value = match (&whole[i], &whole[j]) {
                    (Some(a), Some(b)) => a.with(b),
                    _ => {
                        let both = columns[i].iter().zip(&columns[j]).filter(|(a, b)| !a.is_nan() && !b.is_nan());
                        let (a, b) = both.unzip();
                        Deviations::of(a, how).with(&Deviations::of(b, how))
                    }
                };
                (values[i * n + j], values[j * n + i]) = (value, value);
            }
        }
        Self { names: (0..n).map(|i| i.to_string()).collect(), values }
    }

    /// With other names for the columns; the same if there are not as many.
    pub fn with_names(mut self, names: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        let names: Vec<String> = names.into_iter().map(|name| name.as_ref().to_owned()).collect();
        if names.len() == self.names.len() {
            self.names = names;
        }
        self
    }

    /// The correlation of two columns.
    ///
    /// # Panics
    /// If there is no such column.
    #[track_caller]
    pub fn get(&self, a: usize, b: usize) -> f64 {
        let n = self.names.len();
        assert!(a < n && b < n, "there are no columns {a} and {b} among {n}");
        self.values[a * n + b]
    }
}

impl fmt::Display for Correlations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new(self.names.iter().map(String::as_str));
        for (name, column) in self.names.iter().zip(self.values.chunks(self.names.len().max(1))) {
            table.column(name, column);
        }
        table.fmt(f)
    }
}

/// How far the numbers of a column are from their mean, over the root of the sum of the squares; NaN, if all are equal.
struct Deviations(Vec<f64>);

impl Deviations {
    fn of(numbers: Vec<f64>, how: Correlation) -> Self {
        let mut numbers = match how {
            Correlation::Pearson => numbers,
            Correlation::Spearman => ranks(&numbers),
        };
        // What rounding makes of a mean is no variation.
        let varies = numbers.iter().any(|x| *x != numbers[0]);
        // By the largest, so that no square is beyond all numbers.
        let scale = numbers.iter().fold(0.0f64, |most, x| most.max(x.abs())).max(f64::MIN_POSITIVE);
        let mean = numbers.iter().map(|x| x / scale).sum::<f64>() / numbers.len() as f64;
        numbers.iter_mut().for_each(|x| *x = *x / scale - mean);
        let norm = if varies { numbers.iter().map(|x| x * x).sum::<f64>().sqrt() } else { f64::NAN };
        numbers.iter_mut().for_each(|x| *x /= norm);
        Self(numbers)
    }

    fn with(&self, other: &Self) -> f64 {
        // Nothing has no correlation; `clamp` passes a NaN on.
        let sum = if self.0.is_empty() { f64::NAN } else { self.0.iter().zip(&other.0).map(|(a, b)| a * b).sum() };
        sum.clamp(-1.0, 1.0)
    }
}

/// The place of each number in their order, from 1; of equal numbers the mean of their places.
fn ranks(numbers: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..numbers.len()).collect();
    order.sort_unstable_by(|&a, &b| numbers[a].total_cmp(&numbers[b]));
    let mut ranks = vec![0.0; numbers.len()];
    let mut before = 0;
    for equal in order.chunk_by(|&a, &b| numbers[a] == numbers[b]) {
        let rank = before as f64 + (equal.len() + 1) as f64 / 2.0;
        equal.iter().for_each(|&at| ranks[at] = rank);
        before += equal.len();
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What pandas' `corr` gives; the sets inside the crate are held to it by tests/parity/statistics.rs.
    #[test]
    fn missing_and_constant_as_pandas() {
        let nan = f64::NAN;
        let columns =
            [vec![1.0, 2.0, nan, 4.0, 5.0], vec![2.0, 1.0, 7.0, nan, 4.0], vec![0.1; 5], vec![nan, nan, 1.0, nan, nan]];
        for (how, want) in [(Correlation::Pearson, 0.8386278693775346), (Correlation::Spearman, 0.5)] {
            let table = Correlations::new(&columns, how);
            assert!((table.get(0, 1) - want).abs() < 1e-15, "{}", table.get(0, 1));
            assert!((table.get(0, 0) - 1.0).abs() < 1e-15);
            assert!((0..4).all(|i| table.get(i, 2).is_nan() && table.get(3, i).is_nan()));
        }
        assert_eq!(ranks(&[3.0, 1.0, 3.0, 2.0, -0.0, 0.0]), [5.5, 3.0, 5.5, 4.0, 1.5, 1.5]);
    }

    #[test]
    fn sizes_at_the_limit() {
        assert_eq!(Correlations::new(&[], Correlation::Pearson).to_string(), "");
        assert!(Correlations::new(&[vec![]], Correlation::Pearson).get(0, 0).is_nan());
        assert!(Correlations::new(&[vec![7.0]], Correlation::Spearman).get(0, 0).is_nan());
        let large = [vec![1e300, 2e300, -1e300], vec![1e-300, 2e-300, -1e-300]];
        assert!((Correlations::new(&large, Correlation::Pearson).get(0, 1) - 1.0).abs() < 1e-15);
        let infinite = [vec![f64::INFINITY, 1.0], vec![1.0, 2.0]];
        assert!(Correlations::new(&infinite, Correlation::Pearson).get(0, 1).is_nan());
    }

    /// What pandas prints.
    #[test]
    fn printed() {
        let columns = [vec![1.0, 2.0, 3.0, 4.0], vec![4.0, 3.0, 2.0, 1.0], vec![1.0, 3.0, 2.0, 4.0]];
        let text = "
     a    b    c
a  1.0 -1.0  0.8
b -1.0  1.0 -0.8
c  0.8 -0.8  1.0";
        let table = Correlations::new(&columns, Correlation::Spearman).with_names(["a", "b", "c"]);
        assert_eq!(table.to_string(), text[1..]);
    }

    #[test]
    #[should_panic(expected = "columns of 2 and of 1 numbers")]
    fn columns_that_differ() {
        Correlations::new(&[vec![1.0, 2.0], vec![1.0]], Correlation::Pearson);
    }
}
