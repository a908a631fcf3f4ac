//! Axes that move: rolled, in another place, several of one, one of several, parts.

use super::concat::{concat, slice};
use super::shape::{permute, reshape};
use crate::dim::rule::Shifts;
use crate::dim::rule::{AnAxis, AsMany, Said};
use crate::dim::{FlattenAxes, HasAxis, MoveAxis, Nat, Reshape, RollAxes, Shape, Split, StaticShape, UnflattenAxis};
use crate::graph::Value;
use crate::kernels::{Dims, Element};
use crate::tensor::Tensor;
use crate::{Error, Result};
use fusion_rules::Size;

/// Each element `shift` places further along `axis`, those that leave it at its end back at its start; negative ones the other way.
/// PyTorch's `roll`, of one axis.
#[track_caller]
pub fn roll(x: Value, axis: usize, shift: isize) -> Value {
    let n = x.shape().get(axis);
    let first = if n == 0 { 0 } else { shift.rem_euclid(n.cast_signed()).cast_unsigned() };
    if first == 0 {
        return x;
    }
    concat(&[slice(x.clone(), axis, n - first, n), slice(x, axis, 0, n - first)], axis)
}

/// The axis `from` at the place `to`, the others in their order; without a copy. PyTorch's `movedim`.
#[track_caller]
pub fn movedim(x: Value, from: usize, to: usize) -> Value {
    let rank = x.shape().rank();
    assert!(from.max(to) < rank, "movedim: there are no places {from} and {to} in {:?}", x.shape());
    let mut order: Vec<usize> = (0..rank).filter(|&axis| axis != from).collect();
    order.insert(to, from);
    permute(x, &order)
}

/// The sizes of `L`, in place of the axis.
fn unflattened<L: Shape>(x: &Value, axis: usize) -> Result<Dims> {
    let to = fusion_rules::unflatten_axis(x.shape().sizes(), axis, crate::dim::dims::<L>())?;
    Ok(Dims::try_of_sizes(to)?)
}

impl<S: Shape, T: Element> Tensor<S, T> {
    /// Each element so many places further along an axis, those that leave it at its end back at its start; a negative number goes the
    /// other way. Along several axes, a tuple, an array has a number for each. PyTorch's `roll`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let x = Tensor::from([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
    /// assert_eq!(x.roll(Axis::<1>, 1).to_vec(), [3.0, 1.0, 2.0, 6.0, 4.0, 5.0]);
    /// assert_eq!(x.roll((Axis::<0>, Axis::<1>), [1, -1]).to_vec(), [5.0, 6.0, 4.0, 2.0, 3.0, 1.0]);
    /// ```
    #[track_caller]
    pub fn roll<A>(&self, _axes: A, shifts: S::Shifts) -> Self
    where
        S: RollAxes<A>,
    {
        let all = S::PLACES.iter().zip(shifts.list());
        Self::wrap(all.fold(self.value().clone(), |x, (&axis, &shift)| roll(x, axis, shift)))
    }

    /// The axis `A` at the place of `B`, the others in their order; without a copy. PyTorch's `movedim`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let images = Tensor::<shape![8, 32, 30, 3]>::zeros();
    /// let y: Tensor<shape![8, 3, 32, 30]> = images.movedim(Axis::<-1>, Axis::<1>);
    /// ```
    #[doc(alias = "moveaxis")]
    #[track_caller]
    pub fn movedim<A, B>(&self, _from: A, _to: B) -> Tensor<S::Out, T>
    where
        S: MoveAxis<A, B>,
    {
        let [from, to] = S::AXES;
        Tensor::wrap(movedim(self.value().clone(), from, to))
    }

    /// An axis as several of as many elements together: `x.unflatten::<shape![3, 4], _>(Axis::<1>)`; one of them may be `Dyn`.
    /// PyTorch's `unflatten`.
    ///
    /// # Panics
    ///
    /// If a size known at run time is another number of elements. [`Tensor::try_unflatten`] gives an error instead.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let heads: Tensor<shape![2, 16, 8, 64]> = Tensor::<shape![2, 16, 512]>::zeros().unflatten::<shape![8, 64], _>(Axis::<-1>);
    /// ```
    #[track_caller]
    pub fn unflatten<L: Shape, A>(&self, axis: A) -> Tensor<S::Out, T>
    where
        S: Said<AnAxis, A> + HasAxis<A> + UnflattenAxis<A, L>,
        (S::Size,): Said<AsMany, L> + Reshape<L>,
    {
        super::or_panic(self.try_unflatten(axis))
    }

    /// As [`Tensor::unflatten`], or an error if a size known at run time is another number of elements.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let x: Tensor<shape![Dyn]> = Tensor::from(vec![1.0, 2.0, 3.0]);
    /// let error = x.try_unflatten::<shape![2, 2], _>(Axis::<0>).unwrap_err();
    /// assert_eq!(error.to_string(), "cannot reshape 3 elements ([3]) into 4 elements ([2, 2])");
    /// ```
    #[track_caller]
    pub fn try_unflatten<L: Shape, A>(&self, _axis: A) -> Result<Tensor<S::Out, T>>
    where
        S: Said<AnAxis, A> + HasAxis<A> + UnflattenAxis<A, L>,
        (S::Size,): Said<AsMany, L> + Reshape<L>,
    {
        let to = unflattened::<L>(self.value(), S::INDEX)?;
        Ok(Tensor::wrap(reshape(self.value().clone(), &to)))
    }

