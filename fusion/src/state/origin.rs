//! What is saved as a part of something: its tensors and a text, to a file of its own or into a checkpoint, and back.

use super::problems::Name;
use super::read::{Checkpoint, How, Wanted, open};
use super::write::{to_bytes, write_whole};
use crate::Result;
use crate::kernels::Array;
use crate::nn::{Module, Path};
use std::fs::File;
use std::path::Path as FilePath;

/// What an optimizer saves: tensors with their names, and a text.
///
/// An optimizer of the library makes it by itself. One of your own keeps its tensors in a module:
///
/// ```
/// use fusion::prelude::*;
/// use fusion::state::{Contents, Origin};
/// use fusion::{Gradients, Result};
///
/// /// Steps of the same length, whatever the gradient, which it counts.
/// #[derive(Module)]
/// struct Signs {
///     #[module(skip)]
///     rate: f64,
///     #[buffer(zeros)]
///     steps: Tensor<()>,
/// }
///
/// impl Optimizer for Signs {
///     fn try_step(&mut self, module: &mut dyn Module, gradients: &Gradients) -> Result<()> {
///         self.steps = Tensor::full(self.steps.item() + 1.0);
///         Sgd::new(self.rate).try_step(module, gradients) // and so on
///     }
///     fn learning_rate(&self) -> f64 {
///         self.rate
///     }
///     fn try_set_learning_rate(&mut self, learning_rate: f64) -> Result<()> {
///         self.rate = learning_rate;
///         Ok(())
///     }
///     fn contents(&self, _: &dyn Module) -> Contents {
///         Contents::of(self, format!("Signs {:?}", self.rate))
///     }
///     fn load_contents(&mut self, _: &dyn Module, origin: &Origin<'_>) -> Result<()> {
///         origin.load(self)
///     }
/// }
///
/// let folder = tempfile::tempdir()?;
/// let net = Linear::<dim!(3), dim!(2)>::init(&mut StdRng::seed_from_u64(0));
/// let (one, mut two) = (Signs { rate: 0.1, steps: Tensor::full(7.0) }, Signs { rate: 0.1, steps: Tensor::zeros() });
/// OptimizerExt::save(&one, &net, folder.path().join("signs"))?;
/// OptimizerExt::load(&mut two, &net, folder.path().join("signs"))?;
/// assert_eq!(two.steps.item(), 7.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Contents {
    pub(crate) tensors: Vec<(String, Array)>,
    pub(crate) about: String,
}

impl Contents {
    /// The tensors of a module under their paths, and a text.
    pub fn of(module: &dyn Module, about: impl Into<String>) -> Self {
        let mut tensors = Vec::new();
        module.walk(&Path::root(), &mut |at, value| tensors.push((at.to_string(), value.array().clone())));
        Self { tensors, about: about.into() }
    }

    /// As a file of its own, whose metadata has the text under `key`.
    pub(crate) fn write(self, path: &FilePath, key: &str) -> Result<()> {
        write_whole(path, &to_bytes(path, self.tensors, (key, &self.about))?)
    }
}

/// Where [`Contents`] are read from: a file of their own, or a part of a [checkpoint](crate::train::Checkpoint).
#[derive(Debug)]
pub struct Origin<'a> {
    path: &'a FilePath,
    file: &'a File,
    len: u64,
    /// What the names of the part begin with; nothing for a file of its own.
    part: String,
    about: Option<String>,
}

impl<'a> Origin<'a> {
    /// A part of a file: what begins with `part`.
    pub(crate) fn part(path: &'a FilePath, file: &'a File, len: u64, part: String, about: Option<String>) -> Self {
        Self { path, file, len, part, about }
    }

    /// Hands `read` the file at `path`, whose metadata has the text under `key`.
    pub(crate) fn open<R>(path: &FilePath, key: &str, read: impl FnOnce(&Origin<'_>) -> Result<R>) -> Result<R> {
        let (file, len) = open(path)?;
        let how = How { ignores_others: true, ..How::default() };
        let about = Checkpoint::new(&file, len, path.to_owned(), Vec::new(), key, how)?.about().map(str::to_owned);
        read(&Origin { path, file: &file, len, part: String::new(), about })
    }

    /// The file.
    pub fn path(&self) -> &FilePath {
        self.path
    }

    /// The text, if there is one.
    pub fn about(&self) -> Option<&str> {
        self.about.as_deref()
    }

    /// Replaces the elements of every tensor of `module`, as [`State::load_state`](super::State::load_state) does.
    ///
    /// # Errors
    /// Those of [`State::load_state`](super::State::load_state).
    pub fn load(&self, module: &mut dyn Module) -> Result<()> {
        let arrays = self.read(module)?;
        super::set(module, arrays);
        Ok(())
    }

    /// What [`Origin::load`] would put into `module`.
    pub(crate) fn read(&self, module: &mut dyn Module) -> Result<Vec<Option<Array>>> {
        self.checkpoint(super::wanted(module))?.read()
    }

    /// The file with what is wanted of this part, all else of which is unexpected.
    pub(crate) fn checkpoint(&self, mut wanted: Vec<Wanted>) -> Result<Checkpoint<&'a File>> {
        wanted.iter_mut().for_each(|want| want.name.insert_str(0, &self.part));
        let part = (!self.part.is_empty()).then(|| self.part.clone());
        let how = How { ignores_all_but: part, ..How::default() };
        Checkpoint::new(self.file, self.len, self.path.to_owned(), wanted, "", how)
    }

    /// The sentence that there is no text.
    pub(crate) fn no_text(&self, key: &str) -> String {
        match self.part.strip_suffix('.') {
            None => format!("its metadata has no `{key}`: no optimizer wrote it"),
            Some(part) => format!("it has no text about {}: no optimizer wrote it", Name(part)),
        }
    }
}
