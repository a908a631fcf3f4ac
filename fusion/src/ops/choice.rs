//! One of two elements by a truth value.

use super::operand::{Meets, Operand, Right};
use super::shape::sum_to;
use super::unary::relu_grad;
use crate::dim::Broadcast;
use crate::graph::{Value, record};
use crate::kernels::{Array, Dims, elementwise as kernel};
use crate::tensor::{Float, Tensor};
use crate::{Error, Result};
use std::borrow::Cow;

/// `x` where `mask`, of the same element type, is not 0, else `y`; broadcast. Chosen, not multiplied: what is not chosen may
/// be NaN.
#[track_caller]
pub fn choose(x: Value, y: &Value, mask: Array) -> Value {
    let (x, link) = x.into_parts();
    let (x_shape, y_shape) = (*x.shape(), *y.shape());
    record("where", [&link, y.link()], kernel::choose(x, y.array(), &mask), |_| {
        move |g, cx| {
            let other = || kernel::rsub_scalar(mask.clone(), 1.0).into();
            let by_y = cx.needs_grad(1).then(|| sum_to(relu_grad(g.clone(), &other()), &y_shape));
            [cx.needs_grad(0).then(|| sum_to(relu_grad(g, &mask.clone().into()), &x_shape)), by_y]
        }
    })
}

/// Do the three shapes broadcast, and are sizes of one name equal? `names` are the axes that the first two, and those two and
/// the third, call by one name.
fn check(
    x: &Dims,
    mask: &Dims,
    y: &Dims,
    names: [u8; 2],
) -> std::result::Result<fusion_rules::Dims, fusion_rules::Mistake> {
    let joined = fusion_rules::broadcast(x.sizes(), mask.sizes())?;
    fusion_rules::same_names(x.sizes(), mask.sizes(), names[0])?;
    fusion_rules::same_names(joined, y.sizes(), names[1])?;
    fusion_rules::broadcast(joined, y.sizes())
}

impl<S, T: Float> Tensor<S, T> {
    /// Each element where `mask` is true, else that of `other`, a tensor or a number; all three broadcast. The gradient goes
    /// to what was chosen, and 0 to what was not: if that has an infinite slope, as `sqrt` has at 0, its gradient is NaN, so
    /// choose the argument before such a function. PyTorch's `where`.
    ///
    /// # Panics
    ///
    /// If two sizes known at run time differ. [`Tensor::try_where`] gives an error instead.
    ///
    /// ```
    /// let x = fusion::Tensor::from([-1.0f32, 4.0]);
    /// assert_eq!(x.where_(&x.gt(0), 0).sqrt().to_vec(), [0.0, 2.0]);
    /// ```
    #[doc(alias = "where")]
    #[track_caller]
    pub fn where_<M, O>(
        &self,
        mask: &Tensor<M, bool>,
        other: O,
    ) -> Tensor<<O::Kind as Meets<<S as Broadcast<M>>::Joined>>::Out, T>
    where
        S: Broadcast<M>,
        O: Operand<T, Kind: Meets<<S as Broadcast<M>>::Joined>>,
    {
        let names = [<S as Broadcast<M>>::NAMED, <O::Kind as Meets<<S as Broadcast<M>>::Joined>>::NAMED];
        let y = match other.right() {
            Right::Tensor(y) => y,
            Right::Number(s) => Cow::Owned(Array::full_float(T::DTYPE, s, Dims::default()).into()),
        };
        super::or_panic(check(self.value().shape(), mask.value().shape(), y.shape(), names));
        Tensor::wrap(choose(self.value().clone(), &y, kernel::cast(mask.value().array(), T::DTYPE)))
    }

    /// [`Tensor::where_`] of two tensors, or an error if two sizes known at run time differ or there is no room for the
    /// result.
    ///
    /// ```
    /// let x = fusion::Tensor::from([-1.0f32, 4.0]);
    /// assert_eq!(x.try_where(&x.gt(0), &x.abs()).unwrap().to_vec(), [1.0, 4.0]);
    /// ```
    #[track_caller]
    pub fn try_where<M, R>(
        &self,
        mask: &Tensor<M, bool>,
        other: &Tensor<R, T>,
    ) -> Result<Tensor<<<S as Broadcast<M>>::Joined as Broadcast<R>>::Joined, T>>
    where
        S: Broadcast<M, Joined: Broadcast<R>>,
    {
        let names = [<S as Broadcast<M>>::NAMED, <<S as Broadcast<M>>::Joined as Broadcast<R>>::NAMED];
        let (x, mask, y) = (self.value(), mask.value(), other.value());
        super::room(check(x.shape(), mask.shape(), y.shape(), names).map_err(Error::from)?, T::DTYPE)?;
        Ok(Tensor::wrap(choose(x.clone(), y, kernel::cast(mask.array(), T::DTYPE))))
    }
}
