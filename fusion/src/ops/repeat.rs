//! Copies: a tensor laid beside itself, elements that stand several times, vectors stretched to a grid.

use super::shape::{expand, reshape};
use crate::dim::{Dim, Nat, Repeat, ScaleAxis, Shape};
use crate::graph::Value;
use crate::kernels::{Dims, Element};
use crate::tensor::Tensor;

/// The axis as two, of which one counts the copies, and as one again.
#[track_caller]
fn copied(x: Value, axis: usize, times: usize, outside: bool) -> Value {
    let shape = *x.shape();
    assert!(axis < shape.rank(), "there is no axis {axis} to repeat in {shape:?}");
    let product = |axes: std::ops::Range<usize>| axes.map(|axis| shape.get(axis)).product::<usize>();
    let (before, n, after) = (product(0..axis), shape.get(axis), product(axis + 1..shape.rank()));
    let sizes = |times: usize| if outside { [before, times, n, after] } else { [before, n, times, after] };
    let mut whole = shape;
    whole.set(axis, n.saturating_mul(times));
    let many = expand(reshape(x, &Dims::new(&sizes(1))), &Dims::new(&sizes(times)));
    reshape(many, &whole)
}

/// `x` so many times one behind the other along `axis`. PyTorch's `repeat`, of one axis.
#[track_caller]
pub fn repeat(x: Value, axis: usize, times: usize) -> Value {
    if times == 1 { x } else { copied(x, axis, times, true) }
}

/// Each element so many times along `axis`. PyTorch's `repeat_interleave`.
#[track_caller]
pub fn repeat_interleave(x: Value, axis: usize, times: usize) -> Value {
    if times == 1 { x } else { copied(x, axis, times, false) }
}

/// Vectors as the coordinates of a grid: each stretched to the shape of all their sizes, along the axis of its place; without a
/// copy. PyTorch's `meshgrid(indexing="ij")`.
#[track_caller]
pub fn meshgrid<const N: usize>(vectors: [Value; N]) -> [Value; N] {
    let sizes = vectors.each_ref().map(|x| {
        assert!(x.shape().rank() == 1, "meshgrid: a coordinate is a vector, not {:?}", x.shape());
        x.shape().get(0)
    });
    let mut axis = 0;
    vectors.map(|x| {
        let mut shape = [1; N];
        shape[axis] = sizes[axis];
        axis += 1;
        expand(reshape(x, &Dims::new(&shape)), &Dims::new(&sizes))
    })
}

impl<S: Shape, T: Element> Tensor<S, T> {
    /// This tensor laid beside itself, along each axis so often as the shape `N` says: its sizes are the products. PyTorch's
    /// `repeat`, NumPy's `tile`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let x = Tensor::from([[1.0, 2.0]]);
    /// let y: Tensor<shape![2, 6]> = x.repeat::<shape![2, 3]>();
    /// assert_eq!(y.to_vec()[..6], [1.0, 2.0, 1.0, 2.0, 1.0, 2.0]);
    /// ```
    #[doc(alias = "tile")]
    #[track_caller]
    pub fn repeat<N>(&self) -> Tensor<S::Out, T>
    where
        S: Repeat<N>,
    {
        let counts = S::COUNTS.iter().enumerate();
        Tensor::wrap(counts.fold(self.value().clone(), |x, (axis, times)| repeat(x, axis, times.unwrap_or(1))))
    }

    /// Each element `N` times along an axis: `x.repeat_interleave::<dim!(2), _>(Axis::<1>)`. PyTorch's `repeat_interleave`, NumPy's
    /// `repeat`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let x = Tensor::from([[1.0, 2.0]]);
    /// let y: Tensor<shape![1, 6]> = x.repeat_interleave::<dim!(3), _>(Axis::<1>);
    /// assert_eq!(y.to_vec(), [1.0, 1.0, 1.0, 2.0, 2.0, 2.0]);
    /// ```
    #[track_caller]
    pub fn repeat_interleave<N: Nat, A>(&self, _axis: A) -> Tensor<S::Out, T>
    where
        S: ScaleAxis<A, N>,
    {
        Tensor::wrap(repeat_interleave(self.value().clone(), S::INDEX, N::N))
    }
}

