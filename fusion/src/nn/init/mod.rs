//! How parameters start.
//!
//! "Fan" is the number of inputs (`fan_in`) or outputs (`fan_out`) of one unit. For a weight `[O, I, ..]` in PyTorch's
//! layout, `fan_in` is `I` and `fan_out` is `O`, each times the size of the window; a vector counts as its own length.

pub(crate) mod sized;

use crate::dim::StaticShape;
use crate::graph::Value;
use crate::kernels::{Array, Dims};
use crate::ops::{matmul, sub, transpose};
use crate::tensor::{Float, Tensor, uniform_in};
use rand::{Rng, RngExt};
use rand_distr::StandardNormal;

/// The fans of a weight with these sizes.
fn fans(sizes: &[usize]) -> (f64, f64) {
    let window: usize = sizes.iter().skip(2).product();
    let at = |axis: usize| sizes.get(axis).copied();
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

/// Normal with this mean and standard deviation, of numbers in `low..=high` alone (PyTorch's `trunc_normal_`).
///
/// ```
/// use fusion::prelude::*;
///
/// let rng = &mut StdRng::seed_from_u64(0);
/// let w: Tensor<shape![64, 100]> = fusion::nn::init::truncated_normal(0.0, 0.02, -0.04, 0.04, rng);
/// assert!(w.to_vec().iter().all(|w| w.abs() <= 0.04));
/// ```
#[track_caller]
pub fn truncated_normal<S: StaticShape, T: Float>(
    mean: f64,
    std: f64,
    low: f64,
    high: f64,
    rng: &mut dyn Rng,
) -> Tensor<S, T> {
    Tensor::truncated_normal(mean, std, low, high, rng)
}

/// Which fan of a weight the Kaiming starts divide by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fan {
    /// The number of inputs of a unit: the variance of what flows forward stays. PyTorch's `mode="fan_in"`.
    In,
    /// The number of outputs: the variance of the gradients stays. PyTorch's `mode="fan_out"`.
    Out,
}

/// How much a start makes up for what the activation behind the layer does to the variance: a factor of the standard
/// deviation. PyTorch's `calculate_gain`.
///
/// ```
/// use fusion::nn::init::gain;
///
/// assert_eq!(gain::leaky_relu(0.0), gain::RELU);
/// ```
pub mod gain {
    /// Of no activation, of a sigmoid, and of convolutions.
    pub const LINEAR: f64 = 1.0;
    /// Of ReLU.
    pub const RELU: f64 = std::f64::consts::SQRT_2;
    /// Of the hyperbolic tangent.
    pub const TANH: f64 = 5.0 / 3.0;
    /// Of SELU.
    pub const SELU: f64 = 0.75;

    /// Of a leaky ReLU of this slope.
    pub fn leaky_relu(slope: f64) -> f64 {
        (2.0 / (1.0 + slope * slope)).sqrt()
    }
}

/// The standard deviation of a Kaiming start.
fn kaiming(sizes: &[usize], gain: f64, fan: Fan) -> f64 {
    let (inputs, outputs) = fans(sizes);
    gain / match fan {
        Fan::In => inputs,
        Fan::Out => outputs,
    }
    .max(1.0)
    .sqrt()
}

/// The standard deviation of a Xavier start.
fn xavier(sizes: &[usize], gain: f64) -> f64 {
    let (inputs, outputs) = fans(sizes);
    gain * (2.0 / (inputs + outputs).max(1.0)).sqrt()
}

/// Uniform with this standard deviation.
#[track_caller]
fn uniform_of<S: StaticShape, T: Float>(std: f64, rng: &mut dyn Rng) -> Tensor<S, T> {
    let bound = 3f64.sqrt() * std;
    Tensor::uniform(-bound, bound, rng)
}

