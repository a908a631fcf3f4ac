//! What is wrong with a training, in sentences, with what people do about it.
//!
//! [`diagnose`] takes what a run tells of itself over time and gives a [`Finding`] for each thing that is wrong, and none for a
//! training that goes well. Where one thing follows from another only the first is said: of a learning rate that is far too high
//! comes much else.

mod finding;
mod history;
mod loss;
mod rates;
mod routes;
#[cfg(test)]
mod tests;
mod thresholds;
mod units;
mod words;

pub use finding::{Cause, Finding};
pub(crate) use history::spread;
pub use history::{History, Report};
pub use routes::routes;
pub(crate) use units::share_of_dead;

use loss::Loss;

/// What is wrong with a training, the root of it first; nothing, if it goes well.
///
/// ```
/// use fusion_board::diagnosis::{Cause, History, diagnose};
///
/// let loss = (0..30).map(|at| (10 * at, 2.303)).collect();
/// let found = diagnose(&History { loss, ..History::default() });
/// assert_eq!(found[0].cause, Cause::Stands);
/// assert!(found[0].sentence.starts_with("The loss has stood at 2.30 for 290 steps, about as good as guessing among 10 classes"));
/// ```
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
