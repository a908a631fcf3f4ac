//! Adagrad.

use super::declare::optimizer;
use super::rule::{Rule, State, decayed};
use crate::kernels::Array;
use crate::kernels::optim::{Update, update};
use crate::kernels::simd::Vector;

optimizer! {
    /// Adagrad, which divides each gradient by the root of the sum of all its squares: PyTorch's `torch.optim.Adagrad`.
    ///
    /// With the gradient `g` (and `g + weight_decay · p` where there is weight decay) and the sum `s = s + g²`, a parameter
    /// `p` becomes in its `t`-th step `p - learning_rate / (1 + (t - 1) · lr_decay) · g / (√s + ε)`.
    ///
    /// Duchi, Hazan and Singer, [Adaptive Subgradient Methods](https://jmlr.org/papers/v12/duchi11a.html), 2011. A file has
    /// `s` as `path.sum`, and `path.step`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let mut w = Tensor::<shape![2], f64>::from([3.0, -4.0]).parameter();
    /// let mut opt = Adagrad::new(0.5).eps(0.0);
    /// let grads = w.trace().square().sum().backward();
    /// opt.step(&mut w, grads);
    /// // The first step is the learning rate along the gradient's sign.
    /// assert_eq!(w.to_vec(), [2.5, -3.5]);
    /// ```
    Adagrad with AdagradRule {
        /// By how much the learning rate falls from step to step; by default 0, not at all.
        ///
        /// # Panics
        /// If it is negative or not finite.
        lr_decay(lr_decay: f64 = 0.0 => not_negative);

        /// How much of each parameter is added to its gradient; by default 0.
        ///
        /// # Panics
        /// If it is negative or not finite.
        weight_decay(weight_decay: f64 = 0.0 => not_negative);

        /// The sum of squares before the first step; by default 0.
        ///
        /// # Panics
        /// If it is negative or not finite.
        initial_accumulator_value(initial_accumulator_value: f64 = 0.0 => not_negative);

        /// What is added to the denominator; by default 1e-10.
        ///
        /// # Panics
        /// If it is negative or not finite.
        eps(eps: f64 = 1e-10 => not_negative);
    }
}

impl Adagrad {
    /// PyTorch's settings, with this learning rate (PyTorch's default is 1e-2).
    ///
    /// # Panics
    /// If the learning rate is negative or not finite.
    #[track_caller]
    #[must_use]
    pub fn new(learning_rate: f64) -> Self {
        AdagradRule::new(learning_rate).into()
    }
}

impl Rule for AdagradRule {
    const KEPT: &'static [&'static str] = &["sum"];
    const COUNTS_STEPS: bool = true;

    fn step(&self, p: &mut Array, g: &Array, state: &mut State) {
        let &Self { learning_rate, lr_decay, weight_decay, initial_accumulator_value: first, eps } = self;
        let rate = learning_rate / (1.0 + (state.steps as f64 - 1.0) * lr_decay);
        let [sum, ..] = &mut state.arrays;
        let sum = sum.get_or_insert_with(|| Array::full_float(p.dtype(), first, *p.shape()));
        update([p, sum], g, [-rate, weight_decay, eps], Squares { decays: weight_decay != 0.0 });
    }
}

/// The parameter and the sum of its gradient's squares.
#[derive(Clone, Copy)]
struct Squares {
    decays: bool,
}

impl Update<3, 2> for Squares {
    #[inline(always)]
    fn next<V: Vector>(self, [rate, decay, eps]: [V; 3], [p, sum]: [V; 2], g: V) -> [V; 2] {
        let g = decayed(self.decays, decay, p, g);
        let sum = g.mul_add(g, sum);
        [rate.mul_add(g.div_sqrt(sum, eps), p), sum]
    }
}
