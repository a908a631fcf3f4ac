//! Layer normalisation.

use crate::dim::{Features, LastDim};
use crate::nn::init::{ones, zeros};
use crate::nn::module::Forward;
use crate::ops;
use crate::tensor::Tensor;
use fusion_macros::Module;

/// The last axis with mean 0 and variance 1, times a weight plus a bias: `[.., F]`, for tensors of rank 1 to 6.
/// PyTorch's `nn.LayerNorm`, whose starting values and names it has: `weight` 1 and `bias` 0. Ba, Kiros and Hinton,
/// [Layer Normalization](https://arxiv.org/abs/1607.06450), 2016.
///
/// ```
/// use fusion::prelude::*;
///
/// let layer = LayerNorm::<dim!(2)>::init(&mut StdRng::seed_from_u64(0));
/// let y = layer.forward(Tensor::from([[1.0f32, 3.0], [0.0, 10.0]]));
/// assert!(y.to_vec().iter().zip([-1.0, 1.0, -1.0, 1.0]).all(|(y, want)| (y - want).abs() < 1e-4));
/// ```
#[doc(alias = "LayerNormalization")]
#[derive(Module)]
#[module(layer)]
pub struct LayerNorm<F, T = f32> {
    /// `[features]`
    #[init(ones(rng))]
    pub weight: Tensor<(F,), T>,
    /// `[features]`
    #[init(zeros(rng))]
    pub bias: Tensor<(F,), T>,
    /// What is added to the variance, 1e-5.
    pub eps: f64,
}

impl<X, F, T> Forward<Tensor<X, T>> for LayerNorm<F, T>
where
    X: LastDim<Last: Features<F>>,
{
    type Output = Tensor<X, T>;

    #[track_caller]
    fn forward(&self, x: Tensor<X, T>) -> Self::Output {
        let (weight, bias) = (self.weight.value(), self.bias.value());
        Tensor::wrap(ops::norm::layer_norm(x.into_value(), weight, bias, self.eps))
    }
}
