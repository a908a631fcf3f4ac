//! The hunt for the operation that first makes a number that is none.

use super::census::Census;
use crate::kernels::Array;
use std::panic::Location;

/// What a trace looks for in what is recorded on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Hunt {
    /// Nothing: no element is looked at.
    #[default]
    Off,
    /// NaN.
    Nan,
    /// NaN, and what is infinite.
    NotFinite,
}

impl Hunt {
    /// What there is of it in an array, as words: `NaN in 2 of 6 elements`.
    pub(super) fn find(self, array: &Array) -> Option<String> {
        if self == Self::Off || !array.dtype().is_float() {
            return None;
        }
        let Census { count, nans, infinite, .. } = Census::of(array);
        let found = match self {
            Self::NotFinite if nans > 0 && infinite > 0 => {
                return Some(format!("NaN in {nans} and an infinite number in {infinite} of {count} elements"));
            }
            Self::NotFinite if infinite > 0 => ("an infinite number", infinite),
            _ if nans > 0 => ("NaN", nans),
            _ => return None,
        };
        Some(format!("{} in {} of {count} element{}", found.0, found.1, if count == 1 { "" } else { "s" }))
    }

    /// The word for what is not found.
    fn absent(self) -> &'static str {
        if self == Self::Nan { "no NaN" } else { "no such number" }
    }

    /// Panics if the result of an operation has what is looked for. `all_seen` says that every input was looked at.
    #[track_caller]
    pub(super) fn check_result(self, name: &str, result: &Array, all_seen: bool, at: &Location<'_>) {
        if let Some(found) = self.find(result) {
            let shape = result.shape();
            let of = match all_seen {
                true => format!("of inputs that have {}", self.absent()),
                false => format!(
                    "of traced inputs that have {}, and of a parameter or a constant, which may have one",
                    self.absent()
                ),
            };
            panic!("`{name}` makes {found} of {shape:?} {of}: it is called at {at}");
        }
    }

    /// Panics if what a trace begins with has what is looked for.
    #[track_caller]
    pub(super) fn check_start(self, name: &str, array: &Array) {
        if let Some(found) = self.find(array) {
            panic!("`{name}` of a tensor of {:?} that has {found} already", array.shape());
        }
    }

    /// Panics if a gradient that an operation's rule gives has what is looked for.
    #[track_caller]
    pub(super) fn check_gradient(self, name: &str, gradient: &Array, at: &Location<'_>) {
        if let Some(found) = self.find(gradient) {
            let (shape, absent) = (gradient.shape(), self.absent());
            panic!(
                "the gradient of `{name}` has {found} of {shape:?}, of an incoming gradient that has {absent}: the \
                operation is called at {at}"
            );
        }
    }

    /// Panics if the gradient that reaches an operation, a sum or the seed, has what is looked for.
    #[track_caller]
    pub(super) fn check_incoming(self, name: &str, gradient: &Array, at: &Location<'_>) {
        if let Some(found) = self.find(gradient) {
            let shape = gradient.shape();
            panic!(
                "the gradient that reaches `{name}`, the seed or a sum of several, has {found} of {shape:?}: the \
                operation is called at {at}"
            );
        }
    }
}
