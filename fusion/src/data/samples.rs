//! What a data set is made of: samples, one after the other.

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
/// use fusion::data::Samples;
/// use fusion::prelude::*;
///
/// let images = Tensor::<shape![Dyn, 3, 8, 8], u8>::zeros_sized(&[100, 3, 8, 8])?;
/// assert_eq!(images.gather_samples(&[7, 2]).shape(), [2, 3, 8, 8]);
/// let paired = (images, vec!["cat"; 100]);
/// assert_eq!(paired.num_samples(), 100);
/// # Ok::<(), fusion::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a list of samples",
    label = "not the samples of a data set",
    note = "a data set holds tensors whose first axis is a `Dyn`, lists, and pairs of these",
    note = "`x.to_dynamic::<shape![Dyn, 784]>()` makes a `Dyn` of a size"
)]
pub trait Samples: Sized {
    /// The same with `N` rows, as far as the type can say it: what [`Dataset::batches_of`](super::Dataset::batches_of)
    /// gives.
    type Batch<N: Nat>;

    /// How many rows.
    #[track_caller]
    fn num_samples(&self) -> usize;

    /// How many numbers a row has: the features, for names; 0 where that means nothing.
    fn num_features(&self) -> usize {
        0
    }

    /// The rows with these numbers, in their order, as a copy.
    ///
    /// # Panics
    /// If there is no such row.
    #[track_caller]
    fn gather_samples(&self, rows: &[usize]) -> Self;

    /// The rows from `rows.start` on and before `rows.end`; of tensors, without a copy.
    ///
    /// # Panics
    /// If there are fewer.
    #[track_caller]
    fn slice_samples(&self, rows: Range<usize>) -> Self;

    /// The same rows under a type that knows how many they are.
    ///
    /// # Panics
    /// If they are not `N`.
    #[track_caller]
    fn with_batch_size<N: Nat>(self) -> Self::Batch<N>;
}

/// The elements of a data set. Samples are taken without gradients, so a traced tensor is refused.
#[track_caller]
fn data<S, T>(tensor: &Tensor<S, T>) -> &Array {
    let link = tensor.value().link();
    assert!(
        link.trace().is_none() && !link.wants_gradient() && !matches!(link, Link::Inference),
        "the rows of a data set have no gradient: call detach() first"
    );
    tensor.value().array()
}

/// The rule of [`Samples::gather_samples`]: each of these is one of `n` rows.
#[track_caller]
fn inside(rows: &[usize], n: usize) {
    if let Some(row) = rows.iter().find(|&&row| row >= n) {
        panic!("there is no row {row} among {n}");
    }
}

/// The rule of [`Samples::slice_samples`].
#[track_caller]
fn there(rows: &Range<usize>, n: usize) {
    assert!(rows.start <= rows.end && rows.end <= n, "there are no rows {rows:?} among {n}");
}

/// The rule of [`Samples::with_batch_size`].
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

macro_rules! tensor_samples {
    ($($($D:ident)*;)*) => { $(
        #[diagnostic::do_not_recommend]
        impl<Name: ?Sized + 'static, T: Element $(, $D: Dim)*> Samples for Tensor<(Dyn<Name>, $($D,)*), T> {
            type Batch<N: Nat> = Tensor<(N, $($D,)*), T>;

            #[track_caller]
            fn num_samples(&self) -> usize {
                self.value().shape().get(0)
            }

            fn num_features(&self) -> usize {
                self.value().shape().without(0).count()
            }

            #[track_caller]
            fn gather_samples(&self, rows: &[usize]) -> Self {
                inside(rows, self.num_samples());
                Self::wrap(gather::rows(data(self), rows).into())
            }

            #[track_caller]
            fn slice_samples(&self, rows: Range<usize>) -> Self {
                Self::wrap(slice(data(self), rows).into())
            }

            #[track_caller]
            fn with_batch_size<N: Nat>(self) -> Self::Batch<N> {
                of_size(self.num_samples(), N::N);
                Tensor::wrap(self.into_value())
            }
        }
    )* };
}
tensor_samples! {
    ;
    A;
    A B;
    A B C;
    A B C D;
    A B C D E;
}

/// A list of anything: names, boxes, texts. Its length stays a run-time size.
#[diagnostic::do_not_recommend]
impl<V: Clone> Samples for Vec<V> {
    type Batch<N: Nat> = Self;

    #[track_caller]
    fn num_samples(&self) -> usize {
        self.len()
    }

    #[track_caller]
    fn gather_samples(&self, rows: &[usize]) -> Self {
        inside(rows, self.len());
        rows.iter().map(|&row| self[row].clone()).collect()
    }