/// For layers followed by ReLU: uniform with variance 2 / fan_in (He et al., [Delving Deep into
/// Rectifiers](https://arxiv.org/abs/1502.01852), 2015; PyTorch's `kaiming_uniform_` with `nonlinearity="relu"`).
///
/// ```
/// use fusion::prelude::*;
///
/// let w: Tensor<shape![64, 100]> = fusion::nn::init::kaiming_uniform(&mut StdRng::seed_from_u64(0));
/// let bound = (6.0f32 / 100.0).sqrt();
/// assert!(w.to_vec().iter().all(|w| w.abs() <= bound));
/// ```
pub fn kaiming_uniform<S: StaticShape, T: Float>(rng: &mut dyn Rng) -> Tensor<S, T> {
    uniform_of(kaiming(S::DIMS, gain::RELU, Fan::In), rng)
}

/// [`kaiming_uniform`] with another [`gain`] or [`Fan`]: uniform with variance gain² / fan. In `#[init(..)]` it is
/// `kaiming_uniform(gain, fan)`.
///
/// ```
/// use fusion::nn::init::{Fan, gain};
/// use fusion::prelude::*;
///
/// #[derive(Module)]
/// struct Mixed<I, O> {
///     #[init(kaiming_uniform(gain::leaky_relu(0.2), Fan::Out))]
///     weight: Tensor<(O, I)>,
/// }
///
/// let mixed = Mixed::<dim!(8), dim!(32)>::init(&mut StdRng::seed_from_u64(0));
/// let bound = (6.0f32 / 1.04 / 32.0).sqrt();
/// assert!(mixed.weight.to_vec().iter().all(|w| w.abs() <= bound));
/// ```
#[track_caller]
pub fn kaiming_uniform_with<S: StaticShape, T: Float>(gain: f64, fan: Fan, rng: &mut dyn Rng) -> Tensor<S, T> {
    uniform_of(kaiming(S::DIMS, gain, fan), rng)
}

/// For layers followed by ReLU: normal with variance 2 / fan_in (He et al. 2015; PyTorch's `kaiming_normal_` with
/// `nonlinearity="relu"`).
pub fn kaiming_normal<S: StaticShape, T: Float>(rng: &mut dyn Rng) -> Tensor<S, T> {
    Tensor::normal(0.0, kaiming(S::DIMS, gain::RELU, Fan::In), rng)
}

/// [`kaiming_normal`] with another [`gain`] or [`Fan`]: normal with variance gain² / fan. In `#[init(..)]` it is
/// `kaiming_normal(gain, fan)`.
#[track_caller]
pub fn kaiming_normal_with<S: StaticShape, T: Float>(gain: f64, fan: Fan, rng: &mut dyn Rng) -> Tensor<S, T> {
    Tensor::normal(0.0, kaiming(S::DIMS, gain, fan), rng)
}

/// For layers followed by tanh or sigmoid: uniform with variance 2 / (fan_in + fan_out) (Glorot and Bengio 2010;
/// PyTorch's `xavier_uniform_`).
pub fn xavier_uniform<S: StaticShape, T: Float>(rng: &mut dyn Rng) -> Tensor<S, T> {
    uniform_of(xavier(S::DIMS, 1.0), rng)
}

/// [`xavier_uniform`] with a [`gain`], a factor of the standard deviation. In `#[init(..)]` it is `xavier_uniform(gain)`.
#[track_caller]
pub fn xavier_uniform_with<S: StaticShape, T: Float>(gain: f64, rng: &mut dyn Rng) -> Tensor<S, T> {
    uniform_of(xavier(S::DIMS, gain), rng)
}

/// For layers followed by tanh or sigmoid: normal with variance 2 / (fan_in + fan_out) (Glorot and Bengio 2010;
/// PyTorch's `xavier_normal_`).
pub fn xavier_normal<S: StaticShape, T: Float>(rng: &mut dyn Rng) -> Tensor<S, T> {
    Tensor::normal(0.0, xavier(S::DIMS, 1.0), rng)
}

/// [`xavier_normal`] with a [`gain`], a factor of the standard deviation. In `#[init(..)]` it is `xavier_normal(gain)`.
#[track_caller]
pub fn xavier_normal_with<S: StaticShape, T: Float>(gain: f64, rng: &mut dyn Rng) -> Tensor<S, T> {
    Tensor::normal(0.0, xavier(S::DIMS, gain), rng)
}

