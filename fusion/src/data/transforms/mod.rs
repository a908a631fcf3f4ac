//! What is done to samples before a network sees them, a whole batch at a time.

use super::Draw;

/// A function of a batch, with random choices from the batch's [`Draw`].
///
/// Several after another are a tuple.
pub trait Transform<X> {
    /// What becomes of the batch.
    type Output;

    /// The transformed batch.
    fn apply(&self, x: X, draw: &mut Draw<'_>) -> Self::Output;
}
