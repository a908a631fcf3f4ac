//! What the numbers of a data set look like: pandas' `describe`.

use super::numbers::{columns, quantile};
use crate::dim::Dim;
use crate::kernels::Element;
use crate::tensor::Tensor;
use std::fmt;

/// Wider tables are printed with a row for each column.
const WIDTH: usize = 80;

/// The figures of one column, without its NaNs. All are NaN if nothing is left, the standard deviation also of a single
/// number.
#[derive(Clone, Debug)]
pub struct Column {
    /// What it is called.
    pub name: String,
    /// How many numbers.
    pub count: usize,
    /// How many were NaN: values that are missing.
    pub missing: usize,
    /// Their mean.
    pub mean: f64,
    /// Their standard deviation, divided by n - 1.
    pub std: f64,
    /// The smallest.
    pub min: f64,
    /// The first quartile; between two numbers, interpolated linearly.
    pub q25: f64,
    /// The median.
    pub median: f64,
    /// The third quartile.
    pub q75: f64,
    /// The largest.
    pub max: f64,
}

impl Column {
    /// The figures of a list of numbers.
    ///
    /// ```
    /// use fusion::data::Column;
    ///
    /// let column = Column::new("age", vec![3.0, 1.0, 4.0, 1.0, 5.0]);
    /// assert_eq!((column.count, column.mean, column.median), (5, 2.8, 3.0));
    /// ```
    pub fn new(name: impl Into<String>, mut numbers: Vec<f64>) -> Self {
        let all = numbers.len();
        numbers.retain(|x| !x.is_nan());
        numbers.sort_unstable_by(f64::total_cmp);
        let count = numbers.len();
        let mean = numbers.iter().sum::<f64>() / count as f64;
        let quantile = |q| quantile(&numbers, q);
        let squares: f64 = numbers.iter().map(|x| (x - mean) * (x - mean)).sum();
        Self {
            name: name.into(),
            count,
            missing: all - count,
            mean,
            std: if count > 1 { (squares / (count - 1) as f64).sqrt() } else { f64::NAN },
            min: quantile(0.0),
            q25: quantile(0.25),
            median: quantile(0.5),
            q75: quantile(0.75),
            max: quantile(1.0),
        }
    }

    fn figures(&self) -> [f64; 8] {
        [self.count as f64, self.mean, self.std, self.min, self.q25, self.median, self.q75, self.max]
    }
}

/// What [`Column::figures`] are called.
const FIGURES: [&str; 8] = ["count", "mean", "std", "min", "25%", "50%", "75%", "max"];

/// The figures of each column of a table. Printed as pandas does, in columns if they fit a line of 80 characters, else
/// with a row for each.
///
/// ```
/// use fusion::data::Description;
/// use fusion::prelude::*;
///
/// let x = Tensor::<shape![4, 2]>::from([[1.0, 10.0], [2.0, 30.0], [3.0, 20.0], [4.0, 40.0]]);
/// let text = "
///               a          b
/// count  4.000000   4.000000
/// mean   2.500000  25.000000
/// std    1.290994  12.909944
/// min    1.000000  10.000000
/// 25%    1.750000  17.500000
/// 50%    2.500000  25.000000
/// 75%    3.250000  32.500000
/// max    4.000000  40.000000";
/// assert_eq!(Description::new(&x).with_names(["a", "b"]).to_string(), text[1..]);
/// ```
#[derive(Clone, Debug)]
pub struct Description {
    /// A description of each column, in their order.
    pub columns: Vec<Column>,
}

impl Description {
    /// The figures of each column of a table of numbers or truth values, called 0, 1, 2, ...
    ///
    /// An `f32` column has the decimals that its numbers are printed as: see [`columns`].
    ///
    /// ```
    /// use fusion::data::{self, Description};
    ///
    /// let target = Description::new(&data::diabetes().y);
    /// assert_eq!((target.columns[0].min, target.columns[0].max), (25.0, 346.0));
    /// ```
    pub fn new<R: Dim, F: Dim, T: Element>(x: &Tensor<(R, F), T>) -> Self {
        let column = |(i, numbers): (usize, Vec<f64>)| Column::new(i.to_string(), numbers);
        Self { columns: columns(x).into_iter().enumerate().map(column).collect() }
    }

    /// With other names for the columns; the same if there are not as many.
    ///
    /// ```
    /// use fusion::data::{self, Description};
    ///
    /// let target = Description::new(&data::diabetes().y).with_names(["progression"]);
    /// assert_eq!(target.columns[0].name, "progression");
    /// ```
    pub fn with_names(mut self, names: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        let names: Vec<_> = names.into_iter().collect();
        if names.len() == self.columns.len() {
            for (column, name) in self.columns.iter_mut().zip(names) {
                column.name = name.as_ref().to_string();
            }
        }
        self
    }
}

