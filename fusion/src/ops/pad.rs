//! Axes that get elements at their ends, or lose some.

use super::concat::{concat, slice, zeros};
use super::scan::flip;
use super::shape::expand;
use crate::Result;
use crate::dim::rule::{Said, Shrink, SomeAxes};
use crate::dim::{Ends, PadAxes, PadEnds, Reduce, Shape};
use crate::graph::Value;
use crate::kernels::{Array, Dims, Element};
use crate::tensor::Tensor;
use fusion_rules::{Fill, Mistake, Size};

/// Zeros in front of `axis` and behind it.
#[track_caller]
pub(super) fn pad_zeros(x: Value, axis: usize, ends: [usize; 2]) -> Value {
    let [front, back] = ends.map(|n| zeros(&x, x.shape(), axis, n));
    around(front, x, back, axis)
}

#[track_caller]
fn around(front: Option<Value>, x: Value, back: Option<Value>, axis: usize) -> Value {
    match (front, back) {
        (None, None) => x,
        (front, back) => concat(&[front, Some(x), back].into_iter().flatten().collect::<Vec<_>>(), axis),
    }
}

/// The rule of an axis that is padded: at run time there are sizes that no type can spell.
fn check(size: usize, ends: [isize; 2], fill: Fill) -> std::result::Result<(), Mistake> {
    match fusion_rules::filled(Size::Known(size), ends, fill) {
        Ok(_) | Err(Mistake::TooManyDigits) => Ok(()),
        Err(mistake) => Err(mistake),
    }
}

/// `x` with so many elements in front of `axis` and behind it, of negative numbers without as many: `value`, a single element, where
/// `fill` is [`Fill::Constant`]. What is left after elements are taken away is padded. PyTorch's `pad`.
#[track_caller]
pub fn pad(x: Value, axis: usize, ends: [isize; 2], fill: Fill, value: Option<&Array>) -> Value {
    super::or_panic(check(x.shape().get(axis), ends, fill));
    let less = ends.map(|n| n.min(0).unsigned_abs());
    let whole = x.shape().get(axis);
    let x = slice(x, axis, less[0], whole - less[1]);
    let (n, [before, after]) = (whole - less[0] - less[1], ends.map(|n| n.max(0) as usize));
    let part = |from, to| slice(x.clone(), axis, from, to);
    let some = |count: usize, made: &dyn Fn() -> Value| (count > 0).then(made);
    let sized = |count: usize| {
        let mut shape = *x.shape();
        shape.set(axis, count);
        shape
    };
    let (front, back) = match fill {
        Fill::Constant => {
            let side = |n: usize| some(n, &|| value.expect("a constant").expand(&sized(n)).into());
            (side(before), side(after))
        }
        Fill::Reflect => (
            some(before, &|| flip(&part(1, before + 1), 1 << axis)),
            some(after, &|| flip(&part(n - 1 - after, n - 1), 1 << axis)),
        ),
        Fill::Replicate => (
            some(before, &|| expand(part(0, 1), &sized(before))),
            some(after, &|| expand(part(n - 1, n), &sized(after))),
        ),
        Fill::Circular => (some(before, &|| part(n - before, n)), some(after, &|| part(0, after))),
    };
    around(front, x, back, axis)
}

impl<S: Shape, T: Element> Tensor<S, T> {
    /// This tensor with elements in front of an axis and behind it, of several if they are a tuple: a [`Constant`](crate::dim::Constant),
    /// or what [`Reflect`](crate::dim::Reflect), [`Replicate`](crate::dim::Replicate) and [`Circular`](crate::dim::Circular) find in
    /// it. Of `[BEGIN, END]`, two numbers of the run, a negative one takes elements away; what is left is padded then. PyTorch's
    /// `nn.functional.pad`.
    ///
    /// # Panics
    ///
    /// If a size known at run time has no elements for it: a reflection has fewer than the axis, a circular padding at most as many.
    /// [`Tensor::try_pad`] gives an error instead.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let x = Tensor::from([[1.0, 2.0, 3.0]]);
    /// let y: Tensor<shape![1, 6]> = x.pad(Axis::<1>, Ends::<1, 2>, Reflect);
    /// assert_eq!(y.to_vec(), [2.0, 1.0, 2.0, 3.0, 2.0, 1.0]);
    /// let y: Tensor<shape![3, 5]> = x.pad((Axis::<0>, Axis::<1>), Ends::<1, 1>, Constant(0.0));
    /// assert_eq!(y.to_vec()[5..10], [0.0, 1.0, 2.0, 3.0, 0.0]);
    /// let y: Tensor<shape![1, Dyn]> = x.pad(Axis::<1>, [-1, 2], Constant(7.0));
    /// assert_eq!(y.to_vec(), [2.0, 3.0, 7.0, 7.0]);
    /// ```
    #[track_caller]
    pub fn pad<A, E, M>(&self, axes: A, ends: E, mode: M) -> Tensor<<S as PadAxes<A, E, M, T>>::Out, T>
    where
        S: Said<SomeAxes, A> + Reduce<A> + PadAxes<A, E, M, T>,
    {
        super::or_panic(self.try_pad(axes, ends, mode))
    }

