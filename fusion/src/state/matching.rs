//! Which tensors are loaded from a file that was not written for this module, and what they are called there.

use super::pattern::fits;
use super::problems::{Name, nearest};
use super::read::How;
use crate::{Error, Result};

/// Which of a module's tensors [`State::load_matching`](super::State::load_matching) loads, and how their names in the file
/// differ. A pattern alone is one: `"backbone.*"`; `"*"` is everything.
///
/// A pattern is a path in which `*` stands for any letters, dots among them. Renames are prefixes: what begins with the
/// first is looked at as if it began with the second.
///
/// ```
/// use fusion::prelude::*;
/// use fusion::state::Matching;
///
/// model! { Old: [3] -> [5] { backbone: { fc1: Linear<_, 4> }, Relu, head: Linear<_, 5> } }
/// model! { New: [3] -> [2] { features: { fc1: Linear<_, 4> }, Relu, head: Linear<_, 2> } }
///
/// let (folder, rng) = (tempfile::tempdir()?, &mut StdRng::seed_from_u64(0));
/// let path = folder.path().join("old.safetensors");
/// Old::init(rng).save(&path)?;
///
/// let mut net = New::init(rng);
/// let report = net.load_matching(&path, Matching::new("*").rename("backbone.", "features.").skip_mismatched())?;
/// assert_eq!(report.loaded, ["features.fc1.weight", "features.fc1.bias"]);
/// assert_eq!(report.mismatched[0].to_string(), "`head.weight` is f32 [2, 4], but f32 [5, 4] in the file");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Matching {
    patterns: Vec<String>,
    except: Vec<String>,
    renames: Vec<(String, String)>,
    leaves_mismatched: bool,
}

impl From<&str> for Matching {
    fn from(pattern: &str) -> Self {
        Self::new(pattern)
    }
}

impl Matching {
    /// The module's tensors whose paths this pattern fits.
    #[must_use]
    pub fn new(pattern: impl Into<String>) -> Self {
        Self { patterns: vec![pattern.into()], except: Vec::new(), renames: Vec::new(), leaves_mismatched: false }
    }

    /// Those too that this pattern fits.
    #[must_use]
    pub fn and(mut self, pattern: impl Into<String>) -> Self {
        self.patterns.push(pattern.into());
        self
    }

    /// Without those that this pattern fits.
    #[must_use]
    pub fn except(mut self, pattern: impl Into<String>) -> Self {
        self.except.push(pattern.into());
        self
    }

    /// The file's `{prefix}fc1.weight` is `fc1.weight` here: `strip("module.")` for what PyTorch's `DataParallel` saved,
    /// `strip("model.")` for the network in a [checkpoint](crate::train::Checkpoints).
    #[must_use]
    pub fn strip(self, prefix: impl Into<String>) -> Self {
        self.rename(prefix, "")
    }

    /// What begins with `from` in the file begins with `to` here. Several renames are made one after the other.
    #[must_use]
    pub fn rename(mut self, from: impl Into<String>, to: impl Into<String>) -> Self {
        self.renames.push((from.into(), to.into()));
        self
    }

    /// Tensors that have another shape or element type in the file stay as they are, and the report lists them. Without
    /// this they are an error.
    #[doc(alias = "ignore_mismatched_sizes")]
    #[must_use]
    pub fn skip_mismatched(mut self) -> Self {
        self.leaves_mismatched = true;
        self
    }

    /// Whether the tensor of this name is to be loaded.
    pub(super) fn holds(&self, name: &str) -> bool {
        let any = |list: &[String]| list.iter().any(|pattern| fits(pattern, name));
        any(&self.patterns) && !any(&self.except)
    }

    /// An error if a pattern fits none of a module's names: it would go unnoticed that nothing is loaded.
    pub(super) fn check(&self, names: &[&str]) -> Result<()> {
        let is_idle = |pattern: &&String| !names.iter().any(|name| fits(pattern, name));
        let Some(pattern) = self.patterns.iter().chain(&self.except).find(is_idle) else { return Ok(()) };
        let near = nearest(pattern, names.iter().copied());
        let near = near.map_or(String::new(), |(_, name)| format!("; the nearest is {}", Name(name)));
        let problem = format!("{} fits no tensor of this module{near}", Name(pattern));
        Err(Error::argument("matching", problem))
    }

    /// How a file is read.
    pub(super) fn how(&self) -> How {
        How {
            ignores_others: true,
            leaves_mismatched: self.leaves_mismatched,
            renames: self.renames.clone(),
            ..How::default()
        }
    }
}
