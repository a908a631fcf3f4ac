//! What a schedule is, and schedules made of schedules.

use crate::optim::settings::{check, not_negative};
use std::f64::consts::PI;

/// The learning rate of each step.
///
/// ```
/// use fusion::prelude::*;
///
/// /// Half the rate of another.
/// struct Half<S>(S);
///
/// impl<S: Schedule> Schedule for Half<S> {
///     fn rate(&self, step: usize) -> f64 {
///         self.0.rate(step) / 2.0
///     }
/// }
///
/// let schedule = Half(schedule::Step::new(0.5, 30)).then(60, 1e-3);
/// assert_eq!([0, 30, 59, 60].map(|step| schedule.rate(step)), [0.25, 0.025, 0.025, 1e-3]);
///
/// // Which one may be decided while the program runs.
/// let schedule: Box<dyn Schedule> = if cfg!(test) { Box::new(schedule) } else { Box::new(1e-3) };
/// assert_eq!(schedule.rate(60), 1e-3);
/// ```
#[doc(alias = "lr_scheduler")]
pub trait Schedule {
    /// The rate of step `step`; the first is step 0.
    fn rate(&self, step: usize) -> f64;

    /// This schedule before the step `milestone`, and from there on `next`, whose first step that is. A chain of several is
    /// `a.then(10, b.then(20, c))`, in which `c` begins at step 30. PyTorch's `SequentialLR`, which has the milestones in
    /// a list.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let schedule = 0.1.then(2, schedule::Exponential::new(0.5, 0.5));
    /// assert_eq!([0, 1, 2, 3, 4].map(|step| schedule.rate(step)), [0.1, 0.1, 0.5, 0.25, 0.125]);
    /// ```
    #[doc(alias = "SequentialLR")]
    fn then<N: Schedule>(self, milestone: usize, next: N) -> Then<Self, N>
    where
        Self: Sized,
    {
        Then::new(self, milestone, next)
    }

    /// A warm-up of so many steps in front of this schedule: along a line from `start_factor` times its first rate to its
    /// first rate, which is that of step `steps`. PyTorch's `SequentialLR` of a `LinearLR` with `total_iters = steps` and
    /// of this schedule, with the milestone `steps`.
    ///
    /// # Panics
    /// If `start_factor` is negative or not finite.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let schedule = schedule::CosineAnnealing::new(1.0, 100).linear_warmup(4, 0.5);
    /// assert_eq!([0, 1, 2, 3, 4].map(|step| schedule.rate(step)), [0.5, 0.625, 0.75, 0.875, 1.0]);
    /// ```
    #[doc(alias = "warmup")]
    #[track_caller]
    fn linear_warmup(self, steps: usize, start_factor: f64) -> Warmup<Self>
    where
        Self: Sized,
    {
        Warmup::new(self, steps, start_factor, Anneal::Linear)
    }

    /// A warm-up as [`linear_warmup`](Schedule::linear_warmup), but up half a cosine: slowly at both ends.
    ///
    /// # Panics
    /// If `start_factor` is negative or not finite.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let schedule = 1.0.cosine_warmup(4, 0.0);
    /// let rates = [0, 1, 2, 3, 4].map(|step| (schedule.rate(step) * 1e3).round());
    /// assert_eq!(rates, [0.0, 146.0, 500.0, 854.0, 1000.0]);
    /// ```
    #[doc(alias = "warmup")]
    #[track_caller]
    fn cosine_warmup(self, steps: usize, start_factor: f64) -> Warmup<Self>
    where
        Self: Sized,
    {
        Warmup::new(self, steps, start_factor, Anneal::Cos)
    }
}

/// A rate that stays.
impl Schedule for f64 {
    fn rate(&self, _: usize) -> f64 {
        *self
    }
}

macro_rules! through {
    ($($Of:ty),*) => { $(
        impl<S: Schedule + ?Sized> Schedule for $Of {
            fn rate(&self, step: usize) -> f64 {
                (**self).rate(step)
            }
        }
    )* };
}
through!(&S, Box<S>);

/// How a rate goes from one value to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anneal {
    /// Along half a cosine, slowly at both ends.
    Cos,
    /// Along a line.
    Linear,
}

impl Anneal {
    /// The rate where `share` of the way is gone, from 0 to 1; at both ends exactly what was given.
    pub(super) fn between(self, start: f64, end: f64, share: f64) -> f64 {
        let left = match self {
            Self::Cos => (1.0 + (PI * share).cos()) / 2.0,
            Self::Linear => 1.0 - share,
        };
        start * left + end * (1.0 - left)
    }
}

/// One schedule, then another: see [`Schedule::then`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Then<A, B> {
    first: A,
    milestone: usize,
    next: B,
}

impl<A, B> Then<A, B> {
    const fn new(first: A, milestone: usize, next: B) -> Self {
        Self { first, milestone, next }
    }
}

impl<A: Schedule, B: Schedule> Schedule for Then<A, B> {
    fn rate(&self, step: usize) -> f64 {
        match step.checked_sub(self.milestone) {
            Some(step) => self.next.rate(step),
            None => self.first.rate(step),
        }
    }
}

/// A schedule behind a warm-up: see [`Schedule::linear_warmup`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Warmup<S> {
    of: S,
    steps: usize,
    start_factor: f64,
    anneal: Anneal,
}

impl<S> Warmup<S> {
    #[track_caller]
    fn new(of: S, steps: usize, start_factor: f64, anneal: Anneal) -> Self {
        check(not_negative("start_factor", start_factor));
        Self { of, steps, start_factor, anneal }
    }
}

impl<S: Schedule> Schedule for Warmup<S> {
    fn rate(&self, step: usize) -> f64 {
        match step.checked_sub(self.steps) {
            Some(step) => self.of.rate(step),
            None => self.of.rate(0) * self.anneal.between(self.start_factor, 1.0, step as f64 / self.steps as f64),
        }
    }
}
