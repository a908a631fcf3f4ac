//! Schedules of steps, lines and powers.

use super::base::Schedule;
use super::declare::schedule;
use crate::optim::settings::{check, not_negative};

/// `a` to the power of a number of steps.
fn power(a: f64, steps: usize) -> f64 {
    a.powf(steps as f64)
}

/// How much of `total` steps has passed, from 0 to 1.
fn passed(step: usize, total: usize) -> f64 {
    step.min(total) as f64 / total as f64
}

/// The rate times a function of the step. PyTorch's `LambdaLR`.
///
/// ```
/// use fusion::prelude::*;
///
/// let schedule = schedule::Lambda::new(0.5, |step| 1.0 / (1.0 + step as f64));
/// assert_eq!([0, 1, 3].map(|step| schedule.rate(step)), [0.5, 0.25, 0.125]);
/// ```
#[doc(alias = "LambdaLR")]
#[derive(Clone, Copy)]
pub struct Lambda<F> {
    learning_rate: f64,
    factor: F,
}

impl<F: Fn(usize) -> f64> Lambda<F> {
    /// `learning_rate` times `factor` of the step.
    ///
    /// # Panics
    /// If the rate is negative or not finite.
    #[track_caller]
    #[must_use]
    pub fn new(learning_rate: f64, factor: F) -> Self {
        check(not_negative("learning_rate", learning_rate));
        Self { learning_rate, factor }
    }
}

impl<F: Fn(usize) -> f64> Schedule for Lambda<F> {
    fn rate(&self, step: usize) -> f64 {
        self.learning_rate * (self.factor)(step)
    }
}

impl<F> std::fmt::Debug for Lambda<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lambda").field("learning_rate", &self.learning_rate).finish_non_exhaustive()
    }
}

schedule! {
    /// `factor` times the rate before step `total_iters`, then the rate. PyTorch's `ConstantLR`. A rate that is always the
    /// same is a number: `0.1`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let schedule = schedule::Constant::new(0.4, 2).factor(0.25);
    /// assert_eq!([0, 1, 2, 3].map(|step| schedule.rate(step)), [0.1, 0.1, 0.4, 0.4]);
    /// ```
    #[doc(alias = "ConstantLR")]
    Constant(learning_rate: f64 => not_negative, total_iters: usize => any) {
        /// By how much the rate is multiplied at first; by default 1/3.
        ///
        /// # Panics
        /// If it is negative or not finite.
        factor: f64 = 1.0 / 3.0 => not_negative;
    }
}

impl Schedule for Constant {
    fn rate(&self, step: usize) -> f64 {
        self.learning_rate * if step < self.total_iters { self.factor } else { 1.0 }
    }
}

schedule! {
    /// Along a line from `start_factor` times the rate to `end_factor` times the rate, which step `total_iters` and all
    /// after it have. PyTorch's `LinearLR`.
    ///
    /// With `s` the smaller of the step and `total_iters`, the rate is
    /// `learning_rate · (start_factor + (end_factor - start_factor) · s / total_iters)`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let schedule = schedule::Linear::new(1.0, 4).start_factor(1.0).end_factor(0.5);
    /// assert_eq!([0, 1, 2, 4, 5].map(|step| schedule.rate(step)), [1.0, 0.875, 0.75, 0.5, 0.5]);
    /// ```
    #[doc(alias = "LinearLR")]
    Linear(learning_rate: f64 => not_negative, total_iters: usize => positive) {
        /// By how much the rate is multiplied in the first step; by default 1/3.
        ///
        /// # Panics
        /// If it is negative or not finite.
        start_factor: f64 = 1.0 / 3.0 => not_negative;

        /// By how much it is multiplied in the end; by default 1.
        ///
        /// # Panics
        /// If it is negative or not finite.
        end_factor: f64 = 1.0 => not_negative;
    }
}

impl Schedule for Linear {
    fn rate(&self, step: usize) -> f64 {
        let &Self { learning_rate, total_iters, start_factor, end_factor } = self;
        learning_rate * (start_factor + (end_factor - start_factor) * passed(step, total_iters))
    }
}