/// Orthogonal rows, or orthogonal columns where there are more rows than columns, of length `gain`; drawn evenly from all such
/// matrices. A weight of more than two axes counts as a matrix whose rows are its first axis, a vector as one row. Saxe et al.,
/// [Exact solutions to the nonlinear dynamics of learning](https://arxiv.org/abs/1312.6120), 2013; PyTorch's `orthogonal_`.
///
/// ```
/// use fusion::prelude::*;
///
/// let w: Tensor<shape![2, 3], f64> = fusion::nn::init::orthogonal(1.0, &mut StdRng::seed_from_u64(0));
/// let gram = w.matmul(&w.t()).to_vec();
/// assert!((gram[0] - 1.0).abs() < 1e-12 && gram[1].abs() < 1e-12);
/// ```
pub fn orthogonal<S: StaticShape, T: Float>(gain: f64, rng: &mut dyn Rng) -> Tensor<S, T> {
    let element = orthogonal_elements(S::DIMS, gain, rng);
    Tensor::from_fn(|i| T::from_f64(element(i)))
}

/// The elements of a weight with these sizes, as [`orthogonal`] gives them.
fn orthogonal_elements(sizes: &[usize], gain: f64, rng: &mut dyn Rng) -> impl Fn(usize) -> f64 {
    let rows = if sizes.len() > 1 { sizes[0] } else { 1 };
    let columns = sizes.iter().product::<usize>() / rows.max(1);
    let (count, length) = (rows.min(columns), rows.max(columns));
    let vectors = orthonormal(count, length, rng);
    move |i| {
        let (row, column) = (i / columns, i % columns);
        let (vector, place) = if rows <= columns { (row, column) } else { (column, row) };
        gain * vectors[vector * length + place]
    }
}

/// How many vectors are made orthogonal to all before at once, by products of matrices.
const BLOCK: usize = 32;

/// So many vectors of this length, each of length 1 and orthogonal to all others: random normal ones by Gram and Schmidt's
/// method. What is done twice is right to the last digits: Giraud, Langou and Rozloznik, [The loss of orthogonality in the
/// Gram-Schmidt orthogonalization process](https://doi.org/10.1016/j.camwa.2005.08.009), 2005.
fn orthonormal(count: usize, length: usize, rng: &mut dyn Rng) -> Vec<f64> {
    let mut all: Vec<f64> = Vec::with_capacity(count * length);
    while all.len() < count * length {
        let done = all.len() / length;
        let more = BLOCK.min(count - done);
        let mut block: Vec<f64> = (0..more * length).map(|_| rng.sample(StandardNormal)).collect();
        let before = Value::from(Array::from_slice(&all, Dims::new(&[done, length])));
        for _ in 0..2 {
            if done > 0 {
                let of = Value::from(Array::from_slice(&block, Dims::new(&[more, length])));
                let along = matmul(matmul(of.clone(), transpose(before.clone())), before.clone());
                block = sub(of, &along).array().to_vec();
            }
            for i in 0..more {
                let (others, rest) = block.split_at_mut(i * length);
                let vector = &mut rest[..length];
                for other in others.chunks_exact(length) {
                    let along = dot(other, vector);
                    vector.iter_mut().zip(other).for_each(|(x, y)| *x -= along * y);
                }
                let norm = dot(vector, vector).sqrt();
                vector.iter_mut().for_each(|x| *x /= norm);
            }
        }
        all.extend(block);
    }
    all
}