    /// As [`Tensor::pad`], or an error if a size known at run time has no elements for it.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let x: Tensor<shape![Dyn]> = Tensor::from(vec![1.0, 2.0]);
    /// assert_eq!(
    ///     x.try_pad(Axis::<0>, Ends::<2, 0>, Reflect).unwrap_err().to_string(),
    ///     "a reflection has fewer elements than the axis, but one of 2 would get 2 in front and 0 behind",
    /// );
    /// ```
    #[track_caller]
    pub fn try_pad<A, E, M>(&self, _axes: A, ends: E, mode: M) -> Result<Tensor<<S as PadAxes<A, E, M, T>>::Out, T>>
    where
        S: Said<SomeAxes, A> + Reduce<A> + PadAxes<A, E, M, T>,
    {
        let (ends, fill, value) = S::said(ends, mode);
        let value = value.map(|value| Array::full(value, Dims::default()));
        each(self.value(), S::AXES, ends, fill, value.as_ref()).map(Tensor::wrap)
    }

    /// This tensor without the first and the last elements of an axis, or of several in a tuple. NumPy's `x[:, 1:-2]`.
    ///
    /// # Panics
    ///
    /// If a size known at run time has fewer. [`Tensor::try_shrink`] gives an error instead.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let x = Tensor::from([[1.0, 2.0, 3.0, 4.0]]);
    /// let y: Tensor<shape![1, 1]> = x.shrink(Axis::<1>, Ends::<1, 2>);
    /// assert_eq!(y.to_vec(), [2.0]);
    /// ```
    #[doc(alias = "crop")]
    #[track_caller]
    pub fn shrink<A, const BEGIN: usize, const END: usize>(
        &self,
        axes: A,
        ends: Ends<BEGIN, END>,
    ) -> Tensor<<S as PadAxes<A, Ends<BEGIN, END>, Shrink, T>>::Out, T>
    where
        S: Said<SomeAxes, A> + Reduce<A> + PadAxes<A, Ends<BEGIN, END>, Shrink, T>,
    {
        super::or_panic(self.try_shrink(axes, ends))
    }

    /// As [`Tensor::shrink`], or an error if a size known at run time has fewer.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let x: Tensor<shape![Dyn]> = Tensor::from(vec![1.0, 2.0]);
    /// let error = x.try_shrink(Axis::<0>, Ends::<2, 1>).unwrap_err();
    /// assert_eq!(error.to_string(), "an axis of 2 cannot lose 2 in front and 1 behind");
    /// ```
    #[track_caller]
    pub fn try_shrink<A, const BEGIN: usize, const END: usize>(
        &self,
        _axes: A,
        ends: Ends<BEGIN, END>,
    ) -> Result<Tensor<<S as PadAxes<A, Ends<BEGIN, END>, Shrink, T>>::Out, T>>
    where
        S: Said<SomeAxes, A> + Reduce<A> + PadAxes<A, Ends<BEGIN, END>, Shrink, T>,
    {
        let less = ends.ends().map(|n| -n);
        each(self.value(), S::AXES, less, Fill::Constant, None).map(Tensor::wrap)
    }
}

/// All axes of the bit set `axes` padded, if all have the elements for it and there is room for the result.
#[track_caller]
fn each(x: &Value, axes: u8, ends: [isize; 2], fill: Fill, value: Option<&Array>) -> Result<Value> {
    let mut shape = x.shape().sizes();
    let all = || (0..x.shape().rank()).filter(|axis| axes >> axis & 1 == 1);
    for axis in all() {
        let size = x.shape().get(axis);
        check(size, ends, fill)?;
        shape.d[axis] = Size::Known(ends.into_iter().fold(size, usize::saturating_add_signed));
    }
    super::room(shape, x.dtype())?;
    Ok(all().fold(x.clone(), |x, axis| pad(x, axis, ends, fill, value)))
}

#[cfg(test)]
mod tests {
    use super::super::binary::mul;
    use super::super::derivatives::{any, first_and_second};
    use super::*;

    const FILLS: [Fill; 4] = [Fill::Constant, Fill::Reflect, Fill::Replicate, Fill::Circular];

    #[test]
    fn gradients() {
        let two = Array::full(2.0, Dims::default());
        for (fill, ends) in
            FILLS.iter().flat_map(|fill| [[0, 0], [1, 0], [2, 2], [-1, 1], [-2, -1]].map(|e| (*fill, e)))
        {
            for axis in 0..3 {
                first_and_second(&[any(1, &[3, 5, 4])], |x| {
                    let y = pad(mul(x[0].clone(), &x[0]), axis, ends, fill, Some(&two));
                    mul(y.clone(), &y)
                });
            }
        }
    }

    #[test]
    fn of_any_type() {
        let x = Value::from(Array::from_slice(&[1i64, 2, 3], Dims::new(&[3])));
        let of = |ends, fill| {
            pad(x.clone(), 0, ends, fill, Some(&Array::full(9i64, Dims::default()))).array().to_vec::<i64>()
        };
        assert_eq!(of([2, 1], Fill::Constant), [9, 9, 1, 2, 3, 9]);
        assert_eq!(of([2, 1], Fill::Reflect), [3, 2, 1, 2, 3, 2]);
        assert_eq!(of([2, 1], Fill::Replicate), [1, 1, 1, 2, 3, 3]);
        assert_eq!(of([2, 3], Fill::Circular), [2, 3, 1, 2, 3, 1, 2, 3]);
        assert_eq!(of([-1, 1], Fill::Reflect), [2, 3, 2]);
        assert_eq!(of([-3, 1], Fill::Constant), [9]);
        let none = pad(any(1, &[0, 2]), 1, [1, 1], Fill::Reflect, None);
        assert_eq!(*none.shape(), [0, 4][..]);
    }
}
