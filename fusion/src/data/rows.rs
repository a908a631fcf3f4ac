//! What a data set is made of: things that come in rows.

use crate::dim::{Dim, Dyn, Nat};
use crate::graph::Link;
use crate::kernels::gather;
use crate::kernels::{Array, Element};
use crate::tensor::Tensor;
use std::ops::Range;

/// Samples one after the other: a tensor whose first axis is a [`Dyn`], of any rank and element type; a list; a pair of
/// such things with as many rows.
///
/// ```
/// use fusion::data::Rows;
/// use fusion::prelude::*;
///
/// let images = Tensor::<shape![Dyn, 3, 8, 8], u8>::zeros_sized(&[100, 3, 8, 8])?;
/// assert_eq!(images.take(&[7, 2]).shape(), [2, 3, 8, 8]);
/// let paired = (images, vec!["cat"; 100]);
/// assert_eq!(paired.rows(), 100);
/// # Ok::<(), fusion::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not come in rows",
    label = "not the samples of a data set",
    note = "a data set holds tensors whose first axis is a `Dyn`, lists, and pairs of these"
)]
pub trait Rows: Sized {
    /// The same with `N` rows, as far as the type can say it: what [`Dataset::batches_of`](super::Dataset::batches_of)
    /// gives.
    type Of<N: Nat>;

    /// How many rows.
    fn rows(&self) -> usize;

    /// How many numbers a row has: the features, for names; 0 where that means nothing.
    fn width(&self) -> usize {
        0
    }

    /// The rows with these numbers, in their order, as a copy. Panics if there is no such row.
    fn take(&self, rows: &[usize]) -> Self;

    /// The rows from `rows.start` on and before `rows.end`; of tensors, without a copy. Panics if there are fewer.
    fn range(&self, rows: Range<usize>) -> Self;

    /// The same rows under a type that knows how many they are. Panics if they are not `N`.
    fn known<N: Nat>(self) -> Self::Of<N>;
}

/// The elements of a data set. Rows are taken without gradients, so a traced tensor is refused.
fn data<S, T>(tensor: &Tensor<S, T>) -> &Array {
    let link = tensor.value().link();
    assert!(
        link.trace().is_none() && !link.wants_gradient() && !matches!(link, Link::Lost),
        "the rows of a data set have no gradient: call detach() first"
    );
    tensor.value().array()
}

/// A view of consecutive rows.
fn slice(array: &Array, rows: Range<usize>) -> Array {
    let n = array.shape().get(0);
    assert!(rows.start <= rows.end && rows.end <= n, "there are no rows {rows:?} in a tensor of {n} rows");
    let mut shape = *array.shape();
    shape.set(0, rows.len());
    // No rows are no elements, wherever they would start.
    let start = if rows.is_empty() { 0 } else { rows.start * array.strides().get(0) };
    array.view(shape, *array.strides(), start)
}

macro_rules! tensor_rows {
    ($($($D:ident)*;)*) => { $(
        impl<Name: ?Sized + 'static, T: Element $(, $D: Dim)*> Rows for Tensor<(Dyn<Name>, $($D,)*), T> {
            type Of<N: Nat> = Tensor<(N, $($D,)*), T>;

            fn rows(&self) -> usize {
                self.value().shape().get(0)
            }

            fn width(&self) -> usize {
                self.value().shape().without(0).count()
            }

            fn take(&self, rows: &[usize]) -> Self {
                Self::wrap(gather::rows(data(self), rows).into())
            }

            fn range(&self, rows: Range<usize>) -> Self {
                Self::wrap(slice(data(self), rows).into())
            }

            fn known<N: Nat>(self) -> Self::Of<N> {
                assert_eq!(self.rows(), N::N, "a batch of another size");
                Tensor::wrap(self.into_value())
            }
        }
    )* };
}
tensor_rows! {
    ;
    A;
    A B;
    A B C;
    A B C D;
    A B C D E;
}

/// A list of anything: names, boxes, texts. Its length stays a run-time size.
impl<V: Clone> Rows for Vec<V> {
    type Of<N: Nat> = Self;

    fn rows(&self) -> usize {
        self.len()
    }

