//! What a data set is made of: things that come in rows.

use crate::dim::{Dim, Dyn, Nat};
use crate::graph::Link;
use crate::kernels::array::gather;
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
    note = "a data set holds tensors whose first axis is a `Dyn`, lists, and pairs of these",
    note = "`x.to_dynamic::<shape![Dyn, 784]>()` makes a `Dyn` of a size"
)]
pub trait Rows: Sized {
    /// The same with `N` rows, as far as the type can say it: what [`Dataset::batches_of`](super::Dataset::batches_of)
    /// gives.
    type Of<N: Nat>;

    /// How many rows.
    #[track_caller]
    fn rows(&self) -> usize;

    /// How many numbers a row has: the features, for names; 0 where that means nothing.
    fn width(&self) -> usize {
        0
    }

    /// The rows with these numbers, in their order, as a copy. Panics if there is no such row.
    #[track_caller]
    fn take(&self, rows: &[usize]) -> Self;

    /// The rows from `rows.start` on and before `rows.end`; of tensors, without a copy. Panics if there are fewer.
    #[track_caller]
    fn range(&self, rows: Range<usize>) -> Self;

    /// The same rows under a type that knows how many they are. Panics if they are not `N`.
    #[track_caller]
    fn known<N: Nat>(self) -> Self::Of<N>;
}

/// The elements of a data set. Rows are taken without gradients, so a traced tensor is refused.
#[track_caller]
fn data<S, T>(tensor: &Tensor<S, T>) -> &Array {
    let link = tensor.value().link();
    assert!(
        link.trace().is_none() && !link.wants_gradient() && !matches!(link, Link::Inference),
        "the rows of a data set have no gradient: call detach() first"
    );
    tensor.value().array()
}

/// The rule of [`Rows::take`]: each of these is one of `n` rows.
#[track_caller]
fn inside(rows: &[usize], n: usize) {
    if let Some(row) = rows.iter().find(|&&row| row >= n) {
        panic!("there is no row {row} among {n}");
    }
}

/// The rule of [`Rows::range`].
#[track_caller]
fn there(rows: &Range<usize>, n: usize) {
    assert!(rows.start <= rows.end && rows.end <= n, "there are no rows {rows:?} among {n}");
}

/// The rule of [`Rows::known`].
#[track_caller]
fn of_size(rows: usize, n: usize) {
    assert!(rows == n, "a batch of {rows} rows is not one of {n}");
}

/// A view of consecutive rows.
#[track_caller]
fn slice(array: &Array, rows: Range<usize>) -> Array {
    let n = array.shape().get(0);
    there(&rows, n);
    let mut shape = *array.shape();
    shape.set(0, rows.len());
    // No rows are no elements, wherever they would start.
    let start = if rows.is_empty() { 0 } else { rows.start * array.strides().get(0) };
    array.view(shape, *array.strides(), start)
}

macro_rules! tensor_rows {
    ($($($D:ident)*;)*) => { $(
        #[diagnostic::do_not_recommend]
        impl<Name: ?Sized + 'static, T: Element $(, $D: Dim)*> Rows for Tensor<(Dyn<Name>, $($D,)*), T> {
            type Of<N: Nat> = Tensor<(N, $($D,)*), T>;

            #[track_caller]
            fn rows(&self) -> usize {
                self.value().shape().get(0)
            }

            fn width(&self) -> usize {
                self.value().shape().without(0).count()
            }

            #[track_caller]
            fn take(&self, rows: &[usize]) -> Self {
                inside(rows, self.rows());
                Self::wrap(gather::rows(data(self), rows).into())
            }

            #[track_caller]
            fn range(&self, rows: Range<usize>) -> Self {
                Self::wrap(slice(data(self), rows).into())
            }

            #[track_caller]
            fn known<N: Nat>(self) -> Self::Of<N> {
                of_size(self.rows(), N::N);
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
#[diagnostic::do_not_recommend]
impl<V: Clone> Rows for Vec<V> {
    type Of<N: Nat> = Self;

    #[track_caller]
    fn rows(&self) -> usize {
        self.len()
    }

    #[track_caller]
    fn take(&self, rows: &[usize]) -> Self {
        inside(rows, self.len());
        rows.iter().map(|&row| self[row].clone()).collect()
    }

    #[track_caller]
    fn range(&self, rows: Range<usize>) -> Self {
        there(&rows, self.len());
        self[rows].to_vec()
    }

    #[track_caller]
    fn known<N: Nat>(self) -> Self {
        of_size(self.len(), N::N);
        self
    }
}

#[diagnostic::do_not_recommend]
impl<A: Rows, B: Rows> Rows for (A, B) {
    type Of<N: Nat> = (A::Of<N>, B::Of<N>);

    #[track_caller]
    fn rows(&self) -> usize {
        let (a, b) = (self.0.rows(), self.1.rows());
        assert!(a == b, "a pair with different numbers of rows: {a} and {b}");
        a
    }

    fn width(&self) -> usize {
        self.0.width() + self.1.width()
    }

    #[track_caller]
    fn take(&self, rows: &[usize]) -> Self {
        (self.0.take(rows), self.1.take(rows))
    }

    #[track_caller]
    fn range(&self, rows: Range<usize>) -> Self {
        (self.0.range(rows.clone()), self.1.range(rows))
    }

    #[track_caller]
    fn known<N: Nat>(self) -> Self::Of<N> {
        (self.0.known(), self.1.known())
    }
}

/// The targets of samples that have none: so many rows of nothing. What
/// [`Dataset::unlabelled`](super::Dataset::unlabelled) makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unlabelled(pub(super) usize);

#[diagnostic::do_not_recommend]
impl Rows for Unlabelled {
    type Of<N: Nat> = Self;

    #[track_caller]
    fn rows(&self) -> usize {
        self.0
    }

    #[track_caller]
    fn take(&self, rows: &[usize]) -> Self {
        inside(rows, self.0);
        Self(rows.len())
    }

    #[track_caller]
    fn range(&self, rows: Range<usize>) -> Self {
        there(&rows, self.0);
        Self(rows.len())
    }

    #[track_caller]
    fn known<N: Nat>(self) -> Self {
        of_size(self.0, N::N);
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
    #[should_panic(expected = "there are no rows 1..4 among 3")]
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
