//! The fully connected layer.

use crate::dim::{Dim, Features, LastDim, Nat};
use crate::graph::Value;
use crate::nn::init::fan_in_uniform;
use crate::nn::module::duplicate::{OneCopy, copy_of};
use crate::nn::module::{Forward, Init, Module, Path};
use crate::ops::matmul::{Activation, linear};
use crate::tensor::{Float, Tensor};
use rand::Rng;
use std::fmt;

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
pub struct Linear<I, O, const BIAS: bool = true, T = f32> {
    /// `[outputs, inputs]`
    pub weight: Tensor<(O, I), T>,
    /// `[outputs]`; none without `BIAS`.
    pub bias: Option<Tensor<(O,), T>>,
}

impl<I, O, const BIAS: bool, T> Linear<I, O, BIAS, T> {
    /// A layer with PyTorch's starting values.
    pub fn init(rng: &mut impl Rng) -> Self
    where
        I: Nat,
        O: Nat,
        T: Float,
    {
        Self::init_with(rng)
    }

    /// The layer and [`Relu`](crate::nn::Relu) in one pass over memory.
    #[track_caller]
    pub fn forward_relu<S>(&self, x: Tensor<S, T>) -> Tensor<S::With<O>, T>
    where
        S: LastDim<Last: Features<I>>,
    {
        self.apply(x, Activation::Relu)
    }

    #[track_caller]
    fn apply<S: LastDim>(&self, x: Tensor<S, T>, activation: Activation) -> Tensor<S::With<O>, T> {
        let bias = self.bias.as_ref().map(Tensor::value);
        Tensor::wrap(linear(x.into_value(), self.weight.value(), bias, activation))
    }
}

impl<S, I, O, const BIAS: bool, T> Forward<Tensor<S, T>> for Linear<I, O, BIAS, T>
where
    S: LastDim<Last: Features<I>>,
{
    type Output = Tensor<S::With<O>, T>;

    #[track_caller]
    fn forward(&self, x: Tensor<S, T>) -> Self::Output {
        self.apply(x, Activation::Identity)
    }
}

/// A layer with the same values and parameters of its own.
impl<I, O, const BIAS: bool, T> Clone for Linear<I, O, BIAS, T> {
    fn clone(&self) -> Self {
        let _copy = OneCopy::begin();
        Self { weight: copy_of(&self.weight), bias: self.bias.as_ref().map(copy_of) }
    }
}

impl<I, O, const BIAS: bool, T> fmt::Debug for Linear<I, O, BIAS, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let weight = self.weight.value().shape();
        write!(f, "Linear<{}, {}{}>", weight.get(1), weight.get(0), no_bias(BIAS))
    }
}

/// What is written of a layer's bias.
pub(in crate::nn) fn no_bias(bias: bool) -> &'static str {
    if bias { "" } else { ", bias = false" }
}

impl<I: Nat, O: Nat, const BIAS: bool, T: Float> Init for Linear<I, O, BIAS, T> {
    fn init_with(rng: &mut dyn Rng) -> Self {
        let weight = fan_in_uniform(I::N, rng).parameter();
        Self { weight, bias: BIAS.then(|| fan_in_uniform(I::N, rng).parameter()) }
    }
}

impl<I: Dim, O: Dim, const BIAS: bool, T: Float> Module for Linear<I, O, BIAS, T> {
    fn walk(&self, path: &Path<'_>, visit: &mut dyn FnMut(&Path<'_>, &Value)) {
        self.weight.walk(&path.child("weight").parameter(), visit);
        self.bias.walk(&path.child("bias").parameter(), visit);
    }

    fn walk_mut(&mut self, path: &Path<'_>, visit: &mut dyn FnMut(&Path<'_>, &mut Value)) {
        self.weight.walk_mut(&path.child("weight").parameter(), visit);
        self.bias.walk_mut(&path.child("bias").parameter(), visit);
    }

    fn multiply_adds(&self, _: &[usize], output: &[usize]) -> Option<u64> {
        let inputs = self.weight.shape()[1];
        Some(output.iter().map(|&n| n as u64).product::<u64>() * inputs as u64)
    }
}
