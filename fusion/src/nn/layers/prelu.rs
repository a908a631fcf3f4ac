//! The activation that learns.

use crate::dim::{Channeled, Channels};
use crate::nn::init::full;
use crate::nn::module::Forward;
use crate::ops;
use crate::tensor::Tensor;
use fusion_macros::Module;

/// Each element where it is positive, else that times the slope of its channel, which is learned: `[B, C, ..]`. PyTorch's
/// `nn.PReLU(C)`, whose starting value and name it has: `weight` 0.25. He et al., [Delving Deep into
/// Rectifiers](https://arxiv.org/abs/1502.01852), 2015.
///
/// ```
/// use fusion::prelude::*;
///
/// let layer = PRelu::<dim!(2)>::init(&mut StdRng::seed_from_u64(0));
/// assert_eq!(layer.forward(Tensor::from([[-4.0f32, 3.0]])).to_vec(), [-1.0, 3.0]);
/// ```
#[doc(alias = "PReLU")]
#[derive(Module)]
#[module(layer)]
pub struct PRelu<C, T = f32> {
    /// `[channels]`: what negative elements are multiplied by
    #[init(full(0.25, rng))]
    pub weight: Tensor<(C,), T>,
}

impl<X, C, T> Forward<Tensor<X, T>> for PRelu<C, T>
where
    X: Channeled<Channels: Channels<C>>,
{
    type Output = Tensor<X, T>;

    #[track_caller]
    fn forward(&self, x: Tensor<X, T>) -> Self::Output {
        Tensor::wrap(ops::activation::prelu(x.into_value(), self.weight.value()))
    }
}