schedule! {
    /// `gamma` times smaller every `step_size` steps: `learning_rate · gammaᵏ`, with `k` the whole part of
    /// `step / step_size`. PyTorch's `StepLR`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let schedule = schedule::Step::new(1.0, 2).gamma(0.5);
    /// assert_eq!([0, 1, 2, 3, 4].map(|step| schedule.rate(step)), [1.0, 1.0, 0.5, 0.5, 0.25]);
    /// ```
    #[doc(alias = "StepLR")]
    Step(learning_rate: f64 => not_negative, step_size: usize => positive) {
        /// By how much the rate is multiplied each time; by default 0.1.
        ///
        /// # Panics
        /// If it is negative or not finite.
        gamma: f64 = 0.1 => not_negative;
    }
}

impl Schedule for Step {
    fn rate(&self, step: usize) -> f64 {
        self.learning_rate * power(self.gamma, step / self.step_size)
    }
}

/// `gamma` times smaller from each milestone on: `learning_rate · gammaᵏ`, with `k` the number of milestones that are not
/// above the step. PyTorch's `MultiStepLR`.
///
/// He, Zhang, Ren and Sun, [Deep Residual Learning](https://arxiv.org/abs/1512.03385), 2015, train in this way.
///
/// ```
/// use fusion::prelude::*;
///
/// let schedule = schedule::MultiStep::new(1.0, [2, 4]).gamma(0.5);
/// assert_eq!([0, 1, 2, 3, 4].map(|step| schedule.rate(step)), [1.0, 1.0, 0.5, 0.5, 0.25]);
/// ```
#[doc(alias = "MultiStepLR")]
#[derive(Clone, Debug, PartialEq)]
pub struct MultiStep {
    learning_rate: f64,
    milestones: Vec<usize>,
    gamma: f64,
}

impl MultiStep {
    /// A rate that changes at `milestones`, in any order. One that is there twice counts twice.
    ///
    /// # Panics
    /// If the rate is negative or not finite.
    #[track_caller]
    #[must_use]
    pub fn new(learning_rate: f64, milestones: impl Into<Vec<usize>>) -> Self {
        check(not_negative("learning_rate", learning_rate));
        Self { learning_rate, milestones: milestones.into(), gamma: 0.1 }
    }

    /// By how much the rate is multiplied at each milestone; by default 0.1.
    ///
    /// # Panics
    /// If it is negative or not finite.
    #[track_caller]
    #[must_use]
    pub fn gamma(mut self, gamma: f64) -> Self {
        check(not_negative("gamma", gamma));
        self.gamma = gamma;
        self
    }
}

impl Schedule for MultiStep {
    fn rate(&self, step: usize) -> f64 {
        let reached = self.milestones.iter().filter(|&&milestone| milestone <= step).count();
        self.learning_rate * power(self.gamma, reached)
    }
}

schedule! {
    /// `gamma` times smaller each step: `learning_rate · gammaˢᵗᵉᵖ`. PyTorch's `ExponentialLR`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let schedule = schedule::Exponential::new(1.0, 0.5);
    /// assert_eq!([0, 1, 2, 3].map(|step| schedule.rate(step)), [1.0, 0.5, 0.25, 0.125]);
    /// ```
    #[doc(alias = "ExponentialLR")]
    Exponential(learning_rate: f64 => not_negative, gamma: f64 => not_negative) {}
}

impl Schedule for Exponential {
    fn rate(&self, step: usize) -> f64 {
        self.learning_rate * power(self.gamma, step)
    }
}

schedule! {
    /// Down to 0 in `total_iters` steps: `learning_rate · (1 - s / total_iters)ᵖᵒʷᵉʳ`, with `s` the smaller of the step and
    /// `total_iters`. PyTorch's `PolynomialLR`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let schedule = schedule::Polynomial::new(1.0, 4).power(2.0);
    /// assert_eq!([0, 1, 2, 4, 5].map(|step| schedule.rate(step)), [1.0, 0.5625, 0.25, 0.0, 0.0]);
    /// ```
    #[doc(alias = "PolynomialLR")]
    Polynomial(learning_rate: f64 => not_negative, total_iters: usize => positive) {
        /// The power; by default 1, a line.
        ///
        /// # Panics
        /// If it is negative or not finite.
        power: f64 = 1.0 => not_negative;
    }
}

impl Schedule for Polynomial {
    fn rate(&self, step: usize) -> f64 {
        self.learning_rate * (1.0 - passed(step, self.total_iters)).powf(self.power)
    }
}
