//! Traces: the mode and the random numbers of a recorded computation.

use super::anomaly::Hunt;
use super::random::{self, Stream};

/// A trace is what a forward pass belongs to while it is recorded: it knows the mode and has the random numbers for
/// dropout. PyTorch keeps these in `train()`, in `no_grad` and in a global generator; here they travel with the data.
///
/// ```
/// use fusion::prelude::*;
///
/// let x = Tensor::<shape![2, 3]>::ones();
/// assert!(x.trace().is_training());
/// // Gradients in evaluation mode: dropout off, batch norm on its running statistics.
/// assert!(!x.trace_with(Trace::evaluation()).is_training());
/// // The same dropout masks in every run.
/// let y = x.trace_with(Trace::training().seed(7));
/// assert!(y.is_traced());
/// ```
#[derive(Debug)]
pub struct Trace {
    training: bool,
    keep_values: bool,
    hunt: Hunt,
    momentum: Option<f64>,
    random: Option<Stream>,
}

impl Trace {
    /// Training mode: dropout drops, batch norm uses the batch. PyTorch's `train()`.
    #[doc(alias = "train")]
    pub const fn training() -> Self {
        Self { training: true, keep_values: false, hunt: Hunt::Off, momentum: None, random: None }
    }

    /// Evaluation mode with gradients. PyTorch's `eval()`.
    #[doc(alias = "eval")]
    #[doc(alias = "no_grad")]
    pub const fn evaluation() -> Self {
        Self { training: false, ..Self::training() }
    }

    /// Fixes the random numbers that layers draw in this trace, whatever generator of their own they have.
    pub fn seed(self, seed: u64) -> Self {
        Self { random: Some(Stream::new(seed)), ..self }
    }

    /// Keeps each recorded value, so that [`Dot`](super::Dot) can print it and [`Tensor::explain`](crate::Tensor::explain)
    /// count it.
    pub fn keep_values(self) -> Self {
        Self { keep_values: true, ..self }
    }

    /// Looks at every recorded result, and at every gradient in the backward pass, for NaN and infinite numbers, and
    /// panics at the first: the sentence names the operation and the line of the program that called it. It takes as long
    /// again as the pass itself; without it nothing is looked at. PyTorch's `autograd.detect_anomaly`, which looks at
    /// gradients only.
    ///
    /// ```should_panic
    /// use fusion::prelude::*;
    ///
    /// let x = Tensor::<shape![3]>::from([1.0, 0.0, 2.0]).trace_with(Trace::training().detect_anomalies());
    /// // "`ln` makes an infinite number in 1 of 3 elements of [3] of inputs that have no such number: it is called at .."
    /// let y = x.ln();
    /// ```
    ///
    /// What is not traced, such as parameters, is not looked at: the sentence says if such an input may be to blame.
    /// [`Tensor::explain`](crate::Tensor::explain) counts such numbers without a panic.
    #[doc(alias = "anomaly")]
    #[doc(alias = "detect_anomaly")]
    pub fn detect_anomalies(self) -> Self {
        Self { hunt: Hunt::NotFinite, ..self }
    }

    /// As [`Trace::detect_anomalies`], for NaN alone: for what uses infinity on purpose, as masks of attention do.
    pub fn detect_nan(self) -> Self {
        Self { hunt: Hunt::Nan, ..self }
    }

    /// How far running statistics (of [`BatchNorm2d`](crate::nn::BatchNorm2d)) move towards a batch's, whatever the layers
    /// themselves say: with 1, 1/2, 1/3, .. they become the mean of all batches.
    ///
    /// # Panics
    /// Unless it is from 0 to 1.
    #[track_caller]
    pub fn momentum(self, momentum: f64) -> Self {
        assert!((0.0..=1.0).contains(&momentum), "momentum must be from 0 to 1, but is {momentum}");
        Self { momentum: Some(momentum), ..self }
    }

    /// Whether this trace is in training mode.
    pub fn is_training(&self) -> bool {
        self.training
    }

    pub(super) fn keeps_values(&self) -> bool {
        self.keep_values
    }

    pub(super) fn hunt(&self) -> Hunt {
        self.hunt
    }

    /// Whether each result is looked at, so that each operation has one.
    pub(crate) fn detects(&self) -> bool {
        self.hunt != Hunt::Off
    }

    /// What [`Trace::momentum`] says.
    pub(crate) fn given_momentum(&self) -> Option<f64> {
        self.momentum
    }

    /// A trace for a computation that is made more than once: what is drawn in it follows from `seed`, and all else is
    /// as here.
    pub(crate) fn repeatable(&self, seed: u64) -> Self {
        Self { keep_values: false, random: Some(Stream::new(seed)), ..*self }
    }

    /// The next seed for a layer that needs randomness and has no generator of its own: from [`Trace::seed`], or
    /// else from the [default generator](crate::manual_seed).
    pub fn next_seed(&self) -> u64 {
        self.given_seed().unwrap_or_else(random::next_default)
    }

    /// The next seed from [`Trace::seed`], if there is one.
    pub(crate) fn given_seed(&self) -> Option<u64> {
        self.random.as_ref().map(Stream::next)
    }

    /// Checks that `self` and `other`, the traces of two inputs of the operation `name`, have the same mode.
    ///
    /// # Panics
    /// If they have not.
    #[track_caller]
    pub(super) fn meet(&self, other: &Self, name: &str) {
        let mode = |trace: &Self| if trace.training { "training" } else { "evaluation" };
        assert!(
            self.training == other.training,
            "`{name}` meets a trace in {} mode and one in {} mode: trace both alike, or put a state or a constant \
            on the other's trace with `trace_as`",
            mode(self),
            mode(other)
        );
    }
}
