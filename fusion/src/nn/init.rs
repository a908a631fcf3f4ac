//! How parameters start.
//!
//! "Fan" is the number of inputs (`fan_in`) or outputs (`fan_out`) of one unit. For a weight `[O, I, ..]` in PyTorch's
//! layout, `fan_in` is `I` and `fan_out` is `O`, each times the size of the window; a vector counts as its own length.

use crate::dim::StaticShape;
use crate::graph::Value;
use crate::kernels::{Array, Dims};
use crate::tensor::{Float, Tensor, uniform_in};
use rand::Rng;

/// The fans of a weight of this shape.
fn fans<S: StaticShape>() -> (f64, f64) {
    let window: usize = S::DIMS.iter().skip(2).product();
    let at = |axis: usize| S::DIMS.get(axis).copied();
    let outputs = at(0).unwrap_or(1);
    let inputs = at(1).unwrap_or(outputs);
    ((inputs * window) as f64, (outputs * window) as f64)
}

/// Every element 0.
pub fn zeros<S: StaticShape, T: Float>(_: &mut dyn Rng) -> Tensor<S, T> {
    Tensor::zeros()
}

/// Every element 1.
pub fn ones<S: StaticShape, T: Float>(_: &mut dyn Rng) -> Tensor<S, T> {
    Tensor::ones()
}

/// Every element `value`.
pub fn full<S: StaticShape, T: Float>(value: f64, _: &mut dyn Rng) -> Tensor<S, T> {
    Tensor::full(T::from_f64(value))
}

/// Normal with this mean and standard deviation.
#[track_caller]
pub fn normal<S: StaticShape, T: Float>(mean: f64, std: f64, rng: &mut dyn Rng) -> Tensor<S, T> {
    Tensor::normal(mean, std, rng)
}

/// Uniform in `low..high`.
#[track_caller]
pub fn uniform<S: StaticShape, T: Float>(low: f64, high: f64, rng: &mut dyn Rng) -> Tensor<S, T> {
    Tensor::uniform(low, high, rng)
}

/// For layers followed by ReLU: uniform with variance 2 / fan_in (He et al. 2015; PyTorch's `kaiming_uniform_`).
///
/// ```
/// use fusion::prelude::*;
///
/// let w: Tensor<shape![64, 100]> = fusion::nn::init::kaiming_uniform(&mut StdRng::seed_from_u64(0));
/// let bound = (6.0f32 / 100.0).sqrt();
/// assert!(w.to_vec().iter().all(|w| w.abs() <= bound));
/// ```
pub fn kaiming_uniform<S: StaticShape, T: Float>(rng: &mut dyn Rng) -> Tensor<S, T> {
    let bound = (6.0 / fans::<S>().0.max(1.0)).sqrt();
    Tensor::uniform(-bound, bound, rng)
}

/// For layers followed by ReLU: normal with variance 2 / fan_in (He et al. 2015; PyTorch's `kaiming_normal_`).
pub fn kaiming_normal<S: StaticShape, T: Float>(rng: &mut dyn Rng) -> Tensor<S, T> {
    Tensor::normal(0.0, (2.0 / fans::<S>().0.max(1.0)).sqrt(), rng)
}

/// For layers followed by tanh or sigmoid: uniform with variance 2 / (fan_in + fan_out) (Glorot and Bengio 2010;
/// PyTorch's `xavier_uniform_`).
pub fn xavier_uniform<S: StaticShape, T: Float>(rng: &mut dyn Rng) -> Tensor<S, T> {
    let (fan_in, fan_out) = fans::<S>();
    let bound = (6.0 / (fan_in + fan_out).max(1.0)).sqrt();
    Tensor::uniform(-bound, bound, rng)
}

/// For layers followed by tanh or sigmoid: normal with variance 2 / (fan_in + fan_out) (Glorot and Bengio 2010;
/// PyTorch's `xavier_normal_`).
pub fn xavier_normal<S: StaticShape, T: Float>(rng: &mut dyn Rng) -> Tensor<S, T> {
    let (fan_in, fan_out) = fans::<S>();
    Tensor::normal(0.0, (2.0 / (fan_in + fan_out).max(1.0)).sqrt(), rng)
}

/// PyTorch's default for `nn.Linear` and convolutions, weights and biases alike: uniform in ±1/√`inputs`.
pub fn fan_in_uniform<S: StaticShape, T: Float>(inputs: usize, rng: &mut dyn Rng) -> Tensor<S, T> {
    let bound = 1.0 / (inputs.max(1) as f64).sqrt();
    Tensor::uniform(-bound, bound, rng)
}

/// [`fan_in_uniform`], of sizes of which not all are in a type.
pub(super) fn fan_in_uniform_sized<T: Float>(sizes: &[usize], inputs: usize, rng: &mut dyn Rng) -> Value {
    uniform_sized::<T>(sizes, 1.0 / (inputs.max(1) as f64).sqrt(), rng)
}

/// Uniform in ±`bound`.
pub(super) fn uniform_sized<T: Float>(sizes: &[usize], bound: f64, rng: &mut dyn Rng) -> Value {
    Array::from_fn(Dims::new(sizes), |_| uniform_in::<T>(-bound, bound, rng)).into()
}
