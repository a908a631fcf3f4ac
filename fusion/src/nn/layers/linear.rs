//! The fully connected layer.

use crate::dim::{Features, LastDim};
use crate::graph::Value;
use crate::nn::init::fan_in_uniform;
use crate::nn::macro_support::following::Followed;
use crate::nn::module::Forward;
use crate::ops::matmul::{Activation, linear};
use crate::tensor::Tensor;
use fusion_macros::Module;

/// `y = x Wᵀ + b`: `[.., I]` to `[.., O]`, for tensors of rank 1 to 6. PyTorch's `nn.Linear`, whose starting values,
/// layouts and names it has: `weight` `[O, I]` and `bias` `[O]`, both uniform in ±1/√I. Without `BIAS` there is none.
///
/// ```
/// use fusion::prelude::*;
///
/// let mut rng = StdRng::seed_from_u64(0);
/// let layer = Linear::<dim!(3), dim!(2)>::init(&mut rng);
/// let y: Tensor<shape![5, 2]> = layer.forward(Tensor::<shape![5, 3]>::ones());
/// let layer = Linear::<dim!(3), dim!(2), false>::init(&mut rng);
/// assert!(layer.bias.is_none());
/// ```
#[doc(alias = "Dense")]
#[derive(Module)]
#[module(layer)]
pub struct Linear<I, O, const BIAS: bool = true, T = f32> {
    /// `[outputs, inputs]`
    #[init(fan_in_uniform(I::N, rng))]
    pub weight: Tensor<(O, I), T>,
    /// `[outputs]`; none without `BIAS`.
    #[init(BIAS.then(|| fan_in_uniform(I::N, rng)))]
    pub bias: Option<Tensor<(O,), T>>,
}

impl<I, O, const BIAS: bool, T> Linear<I, O, BIAS, T> {
    /// The layer and [`Relu`](crate::nn::Relu) in one pass over memory.
    #[track_caller]
    pub fn forward_relu<S>(&self, x: Tensor<S, T>) -> Tensor<S::With<O>, T>
    where
        S: LastDim<Last: Features<I>>,
    {
        Tensor::wrap(self.followed(x.into_value(), Activation::Relu))
    }
}

impl<I, O, const BIAS: bool, T> Followed for Linear<I, O, BIAS, T> {
    #[track_caller]
    fn followed(&self, x: Value, activation: Activation) -> Value {
        linear(x, self.weight.value(), self.bias.as_ref().map(Tensor::value), activation)
    }
}

impl<S, I, O, const BIAS: bool, T> Forward<Tensor<S, T>> for Linear<I, O, BIAS, T>
where
    S: LastDim<Last: Features<I>>,
{
    type Output = Tensor<S::With<O>, T>;

    #[track_caller]
    fn forward(&self, x: Tensor<S, T>) -> Self::Output {
        Tensor::wrap(self.followed(x.into_value(), Activation::Identity))
    }
}
