//! Rows of a table by number.

use super::choice::choose;
use super::index::gather::picks;
use super::or_panic;
use crate::graph::Value;
use crate::kernels::{Array, DType, array::gather, elementwise as kernel};
use crate::{Error, Result};

/// What a look-up and its gradient are called where they are recorded.
const NAMES: [&str; 2] = ["embedding", "embedding grad"];

/// The rows of `weight` `[N, F]` with the numbers `indices` (any shape, `i64`), in a last axis of their own: `[.., F]`.
/// PyTorch's `embedding`. Panics if a number is no row.
#[track_caller]
pub fn embedding(weight: &Value, indices: &Array) -> Value {
    or_panic(check(weight, indices));
    picks(NAMES, weight, 0, indices)
}

/// As [`embedding`], but what stands in the rows that `indices` finds under the number `padding` has no gradient. PyTorch's
/// `embedding(padding_idx)`.
#[track_caller]
pub fn embedding_padded(weight: &Value, indices: &Array, padding: usize) -> Value {
    let y = embedding(weight, indices);
    without_gradient(y, indices, padding)
}

/// The same values, without a gradient where `indices` is `padding`.
#[track_caller]
pub(crate) fn without_gradient(y: Value, indices: &Array, padding: usize) -> Value {
    let rank = indices.shape().rank();
    let indices = indices.contiguous();
    let numbers = indices.dense::<i64>().expect("contiguous");
    // As whole numbers: those beyond 2^24 are not all in f32.
    let mask = Array::from_fn(*indices.shape(), |i| numbers[i] == padding as i64);
    let mask = kernel::cast(&mask, y.dtype());
    choose(y.detach(), &y, mask.reshape(&indices.shape().with(rank, 1)))
}

/// As [`embedding`], or an error if a number is no row or there is no room for the result.
#[track_caller]
pub fn try_embedding(weight: &Value, indices: &Array) -> Result<Value> {
    let shape = indices.shape().with(indices.shape().rank(), weight.shape().last());
    Array::room(&shape, weight.dtype())?;
    // What does not lie in C order is copied.
    for array in [weight.array(), indices].into_iter().filter(|array| !array.is_contiguous()) {
        Array::room(array.shape(), array.dtype())?;
    }
    check(weight, indices)?;
    Ok(picks(NAMES, weight, 0, indices))
}

#[track_caller]
fn check(weight: &Value, indices: &Array) -> Result<()> {
    assert!(weight.shape().rank() == 2, "embedding: a table of {:?} has no rows", weight.shape());
    assert!(indices.dtype() == DType::I64, "embedding: numbers of rows are i64, not {}", indices.dtype());
    let rows = weight.shape().get(0);
    match gather::outside(indices, rows) {
        None => Ok(()),
        Some((place, index)) => {
            let last = rows.checked_sub(1).map_or(String::new(), |last| format!(" (0 to {last})"));
            let problem =
                format!("embedding: index {index} at place {place} is no row, but there are {rows} rows{last}");
            Err(Error::index(index, rows, problem))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::derivatives::{any, first_and_second};
    use super::*;
    use crate::kernels::Dims;

    #[test]
    fn gradients() {
        let indices = Array::from_slice(&[3i64, 0, 3, 1, 1, 1], Dims::new(&[3, 2])).swap(0, 1);
        first_and_second(&[any(1, &[5, 2])], |x| embedding(&x[0], &indices));
        first_and_second(&[any(1, &[5, 2])], |x| embedding_padded(&x[0], &indices, 4));
        let table = any(1, &[5, 2]).watch();
        let y = embedding_padded(&table, &indices, 1);
        let grads = y.backward(Array::full(1.0, Dims::new(&[2, 3, 2])).into());
        let grads = grads.get_value(table.link()).expect("a gradient").array().to_vec::<f64>();
        assert_eq!(grads, [1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 2.0, 2.0, 0.0, 0.0]);
        let y = embedding(&any(1, &[5, 2]), &indices);
        assert_eq!(*y.shape(), [2, 3, 2][..]);
        let one = Array::full(2i64, Dims::new(&[]));
        assert_eq!(*embedding(&any(1, &[5, 2]), &one).shape(), [2][..]);
    }

    #[test]
    fn a_number_that_is_no_row() {
        for bad in [-1, 5, i64::MAX] {
            let indices = Array::from_slice(&[0, bad], Dims::new(&[2]));
            let Err(error) = try_embedding(&any(1, &[5, 2]), &indices) else { panic!("{bad} is accepted") };
            let error = error.to_string();
            assert!(
                error.contains(&format!("index {bad} at place 1 is no row, but there are 5 rows (0 to 4)")),
                "{error}"
            );
        }
    }
}
