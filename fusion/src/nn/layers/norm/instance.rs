//! Instance normalisation.

use crate::dim::{Channels, Image, Signal};
use crate::nn::init::{ones, zeros};
use crate::nn::module::Forward;
use crate::ops;
use crate::tensor::Tensor;
use fusion_macros::Module;

/// Declares the layer for inputs of these axes: what it computes is the same for all.
macro_rules! instance_norm {
    ($($(#[$doc:meta])* $name:ident of $domain:ident)*) => { $(
        $(#[$doc])*
        #[derive(Module)]
        #[module(layer)]
        pub struct $name<C, const AFFINE: bool = false, T = f32> {
            /// `[channels]`; none without `AFFINE`.
            #[init(AFFINE.then(|| ones(rng)))]
            pub weight: Option<Tensor<(C,), T>>,
            /// `[channels]`; none without `AFFINE`.
            #[init(AFFINE.then(|| zeros(rng)))]
            pub bias: Option<Tensor<(C,), T>>,
            /// What is added to the variance, 1e-5.
            pub eps: f64,
        }

        impl<X, C, const AFFINE: bool, T> Forward<Tensor<X, T>> for $name<C, AFFINE, T>
        where
            X: $domain<Channels: Channels<C>>,
        {
            type Output = Tensor<X, T>;

            #[track_caller]
            fn forward(&self, x: Tensor<X, T>) -> Self::Output {
                let [weight, bias] = [&self.weight, &self.bias].map(|of| of.as_ref().map(Tensor::value));
                Tensor::wrap(ops::norm::instance_norm(x.into_value(), weight, bias, self.eps))
            }
        }
    )* };
}

instance_norm! {
    /// Each channel of each signal, `[B, C, L]`, with mean 0 and variance 1. PyTorch's `nn.InstanceNorm1d(C)`, and with
    /// `AFFINE` its `affine=True`; all else is as in [`InstanceNorm2d`].
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let layer = InstanceNorm1d::<dim!(1)>::init(&mut StdRng::seed_from_u64(0));
    /// let y = layer.forward(Tensor::<shape![1, 1, 2]>::from([[[2.0, 4.0]]]));
    /// assert!((y.to_vec()[1] - 1.0).abs() < 1e-4);
    /// ```
    InstanceNorm1d of Signal
    /// Each channel of each image, `[B, C, H, W]`, with mean 0 and variance 1, in training and otherwise; with `AFFINE` times
    /// a weight plus a bias of its own. PyTorch's `nn.InstanceNorm2d(C)`, and with `AFFINE` its `affine=True`: `weight` 1 and
    /// `bias` 0. There are no running statistics (`track_running_stats`). Ulyanov, Vedaldi and Lempitsky, [Instance
    /// Normalization](https://arxiv.org/abs/1607.08022), 2016.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let mut rng = StdRng::seed_from_u64(0);
    /// let layer = InstanceNorm2d::<dim!(1)>::init(&mut rng);
    /// let y = layer.forward(Tensor::<shape![1, 1, 1, 2]>::from([[[[2.0, 4.0]]]]));
    /// assert!((y.to_vec()[1] - 1.0).abs() < 1e-4 && layer.weight.is_none());
    /// assert_eq!(InstanceNorm2d::<dim!(1), true>::init(&mut rng).names(), ["weight", "bias"]);
    /// ```
    InstanceNorm2d of Image
}