    fn take(&self, rows: &[usize]) -> Self {
        rows.iter().map(|&row| self[row].clone()).collect()
    }

    fn range(&self, rows: Range<usize>) -> Self {
        self[rows].to_vec()
    }

    fn known<N: Nat>(self) -> Self {
        assert_eq!(self.len(), N::N, "a batch of another size");
        self
    }
}

impl<A: Rows, B: Rows> Rows for (A, B) {
    type Of<N: Nat> = (A::Of<N>, B::Of<N>);

    fn rows(&self) -> usize {
        let (a, b) = (self.0.rows(), self.1.rows());
        assert_eq!(a, b, "a pair with different numbers of rows");
        a
    }

    fn width(&self) -> usize {
        self.0.width() + self.1.width()
    }

    fn take(&self, rows: &[usize]) -> Self {
        (self.0.take(rows), self.1.take(rows))
    }

    fn range(&self, rows: Range<usize>) -> Self {
        (self.0.range(rows.clone()), self.1.range(rows))
    }

    fn known<N: Nat>(self) -> Self::Of<N> {
        (self.0.known(), self.1.known())
    }
}

/// The targets of samples that have none: so many rows of nothing. See [`Dataset::unlabelled`](super::Dataset::unlabelled).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unlabelled(pub(super) usize);

impl Rows for Unlabelled {
    type Of<N: Nat> = Self;

    fn rows(&self) -> usize {
        self.0
    }

    fn take(&self, rows: &[usize]) -> Self {
        Self(rows.len())
    }

    fn range(&self, rows: Range<usize>) -> Self {
        Self(rows.len())
    }

    fn known<N: Nat>(self) -> Self {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dim::Num;

    fn numbers(rows: usize) -> Tensor<(Dyn, Num<2>)> {
        Tensor::from_fn_sized(&[rows, 2], |i| i as f32).unwrap()
    }

    #[test]
    fn take_copies_and_range_shows() {
        let x = numbers(4);
        assert_eq!(x.take(&[3, 0, 3]).to_vec(), [6.0, 7.0, 0.0, 1.0, 6.0, 7.0]);
        let middle = x.range(1..3);
        assert_eq!(middle.to_vec(), [2.0, 3.0, 4.0, 5.0]);
        assert!(middle.value().array().shares_memory(x.value().array()));
        assert_eq!(x.range(4..4).shape(), [0, 2]);
        assert_eq!(x.clone().known::<Num<4>>().shape(), [4, 2]);
        assert_eq!(x.width(), 2);
    }

    #[test]
    fn a_view_has_rows_too() {
        let x: Tensor<(Dyn, Num<3>)> = Tensor::from_value(numbers(3).value().array().permute(&[1, 0]).into()).unwrap();
        assert_eq!(x.take(&[1, 0]).to_vec(), [1.0, 3.0, 5.0, 0.0, 2.0, 4.0]);
        assert_eq!(x.range(1..2).to_vec(), [1.0, 3.0, 5.0]);
        assert!(x.range(2..2).to_vec().is_empty());
    }

    #[test]
    fn pairs_and_lists() {
        let pair = (numbers(3), vec!["a", "b", "c"]);
        assert_eq!((pair.rows(), pair.width()), (3, 2));
        let (x, names) = pair.take(&[2, 1]);
        assert_eq!((x.to_vec(), names), (vec![4.0, 5.0, 2.0, 3.0], vec!["c", "b"]));
        let (x, names): (Tensor<(Num<2>, Num<2>)>, _) = pair.range(1..3).known::<Num<2>>();
        assert_eq!((x.shape().to_vec(), names), (vec![2, 2], vec!["b", "c"]));
    }

    #[test]
    #[should_panic(expected = "there are no rows 1..4 in a tensor of 3 rows")]
    fn a_range_outside() {
        numbers(3).range(1..4);
    }

    #[test]
    #[should_panic(expected = "call detach() first")]
    fn a_traced_tensor_is_refused() {
        numbers(3).trace().take(&[0]);
    }

    #[test]
    #[should_panic(expected = "a pair with different numbers of rows")]
    fn a_pair_that_differs() {
        (numbers(3), vec![1]).rows();
    }
}
