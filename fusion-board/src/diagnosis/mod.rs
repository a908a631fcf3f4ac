//! What is wrong with a training, in sentences, with what people do about it.
//!
//! [`diagnose`] takes what a run tells of itself over time and gives a [`Finding`] for each thing that is wrong, and none for a
//! training that goes well. Where one thing follows from another only the first is said: of a learning rate that is far too high
//! comes much else.

mod history;
mod loss;
mod rates;
mod routes;
#[cfg(test)]
mod tests;
mod thresholds;
mod units;
mod words;

pub(crate) use history::spread;
pub use history::{History, Report};
pub use routes::routes;
pub(crate) use units::share_of_dead;

use loss::Loss;
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
    fn new(cause: Cause, layers: Vec<String>, since: u64, sentence: String, remedies: &[&str]) -> Self {
        let remedies = remedies.iter().map(|&remedy| remedy.to_owned()).collect();
        Self { cause, layers, sentence, remedies, since }
    }
}

/// What is wrong with a training, the root of it first; nothing, if it goes well.
pub fn diagnose(history: &History) -> Vec<Finding> {
    let loss = Loss::of(&history.loss);
    let mut found: Vec<Finding> = rates::learning_rate(history, loss).into_iter().collect();
    // Units die and saturate of steps that are too long, gradients explode, and numbers overflow.
    if found.is_empty() {
        found.extend(rates::not_finite(history, loss));
    }
    if found.is_empty() {
        found.extend(units::dead(history));
        found.extend(units::saturated(history));
    }
    if found.is_empty() {
        found.extend(rates::vanishing(history));
        found.extend(rates::exploding(history, loss));
    }
    if found.is_empty() {
        found.extend(rates::loss_grows(loss));
    }
    found.extend(rates::frozen(history));
    if found.is_empty() {
        found.extend(rates::stands(loss));
    }
    found.extend(rates::declared(history));
    found
}
