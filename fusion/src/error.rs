//! What can go wrong with input from outside.

use crate::kernels::DType;
use std::fmt;
use std::path::{Path, PathBuf};

/// The result of a fallible operation of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What was expected, what was found, and where. `{:?}` says the same sentence as `{}`, so that a `main` that returns it
/// shows it as it is meant to be read.
///
/// A program may tell the kinds apart; the sentence, which names the operation, says the rest.
///
/// ```
/// use fusion::Error;
/// use fusion::prelude::*;
///
/// let scores = Tensor::<shape![2, 3]>::zeros();
/// let error = scores.try_cross_entropy(&Tensor::<shape![2], i64>::from([0, 3])).unwrap_err();
/// assert!(matches!(error, Error::Index { index: 3, below: 3, .. }));
/// assert_eq!(error.to_string(), "cross_entropy: the label of row 1 is 3, but there are 3 classes (0 to 2)");
/// ```
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Sizes known at run time that do not fit each other, a layer or a type.
    #[error("{problem}")]
    #[non_exhaustive]
    Shape {
        /// The sizes, and the rule that they break.
        problem: String,
    },
    /// A tensor that is too large: for any machine, or for the memory of this one.
    #[error("{problem}")]
    #[non_exhaustive]
    TooLarge {
        /// The sizes, and what they exceed.
        problem: String,
    },
    /// Elements of another type than is asked for.
    #[error("expected elements of type {expected}, found {found}")]
    #[non_exhaustive]
    DType {
        /// What is asked for.
        expected: DType,
        /// What is there.
        found: DType,
    },
    /// A number that is no index: of a row, of a class, along an axis.
    #[error("{problem}")]
    #[non_exhaustive]
    Index {
        /// The number; of a run of indices, its end.
        index: i64,
        /// An index is from 0 on and below this.
        below: usize,
        /// Which index, and of what.
        problem: String,
    },
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
    #[non_exhaustive]
    Format {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// A gradient that finite differences do not confirm.
    #[error("element {element}: the gradient is {analytic}, but finite differences give {numeric}")]
    #[non_exhaustive]
    Gradient {
        /// The element of the input, in C order.
        element: usize,
        /// What the backward pass gave.
        analytic: f64,
        /// What finite differences give.
        numeric: f64,
    },
    /// A saved state that does not fit a module: every missing, unexpected and misshapen entry.
    #[error("{path} does not fit this module:{}", Lines(problems), path = path.display())]
    #[non_exhaustive]
    State {
        /// The file.
        path: PathBuf,
        /// What does not fit, an entry each.
        problems: Vec<Problem>,
    },
}

/// Something about a file that does not fit a module. Printed, it is a sentence.
///
/// ```
/// use fusion::Error;
/// use fusion::prelude::*;
/// use fusion::state::ProblemKind;
///
/// let rng = &mut StdRng::seed_from_u64(0);
/// let bytes = Linear::<dim!(3), dim!(2)>::init(rng).to_bytes()?;
/// let Err(Error::State { problems, .. }) = Linear::<dim!(4), dim!(2)>::init(rng).load_bytes(&bytes) else { panic!() };
/// assert_eq!((problems[0].kind, problems[0].entry.as_deref()), (ProblemKind::Mismatched, Some("weight")));
/// assert_eq!(problems[0].to_string(), "`weight` should be f32 [2, 4], but is f32 [2, 3]");
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem {
    /// The entry that it is about, if it is about one.
    pub entry: Option<String>,
    /// What is wrong.
    pub kind: ProblemKind,
    pub(crate) text: String,
}

/// What may be wrong with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProblemKind {
    /// The file does not have an entry of the module.
    Missing,
    /// The module does not have an entry of the file.
    Unexpected,
    /// An entry has another shape or element type.
    Mismatched,
    /// Something else.
    Other,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// A line for each problem.
struct Lines<'a>(&'a [Problem]);

impl fmt::Display for Lines<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|problem| write!(f, "\n{problem}"))
    }
}

impl Error {
    /// The system cannot read or write `path`.
    pub(crate) fn file(path: &Path, source: std::io::Error) -> Self {
        Self::File { path: path.to_owned(), source }
    }

    /// The content of `path` is not what it should be.
    pub(crate) fn format(path: &Path, problem: impl fmt::Display) -> Self {
        Self::Format { path: path.to_owned(), problem: problem.to_string() }
    }

    pub(crate) fn shape(problem: impl fmt::Display) -> Self {
        Self::Shape { problem: problem.to_string() }
    }

    pub(crate) fn index(index: i64, below: usize, problem: String) -> Self {
        Self::Index { index, below, problem }
    }

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
        Self::TooLarge { problem: problem.to_string() }
    }
}

impl From<fusion_rules::Mistake> for Error {
    fn from(mistake: fusion_rules::Mistake) -> Self {
        Self::shape(mistake)
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