    #[track_caller]
    fn slice_samples(&self, rows: Range<usize>) -> Self {
        there(&rows, self.len());
        self[rows].to_vec()
    }

    #[track_caller]
    fn with_batch_size<N: Nat>(self) -> Self {
        of_size(self.len(), N::N);
        self
    }
}

#[diagnostic::do_not_recommend]
impl<A: Samples, B: Samples> Samples for (A, B) {
    type Batch<N: Nat> = (A::Batch<N>, B::Batch<N>);

    #[track_caller]
    fn num_samples(&self) -> usize {
        let (a, b) = (self.0.num_samples(), self.1.num_samples());
        assert!(a == b, "a pair with different numbers of rows: {a} and {b}");
        a
    }

    fn num_features(&self) -> usize {
        self.0.num_features() + self.1.num_features()
    }

    #[track_caller]
    fn gather_samples(&self, rows: &[usize]) -> Self {
        (self.0.gather_samples(rows), self.1.gather_samples(rows))
    }

    #[track_caller]
    fn slice_samples(&self, rows: Range<usize>) -> Self {
        (self.0.slice_samples(rows.clone()), self.1.slice_samples(rows))
    }

    #[track_caller]
    fn with_batch_size<N: Nat>(self) -> Self::Batch<N> {
        (self.0.with_batch_size(), self.1.with_batch_size())
    }
}

/// The targets of samples that have none: so many rows of nothing. What
/// [`Dataset::unlabelled`](super::Dataset::unlabelled) makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unlabelled(pub(super) usize);

#[diagnostic::do_not_recommend]
impl Samples for Unlabelled {
    type Batch<N: Nat> = Self;

    #[track_caller]
    fn num_samples(&self) -> usize {
        self.0
    }

    #[track_caller]
    fn gather_samples(&self, rows: &[usize]) -> Self {
        inside(rows, self.0);
        Self(rows.len())
    }

    #[track_caller]
    fn slice_samples(&self, rows: Range<usize>) -> Self {
        there(&rows, self.0);
        Self(rows.len())
    }

    #[track_caller]
    fn with_batch_size<N: Nat>(self) -> Self {
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
    fn gather_copies_and_slice_shows() {
        let x = numbers(4);
        assert_eq!(x.gather_samples(&[3, 0, 3]).to_vec(), [6.0, 7.0, 0.0, 1.0, 6.0, 7.0]);
        let middle = x.slice_samples(1..3);
        assert_eq!(middle.to_vec(), [2.0, 3.0, 4.0, 5.0]);
        assert!(middle.value().array().shares_memory(x.value().array()));
        assert_eq!(x.slice_samples(4..4).shape(), [0, 2]);
        assert_eq!(x.clone().with_batch_size::<Num<4>>().shape(), [4, 2]);
        assert_eq!(x.num_features(), 2);
    }

    #[test]
    fn a_view_has_rows_too() {
        let x: Tensor<(Dyn, Num<3>)> = Tensor::from_value(numbers(3).value().array().permute(&[1, 0]).into()).unwrap();
        assert_eq!(x.gather_samples(&[1, 0]).to_vec(), [1.0, 3.0, 5.0, 0.0, 2.0, 4.0]);
        assert_eq!(x.slice_samples(1..2).to_vec(), [1.0, 3.0, 5.0]);
        assert!(x.slice_samples(2..2).to_vec().is_empty());
    }

    #[test]
    fn pairs_and_lists() {
        let pair = (numbers(3), vec!["a", "b", "c"]);
        assert_eq!((pair.num_samples(), pair.num_features()), (3, 2));
        let (x, names) = pair.gather_samples(&[2, 1]);
        assert_eq!((x.to_vec(), names), (vec![4.0, 5.0, 2.0, 3.0], vec!["c", "b"]));
        let (x, names): (Tensor<(Num<2>, Num<2>)>, _) = pair.slice_samples(1..3).with_batch_size::<Num<2>>();
        assert_eq!((x.shape().to_vec(), names), (vec![2, 2], vec!["b", "c"]));
    }

    #[test]
    #[should_panic(expected = "there are no rows 1..4 among 3")]
    fn a_range_outside() {
        numbers(3).slice_samples(1..4);
    }

    #[test]
    #[should_panic(expected = "call detach() first")]
    fn a_traced_tensor_is_refused() {
        numbers(3).trace().gather_samples(&[0]);
    }

    #[test]
    #[should_panic(expected = "a pair with different numbers of rows")]
    fn a_pair_that_differs() {
        (numbers(3), vec![1]).num_samples();
    }
}
