//! NAdam and RAdam: Adam with Nesterov's momentum, and Adam with a rectified start.

use super::declare::optimizer;
use super::rule::{Rule, State, decay, decayed, kept};
use crate::kernels::Array;
use crate::kernels::optim::{Update, update};
use crate::kernels::simd::Vector;

optimizer! {
    /// NAdam, Adam with Nesterov's momentum: PyTorch's `torch.optim.NAdam`.
    ///
    /// With the running means `m` and `v` of [`Adam`](crate::optim::Adam), with `μₜ = β₁ · (1 - 0.96^(t · momentum_decay) / 2)`
    /// and the product `Πₜ` of all `μ` up to `μₜ`, a parameter `p` becomes in its `t`-th step
    /// `p - learning_rate · ((1 - μₜ) / (1 - Πₜ) · g + μₜ₊₁ / (1 - Πₜ₊₁) · m) / (√v̂ + ε)`, with `v̂ = v / (1 - β₂ᵗ)`.
    ///
    /// Dozat, [Incorporating Nesterov Momentum into Adam](https://openreview.net/forum?id=OM0jvwB8jIp57ZJjtNEZ), 2016. A
    /// file has the means as `path.exp_avg` and `path.exp_avg_sq`, and `path.step`; the product follows from the step.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let mut w = Tensor::<shape![2]>::from([3.0, -4.0]).parameter();
    /// let mut opt = NAdam::new(0.1);
    /// for _ in 0..100 {
    ///     let grads = w.trace().square().sum().backward();
    ///     opt.step(&mut w, grads);
    /// }
    /// assert!(w.square().sum().item() < 1.0);
    /// ```
    NAdam with NAdamRule {
        /// How much of the running means of the gradient and of its square stays from step to step; by default 0.9 and
        /// 0.999.
        ///
        /// # Panics
        /// If one is not in `0..1`.
        betas(beta1: f64 = 0.9 => below_one, beta2: f64 = 0.999 => below_one);

        /// What is added to the denominator; by default 1e-8.
        ///
        /// # Panics
        /// If it is negative or not finite.
        eps(eps: f64 = 1e-8 => not_negative);

        /// How much of each parameter is added to its gradient; by default 0.
        ///
        /// # Panics
        /// If it is negative or not finite.
        weight_decay(weight_decay: f64 = 0.0 => not_negative);

        /// How fast the momentum grows to `β₁`; by default 4e-3.
        ///
        /// # Panics
        /// If it is negative or not finite.
        momentum_decay(momentum_decay: f64 = 4e-3 => not_negative);

        /// Weight decay as in [`AdamW`](crate::optim::AdamW), which is no part of the gradient; by default not.
        decoupled_weight_decay(decoupled_weight_decay: bool = false => any);
    }
}

optimizer! {
    /// RAdam, Adam whose first steps are rectified: PyTorch's `torch.optim.RAdam`.
    ///
    /// With the running means `m` and `v` of [`Adam`](crate::optim::Adam), `m̂ = m / (1 - β₁ᵗ)`, `v̂ = v / (1 - β₂ᵗ)`,
    /// `ρ = 2 / (1 - β₂) - 1` and `ρₜ = ρ - 2 · t · β₂ᵗ / (1 - β₂ᵗ)`, a parameter `p` becomes in its `t`-th step
    /// `p - learning_rate · m̂` as long as `ρₜ` is at most 5, and from then on
    /// `p - learning_rate · √((ρₜ - 4)(ρₜ - 2)ρ / ((ρ - 4)(ρ - 2)ρₜ)) · m̂ / √v̂`. As in PyTorch, `ε` is added to `√v`.
    ///
    /// Liu et al., [On the Variance of the Adaptive Learning Rate and Beyond](https://arxiv.org/abs/1908.03265), 2019. A file
    /// has the means as `path.exp_avg` and `path.exp_avg_sq`, and `path.step`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let mut w = Tensor::<shape![2], f64>::from([3.0, -4.0]).parameter();
    /// let mut opt = RAdam::new(0.25);
    /// let grads = w.trace().square().sum().backward(); // 2w
    /// opt.step(&mut w, grads);
    /// // The first steps go along the mean of the gradient itself.
    /// let [a, b] = w.to_vec()[..] else { unreachable!() };
    /// assert!((a - 1.5).abs() < 1e-12 && (b + 2.0).abs() < 1e-12);
    /// ```
    RAdam with RAdamRule {
        /// How much of the running means of the gradient and of its square stays from step to step; by default 0.9 and
        /// 0.999.
        ///
        /// # Panics
        /// If one is not in `0..1`.
        betas(beta1: f64 = 0.9 => below_one, beta2: f64 = 0.999 => below_one);

        /// What is added to the denominator; by default 1e-8.
        ///
        /// # Panics
        /// If it is negative or not finite.
        eps(eps: f64 = 1e-8 => not_negative);

        /// How much of each parameter is added to its gradient; by default 0.
        ///
        /// # Panics
        /// If it is negative or not finite.
        weight_decay(weight_decay: f64 = 0.0 => not_negative);

        /// Weight decay as in [`AdamW`](crate::optim::AdamW), which is no part of the gradient; by default not.
        decoupled_weight_decay(decoupled_weight_decay: bool = false => any);
    }
}

