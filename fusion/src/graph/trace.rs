//! Traces: the mode and the random numbers of a recorded computation.

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
    random: Option<Stream>,
}

impl Trace {
    /// Training mode: dropout drops, batch norm uses the batch. PyTorch's `train()`.
    #[doc(alias = "train")]
    pub const fn training() -> Self {
        Self { training: true, keep_values: false, random: None }
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

    /// Keeps each recorded value, so that [`Dot`](super::Dot) can print it.
    pub fn keep_values(self) -> Self {
        Self { keep_values: true, ..self }
    }

    /// Is this trace in training mode?
    pub fn is_training(&self) -> bool {
        self.training
    }

    pub(super) fn keeps_values(&self) -> bool {
        self.keep_values
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

    /// Checks that `self` and `other`, which meet in the operation `name`, have one mode.
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
