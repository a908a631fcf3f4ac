//! Something that is wrong.

use serde::Serialize;

/// What is the matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Cause {
    /// Steps are far too long.
    LearningRate,
    /// The loss or a gradient is NaN or infinite.
    NotFinite,
    /// The loss grows.
    LossGrows,
    /// Units of a ReLU are 0 whatever comes.
    DeadUnits,
    /// `tanh` or `sigmoid` lies where it is flat.
    Saturated,
    /// A parameter stays as it is, while others learn.
    Frozen,
    /// Gradients become too small on their way back.
    Vanishing,
    /// Gradients become too large on their way back.
    Exploding,
    /// The loss does not move.
    Stands,
    /// A layer was frozen, which may be as it shall be: no fault, but good to know.
    Declared,
}

impl Cause {
    /// Is it certain that something is wrong?
    pub fn is_problem(self) -> bool {
        self != Self::Declared
    }
}

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    /// What it is.
    pub cause: Cause,
    /// The paths of the layers in which it is seen; none if it concerns the run.
    pub layers: Vec<String>,
    /// What is seen.
    pub sentence: String,
    /// What people do about it, the likeliest first.
    pub remedies: Vec<String>,
    /// From which step on it is seen.
    pub since: u64,
}

impl Finding {
    pub(super) fn new(cause: Cause, layers: Vec<String>, since: u64, sentence: String, remedies: &[&str]) -> Self {
        let remedies = remedies.iter().map(|&remedy| remedy.to_owned()).collect();
        Self { cause, layers, sentence, remedies, since }
    }
}
