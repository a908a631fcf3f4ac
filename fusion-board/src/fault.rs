//! What can go wrong before anything is served.

use std::fmt;
use std::path::Path;

/// A sentence that says where and what. `{:?}` says the same as `{}`, so that a `main` that returns it shows it as it is.
#[derive(Clone, PartialEq, Eq)]
pub struct Fault(String);

impl Fault {
    /// One without a file.
    pub fn new(problem: impl fmt::Display) -> Self {
        Self(problem.to_string())
    }

    /// One of a file.
    pub(crate) fn file(path: &Path, problem: impl fmt::Display) -> Self {
        Self(format!("{}: {problem}", path.display()))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Fault {}