fn dot(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).map(|(x, y)| x * y).sum()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dim::Num;
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    fn moments(x: &[f64]) -> (f64, f64) {
        let n = x.len() as f64;
        let mean = x.iter().sum::<f64>() / n;
        (mean, x.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n)
    }

    /// The variances of PyTorch's formulas, within what so many numbers scatter.
    #[test]
    fn variances_by_fan_and_gain() {
        type Window = (Num<32>, Num<16>, Num<3>, Num<5>);
        type Start = fn(&mut dyn Rng) -> Tensor<Window, f64>;
        let (fan_in, fan_out) = (240.0, 480.0);
        let leaky = gain::leaky_relu(0.2);
        assert!((leaky * leaky - 2.0 / 1.04).abs() < 1e-15);
        let uniforms: [(Start, f64); 4] = [
            (kaiming_uniform, 2.0 / fan_in),
            (|rng| kaiming_uniform_with(gain::leaky_relu(0.2), Fan::Out, rng), 2.0 / 1.04 / fan_out),
            (xavier_uniform, 2.0 / (fan_in + fan_out)),
            (|rng| xavier_uniform_with(gain::TANH, rng), 25.0 / 9.0 * 2.0 / (fan_in + fan_out)),
        ];
        let normals: [(Start, f64); 4] = [
            (kaiming_normal, 2.0 / fan_in),
            (|rng| kaiming_normal_with(gain::SELU, Fan::Out, rng), 0.5625 / fan_out),
            (xavier_normal, 2.0 / (fan_in + fan_out)),
            (|rng| xavier_normal_with(gain::LINEAR, rng), 2.0 / (fan_in + fan_out)),
        ];
        let rng = &mut StdRng::seed_from_u64(5);
        for (i, (start, variance)) in uniforms.into_iter().chain(normals).enumerate() {
            let x = start(rng).to_vec();
            let (mean, found) = moments(&x);
            assert!((found / variance - 1.0).abs() < 0.05, "{i}: {found} instead of {variance}");
            assert!(mean.abs() < 4.0 * (variance / x.len() as f64).sqrt(), "{i}: mean {mean}");
            let bound = (3.0 * variance).sqrt();
            assert!(i >= 4 || x.iter().all(|x| x.abs() <= bound), "{i} leaves its bounds");
        }
    }

    #[test]
    fn orthogonal_rows_or_columns() {
        fn check<S: StaticShape>(rows: usize) {
            let x: Tensor<S, f64> = orthogonal(2.0, &mut StdRng::seed_from_u64(6));
            let columns = S::LEN / rows;
            let x = Value::from(Array::from_slice(&x.to_vec(), Dims::new(&[rows, columns])));
            let wide = if rows <= columns { x } else { transpose(x) };
            let gram = matmul(wide.clone(), transpose(wide.clone())).array().to_vec::<f64>();
            for (i, g) in gram.iter().enumerate() {
                let want = if i / wide.shape().get(0) == i % wide.shape().get(0) { 4.0 } else { 0.0 };
                assert!((g - want).abs() < 1e-12, "{i}: {g}");
            }
        }
        check::<(Num<1>, Num<1>)>(1);
        check::<(Num<7>, Num<7>)>(7);
        check::<(Num<70>, Num<90>)>(70);
        check::<(Num<90>, Num<70>)>(90);
        check::<(Num<12>, Num<5>, Num<3>, Num<3>)>(12);
        check::<(Num<50>, Num<2>, Num<3>, Num<3>)>(50);
        check::<(Num<9>,)>(1);
        let none: Tensor<(Num<0>, Num<3>)> = orthogonal(1.0, &mut StdRng::seed_from_u64(0));
        assert!(none.to_vec().is_empty());
    }

    /// The sign of an element is as often one as the other: no side of the sphere is preferred.
    #[test]
    fn orthogonal_matrices_are_drawn_evenly() {
        let rng = &mut StdRng::seed_from_u64(8);
        let mut traces = Vec::new();
        for _ in 0..4000 {
            let x: Tensor<(Num<3>, Num<3>), f64> = orthogonal(1.0, rng);
            let x = x.to_vec();
            traces.push(x[0] + x[4] + x[8]);
        }
        // The trace of a random orthogonal matrix has mean 0 and variance 1: Diaconis and Shahshahani, 1994.
        let (mean, variance) = moments(&traces);
        assert!(mean.abs() < 0.08 && (variance - 1.0).abs() < 0.12, "{mean} {variance}");
    }
}
