//! Functions of three tensors that are made of products and sums.

use super::binary::{add, mul, sub};
use super::operand::{Meets, Operand};
use super::pairs::with_operand;
use crate::dim::Broadcast;
use crate::graph::Value;
use crate::tensor::{Float, Tensor};

impl<S, T: Float> Tensor<S, T> {
    /// On the way from each element to that of `end`: `self + weight * (end - self)`. The weight is a number or a tensor; all
    /// three broadcast. PyTorch's `lerp`.
    ///
    /// # Panics
    ///
    /// If two sizes known at run time differ.
    ///
    /// ```
    /// let (a, b) = (fusion::Tensor::from([0.0f32, 4.0]), fusion::Tensor::from([2.0, 0.0]));
    /// assert_eq!(a.lerp(&b, 0.25).to_vec(), [0.5, 3.0]);
    /// ```
    #[track_caller]
    pub fn lerp<O, W>(&self, end: O, weight: W) -> Tensor<<W::Kind as Meets<<O::Kind as Meets<S>>::Out>>::Out, T>
    where
        O: Operand<T, Kind: Meets<S>>,
        W: Operand<T, Kind: Meets<<O::Kind as Meets<S>>::Out>>,
    {
        let back = |a: Value, b: &Value| super::binary::neg(sub(a, b));
        let way = with_operand(self.value().clone(), end.right(), <O::Kind as Meets<S>>::NAMED, back);
        let names = <W::Kind as Meets<<O::Kind as Meets<S>>::Out>>::NAMED;
        Tensor::wrap(add(with_operand(way, weight.right(), names, mul), self.value()))
    }

    /// Each element plus `value` times the product of those of `a` and `b`; all three broadcast. PyTorch's `addcmul`.
    ///
    /// # Panics
    ///
    /// If two sizes known at run time differ.
    ///
    /// ```
    /// let x = fusion::Tensor::from([1.0f32, 2.0]);
    /// assert_eq!(x.addcmul(&x, &x, 0.5).to_vec(), [1.5, 4.0]);
    /// ```
    #[track_caller]
    pub fn addcmul<A, B>(
        &self,
        a: &Tensor<A, T>,
        b: &Tensor<B, T>,
        value: f64,
    ) -> Tensor<<S as Broadcast<<A as Broadcast<B>>::Joined>>::Joined, T>
    where
        A: Broadcast<B>,
        S: Broadcast<<A as Broadcast<B>>::Joined>,
    {
        self + (a * b) * value
    }
}

#[cfg(test)]
mod tests {
    use super::super::derivatives::{any, first_and_second};
    use super::*;
    use crate::dim::Dyn;

    #[test]
    fn gradients() {
        type Rows = (Dyn, Dyn);
        let of = |x: &Value| Tensor::<Rows, f64>::wrap(x.clone());
        let x = [any(1, &[3, 5]), any(2, &[3, 5]), any(3, &[3, 5])];
        first_and_second(&x, |x| of(&x[0]).lerp(&of(&x[1]), &of(&x[2])).into_value());
        first_and_second(&x, |x| of(&x[0]).addcmul(&of(&x[1]), &of(&x[2]), 0.5).into_value());
        first_and_second(&x[..2], |x| of(&x[0]).lerp(&of(&x[1]), 0.75).into_value());
    }
}
