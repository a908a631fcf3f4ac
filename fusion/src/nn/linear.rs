//! The fully connected layer.

use super::init::fan_in_uniform;
use super::module::{Forward, Init, Module, Path};
use crate::dim::{Dim, Features, LastDim, Nat};
use crate::graph::Value;
use crate::ops;
use crate::tensor::{Float, Tensor};
use rand::Rng;

/// `y = x Wᵀ + b`: `[.., I]` to `[.., O]`, for tensors of rank 1 to 6. PyTorch's `nn.Linear`, whose starting values,
/// layouts and names it has: `weight` `[O, I]` and `bias` `[O]`, both uniform in ±1/√I.
///
/// ```
/// use fusion::prelude::*;
///
/// let layer = Linear::<dim!(3), dim!(2)>::init(&mut StdRng::seed_from_u64(0));
/// let y: Tensor<shape![5, 2]> = layer.forward(Tensor::<shape![5, 3]>::ones());
/// ```
pub struct Linear<I, O, T = f32> {
    /// `[outputs, inputs]`
    pub weight: Tensor<(O, I), T>,
    /// `[outputs]`
    pub bias: Tensor<(O,), T>,
}

impl<I, O, T> Linear<I, O, T> {
    /// A layer with PyTorch's starting values.
    pub fn init(rng: &mut impl Rng) -> Self
    where
        I: Nat,
        O: Nat,
        T: Float,
    {
        Self::init_with(rng)
    }

    /// The layer and [`Relu`](super::Relu) in one pass over memory.
    pub fn forward_relu<S>(&self, x: Tensor<S, T>) -> Tensor<S::With<O>, T>
    where
        S: LastDim<Last: Features<I>>,
    {
        Tensor::wrap(ops::matmul::linear(x.into_value(), self.weight.value(), Some(self.bias.value()), true))
    }
}

impl<S, I, O, T> Forward<Tensor<S, T>> for Linear<I, O, T>
where
    S: LastDim<Last: Features<I>>,
{
    type Output = Tensor<S::With<O>, T>;

    fn forward(&self, x: Tensor<S, T>) -> Self::Output {
        Tensor::wrap(ops::matmul::linear(x.into_value(), self.weight.value(), Some(self.bias.value()), false))
    }
}

impl<I: Nat, O: Nat, T: Float> Init for Linear<I, O, T> {
    fn init_with(rng: &mut dyn Rng) -> Self {
        Self { weight: fan_in_uniform(I::N, rng).parameter(), bias: fan_in_uniform(I::N, rng).parameter() }
    }
}

impl<I: Dim, O: Dim, T: Float> Module for Linear<I, O, T> {
    fn walk(&self, path: &Path<'_>, visit: &mut dyn FnMut(&Path<'_>, &Value)) {
        self.weight.walk(&path.child("weight"), visit);
        self.bias.walk(&path.child("bias"), visit);
    }

    fn walk_mut(&mut self, path: &Path<'_>, visit: &mut dyn FnMut(&Path<'_>, &mut Value)) {
        self.weight.walk_mut(&path.child("weight"), visit);
        self.bias.walk_mut(&path.child("bias"), visit);
    }

    fn multiply_adds(&self, _: &[usize], output: &[usize]) -> Option<u64> {
        let inputs = self.weight.shape()[1];
        Some(output.iter().map(|&n| n as u64).product::<u64>() * inputs as u64)
    }
}
