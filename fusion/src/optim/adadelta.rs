//! Adadelta.

use super::declare::optimizer;
use super::rule::{Rule, State, decayed, kept};
use crate::kernels::Array;
use crate::kernels::optim::{Update, update};
use crate::kernels::simd::Vector;

optimizer! {
    /// Adadelta, whose steps have the parameter's own unit: PyTorch's `torch.optim.Adadelta`.
    ///
    /// With the gradient `g` (and `g + weight_decay · p` where there is weight decay), the running mean of its square
    /// `v = ρ · v + (1 - ρ) · g²` and the running mean `u` of the steps' square, both 0 at first, a step is
    /// `d = √(u + ε) / √(v + ε) · g`. Then `u = ρ · u + (1 - ρ) · d²`, and a parameter `p` becomes `p - learning_rate · d`.
    ///
    /// Zeiler, [ADADELTA: An Adaptive Learning Rate Method](https://arxiv.org/abs/1212.5701), 2012. A file has `v` and `u` as
    /// `path.square_avg` and `path.acc_delta`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let mut w = Tensor::<shape![2]>::from([3.0, -4.0]).parameter();
    /// let mut opt = Adadelta::new(1.0);
    /// let losses: Vec<f32> = (0..200)
    ///     .map(|_| {
    ///         let loss = w.trace().square().sum();
    ///         let value = loss.item();
    ///         opt.step(&mut w, loss.backward());
    ///         value
    ///     })
    ///     .collect();
    /// assert!(losses[199] < 0.9 * losses[0]);
    /// ```
    Adadelta with AdadeltaRule {
        /// How much of the running means stays from step to step; by default 0.9.
        ///
        /// # Panics
        /// If it is not from 0 to 1.
        rho(rho: f64 = 0.9 => share);

        /// What is added under both roots; by default 1e-6.
        ///
        /// # Panics
        /// If it is negative or not finite.
        eps(eps: f64 = 1e-6 => not_negative);

        /// How much of each parameter is added to its gradient; by default 0.
        ///
        /// # Panics
        /// If it is negative or not finite.
        weight_decay(weight_decay: f64 = 0.0 => not_negative);
    }
}

impl Adadelta {
    /// PyTorch's settings, with this learning rate (PyTorch's default is 1).
    ///
    /// # Panics
    /// If the learning rate is negative or not finite.
    #[track_caller]
    #[must_use]
    pub fn new(learning_rate: f64) -> Self {
        AdadeltaRule::new(learning_rate).into()
    }
}

impl Rule for AdadeltaRule {
    const KEPT: &'static [&'static str] = &["square_avg", "acc_delta"];

    fn step(&self, p: &mut Array, g: &Array, state: &mut State) {
        let &Self { learning_rate, rho, eps, weight_decay } = self;
        let [square, delta, _] = &mut state.arrays;
        let (square, delta) = (kept(square, p), kept(delta, p));
        let numbers = [-learning_rate, weight_decay, rho, 1.0 - rho, eps];
        update([p, square, delta], g, numbers, Deltas { decays: weight_decay != 0.0 });
    }
}

/// The parameter and the running means of its gradient's square and of its steps' square.
#[derive(Clone, Copy)]
struct Deltas {
    decays: bool,
}

impl Update<5, 3> for Deltas {
    #[inline(always)]
    fn next<V: Vector>(self, [rate, decay, rho, fresh, eps]: [V; 5], [p, v, u]: [V; 3], g: V) -> [V; 3] {
        let g = decayed(self.decays, decay, p, g);
        let v = rho.mul_add(v, fresh * g * g);
        let step = (u + eps).sqrt() / (v + eps).sqrt() * g;
        [rate.mul_add(step, p), v, rho.mul_add(u, fresh * step * step)]
    }
}
