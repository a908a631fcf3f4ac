//! What can go wrong in a program, as a sentence.

use std::fmt;
use std::path::Path;

/// The result of what may go wrong.
pub type Result<T, E = Fault> = std::result::Result<T, E>;

/// A sentence that says where and what. `{:?}` says the same as `{}`, so that a `main` that returns it shows it as it is.
///
/// ```
/// use fusion_web::Fault;
/// use std::path::Path;
///
/// let fault = Fault::file(Path::new("runs"), "it is no folder");
/// assert_eq!(format!("{fault:?}"), "runs: it is no folder");
/// assert_eq!(fault, Fault::new("runs: it is no folder"));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Fault(String);

impl Fault {
    /// One without a file.
    pub fn new(problem: impl fmt::Display) -> Self {
        Self(problem.to_string())
    }

    /// One of a file.
    pub fn file(path: &Path, problem: impl fmt::Display) -> Self {
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

impl From<fusion::Error> for Fault {
    fn from(error: fusion::Error) -> Self {
        Self(error.to_string())
    }
}