impl fmt::Display for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let figures: Vec<[f64; 8]> = self.columns.iter().map(Column::figures).collect();
        let names = || self.columns.iter().map(|column| column.name.as_str());
        let mut upright = Table::new(FIGURES);
        for (name, figures) in names().zip(&figures) {
            upright.column(name, figures);
        }
        if upright.width() <= WIDTH {
            return upright.fmt(f);
        }
        let mut lying = Table::new(names());
        for (i, name) in FIGURES.into_iter().enumerate() {
            lying.column(name, &figures.iter().map(|column| column[i]).collect::<Vec<_>>());
        }
        lying.fmt(f)
    }
}

/// Columns of text: the first one aligned left, the others right, below a header.
pub(super) struct Table {
    columns: Vec<Vec<String>>,
}

impl Table {
    pub(super) fn new<'a>(rows: impl IntoIterator<Item = &'a str>) -> Self {
        Self { columns: vec![[""].into_iter().chain(rows).map(String::from).collect()] }
    }

    pub(super) fn column(&mut self, name: &str, numbers: &[f64]) {
        let mut column = write_alike(numbers);
        column.insert(0, name.to_string());
        self.columns.push(column);
    }

    /// How wide each column is. A minus sign stands in the gap before its column, as in pandas.
    fn widths(&self) -> impl Iterator<Item = usize> {
        let letters =
            |(row, text): (usize, &String)| text.chars().count() - usize::from(row > 0 && text.starts_with('-'));
        let first = self.columns[0].iter().map(|text| text.chars().count()).max().unwrap_or(0);
        let others = self.columns[1..].iter();
        let others = others.map(move |column| column.iter().enumerate().map(letters).max().unwrap_or(0));
        [first].into_iter().chain(others)
    }

    fn width(&self) -> usize {
        self.widths().map(|width| width + 2).sum::<usize>() - 2
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for row in 0..self.columns[0].len() {
            if row > 0 {
                f.write_str("\n")?;
            }
            for (i, (column, width)) in self.columns.iter().zip(self.widths()).enumerate() {
                match i {
                    0 => write!(f, "{:<width$}", column[row])?,
                    _ => write!(f, " {:>1$}", column[row], width + 1)?,
                }
            }
        }
        Ok(())
    }
}

/// Numbers that stand below each other, as pandas writes them: six decimals less the zeros that all end in; with an
/// exponent if one is too small for that, or one is large and the texts are long.
fn write_alike(numbers: &[f64]) -> Vec<String> {
    let fixed = trim(numbers.iter().map(|x| if x.is_nan() { "NaN".into() } else { format!("{x:.6}") }).collect());
    let large = numbers.iter().any(|x| x.abs() > 1e6);
    let small = numbers.iter().any(|x| x.abs() < 1e-6 && *x != 0.0);
    let long = fixed.iter().any(|text| text.trim_start_matches('-').len() > 11);
    if small || (large && long) { numbers.iter().map(|&x| exponential(x)).collect() } else { fixed }
}

