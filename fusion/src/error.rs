//! What can go wrong with input from outside.

use std::fmt;
use std::path::PathBuf;

/// The result of a fallible operation of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What was expected, what was found, and where. `{:?}` says the same sentence as `{}`, so that a `main` that returns it
/// shows it as it is meant to be read.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Sizes known at run time that do not fit.
    #[error("{0}")]
    Shape(String),
    /// An argument that makes no sense, or that does not go with another.
    #[error("{problem}")]
    #[non_exhaustive]
    Argument {
        /// Which one.
        name: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// A file that could not be read or written.
    #[error("{path}: {source}", path = path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A file that is not what it should be.
    #[error("{path}: {problem}", path = path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// A gradient that finite differences do not confirm.
    #[error("element {element}: the gradient is {analytic}, but finite differences give {numeric}")]
    Gradient {
        /// The element of the input, in C order.
        element: usize,
        /// What the backward pass gave.
        analytic: f64,
        /// What finite differences give.
        numeric: f64,
    },
    /// A saved state that does not fit a module: every missing, unexpected and misshapen entry, one per line.
    #[error("{path} does not fit this module:\n{}", problems.join("\n"), path = path.display())]
    State {
        /// The file.
        path: PathBuf,
        /// One sentence for each entry.
        problems: Vec<String>,
    },
}

impl Error {
    pub(crate) fn argument(name: &'static str, problem: impl Into<String>) -> Self {
        Self::Argument { name, problem: problem.into() }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<crate::kernels::array::layout::NoRoom> for Error {
    fn from(problem: crate::kernels::array::layout::NoRoom) -> Self {
        Self::Shape(problem.to_string())
    }
}

impl From<fusion_rules::Mistake> for Error {
    fn from(mistake: fusion_rules::Mistake) -> Self {
        Self::Shape(mistake.to_string())
    }
}

/// A programming error that types could not catch: two run-time sizes that do not fit.
#[track_caller]
pub(crate) fn or_panic<T>(result: std::result::Result<T, impl fmt::Display>) -> T {
    match result {
        Ok(value) => value,
        Err(problem) => panic!("{problem}"),
    }
}
