//! Normalisation by the root mean square.

use crate::dim::{Features, LastDim};
use crate::kernels::DType;
use crate::nn::init::ones;
use crate::nn::module::Forward;
use crate::ops;
use crate::tensor::{Float, Tensor};
use fusion_macros::Module;

/// The last axis over the root of the mean of its squares, times a weight: `[.., F]`, for tensors of rank 1 to 6. Unlike
/// [`LayerNorm`](crate::nn::LayerNorm) it moves no mean, and has no bias. PyTorch's `nn.RMSNorm`, whose starting value and
/// name it has: `weight` 1. Zhang and Sennrich, [Root Mean Square Layer Normalization](https://arxiv.org/abs/1910.07467), 2019.
///
/// ```
/// use fusion::prelude::*;
///
/// let layer = RmsNorm::<dim!(2)>::init(&mut StdRng::seed_from_u64(0));
/// let y = layer.forward(Tensor::from([[1.0f32, 7.0], [0.0, -2.0]]));
/// assert!(y.to_vec().iter().zip([0.2, 1.4, 0.0, -2f32.sqrt()]).all(|(y, want)| (y - want).abs() < 1e-5));
/// ```
#[doc(alias = "RMSNorm")]
#[doc(alias = "RMSNormalization")]
#[derive(Module)]
#[module(layer)]
pub struct RmsNorm<F, T = f32> {
    /// `[features]`
    #[init(ones(rng))]
    pub weight: Tensor<(F,), T>,
    /// What is added to the mean of squares: the distance from 1 to the next number of the type, 2⁻²³ in `f32`.
    #[init(epsilon::<T>())]
    pub eps: f64,
}

fn epsilon<T: Float>() -> f64 {
    if T::DTYPE == DType::F32 { f32::EPSILON.into() } else { f64::EPSILON }
}

impl<X, F, T> Forward<Tensor<X, T>> for RmsNorm<F, T>
where
    X: LastDim<Last: Features<F>>,
{
    type Output = Tensor<X, T>;

    #[track_caller]
    fn forward(&self, x: Tensor<X, T>) -> Self::Output {
        Tensor::wrap(ops::norm::rms_norm(x.into_value(), self.weight.value(), self.eps))
    }
}
