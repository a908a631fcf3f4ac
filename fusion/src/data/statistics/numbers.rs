//! The numbers of a table, column by column.

use crate::dim::Dim;
use crate::kernels::{DType, Element};
use crate::tensor::Tensor;

/// The numbers of each column of a table: what figures, histograms, boxes and correlations are made of.
///
/// The numbers of an `f32` table are the decimals that they are printed as: 17.2 is 17.2 and not 17.200000763. So figures are
/// those of the file that the table was read from.
///
/// ```
/// use fusion::data::{self, columns};
///
/// let lengths = columns(&data::iris().x);
/// assert_eq!((lengths.len(), lengths[0][0]), (4, 5.1));
/// ```
pub fn columns<R: Dim, F: Dim, T: Element>(x: &Tensor<(R, F), T>) -> Vec<Vec<f64>> {
    let (rows, width) = (x.shape()[0], x.shape()[1]);
    let numbers = x.detach().cast::<f64>().to_vec();
    let mut columns = vec![Vec::with_capacity(rows); width];
    for row in numbers.chunks_exact(width.max(1)) {
        for (column, &number) in columns.iter_mut().zip(row) {
            column.push(if T::DTYPE == DType::F32 { decimal(number) } else { number });
        }
    }
    columns
}

/// The decimal as which an `f32` is printed: the shortest that is read as the same `f32`.
fn decimal(x: f64) -> f64 {
    const PLACES: [f64; 10] = [1.0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];
    let same = |decimal: &f64| f64::from(*decimal as f32) == x;
    // Up to here each whole number is an `f32`, and a quotient of two exact numbers is the one nearest to the decimal.
    if x.abs() < 16_777_216.0
        && let Some(decimal) = PLACES.iter().map(|places| (x * places).round() / places).find(same)
    {
        return decimal;
    }
    (x as f32).to_string().parse().expect("a number as text")
}

/// The value below which the fraction `q` of these sorted numbers lies, interpolated linearly: NumPy's default. NaN, if there
/// are none.
pub(super) fn quantile(sorted: &[f64], q: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else {
        return f64::NAN;
    };
    let place = last as f64 * q;
    let below = place as usize;
    let (a, b, t) = (sorted[below], sorted[last.min(below + 1)], place.fract());
    if t == 0.0 {
        a
    } else if t < 0.5 {
        a + (b - a) * t
    } else {
        b - (b - a) * (1.0 - t)
    }
}

/// The finite ones of these numbers in rising order.
pub(super) fn sorted_finite(numbers: &[f64]) -> Vec<f64> {
    let mut sorted: Vec<f64> = numbers.iter().copied().filter(|x| x.is_finite()).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::digits;
    use crate::dim::Dyn;
    use rand::{RngExt, SeedableRng, rngs::StdRng};

    #[test]
    fn decimals_as_printed() {
        let mut rng = StdRng::seed_from_u64(0);
        let printed = |x: f32| x.to_string().parse::<f64>().unwrap();
        let check = |x: f32| assert_eq!(decimal(x.into()).to_bits(), printed(x).to_bits(), "{x}");
        for _ in 0..100_000 {
            check(rng.random());
            check(rng.random::<f32>() * 1e4 - 5e3);
            check((rng.random_range(-99_999..100_000) as f64 / 1000.0) as f32);
            let any = f32::from_bits(rng.random());
            if any.is_finite() {
                check(any);
            }
        }
        for x in [0.0, -0.0, 1.0, f32::MAX, f32::MIN_POSITIVE, f32::INFINITY, 16_777_215.0, 16_777_216.0, 1e-45] {
            check(x);
        }
        assert!(decimal(f64::NAN).is_nan());
    }

    #[test]
    fn columns_of_any_table() {
        let x = Tensor::from([[1i64, 2], [3, 4], [5, 6]]);
        assert_eq!(columns(&x), [[1.0, 3.0, 5.0], [2.0, 4.0, 6.0]]);
        assert_eq!(columns(&Tensor::<(Dyn, Dyn)>::zeros_sized(&[0, 2]).unwrap()), [[0.0; 0]; 2]);
        assert_eq!(columns(&Tensor::<(Dyn, Dyn)>::zeros_sized(&[3, 0]).unwrap()), Vec::<Vec<f64>>::new());
        assert_eq!(columns(&digits().x)[63].len(), 1797);
    }
}