fn exponential(x: f64) -> String {
    let text = format!("{x:.6e}");
    match text.split_once('e') {
        Some((digits, exponent)) => {
            let exponent: i32 = exponent.parse().expect("an exponent");
            format!("{digits}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs())
        }
        None => text, // infinite or NaN
    }
}

/// Drops the zeros that all numbers end in, but for one behind the point.
fn trim(mut texts: Vec<String>) -> Vec<String> {
    let has_point = |text: &String| text.contains('.');
    let zeros = |text: &String| text.len() - text.trim_end_matches('0').len();
    let drop = texts.iter().filter(|text| has_point(text)).map(zeros).min().unwrap_or(0).min(5);
    for text in texts.iter_mut().filter(|text| has_point(text)) {
        text.truncate(text.len() - drop);
    }
    texts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{digits, iris, wine};
    use crate::dim::Num;

    #[track_caller]
    fn close(found: f64, want: f64) {
        assert!((found - want).abs() <= 1e-13 * want.abs().max(1.0), "{found} instead of {want}");
    }

    /// `numpy.quantile(numbers, [0.25, 0.5, 0.75])`.
    #[test]
    fn quartiles_as_numpy() {
        let numbers = [3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0];
        for (n, want) in [
            (1, [3.0, 3.0, 3.0]),
            (2, [1.5, 2.0, 2.5]),
            (3, [2.0, 3.0, 3.5]),
            (5, [1.0, 3.0, 4.0]),
            (8, [1.75, 3.5, 5.25]),
        ] {
            let column = Column::new("", numbers[..n].to_vec());
            assert_eq!([column.q25, column.median, column.q75], want);
            assert_eq!((column.count, column.std.is_nan()), (n, n == 1));
        }
    }

    /// pandas' figures of iris.
    #[test]
    fn figures_as_pandas() {
        let table = iris().describe();
        let mean_std = [
            (5.8433333333333, 0.82806612797786),
            (3.0573333333333, 0.4358662849367),
            (3.758, 1.7652982332595),
            (1.1993333333333, 0.76223766896035),
        ];
        for (column, (mean, std)) in table.columns.iter().zip(mean_std) {
            assert_eq!(column.count, 150);
            close(column.mean, mean);
            close(column.std, std);
        }
        let petal = &table.columns[2];
        assert_eq!((petal.min, petal.q25, petal.median, petal.q75, petal.max), (1.0, 1.6, 4.35, 5.1, 6.9));
    }

    /// What pandas prints of iris and, transposed, of wine.
    #[test]
    fn text_as_pandas() {
        let upright = "
       sepal length (cm)  sepal width (cm)  petal length (cm)  petal width (cm)
count         150.000000        150.000000         150.000000        150.000000
mean            5.843333          3.057333           3.758000          1.199333
std             0.828066          0.435866           1.765298          0.762238
min             4.300000          2.000000           1.000000          0.100000
25%             5.100000          2.800000           1.600000          0.300000
50%             5.800000          3.000000           4.350000          1.300000
75%             6.400000          3.300000           5.100000          1.800000
max             7.900000          4.400000           6.900000          2.500000";
        assert_eq!(iris().describe().to_string(), upright[1..]);
        let lying = "
                              count        mean         std     min       25%      50%       75%      max
alcohol                       178.0   13.000618    0.811827   11.03   12.3625   13.050   13.6775    14.83
malic_acid                    178.0    2.336348    1.117146    0.74    1.6025    1.865    3.0825     5.80
ash                           178.0    2.366517    0.274344    1.36    2.2100    2.360    2.5575     3.23
alcalinity_of_ash             178.0   19.494944    3.339564   10.60   17.2000   19.500   21.5000    30.00
magnesium                     178.0   99.741573   14.282484   70.00   88.0000   98.000  107.0000   162.00
total_phenols                 178.0    2.295112    0.625851    0.98    1.7425    2.355    2.8000     3.88
flavanoids                    178.0    2.029270    0.998859    0.34    1.2050    2.135    2.8750     5.08
nonflavanoid_phenols          178.0    0.361854    0.124453    0.13    0.2700    0.340    0.4375     0.66
proanthocyanins               178.0    1.590899    0.572359    0.41    1.2500    1.555    1.9500     3.58
color_intensity               178.0    5.058090    2.318286    1.28    3.2200    4.690    6.2000    13.00
hue                           178.0    0.957449    0.228572    0.48    0.7825    0.965    1.1200     1.71
od280/od315_of_diluted_wines  178.0    2.611685    0.709990    1.27    1.9375    2.780    3.1700     4.00
proline                       178.0  746.893258  314.907474  278.00  500.5000  673.500  985.0000  1680.00";
        assert_eq!(wine().describe().to_string(), lying[1..]);
        assert_eq!(digits().describe().to_string().lines().count(), 65);
    }

    /// pandas' texts of tables with large, small and missing numbers.
    #[test]
    fn odd_numbers_as_pandas() {
        let x = [[1e7, 1e-7, 1.5], [2.5, 1.0, 2.5], [0.1, 2.0, f64::NAN]];
        let upright = "
                  a             b         c
count  3.000000e+00  3.000000e+00  2.000000
mean   3.333334e+06  1.000000e+00  2.000000
std    5.773502e+06  1.000000e+00  0.707107
min    1.000000e-01  1.000000e-07  1.500000
25%    1.300000e+00  5.000000e-01  1.750000
50%    2.500000e+00  1.000000e+00  2.000000
75%    5.000001e+06  1.500000e+00  2.250000
max    1.000000e+07  2.000000e+00  2.500000";
        assert_eq!(Description::new(&Tensor::from(x)).with_names(["a", "b", "c"]).to_string(), upright[1..]);
        let one = "
         0
count  1.0
mean   4.5
std    NaN
min    4.5
25%    4.5
50%    4.5
75%    4.5
max    4.5";
        assert_eq!(Description::new(&Tensor::from([[4.5f64]])).to_string(), one[1..]);
        assert_eq!(
            write_alike(&[3333334.2, 1.0, 5000001.25, -10000000.0]),
            ["3333334.20", "1.00", "5000001.25", "-10000000.00"]
        );
        assert_eq!(write_alike(&[f64::INFINITY, -1.0, 0.0]), ["inf", "-1.0", "0.0"]);
    }

    #[test]
    fn any_element_type() {
        let flags = Tensor::from([[true], [false], [true], [true]]);
        assert_eq!(Description::new(&flags).columns[0].mean, 0.75);
        let bytes = Tensor::<(Num<2>, Num<1>), u8>::from([[0], [255]]);
        assert_eq!(Description::new(&bytes).columns[0].median, 127.5);
        assert_eq!(Description::new(&Tensor::from([[1i64, -7]])).columns[1].min, -7.0);
    }
}