    /// The axes from `A` to `B` as one, in C order. PyTorch's `flatten(1, 2)`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let pixels: Tensor<shape![2, 3, 64]> = Tensor::<shape![2, 3, 8, 8]>::zeros().flatten_axes(Axis::<2>, Axis::<3>);
    /// ```
    #[doc(alias = "flatten")]
    #[track_caller]
    pub fn flatten_axes<A, B>(&self, _first: A, _last: B) -> Tensor<S::Out, T>
    where
        S: Said<AnAxis, A> + Said<AnAxis, B> + FlattenAxes<A, B>,
    {
        let (shape, [first, last]) = (self.value().shape(), [<S as HasAxis<A>>::INDEX, <S as HasAxis<B>>::INDEX]);
        let sizes: Vec<usize> = shape.iter().collect();
        let one = sizes[first..=last].iter().product();
        let to = [&sizes[..first], &[one], &sizes[last + 1..]].concat();
        Tensor::wrap(reshape(self.value().clone(), &Dims::new(&to)))
    }

    /// An axis cut into parts of the sizes of `L`, a shape, which together are all of it; without a copy. PyTorch's `split([2, 3])`.
    /// [`Tensor::chunk`] cuts into equal parts.
    ///
    /// # Panics
    ///
    /// If a size known at run time is another. [`Tensor::try_split`] gives an error instead.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let x = Tensor::<shape![4, 5]>::zeros();
    /// let (a, b): (Tensor<shape![4, 2]>, Tensor<shape![4, 3]>) = x.split::<shape![2, 3], _>(Axis::<1>);
    /// ```
    #[doc(alias = "split_with_sizes")]
    #[track_caller]
    pub fn split<L: Parts<S, A, T>, A>(&self, axis: A) -> L::Parts
    where
        S: Said<AnAxis, A> + HasAxis<A, Size: Split<L>>,
    {
        super::or_panic(self.try_split::<L, A>(axis))
    }

    /// As [`Tensor::split`], or an error if a size known at run time is another.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let x: Tensor<shape![Dyn]> = Tensor::from(vec![1.0, 2.0, 3.0]);
    /// let error = x.try_split::<shape![2, 2], _>(Axis::<0>).unwrap_err();
    /// assert_eq!(error.to_string(), "parts of 4 together are not an axis of 3");
    /// ```
    #[track_caller]
    pub fn try_split<L: Parts<S, A, T>, A>(&self, _axis: A) -> Result<L::Parts>
    where
        S: Said<AnAxis, A> + HasAxis<A, Size: Split<L>>,
    {
        let size = Size::Known(self.value().shape().get(S::INDEX));
        fusion_rules::split(size, L::DIMS).map_err(Error::from)?;
        Ok(L::parts(self.value()))
    }
}

/// Sizes of parts, one to six, and the tensors that have them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` are not the sizes of parts",
    label = "not the sizes of parts",
    note = "the sizes are known, and a shape: `shape![2, 3]`"
)]
pub trait Parts<S, A, T>: StaticShape {
    /// A tensor for each size.
    type Parts;

    #[doc(hidden)]
    fn parts(x: &Value) -> Self::Parts;
}

macro_rules! parts {
    ($([$($d:ident $at:literal)*];)*) => { $(
        #[diagnostic::do_not_recommend]
        impl<S: HasAxis<A>, A, T, $($d: Nat),*> Parts<S, A, T> for ($($d,)*) {
            type Parts = ($(Tensor<S::With<$d>, T>,)*);

            #[track_caller]
            fn parts(x: &Value) -> Self::Parts {
                let part = |at: usize| {
                    let from: usize = Self::DIMS[..at].iter().sum();
                    slice(x.clone(), S::INDEX, from, from + Self::DIMS[at])
                };
                ($(Tensor::wrap(part($at)),)*)
            }
        }
    )* };
}
parts! {
    [B 0];
    [B 0 C 1];
    [B 0 C 1 D 2];
    [B 0 C 1 D 2 E 3];
    [B 0 C 1 D 2 E 3 F 4];
    [B 0 C 1 D 2 E 3 F 4 G 5];
}

#[cfg(test)]
mod tests {
    use super::super::binary::mul;
    use super::super::derivatives::{any, first_and_second};
    use super::*;

    #[test]
    fn gradients() {
        let square = |y: Value| mul(y.clone(), &y);
        let x = [any(1, &[2, 5, 3])];
        for (axis, shift) in [(0, 1), (1, -2), (1, 13), (2, 3), (2, 0), (1, isize::MIN)] {
            first_and_second(&x, |x| square(roll(x[0].clone(), axis, shift)));
        }
        for (from, to) in [(0, 2), (2, 0), (1, 1), (1, 2)] {
            first_and_second(&x, |x| square(movedim(x[0].clone(), from, to)));
        }
        assert_eq!(*movedim(x[0].clone(), 0, 2).shape(), [5, 3, 2][..]);
        assert_eq!(*roll(any(1, &[0, 3]), 0, 1).shape(), [0, 3][..]);
    }
}
