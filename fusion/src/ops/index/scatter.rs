//! Elements put, or added, where a tensor of indices says. Sums are added in the order of the places, so that a result is the same
//! in every run.

use super::gather::{add_picks, check, inside, take};
use super::masked_fill;
use crate::Result;
use crate::dim::rule::{AnAxis, Said};
use crate::dim::{Dim, Gather, HasAxis, SameShape};
use crate::graph::{Value, record};
use crate::kernels::array::along as kernel;
use crate::kernels::{Array, Dims, Element};
use crate::ops::binary::add;
use crate::ops::or_panic;
use crate::tensor::{Float, Tensor};
use fusion_rules::Size;

/// `x` with the parts of `from` added at these indices along `axis`. PyTorch's `index_add`.
#[track_caller]
pub fn index_add(x: &Value, axis: usize, indices: &Array, from: &Value) -> Result<Value> {
    let n = indices.shape().last();
    fusion_rules::same_shape(x.shape().sizes().with(axis, Size::Known(n)), from.shape().sizes())?;
    inside("index_add", indices, axis, x.shape())?;
    Array::room(x.shape(), x.dtype())?;
    let sums = add_picks(["index_add", "index_add"], from, axis, &indices.contiguous(), x.shape().get(axis));
    Ok(add(sums, x))
}

/// `x` with each element of `from` added where [`gather`](super::gather::gather) would take one by `index`. PyTorch's `scatter_add`.
#[track_caller]
pub fn scatter_add(x: Value, axis: usize, index: &Array, from: &Value) -> Result<Value> {
    check_both("scatter_add", &x, axis, index, from)?;
    let index = index.contiguous();
    let (x, link) = x.into_parts();
    Ok(record("scatter_add", [&link, from.link()], kernel::scatter_add(x, axis, &index, from.array()), |_| {
        move |g, cx| {
            let by_from = cx.needs_grad(1).then(|| take(&g, axis, &index));
            [Some(g), by_from]
        }
    }))
}

/// `x` with each element of `from` put where [`gather`](super::gather::gather) would take one by `index`; of several in one place the last stays, and it
/// alone has a gradient. PyTorch's `scatter`.
#[track_caller]
pub fn scatter(x: Value, axis: usize, index: &Array, from: &Value) -> Result<Value> {
    check_both("scatter", &x, axis, index, from)?;
    Ok(replace(x, axis, &index.contiguous(), from))
}

#[track_caller]
fn check_both(name: &str, x: &Value, axis: usize, index: &Array, from: &Value) -> Result<()> {
    fusion_rules::same_shape(index.shape().sizes(), from.shape().sizes())?;
    Array::room(x.shape(), x.dtype())?;
    check(name, x, axis, index)
}

#[track_caller]
fn replace(x: Value, axis: usize, index: &Array, from: &Value) -> Value {
    let (x, link) = x.into_parts();
    let whole = *x.shape();
    record("scatter", [&link, from.link()], kernel::scatter(x, axis, index, from.array()), |_| {
        let index = index.clone();
        move |g, cx| {
            let by_from =
                cx.needs_grad(1).then(|| masked_fill(take(&g, axis, &index), &covered(axis, &index, whole), 0.0));
            let zeros = || Array::full_float(g.dtype(), 0.0, *index.shape()).into();
            [cx.needs_grad(0).then(|| replace(g.clone(), axis, &index, &zeros())), by_from]
        }
    })
}

/// Which places of `index` put something that a later one covers.
fn covered(axis: usize, index: &Array, whole: Dims) -> Array {
    let numbers = Array::from_fn(*index.shape(), |i| i as i64);
    let last = kernel::scatter(Array::full(-1i64, whole), axis, index, &numbers);
    let last = kernel::gather(&last, axis, index).to_vec::<i64>();
    Array::from_fn(*index.shape(), |i| last[i] != i as i64)
}

