//! LARS and LAMB: each tensor's step is measured by its norm.

use super::declare::optimizer;
use super::rule::{Rule, State, decayed, go, kept};
use crate::kernels::Array;
use crate::kernels::optim::{Update, update};
use crate::kernels::reduce::sum_squares;
use crate::kernels::simd::Vector;

optimizer! {
    /// LARS, momentum whose rate follows the norms of each tensor: for large batches. PyTorch has no counterpart.
    ///
    /// With the gradient `g`, and `λ` for `weight_decay`, each parameter has a rate of its own,
    /// `r = trust_coefficient · ‖p‖ / (‖g‖ + λ · ‖p‖ + ε)`, or 1 where one of the norms is 0. With the velocity
    /// `v = momentum · v + r · (g + λ · p)`, 0 at first, the parameter `p` becomes `p - learning_rate · v`.
    ///
    /// You, Gitman and Ginsburg, [Large Batch Training of Convolutional Networks](https://arxiv.org/abs/1708.03888), 2017;
    /// the learning rate is no part of the velocity, as in [`Sgd`](crate::optim::Sgd). A file has the velocity as
    /// `path.momentum_buffer`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let mut w = Tensor::<shape![2], f64>::from([3.0, -4.0]).parameter();
    /// let mut opt = Lars::new(0.5).trust_coefficient(0.1).eps(0.0);
    /// let grads = w.trace().square().sum().backward(); // 2w, of twice the norm
    /// opt.step(&mut w, grads);
    /// let [a, b] = w.to_vec()[..] else { unreachable!() };
    /// assert!((a - 0.95 * 3.0).abs() < 1e-12 && (b + 0.95 * 4.0).abs() < 1e-12);
    /// ```
    Lars with LarsRule {
        /// How much of the velocity stays from step to step; by default 0.9.
        ///
        /// # Panics
        /// If it is negative or not finite.
        momentum(momentum: f64 = 0.9 => not_negative);

        /// How much of each parameter is added to its gradient; by default 0.
        ///
        /// # Panics
        /// If it is negative or not finite.
        weight_decay(weight_decay: f64 = 0.0 => not_negative);

        /// How far a step goes, as a share of the parameter's norm; by default 1e-3.
        ///
        /// # Panics
        /// If it is negative or not finite.
        trust_coefficient(trust_coefficient: f64 = 1e-3 => not_negative);

        /// What is added to the denominator; by default 1e-8.
        ///
        /// # Panics
        /// If it is negative or not finite.
        eps(eps: f64 = 1e-8 => not_negative);
    }
}

optimizer! {
    /// LAMB, Adam whose steps are as long as a share of each tensor's norm: for large batches. PyTorch has no counterpart.
    ///
    /// With the means `m̂` and `v̂` of [`Adam`](crate::optim::Adam) and `u = m̂ / (√v̂ + ε) + weight_decay · p`, a
    /// parameter `p` becomes `p - learning_rate · ‖p‖ / ‖u‖ · u`, or `p - learning_rate · u` where one of the norms is 0.
    ///
    /// You et al., [Large Batch Optimization for Deep Learning: Training BERT in 76 minutes](https://arxiv.org/abs/1904.00962),
    /// 2019. A file has the means as `path.exp_avg` and `path.exp_avg_sq`, and `path.step`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let mut w = Tensor::<shape![2], f64>::from([3.0, -4.0]).parameter();
    /// let mut opt = Lamb::new(0.1).weight_decay(0.0).eps(0.0);
    /// let before = w.to_vec();
    /// let grads = w.trace().square().sum().backward();
    /// opt.step(&mut w, grads);
    /// // Whatever the gradient, the step is as long as a tenth of the parameter: 0.5.
    /// let step: f64 = w.to_vec().iter().zip(&before).map(|(new, old)| (new - old).powi(2)).sum();
    /// assert!((step.sqrt() - 0.5).abs() < 1e-12);
    /// ```
    Lamb with LambRule {
        /// How much of the running means of the gradient and of its square stays from step to step; by default 0.9 and
        /// 0.999.
        ///
        /// # Panics
        /// If one is not in `0..1`.
        betas(beta1: f64 = 0.9 => below_one, beta2: f64 = 0.999 => below_one);

        /// What is added to the denominator; by default 1e-6.
        ///
        /// # Panics
        /// If it is negative or not finite.
        eps(eps: f64 = 1e-6 => not_negative);

        /// How much of each parameter is added to its step; by default 0.01.
        ///
        /// # Panics
        /// If it is negative or not finite.
        weight_decay(weight_decay: f64 = 0.01 => not_negative);
    }
}