/// One vector or two that make a grid with another.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither a vector nor a pair of vectors",
    label = "expected `&y` or `(&y, &z)`",
    note = "vectors have one axis: `Tensor<(Dyn,)>`"
)]
pub trait Coordinates<X, T> {
    /// The coordinates of all points, of each axis.
    type Grid;

    #[doc(hidden)]
    fn grid(self, x: &Value) -> Self::Grid;
}

#[diagnostic::do_not_recommend]
impl<X: Dim, Y: Dim, T> Coordinates<X, T> for &Tensor<(Y,), T> {
    type Grid = (Tensor<(X, Y), T>, Tensor<(X, Y), T>);

    #[track_caller]
    fn grid(self, x: &Value) -> Self::Grid {
        meshgrid([x.clone(), self.value().clone()]).map(Tensor::wrap).into()
    }
}

#[diagnostic::do_not_recommend]
impl<X: Dim, Y: Dim, Z: Dim, T> Coordinates<X, T> for (&Tensor<(Y,), T>, &Tensor<(Z,), T>) {
    type Grid = (Tensor<(X, Y, Z), T>, Tensor<(X, Y, Z), T>, Tensor<(X, Y, Z), T>);

    #[track_caller]
    fn grid(self, x: &Value) -> Self::Grid {
        meshgrid([x.clone(), self.0.value().clone(), self.1.value().clone()]).map(Tensor::wrap).into()
    }
}

impl<X: Dim, T: Element> Tensor<(X,), T> {
    /// This vector and one or two others as the coordinates of a grid, each stretched along the axis of its place, without a copy.
    /// PyTorch's `meshgrid(x, y, indexing="ij")`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let (rows, columns) = (Tensor::from([1.0, 2.0]), Tensor::from([3.0, 4.0, 5.0]));
    /// let (i, j): (Tensor<shape![2, 3]>, _) = rows.meshgrid(&columns);
    /// assert_eq!(i.to_vec(), [1.0, 1.0, 1.0, 2.0, 2.0, 2.0]);
    /// assert_eq!(j.to_vec(), [3.0, 4.0, 5.0, 3.0, 4.0, 5.0]);
    /// let (x, _, _): (Tensor<shape![2, 3, 2]>, _, _) = rows.meshgrid((&columns, &rows));
    /// ```
    #[track_caller]
    pub fn meshgrid<C: Coordinates<X, T>>(&self, others: C) -> C::Grid {
        others.grid(self.value())
    }
}

#[cfg(test)]
mod tests {
    use super::super::binary::mul;
    use super::super::derivatives::{any, first_and_second};
    use super::*;
    use crate::kernels::Array;

    #[test]
    fn gradients() {
        let square = |y: Value| mul(y.clone(), &y);
        for (axis, times) in (0..3).flat_map(|axis| [0, 1, 3].map(|times| (axis, times))) {
            first_and_second(&[any(1, &[2, 3, 2])], |x| square(repeat(x[0].clone(), axis, times)));
            first_and_second(&[any(1, &[2, 3, 2])], |x| square(repeat_interleave(x[0].clone(), axis, times)));
        }
        first_and_second(&[any(1, &[2]), any(2, &[3]), any(3, &[2])], |x| {
            let [a, b, c] = meshgrid([x[0].clone(), x[1].clone(), x[2].clone()]);
            mul(mul(a, &b), &c)
        });
    }

    #[test]
    fn of_any_type_and_of_nothing() {
        let x = Value::from(Array::from_slice(&[true, false], Dims::new(&[2])));
        assert_eq!(repeat(x.clone(), 0, 2).array().to_vec::<bool>(), [true, false, true, false]);
        assert_eq!(repeat_interleave(x, 0, 2).array().to_vec::<bool>(), [true, true, false, false]);
        assert_eq!(*repeat(any(1, &[0, 3]), 1, 2).shape(), [0, 6][..]);
        assert_eq!(*repeat(any(1, &[0, 3]), 0, 2).shape(), [0, 3][..]);
        assert_eq!(*repeat_interleave(any(1, &[2, 3]), 1, 0).shape(), [2, 0][..]);
    }
}
