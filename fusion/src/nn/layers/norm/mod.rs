//! Normalisation.

use crate::dim::{Channels, Dim, Features, Image, LastDim, Nat};
use crate::graph::{Trace, Value};
use crate::nn::module::buffer::Buffer;
use crate::nn::module::duplicate::{OneCopy, copy_of};
use crate::nn::module::{Forward, Init, Module, Path};
use crate::ops;
use crate::ops::binary::{add, mul_scalar};
use crate::tensor::{Float, Tensor};
use rand::Rng;
use std::fmt;

/// PyTorch's defaults.
const EPS: f64 = 1e-5;
const MOMENTUM: f64 = 0.1;

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
#[doc(alias = "BatchNormalization")]
pub struct BatchNorm2d<C, T = f32> {
    /// `[channels]`
    pub weight: Tensor<(C,), T>,
    /// `[channels]`
    pub bias: Tensor<(C,), T>,
    /// `[channels]`
    pub running_mean: Buffer<(C,), T>,
    /// `[channels]`, unbiased
    pub running_var: Buffer<(C,), T>,
    /// How many batches it was trained with.
    pub num_batches_tracked: Buffer<(), i64>,
    /// What is added to the variance, 1e-5.
    pub eps: f64,
    /// How far the running statistics move towards a batch's, 0.1.
    pub momentum: f64,
}

impl<C, T> BatchNorm2d<C, T> {
    /// A layer with PyTorch's starting values.
    pub fn init(rng: &mut impl Rng) -> Self
    where
        C: Nat,
        T: Float,
    {
        Self::init_with(rng)
    }

    #[track_caller]
    fn normalise(&self, x: Value) -> Value {
        let (weight, bias) = (self.weight.value(), self.bias.value());
        if !x.traced().is_some_and(Trace::is_training) {
            let (mean, variance) = (self.running_mean.get(), self.running_var.get());
            return ops::norm::batch_norm_with(x, weight, bias, mean.value(), variance.value(), self.eps);
        }
        let shape = x.shape().sizes();
        let values: usize = x.shape().iter().enumerate().filter(|&(axis, _)| axis != 1).map(|(_, n)| n).product();
        assert!(values > 1, "batch norm in training needs more than 1 value per channel, but its input is {shape}");
        let (y, mean, variance) = ops::norm::batch_norm(x, weight, bias, self.eps);
        let unbiased = values as f64 / (values - 1) as f64;
        let towards =
            |old: Value, new, scale| add(mul_scalar(old, 1.0 - self.momentum), &mul_scalar(new, self.momentum * scale));
        self.running_mean.change(|old| towards(old, mean, 1.0));
        self.running_var.change(|old| towards(old, variance, unbiased));
        self.num_batches_tracked.update(|batches| Tensor::full(batches.item() + 1));
        y
    }
}

impl<X, C, T> Forward<Tensor<X, T>> for BatchNorm2d<C, T>
where
    X: Image<Channels: Channels<C>>,
{
    type Output = Tensor<X, T>;

    #[track_caller]
    fn forward(&self, x: Tensor<X, T>) -> Self::Output {
        Tensor::wrap(self.normalise(x.into_value()))
    }
}

/// A layer with the same values, and with parameters and running statistics of its own.
impl<C, T> Clone for BatchNorm2d<C, T> {
    fn clone(&self) -> Self {
        let _copy = OneCopy::begin();
        Self {
            weight: copy_of(&self.weight),
            bias: copy_of(&self.bias),
            running_mean: self.running_mean.clone(),
            running_var: self.running_var.clone(),
            num_batches_tracked: self.num_batches_tracked.clone(),
            ..*self
        }
    }
}

impl<C, T> fmt::Debug for BatchNorm2d<C, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BatchNorm2d<{}", self.weight.value().shape().get(0))?;
        if self.eps != EPS {
            write!(f, ", eps = {:?}", self.eps)?;
        }
        if self.momentum != MOMENTUM {
            write!(f, ", momentum = {:?}", self.momentum)?;
        }
        f.write_str(">")
    }
}

