//! Lion.

use super::declare::optimizer;
use super::rule::{Rule, State, kept};
use crate::kernels::Array;
use crate::kernels::optim::{Update, update};
use crate::kernels::simd::{Mask, Vector};

optimizer! {
    /// Lion, whose steps are signs, all of one length. PyTorch has no counterpart.
    ///
    /// With the gradient `g` and its running mean `m`, 0 at first, a parameter `p` becomes
    /// `p - learning_rate · (sign(β₁ · m + (1 - β₁) · g) + weight_decay · p)`; then `m = β₂ · m + (1 - β₂) · g`. The sign of
    /// 0 is 0. Its authors take a learning rate 3 to 10 times lower, and a weight decay as much higher, than for
    /// [`AdamW`](crate::optim::AdamW).
    ///
    /// Chen et al., [Symbolic Discovery of Optimization Algorithms](https://arxiv.org/abs/2302.06675), 2023. A file has `m`
    /// as `path.exp_avg`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let mut w = Tensor::<shape![3], f64>::from([3.0, 0.0, -4.0]).parameter();
    /// let mut opt = Lion::new(0.5);
    /// let grads = w.trace().square().sum().backward();
    /// opt.step(&mut w, grads);
    /// assert_eq!(w.to_vec(), [2.5, 0.0, -3.5]);
    /// ```
    Lion with LionRule {
        /// How much of the running mean counts in a step, and how much of it stays; by default 0.9 and 0.99.
        ///
        /// # Panics
        /// If one is not in `0..1`.
        betas(beta1: f64 = 0.9 => below_one, beta2: f64 = 0.99 => below_one);

        /// How much of each parameter, times the learning rate, a step takes off first; by default 0.
        ///
        /// # Panics
        /// If it is negative or not finite.
        weight_decay(weight_decay: f64 = 0.0 => not_negative);
    }
}

impl Lion {
    /// The paper's settings, with this learning rate (its default is 1e-4).
    ///
    /// # Panics
    /// If the learning rate is negative or not finite.
    #[track_caller]
    #[must_use]
    pub fn new(learning_rate: f64) -> Self {
        LionRule::new(learning_rate).into()
    }
}

impl Rule for LionRule {
    const KEPT: &'static [&'static str] = &["exp_avg"];

    fn step(&self, p: &mut Array, g: &Array, state: &mut State) {
        let &Self { learning_rate, beta1, beta2, weight_decay } = self;
        let [mean, ..] = &mut state.arrays;
        let mean = kept(mean, p);
        let shrink = 1.0 - learning_rate * weight_decay;
        update([p, mean], g, [-learning_rate, shrink, 1.0 - beta1, 1.0 - beta2], Signs);
    }
}

/// The parameter and the running mean of its gradient.
#[derive(Clone, Copy)]
struct Signs;

impl Update<4, 2> for Signs {
    #[inline(always)]
    fn next<V: Vector>(self, [rate, shrink, fresh1, fresh2]: [V; 4], [p, m]: [V; 2], g: V) -> [V; 2] {
        let along = fresh1.mul_add(g - m, m);
        let stays = along.is_nan().or(along.simd_eq(along.number(0.0)));
        let sign = stays.select(along, along.number(1.0).copysign(along));
        [rate.mul_add(sign, p * shrink), fresh2.mul_add(g - m, m)]
    }
}
