//! Group normalisation.

use crate::dim::{Channeled, Channels, Groups, Nat};
use crate::nn::init::{ones, zeros};
use crate::nn::module::Forward;
use crate::ops;
use crate::tensor::Tensor;
use fusion_macros::Module;
use std::marker::PhantomData;

/// The channels of each sample, `[B, C, ..]`, in `G` groups that have mean 0 and variance 1 together, times a weight plus a
/// bias for each channel. PyTorch's `nn.GroupNorm(G, C)`, whose starting values and names it has: `weight` 1 and `bias` 0.
/// Wu and He, [Group Normalization](https://arxiv.org/abs/1803.08494), 2018.
///
/// ```
/// use fusion::prelude::*;
///
/// let layer = GroupNorm::<dim!(4), dim!(2)>::init(&mut StdRng::seed_from_u64(0));
/// let y = layer.forward(Tensor::<shape![1, 4]>::from([[1.0, 3.0, 0.0, 10.0]]));
/// assert!(y.to_vec().iter().zip([-1.0, 1.0, -1.0, 1.0]).all(|(y, want)| (y - want).abs() < 1e-4));
/// ```
#[doc(alias = "GroupNormalization")]
#[derive(Module)]
#[module(layer)]
pub struct GroupNorm<C, G, T = f32> {
    /// `[channels]`
    #[init(ones(rng))]
    pub weight: Tensor<(C,), T>,
    /// `[channels]`
    #[init(zeros(rng))]
    pub bias: Tensor<(C,), T>,
    /// What is added to the variance, 1e-5.
    pub eps: f64,
    groups: PhantomData<fn() -> G>,
}

impl<X, C, G, T> Forward<Tensor<X, T>> for GroupNorm<C, G, T>
where
    X: Channeled<Channels: Channels<C>>,
    G: Groups + Nat,
{
    type Output = Tensor<X, T>;

    #[track_caller]
    fn forward(&self, x: Tensor<X, T>) -> Self::Output {
        let (weight, bias) = (self.weight.value(), self.bias.value());
        Tensor::wrap(ops::norm::group_norm(x.into_value(), weight, bias, G::N, self.eps))
    }
}