impl<C: Nat, T: Float> Init for BatchNorm2d<C, T> {
    fn init_with(_: &mut dyn Rng) -> Self {
        Self {
            weight: Tensor::ones().parameter(),
            bias: Tensor::zeros().parameter(),
            running_mean: Buffer::new(Tensor::zeros()),
            running_var: Buffer::new(Tensor::ones()),
            num_batches_tracked: Buffer::new(Tensor::zeros()),
            eps: EPS,
            momentum: MOMENTUM,
        }
    }
}

impl<C: Dim, T: Float> Module for BatchNorm2d<C, T> {
    fn walk(&self, path: &Path<'_>, visit: &mut dyn FnMut(&Path<'_>, &Value)) {
        self.weight.walk(&path.child("weight").parameter(), visit);
        self.bias.walk(&path.child("bias").parameter(), visit);
        self.running_mean.walk(&path.child("running_mean"), visit);
        self.running_var.walk(&path.child("running_var"), visit);
        self.num_batches_tracked.walk(&path.child("num_batches_tracked"), visit);
    }

    fn walk_mut(&mut self, path: &Path<'_>, visit: &mut dyn FnMut(&Path<'_>, &mut Value)) {
        self.weight.walk_mut(&path.child("weight").parameter(), visit);
        self.bias.walk_mut(&path.child("bias").parameter(), visit);
        self.running_mean.walk_mut(&path.child("running_mean"), visit);
        self.running_var.walk_mut(&path.child("running_var"), visit);
        self.num_batches_tracked.walk_mut(&path.child("num_batches_tracked"), visit);
    }

    fn multiply_adds(&self, _: &[usize], _: &[usize]) -> Option<u64> {
        Some(0)
    }
}

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
pub struct LayerNorm<F, T = f32> {
    /// `[features]`
    pub weight: Tensor<(F,), T>,
    /// `[features]`
    pub bias: Tensor<(F,), T>,
    /// What is added to the variance, 1e-5.
    pub eps: f64,
}

impl<F, T> LayerNorm<F, T> {
    /// A layer with PyTorch's starting values.
    pub fn init(rng: &mut impl Rng) -> Self
    where
        F: Nat,
        T: Float,
    {
        Self::init_with(rng)
    }
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

/// A layer with the same values and parameters of its own.
impl<F, T> Clone for LayerNorm<F, T> {
    fn clone(&self) -> Self {
        let _copy = OneCopy::begin();
        Self { weight: copy_of(&self.weight), bias: copy_of(&self.bias), eps: self.eps }
    }
}

impl<F, T> fmt::Debug for LayerNorm<F, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LayerNorm<{}", self.weight.value().shape().get(0))?;
        if self.eps != EPS {
            write!(f, ", eps = {:?}", self.eps)?;
        }
        f.write_str(">")
    }
}

impl<F: Nat, T: Float> Init for LayerNorm<F, T> {
    fn init_with(_: &mut dyn Rng) -> Self {
        Self { weight: Tensor::ones().parameter(), bias: Tensor::zeros().parameter(), eps: EPS }
    }
}

impl<F: Dim, T: Float> Module for LayerNorm<F, T> {
    fn walk(&self, path: &Path<'_>, visit: &mut dyn FnMut(&Path<'_>, &Value)) {
        self.weight.walk(&path.child("weight").parameter(), visit);
        self.bias.walk(&path.child("bias").parameter(), visit);
    }

    fn walk_mut(&mut self, path: &Path<'_>, visit: &mut dyn FnMut(&Path<'_>, &mut Value)) {
        self.weight.walk_mut(&path.child("weight").parameter(), visit);
        self.bias.walk_mut(&path.child("bias").parameter(), visit);
    }

    fn multiply_adds(&self, _: &[usize], _: &[usize]) -> Option<u64> {
        Some(0)
    }
}