impl Lars {
    /// The paper's settings, with this learning rate.
    ///
    /// # Panics
    /// If it is negative or not finite.
    #[track_caller]
    #[must_use]
    pub fn new(learning_rate: f64) -> Self {
        LarsRule::new(learning_rate).into()
    }
}

impl Lamb {
    /// The paper's settings, with this learning rate (1e-3 is usual).
    ///
    /// # Panics
    /// If it is negative or not finite.
    #[track_caller]
    #[must_use]
    pub fn new(learning_rate: f64) -> Self {
        LambRule::new(learning_rate).into()
    }
}

impl Rule for LarsRule {
    const KEPT: &'static [&'static str] = &["momentum_buffer"];

    fn step(&self, p: &mut Array, g: &Array, state: &mut State) {
        let &Self { learning_rate, momentum, weight_decay, trust_coefficient, eps } = self;
        let [velocity, ..] = &mut state.arrays;
        let velocity = kept(velocity, p);
        let (of_p, of_g) = (sum_squares(p).sqrt(), sum_squares(g).sqrt());
        let own = trust_coefficient * of_p / (of_g + weight_decay * of_p + eps);
        let own = if of_p > 0.0 && of_g > 0.0 { own } else { 1.0 };
        let numbers = [-learning_rate, weight_decay, own, momentum];
        update([p, velocity], g, numbers, Trusted { decays: weight_decay != 0.0 });
    }
}

impl Rule for LambRule {
    const KEPT: &'static [&'static str] = &["exp_avg", "exp_avg_sq"];
    const COUNTS_STEPS: bool = true;

    fn step(&self, p: &mut Array, g: &Array, state: &mut State) {
        let &Self { learning_rate, beta1, beta2, eps, weight_decay } = self;
        let [correct1, correct2] = [beta1, beta2].map(|beta| 1.0 - beta.powf(state.steps as f64));
        let correct2 = correct2.sqrt();
        let numbers = [correct2 / correct1, eps * correct2, weight_decay, 1.0 - beta1, beta2, 1.0 - beta2];
        let [first, second, _] = &mut state.arrays;
        let (first, second, mut along) = (kept(first, p), kept(second, p), None);
        let along = kept(&mut along, p);
        update([p, first, second, along], g, numbers, Along { decays: weight_decay != 0.0 });
        let (of_p, of_step) = (sum_squares(p).sqrt(), sum_squares(along).sqrt());
        let trust = if of_p > 0.0 && of_step > 0.0 { of_p / of_step } else { 1.0 };
        go(p, -learning_rate * trust, along);
    }
}

/// The parameter and its velocity.
#[derive(Clone, Copy)]
struct Trusted {
    decays: bool,
}

impl Update<4, 2> for Trusted {
    #[inline(always)]
    fn next<V: Vector>(self, [rate, decay, own, momentum]: [V; 4], [p, v]: [V; 2], g: V) -> [V; 2] {
        let v = momentum.mul_add(v, own * decayed(self.decays, decay, p, g));
        [rate.mul_add(v, p), v]
    }
}

/// The parameter, which stays, the running means of its gradient and of the gradient's square, and along what it goes.
#[derive(Clone, Copy)]
struct Along {
    decays: bool,
}

impl Update<6, 4> for Along {
    #[inline(always)]
    fn next<V: Vector>(self, [rate, eps, decay, fresh1, keep2, fresh2]: [V; 6], [p, m, v, _]: [V; 4], g: V) -> [V; 4] {
        let m = fresh1.mul_add(g - m, m);
        let v = keep2.mul_add(v, fresh2 * g * g);
        [p, m, v, decayed(self.decays, decay, p, rate * m.div_sqrt(v, eps))]
    }
}
