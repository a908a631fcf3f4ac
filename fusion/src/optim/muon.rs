//! Muon.

use super::declare::optimizer;
use super::rule::{Rule, State, kept};
use crate::graph::Value;
use crate::kernels::optim::{Update, update};
use crate::kernels::reduce::sum_squares;
use crate::kernels::simd::Vector;
use crate::kernels::{Array, Dims};
use crate::ops::binary::{add, mul_scalar};
use crate::ops::matmul::matmul;
use crate::ops::shape::{reshape, transpose};

optimizer! {
    /// Muon, momentum whose steps are orthogonal matrices: for the weights of hidden layers. PyTorch's `Muon`.
    ///
    /// With the gradient `g` and its running mean `m = momentum · m + (1 - momentum) · g`, 0 at first, a step goes along
    /// `u = momentum · m + (1 - momentum) · g` (`m` itself without `nesterov`). Of `u`, as a matrix of `a` rows and `b` columns, Newton
    /// and Schulz's iteration makes one with the same singular vectors, but with singular values near 1:
    /// `x = u / ‖u‖`, then five times `x = 3.4445 x - 4.775 (x xᵀ) x + 2.0315 (x xᵀ)² x`. The parameter `p` becomes
    /// `p · (1 - learning_rate · weight_decay) - learning_rate · √max(1, a / b) · x`.
    ///
    /// A weight with more than two axes is a matrix with a row for each index of the first, as in Jordan's code. Vectors are
    /// refused, and so should be what is no hidden layer's, tables of embeddings and the last layer: another optimizer steps
    /// them.
    ///
    /// Jordan et al., [Muon: an optimizer for hidden layers](https://kellerjordan.github.io/posts/muon/), 2024. PyTorch
    /// iterates in `bfloat16`, Fusion in the parameter's own type. A file has the running mean as `path.momentum_buffer`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// model! { Net: [4] -> [3] { fc1: Linear<_, 16>, Relu, fc2: Linear<_, 16>, Relu, head: Linear<_, 3> } }
    ///
    /// let mut net = Net::init(&mut StdRng::seed_from_u64(0));
    /// let is_hidden = |path: &str, sizes: &[usize]| sizes.len() == 2 && !path.starts_with("head");
    /// let mut muon = Muon::new(0.02).group(move |path: &str, sizes: &[usize]| !is_hidden(path, sizes), |g| g.frozen());
    /// let mut adam = AdamW::new(1e-3).group(is_hidden, |g| g.frozen());
    /// let (x, y) = (Tensor::<shape![3, 4]>::ones(), Tensor::<shape![3], i64>::from([0, 1, 2]));
    /// for _ in 0..10 {
    ///     let grads = net.forward(x.trace()).cross_entropy(&y).backward();
    ///     muon.step(&mut net, &grads);
    ///     adam.step(&mut net, &grads);
    /// }
    /// ```
    Muon with MuonRule {
        /// How much of the running mean of the gradient stays from step to step; by default 0.95.
        ///
        /// # Panics
        /// If it is not in `0..1`.
        momentum(momentum: f64 = 0.95 => below_one);

        /// Nesterov's form, which looks ahead with the newest gradient; by default yes.
        nesterov(nesterov: bool = true => any);

        /// How much of each parameter, times the learning rate, a step takes off first; by default 0.1.
        ///
        /// # Panics
        /// If it is negative or not finite.
        weight_decay(weight_decay: f64 = 0.1 => not_negative);

        /// How often Newton and Schulz's iteration runs; by default 5.
        ///
        /// # Panics
        /// If it is 0 or above 99.
        ns_steps(ns_steps: usize = 5 => some_dozens);

        /// What the norm of a step is at least, so that it can be divided by; by default 1e-7.
        ///
        /// # Panics
        /// If it is not above 0.
        eps(eps: f64 = 1e-7 => above_zero);

        /// Steps as long as AdamW's usually are, so that a learning rate that was found for that is right here:
        /// `0.2 · √max(a, b)` takes the place of `√max(1, a / b)`; by default not. PyTorch's
        /// `adjust_lr_fn="match_rms_adamw"`. Liu et al., [Muon is Scalable](https://arxiv.org/abs/2502.16982), 2025.
        match_rms_adamw(match_rms_adamw: bool = false => any);
    }
}

impl Muon {
    /// The usual settings, with this learning rate (1e-3 in PyTorch, 0.02 in Jordan's code).
    ///
    /// # Panics
    /// If the learning rate is negative or not finite.
    #[track_caller]
    #[must_use]
    pub fn new(learning_rate: f64) -> Self {
        MuonRule::new(learning_rate).into()
    }
}

impl Rule for MuonRule {
    const KEPT: &'static [&'static str] = &["momentum_buffer"];

    const REFUSES: Option<fn(&Dims) -> Option<&'static str>> =
        Some(|shape| (shape.rank() < 2).then_some("Muon steps matrices"));

    fn step(&self, p: &mut Array, g: &Array, state: &mut State) {
        let &Self { learning_rate, momentum, nesterov, weight_decay, ns_steps, eps, match_rms_adamw } = self;
        let [mean, ..] = &mut state.arrays;
        let (mean, mut along) = (kept(mean, p), None);
        let along = kept(&mut along, p);
        update([mean, along], g, [1.0 - momentum, if nesterov { momentum } else { 1.0 }], Mean);
        let shape = *p.shape();
        let rows = shape.iter().next().unwrap_or(1);
        let columns = p.count() / rows.max(1);
        let (a, b) = (rows as f64, columns.max(1) as f64);
        let scale = if match_rms_adamw { 0.2 * a.max(b).sqrt() } else { (a / b).max(1.0).sqrt() };
        let matrix = reshape(along.clone().into(), &Dims::new(&[rows, columns]));
        let step = reshape(orthogonal(matrix, ns_steps, eps), &shape);
        update([p], step.array(), [-learning_rate * scale, 1.0 - learning_rate * weight_decay], Go);
    }
}

/// A matrix with the singular vectors of `x` and singular values from 0.7 to 1.2 or so, by Newton and Schulz's iteration with
/// Jordan's coefficients.
fn orthogonal(x: Value, steps: usize, eps: f64) -> Value {
    let is_tall = x.shape().get(0) > x.shape().get(1);
    let x = if is_tall { transpose(x) } else { x }; // so that x xᵀ is the smaller of the two squares
    let norm = sum_squares(x.array()).sqrt().max(eps);
    let mut x = mul_scalar(x, 1.0 / norm);
    for _ in 0..steps {
        let square = matmul(x.clone(), transpose(x.clone()));
        let fourth = mul_scalar(matmul(square.clone(), square.clone()), 2.0315);
        let sum = add(fourth, &mul_scalar(square, -4.775));
        let turned = matmul(sum, x.clone());
        x = add(turned, &mul_scalar(x, 3.4445));
    }
    if is_tall { transpose(x) } else { x }
}

/// The running mean of the gradient, and along what the parameter goes.
#[derive(Clone, Copy)]
struct Mean;

impl Update<2, 2> for Mean {
    #[inline(always)]
    fn next<V: Vector>(self, [fresh, ahead]: [V; 2], [m, _]: [V; 2], g: V) -> [V; 2] {
        let m = fresh.mul_add(g - m, m);
        [m, ahead.mul_add(m - g, g)]
    }
}

/// The parameter.
#[derive(Clone, Copy)]
struct Go;

impl Update<2, 1> for Go {
    #[inline(always)]
    fn next<V: Vector>(self, [rate, shrink]: [V; 2], [p]: [V; 1], along: V) -> [V; 1] {
        [rate.mul_add(along, p * shrink)]
    }
}
