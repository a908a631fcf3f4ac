//! Batch normalisation.

use crate::dim::{Channels, Image, MaybeSignal};
use crate::graph::{Trace, Value};
use crate::kernels::activation::Activation;
use crate::nn::init::{ones, zeros};
use crate::nn::macro_support::following::{Followed, Summed};
use crate::nn::module::Forward;
use crate::nn::module::buffer::Buffer;
use crate::nn::module::ready::check_training;
use crate::ops;
use crate::ops::binary::{add, mul_scalar};
use crate::tensor::Tensor;
use fusion_macros::Module;

/// Declares the layer for inputs of these axes: what it computes is the same for all.
macro_rules! batch_norm {
    ($($(#[$doc:meta])* $name:ident of $domain:ident)*) => { $(
        $(#[$doc])*
        #[doc(alias = "BatchNormalization")]
        #[derive(Module)]
        #[module(layer)]
        pub struct $name<C, T = f32> {
            /// `[channels]`
            #[init(ones(rng))]
            pub weight: Tensor<(C,), T>,
            /// `[channels]`
            #[init(zeros(rng))]
            pub bias: Tensor<(C,), T>,
            /// `[channels]`
            #[init(Buffer::new(zeros(rng)))]
            pub running_mean: Buffer<(C,), T>,
            /// `[channels]`, unbiased
            #[init(Buffer::new(ones(rng)))]
            pub running_var: Buffer<(C,), T>,
            /// How many batches it was trained with.
            #[init(Buffer::new(Tensor::zeros()))]
            pub num_batches_tracked: Buffer<(), i64>,
            /// What is added to the variance, 1e-5.
            pub eps: f64,
            /// How far the running statistics move towards a batch's, 0.1.
            pub momentum: f64,
        }

        impl<C, T> $name<C, T> {
            #[track_caller]
            fn normalise(&self, x: Value, other: Option<Value>, then: Activation) -> Value {
                let (weight, bias) = (self.weight.value(), self.bias.value());
                if !x.traced().is_some_and(Trace::is_training) {
                    let (mean, variance) = (self.running_mean.get(), self.running_var.get());
                    let (mean, variance) = (mean.value(), variance.value());
                    return ops::norm::batch_norm_with_act(x, weight, bias, mean, variance, self.eps, other, then);
                }
                check_training();
                let given_momentum = x.traced().and_then(Trace::given_momentum);
                let shape = x.shape().sizes();
                let values: usize = x.shape().iter().enumerate().filter(|&(axis, _)| axis != 1).map(|(_, n)| n).product();
                assert!(values > 1, "batch norm in training needs more than 1 value per channel, but its input is {shape}");
                let (y, mean, variance) = ops::norm::batch_norm_act(x, weight, bias, self.eps, other, then);
                let unbiased = values as f64 / (values - 1) as f64;
                let momentum = given_momentum.unwrap_or(self.momentum);
                let towards = |old: Value, new, scale| add(mul_scalar(old, 1.0 - momentum), &mul_scalar(new, momentum * scale));
                self.running_mean.change(|old| towards(old, mean, 1.0));
                self.running_var.change(|old| towards(old, variance, unbiased));
                self.num_batches_tracked.update(|batches| Tensor::full(batches.item() + 1));
                y
            }
        }

        impl<X, C, T> Forward<Tensor<X, T>> for $name<C, T>
        where
            X: $domain<Channels: Channels<C>>,
        {
            type Output = Tensor<X, T>;

            #[track_caller]
            fn forward(&self, x: Tensor<X, T>) -> Self::Output {
                Tensor::wrap(self.normalise(x.into_value(), None, Activation::Identity))
            }
        }

        impl<C, T> Followed for $name<C, T> {
            #[track_caller]
            fn followed(&self, x: Value, activation: Activation) -> Value {
                self.normalise(x, None, activation)
            }
        }

        impl<C, T> Summed for $name<C, T> {
            #[track_caller]
            fn summed(&self, x: Value, other: Value, activation: Activation) -> Value {
                self.normalise(x, Some(other), activation)
            }
        }
    )* };
}

batch_norm! {
    /// Each channel of signals `[B, C, L]`, or of `[B, C]`, with mean 0 and variance 1, times a weight plus a bias of its
    /// own. PyTorch's `nn.BatchNorm1d`; all else is as in [`BatchNorm2d`].
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let layer = BatchNorm1d::<dim!(1)>::init(&mut StdRng::seed_from_u64(0));
    /// let y = layer.forward(Tensor::<shape![2, 1]>::from([[2.0], [4.0]]).trace());
    /// assert!((y.to_vec()[1] - 1.0).abs() < 1e-4);
    /// let y: Tensor<shape![2, 1, 5]> = layer.forward(Tensor::ones());
    /// ```
    BatchNorm1d of MaybeSignal
    /// Each channel of images `[B, C, H, W]` with mean 0 and variance 1, times a weight plus a bias of its own. PyTorch's
    /// `nn.BatchNorm2d`, whose starting values and names it has: `weight` 1, `bias` 0, and the buffers `running_mean`,
    /// `running_var` and `num_batches_tracked`. Ioffe and Szegedy, [Batch Normalization](https://arxiv.org/abs/1502.03167),
    /// 2015.
    ///
    /// In training (of `x.trace()`) mean and variance are the batch's, and the running ones move towards them by
    /// `momentum`; otherwise they are the running ones. Training panics where a channel has one value only.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let layer = BatchNorm2d::<dim!(1)>::init(&mut StdRng::seed_from_u64(0));
    /// let x = Tensor::<shape![2, 1, 1, 1]>::from([[[[2.0]]], [[[4.0]]]]);
    /// let y = layer.forward(x.trace());
    /// assert!((y.to_vec()[1] - 1.0).abs() < 1e-4);
    /// assert_eq!(layer.running_mean.get().to_vec(), [0.3]); // a tenth of the way from 0 to 3
    /// ```
    BatchNorm2d of Image
}