impl NAdam {
    /// PyTorch's settings, with this learning rate (PyTorch's default is 2e-3).
    ///
    /// # Panics
    /// If the learning rate is negative or not finite.
    #[track_caller]
    #[must_use]
    pub fn new(learning_rate: f64) -> Self {
        NAdamRule::new(learning_rate).into()
    }
}

impl RAdam {
    /// PyTorch's settings, with this learning rate (PyTorch's default is 1e-3).
    ///
    /// # Panics
    /// If the learning rate is negative or not finite.
    #[track_caller]
    #[must_use]
    pub fn new(learning_rate: f64) -> Self {
        RAdamRule::new(learning_rate).into()
    }
}

/// The factors `μₜ` and `μₜ₊₁`, and the products of all of them up to each.
fn momenta(beta1: f64, momentum_decay: f64, t: u64) -> [(f64, f64); 2] {
    let factor = |t: u64| beta1 * (1.0 - 0.5 * 0.96f64.powf(t as f64 * momentum_decay));
    // Below this a product makes no difference to 1. The first factors are about a half, so few are multiplied.
    let mut product = 1.0;
    for k in 1..=t {
        if product < f64::EPSILON / 4.0 {
            break;
        }
        product *= factor(k);
    }
    [(factor(t), product), (factor(t + 1), product * factor(t + 1))]
}

impl Rule for NAdamRule {
    const KEPT: &'static [&'static str] = &["exp_avg", "exp_avg_sq"];
    const COUNTS_STEPS: bool = true;

    fn step(&self, p: &mut Array, g: &Array, state: &mut State) {
        let &Self { learning_rate, beta1, beta2, eps, weight_decay, momentum_decay, decoupled_weight_decay } = self;
        let [(now, product), (next, further)] = momenta(beta1, momentum_decay, state.steps);
        let correct = (1.0 - beta2.powf(state.steps as f64)).sqrt();
        let of_gradient = -learning_rate * (1.0 - now) / (1.0 - product) * correct;
        let of_mean = -learning_rate * next / (1.0 - further) * correct;
        let decay = decay(weight_decay, decoupled_weight_decay, learning_rate);
        blend(p, g, state, [of_gradient, of_mean, eps * correct], [beta1, beta2], decay, true);
    }
}

impl Rule for RAdamRule {
    const KEPT: &'static [&'static str] = &["exp_avg", "exp_avg_sq"];
    const COUNTS_STEPS: bool = true;

    fn step(&self, p: &mut Array, g: &Array, state: &mut State) {
        let &Self { learning_rate, beta1, beta2, eps, weight_decay, decoupled_weight_decay } = self;
        let t = state.steps as f64;
        let (correct1, correct2) = (1.0 - beta1.powf(t), 1.0 - beta2.powf(t));
        let most = 2.0 / (1.0 - beta2) - 1.0;
        let rho = most - 2.0 * t * beta2.powf(t) / correct2;
        let adapts = rho > 5.0;
        let rectified = ((rho - 4.0) * (rho - 2.0) * most / ((most - 4.0) * (most - 2.0) * rho)).sqrt();
        let rate = -learning_rate / correct1 * if adapts { correct2.sqrt() * rectified } else { 1.0 };
        let decay = decay(weight_decay, decoupled_weight_decay, learning_rate);
        blend(p, g, state, [0.0, rate, eps], [beta1, beta2], decay, adapts);
    }
}

/// A step along `of_gradient · g + of_mean · m`, divided by `√v + ε` if it adapts.
fn blend(
    p: &mut Array,
    g: &Array,
    state: &mut State,
    [of_gradient, of_mean, eps]: [f64; 3],
    [beta1, beta2]: [f64; 2],
    [shrink, decay]: [f64; 2],
    adapts: bool,
) {
    let [first, second, _] = &mut state.arrays;
    let (first, second) = (kept(first, p), kept(second, p));
    let numbers = [of_gradient, of_mean, eps, shrink, decay, 1.0 - beta1, beta2, 1.0 - beta2];
    update([p, first, second], g, numbers, Blend { decays: decay != 0.0, adapts });
}

/// The parameter and the running means of its gradient and of the gradient's square.
#[derive(Clone, Copy)]
struct Blend {
    decays: bool,
    adapts: bool,
}

impl Update<8, 3> for Blend {
    #[inline(always)]
    fn next<V: Vector>(
        self,
        [of_gradient, of_mean, eps, shrink, decay, fresh1, keep2, fresh2]: [V; 8],
        [p, m, v]: [V; 3],
        g: V,
    ) -> [V; 3] {
        let g = decayed(self.decays, decay, p, g);
        let m = fresh1.mul_add(g - m, m);
        let v = keep2.mul_add(v, fresh2 * g * g);
        let along = of_gradient.mul_add(g, of_mean * m);
        let along = if self.adapts { along.div_sqrt(v, eps) } else { along };
        [p.mul_add(shrink, along), m, v]
    }
}