impl<S, T: Element> Tensor<S, T> {
    /// This tensor with each element of `from` put where [`Tensor::gather`] would take one by `index`. Of several that come to one
    /// place the last stays, and it alone has a gradient. PyTorch's `scatter`, whose gradient is right only where there are none.
    ///
    /// # Panics
    ///
    /// If an index is not from 0 to the size of the axis, or sizes known at run time do not fit. [`Tensor::try_scatter`] gives an
    /// error instead.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let index = Tensor::<shape![2, 1], i64>::from([[2], [0]]);
    /// let y = Tensor::<shape![2, 3]>::zeros().scatter(Axis::<1>, &index, &Tensor::from([[5.0], [6.0]]));
    /// assert_eq!(y.to_vec(), [0.0, 0.0, 5.0, 6.0, 0.0, 0.0]);
    /// ```
    #[doc(alias = "put_along_axis")]
    #[track_caller]
    pub fn scatter<A, I, R>(&self, axis: A, index: &Tensor<I, i64>, from: &Tensor<R, T>) -> Self
    where
        S: Said<AnAxis, A> + Gather<A, I>,
        I: SameShape<R>,
    {
        or_panic(self.try_scatter(axis, index, from))
    }

    /// As [`Tensor::scatter`], or an error.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let index = Tensor::<shape![2, 1], i64>::from([[3], [0]]);
    /// assert!(Tensor::<shape![2, 3]>::zeros().try_scatter(Axis::<1>, &index, &Tensor::<shape![2, 1]>::ones()).is_err());
    /// ```
    #[track_caller]
    pub fn try_scatter<A, I, R>(&self, _axis: A, index: &Tensor<I, i64>, from: &Tensor<R, T>) -> Result<Self>
    where
        S: Said<AnAxis, A> + Gather<A, I>,
        I: SameShape<R>,
    {
        scatter(self.value().clone(), S::INDEX, index.value().array(), from.value()).map(Self::wrap)
    }
}

impl<S, T: Float> Tensor<S, T> {
    /// This tensor with each element of `from` added where [`Tensor::gather`] would take one by `index`, in the order of the places.
    /// PyTorch's `scatter_add`.
    ///
    /// # Panics
    ///
    /// If an index is not from 0 to the size of the axis, or sizes known at run time do not fit. [`Tensor::try_scatter_add`] gives
    /// an error instead.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let index = Tensor::<shape![4], i64>::from([2, 0, 2, 2]);
    /// let sums = Tensor::<shape![3]>::zeros().scatter_add(Axis::<0>, &index, &Tensor::from([1.0, 2.0, 3.0, 4.0]));
    /// assert_eq!(sums.to_vec(), [2.0, 0.0, 8.0]);
    /// ```
    #[track_caller]
    pub fn scatter_add<A, I, R>(&self, axis: A, index: &Tensor<I, i64>, from: &Tensor<R, T>) -> Self
    where
        S: Said<AnAxis, A> + Gather<A, I>,
        I: SameShape<R>,
    {
        or_panic(self.try_scatter_add(axis, index, from))
    }

    /// As [`Tensor::scatter_add`], or an error.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let index = Tensor::<shape![1], i64>::from([3]);
    /// assert!(Tensor::<shape![3]>::zeros().try_scatter_add(Axis::<0>, &index, &Tensor::from([1.0])).is_err());
    /// ```
    #[track_caller]
    pub fn try_scatter_add<A, I, R>(&self, _axis: A, index: &Tensor<I, i64>, from: &Tensor<R, T>) -> Result<Self>
    where
        S: Said<AnAxis, A> + Gather<A, I>,
        I: SameShape<R>,
    {
        scatter_add(self.value().clone(), S::INDEX, index.value().array(), from.value()).map(Self::wrap)
    }

