//! Images of other sizes.

use super::module::{Forward, Init, Module, Path};
use crate::dim::{Image, Nat, Scaled};
use crate::graph::Value;
use crate::ops;
use crate::tensor::Tensor;
use rand::Rng;

stateless! {
    /// Every element as a square of `SCALE` by `SCALE`: `[B, C, H, W]` to `[B, C, H * SCALE, W * SCALE]`. PyTorch's
    /// `nn.Upsample(scale_factor=SCALE)`, whose mode is `nearest`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let x = Tensor::<shape![1, 1, 1, 2]>::from([[[[1.0, 2.0]]]]);
    /// let y: Tensor<shape![1, 1, 2, 4]> = Upsample::<dim!(2)>::new().forward(x);
    /// assert_eq!(y.to_vec(), [1.0, 1.0, 2.0, 2.0, 1.0, 1.0, 2.0, 2.0]);
    /// ```
    Upsample<SCALE>
}

impl<X, SCALE, T> Forward<Tensor<X, T>> for Upsample<SCALE>
where
    X: Image<Height: Scaled<SCALE>, Width: Scaled<SCALE>>,
    SCALE: Nat,
{
    type Output = Tensor<X::With<X::Channels, <X::Height as Scaled<SCALE>>::Out, <X::Width as Scaled<SCALE>>::Out>, T>;

    #[track_caller]
    fn forward(&self, x: Tensor<X, T>) -> Self::Output {
        Tensor::wrap(ops::resize::upsample_nearest2d(x.into_value(), [SCALE::N; 2]))
    }
}
