//! Schedules along half a cosine.

use super::base::{Anneal, Schedule};
use super::declare::schedule;

schedule! {
    /// Down half a cosine in `t_max` steps: `eta_min + (learning_rate - eta_min) · (1 + cos(π · step / t_max)) / 2`. It goes
    /// up again after that, as PyTorch's `CosineAnnealingLR` does, and reaches the rate after another `t_max`.
    ///
    /// Loshchilov and Hutter, [SGDR: Stochastic Gradient Descent with Warm Restarts](https://arxiv.org/abs/1608.03983),
    /// 2016, without the restarts.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let schedule = schedule::CosineAnnealing::new(1.0, 4);
    /// let rates = [0, 1, 2, 3, 4].map(|step| (schedule.rate(step) * 1e3).round());
    /// assert_eq!(rates, [1000.0, 854.0, 500.0, 146.0, 0.0]);
    /// ```
    #[doc(alias = "CosineAnnealingLR")]
    CosineAnnealing(learning_rate: f64 => not_negative, t_max: usize => positive) {
        /// The smallest rate, that of step `t_max`; by default 0.
        ///
        /// # Panics
        /// If it is negative or not finite.
        eta_min: f64 = 0.0 => not_negative;
    }
}

impl Schedule for CosineAnnealing {
    fn rate(&self, step: usize) -> f64 {
        Anneal::Cos.between(self.learning_rate, self.eta_min, step as f64 / self.t_max as f64)
    }
}

schedule! {
    /// Down half a cosine in `t_0` steps, then from the rate again in `t_mult` times as many, and so on. PyTorch's
    /// `CosineAnnealingWarmRestarts`.
    ///
    /// In step `c` of a run of `n` steps the rate is `eta_min + (learning_rate - eta_min) · (1 + cos(π · c / n)) / 2`.
    ///
    /// Loshchilov and Hutter, [SGDR: Stochastic Gradient Descent with Warm Restarts](https://arxiv.org/abs/1608.03983),
    /// 2016.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let schedule = schedule::CosineAnnealingWarmRestarts::new(1.0, 2).t_mult(2);
    /// let rates = [0, 1, 2, 3, 4, 5, 6].map(|step| (schedule.rate(step) * 1e3).round());
    /// assert_eq!(rates, [1000.0, 500.0, 1000.0, 854.0, 500.0, 146.0, 1000.0]);
    /// ```
    CosineAnnealingWarmRestarts(learning_rate: f64 => not_negative, t_0: usize => positive) {
        /// How many times longer each run is than the one before it; by default 1.
        ///
        /// # Panics
        /// If it is 0.
        t_mult: usize = 1 => positive;

        /// The rate towards which each run goes; by default 0.
        ///
        /// # Panics
        /// If it is negative or not finite.
        eta_min: f64 = 0.0 => not_negative;
    }
}

impl Schedule for CosineAnnealingWarmRestarts {
    fn rate(&self, step: usize) -> f64 {
        let (mut within, mut run) = (step, self.t_0);
        if self.t_mult == 1 {
            within %= run;
        }
        while within >= run {
            within -= run;
            run = run.saturating_mul(self.t_mult);
        }
        Anneal::Cos.between(self.learning_rate, self.eta_min, within as f64 / run as f64)
    }
}

schedule! {
    /// Up to `max_lr` in the first part of training, then down to far below the start. PyTorch's `OneCycleLR`.
    ///
    /// The first rate is `max_lr / div_factor`, the highest that of step `pct_start · total_steps - 1`, the last, that of
    /// step `total_steps - 1` and all after it, `max_lr / div_factor / final_div_factor`. With `three_phase` it goes down as
    /// slowly as it went up, to the first rate, and then to the last. An optimizer's momentum stays as it is: PyTorch's
    /// `cycle_momentum=False`.
    ///
    /// Smith and Topin, [Super-Convergence](https://arxiv.org/abs/1708.07120), 2017; like PyTorch's, the defaults are fastai's.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let schedule = schedule::OneCycle::new(1.0, 100);
    /// assert_eq!(schedule.rate(0), 0.04);
    /// assert_eq!(schedule.rate(29), 1.0);
    /// assert!((schedule.rate(99) - 4e-6).abs() < 1e-15);
    /// ```
    #[doc(alias = "OneCycleLR")]
    OneCycle(max_lr: f64 => not_negative, total_steps: usize => positive) {
        /// The share of the steps in which the rate goes up; by default 0.3.
        ///
        /// # Panics
        /// If it is not from 0 to 1.
        pct_start: f64 = 0.3 => share;

        /// Along what it goes up and down; by default half a cosine.
        anneal_strategy: Anneal = Anneal::Cos => any;

        /// How many times lower than the highest the first rate is; by default 25.
        ///
        /// # Panics
        /// If it is not above 0, or not finite.
        div_factor: f64 = 25.0 => above_zero;

        /// How many times lower than the first the last rate is; by default 10 000.
        ///
        /// # Panics
        /// If it is not above 0, or not finite.
        final_div_factor: f64 = 1e4 => above_zero;

        /// A phase of its own from the first rate to the last; by default not.
        three_phase: bool = false => any;
    }
}

impl Schedule for OneCycle {
    fn rate(&self, step: usize) -> f64 {
        let &Self { max_lr, total_steps, pct_start, anneal_strategy, div_factor, final_div_factor, three_phase } = self;
        let initial = max_lr / div_factor;
        let (last, up) = (total_steps as f64 - 1.0, pct_start * total_steps as f64);
        let turn = (up - 1.0, max_lr);
        let lowest = (last, initial / final_div_factor);
        let phases: &[(f64, f64)] =
            if three_phase { &[turn, (2.0 * up - 2.0, initial), lowest] } else { &[turn, lowest] };
        let (at, mut from) = ((step as f64).min(last), (0.0, initial));
        for &to in phases {
            if at <= to.0 {
                let share = if to.0 > from.0 { (at - from.0) / (to.0 - from.0) } else { 1.0 };
                return anneal_strategy.between(from.1, to.1, share);
            }
            from = to;
        }
        from.1
    }
}