    /// This tensor with the parts of `from` added at these indices along an axis, in their order. PyTorch's `index_add`.
    ///
    /// # Panics
    ///
    /// If an index is not from 0 to the size of the axis, or sizes known at run time do not fit. [`Tensor::try_index_add`] gives an
    /// error instead.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let rows = Tensor::from([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]);
    /// let sums = Tensor::<shape![2, 2]>::zeros().index_add(Axis::<0>, &Tensor::<shape![3], i64>::from([1, 0, 1]), &rows);
    /// assert_eq!(sums.to_vec(), [3.0, 4.0, 6.0, 8.0]);
    /// ```
    #[track_caller]
    pub fn index_add<A, N: Dim, R>(&self, axis: A, indices: &Tensor<(N,), i64>, from: &Tensor<R, T>) -> Self
    where
        S: Said<AnAxis, A> + HasAxis<A>,
        <S as HasAxis<A>>::With<N>: SameShape<R>,
    {
        or_panic(self.try_index_add(axis, indices, from))
    }

    /// As [`Tensor::index_add`], or an error.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let indices = Tensor::<shape![1], i64>::from([2]);
    /// assert!(Tensor::<shape![2]>::zeros().try_index_add(Axis::<0>, &indices, &Tensor::from([1.0])).is_err());
    /// ```
    #[track_caller]
    pub fn try_index_add<A, N: Dim, R>(
        &self,
        _axis: A,
        indices: &Tensor<(N,), i64>,
        from: &Tensor<R, T>,
    ) -> Result<Self>
    where
        S: Said<AnAxis, A> + HasAxis<A>,
        <S as HasAxis<A>>::With<N>: SameShape<R>,
    {
        index_add(self.value(), S::INDEX, indices.value().array(), from.value()).map(Self::wrap)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dim::{Axis, Dyn};
    use crate::ops::binary::mul;
    use crate::ops::derivatives::{any, first_and_second};

    fn indices(shape: &[usize], n: usize) -> Array {
        Array::from_fn(Dims::new(shape), |i| ((i * 7 + i / 4) % n) as i64)
    }

    #[test]
    fn gradients() {
        let square = |x: Value| mul(x.clone(), &x);
        let x = any(1, &[3, 4, 2]);
        for (axis, shape) in [(0, [5, 4, 2]), (1, [2, 6, 1]), (2, [3, 3, 4])] {
            let n = x.shape().get(axis);
            // Some places are put several times.
            let index = indices(&shape, n);
            let both = [x.clone(), any(2, &shape)];
            first_and_second(&both, |x| square(scatter_add(x[0].clone(), axis, &index, &x[1]).unwrap()));
            first_and_second(&both, |x| square(scatter(x[0].clone(), axis, &index, &x[1]).unwrap()));
            let mut shape = [3, 4, 2];
            shape[axis] = 3;
            let both = [x.clone(), any(2, &shape)];
            first_and_second(&both, |x| square(index_add(&x[0], axis, &indices(&[3], n), &x[1]).unwrap()));
        }
        // Each place is put once.
        let reversed = Array::from_fn(Dims::new(&[3, 4, 2]), |i| (3 - i / 2 % 4) as i64);
        first_and_second(&[x.clone(), any(2, &[3, 4, 2])], |x| {
            square(scatter(x[0].clone(), 1, &reversed, &x[1]).unwrap())
        });
    }

    #[test]
    fn shapes_of_the_run() {
        let x = Tensor::<(Dyn, Dyn)>::wrap(any(1, &[2, 3]));
        let from = Tensor::<(Dyn, Dyn)>::wrap(any(1, &[2, 2]));
        let index = Tensor::<(Dyn, Dyn), i64>::wrap(indices(&[2, 1], 2).into());
        assert!(x.try_scatter_add(Axis::<1>, &index, &from).is_err());
        assert!(x.try_scatter(Axis::<1>, &index, &from).is_err());
        assert!(x.try_index_add(Axis::<0>, &Tensor::<(Dyn,), i64>::wrap(indices(&[3], 2).into()), &from).is_err());
    }
}
