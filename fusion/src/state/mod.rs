//! Saving and loading modules as safetensors files.
//!
//! Names and layouts are PyTorch's: `fc1.weight` is `[outputs, inputs]`, in C order whatever the order in memory. So
//! `safetensors.torch.load_file` reads what [`State::save`] writes, and the other way round. The format is
//! <https://huggingface.co/docs/safetensors>.
//!
//! * A file is written whole or not at all, and the same state gives the same bytes.
//! * A module is loaded whole or not at all: what is missing, unexpected or of another shape or type gives one
//!   [`Error::State`](crate::Error::State) that lists everything, and nothing has changed.
//! * A parameter that stands in two places of a module ([`tie`](crate::nn::tie)) is saved under both names. It is loaded
//!   from a file that has one of them or both, unless the file has two values for it.
//! * A part of a module, or a module from a part of a file: [`State::load_part`] and [`State::load_matching`] report what
//!   was loaded and what was not.
//! * A file may come from anybody. Whatever its bytes are, reading it gives an error or what the module expects, and
//!   takes no more memory than the file and the module have.

mod about;
mod header;
mod matching;
mod origin;
mod part;
mod pattern;
mod problems;
mod read;
mod stored;
#[cfg(test)]
mod tests;
mod write;

pub use crate::error::{Problem, ProblemKind};
pub use about::saved_with;
pub use matching::Matching;
pub use origin::{Contents, Origin};
pub use part::Loaded;
pub(crate) use pattern::fits;
pub(crate) use problems::{Name, nearest};
pub use read::Mismatched;
use read::{BYTES, laid_out_like};
pub(crate) use read::{Checkpoint, How, Wanted, open};
pub(crate) use write::{TEMPORARY, to_bytes, write_whole, write_whole_as};

use crate::Result;
use crate::kernels::Array;
use crate::nn::{Init, Module, Path};
use rand::SeedableRng;
use rand::rngs::StdRng;
use std::collections::HashMap;
use std::path::Path as FilePath;

/// Saving and loading of a module's tensors, parameters and buffers. Every module has it.
///
/// ```
/// use fusion::prelude::*;
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("layer.safetensors");
/// let layer = Linear::<dim!(3), dim!(2)>::init(&mut StdRng::seed_from_u64(0));
/// layer.save(&path)?;
///
/// let mut other = Linear::<dim!(3), dim!(2)>::init(&mut StdRng::seed_from_u64(1));
/// other.load_state(&path)?;
/// assert_eq!(other.weight.to_vec(), layer.weight.to_vec());
///
/// let mut wider = Linear::<dim!(4), dim!(2)>::init(&mut StdRng::seed_from_u64(1));
/// let error = wider.load_state(&path).unwrap_err().to_string();
/// assert!(error.ends_with("`weight` should be f32 [2, 4], but is f32 [2, 3]"), "{error}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait State: Module {
    /// Saves every tensor under its path: PyTorch's `save_file(net.state_dict(), path)`.
    ///
    /// The file is written beside its place, forced to the disk and then moved there, so that an older file stays whole
    /// if anything fails. It keeps an older file's permissions. Fails if the file cannot be written, or if two tensors
    /// have one name.
    #[doc(alias = "state_dict")]
    fn save(&self, path: impl AsRef<FilePath>) -> Result<()> {
        let path = path.as_ref();
        write_whole(path, &contents(self, path)?)
    }

    /// A new network with the tensors that the file holds: what a network's own `load` does. Fails as [`State::load_state`]
    /// does.
    fn load(path: impl AsRef<FilePath>) -> Result<Self>
    where
        Self: Init,
    {
        load(path)
    }

    /// As [`State::save`], with a value beside the tensors: what prepares the inputs, the names of the classes, whatever a
    /// prediction needs. [`saved_with`] reads it; several are a pair or a struct. It is written as JSON, which is for
    /// descriptions and not for large lists of numbers.
    ///
    /// Fails as [`State::save`] does, or if the value is none that JSON can hold.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let folder = tempfile::tempdir()?;
    /// let path = folder.path().join("layer.safetensors");
    /// let mut layer = Linear::<dim!(3), dim!(2)>::init(&mut StdRng::seed_from_u64(0));
    /// layer.save_with(&path, &("classes", ["cat", "dog"]))?;
    /// layer.load_state(&path)?;
    /// let (_, classes): (String, [String; 2]) = fusion::state::saved_with(&path)?;
    /// assert_eq!(classes, ["cat", "dog"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn save_with<T: serde::Serialize + ?Sized>(&self, path: impl AsRef<FilePath>, value: &T) -> Result<()> {
        let path = path.as_ref();
        write_whole(path, &about::with(contents(self, path)?, value, path)?)
    }

    /// Replaces every tensor's elements by those that the file holds under its path: PyTorch's
    /// `net.load_state_dict(load_file(path))`.
    ///
    /// The file must hold the module's tensors, all of them and no others, with their shapes and element types. If not,
    /// or if it cannot be read, the module is unchanged. Parameters stay the same parameters: an optimizer goes on
    /// with what it knows about them.
    #[doc(alias = "load_state_dict")]
    fn load_state(&mut self, path: impl AsRef<FilePath>) -> Result<()> {
        let arrays = Checkpoint::open(path.as_ref(), wanted(self), "")?.read()?;
        set(self, arrays);
        Ok(())
    }

    /// Loads a part of the module: each tensor from the entry that `names` returns for its name; tensors for which it
    /// returns `None` stay as they are. Other entries of the file are ignored. In PyTorch one renames and removes keys
    /// of the `state_dict` by hand.
    ///
    /// The file must hold all these entries, with the right shapes and element types; if not, nothing has changed.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// model! { Body: [3] -> [4] { fc1: Linear<_, 4>, Relu } }
    /// model! { Whole: [3] -> [5] { body: Body, head: Linear<_, 5> } }
    /// model! { Other: [3] -> [2] { body: Body, head: Linear<_, 2> } }
    ///
    /// let (folder, rng) = (tempfile::tempdir()?, &mut StdRng::seed_from_u64(0));
    /// let path = folder.path().join("whole.safetensors");
    /// Whole::init(rng).save(&path)?;
    ///
    /// // All but the head.
    /// let mut other = Other::init(rng);
    /// let report = other.load_part(&path, |name| (!name.starts_with("head.")).then(|| name.to_owned()))?;
    /// assert_eq!(report.loaded, ["body.fc1.weight", "body.fc1.bias"]);
    /// assert_eq!(report.kept, ["head.weight", "head.bias"]);
    ///
    /// // The entries of the file that have a prefix.
    /// let mut body = Body::init(rng);
    /// let report = body.load_part(&path, |name| Some(format!("body.{name}")))?;
    /// assert_eq!((report.kept.len(), report.unused), (0, vec!["head.bias".to_owned(), "head.weight".to_owned()]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn load_part(&mut self, path: impl AsRef<FilePath>, names: impl Fn(&str) -> Option<String>) -> Result<Loaded> {
        part::load(self, path.as_ref(), names)
    }

    /// Loads those tensors that match and that the file holds, however many these are: PyTorch's
    /// `load_state_dict(.., strict=False)`. The report says which are not there, and what of the file has no place.
    /// `matching` is a pattern of the module's paths, `"backbone.*"` or `"*"`, or a [`Matching`], which renames too.
    ///
    /// The entries that are found must have the right shapes and element types, unless
    /// [`skip_mismatched`](Matching::skip_mismatched) leaves others out; if not, or if none is found, the module is
    /// unchanged.
    ///
    /// # Errors
    /// [`Error::File`](crate::Error::File) if the file cannot be read, [`Error::Format`](crate::Error::Format) if it is
    /// damaged, [`Error::State`](crate::Error::State) if it does not fit, and [`Error::Argument`](crate::Error::Argument)
    /// if a pattern fits no tensor of the module.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let (folder, rng) = (tempfile::tempdir()?, &mut StdRng::seed_from_u64(0));
    /// let path = folder.path().join("layer.safetensors");
    /// Linear::<dim!(3), dim!(2), false>::init(rng).save(&path)?;
    /// let mut layer = Linear::<dim!(3), dim!(2)>::init(rng);
    /// let report = layer.load_matching(&path, "*")?;
    /// assert_eq!(report.to_string(), "loaded: 1\nleft as they were: `bias`");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "strict")]
    fn load_matching(&mut self, path: impl AsRef<FilePath>, matching: impl Into<Matching>) -> Result<Loaded> {
        part::load_matching(self, path.as_ref(), &matching.into())
    }

    /// The contents of the file that [`State::save`] writes.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let mut layer = Linear::<dim!(3), dim!(2)>::init(&mut StdRng::seed_from_u64(0));
    /// let bytes = layer.to_bytes()?;
    /// layer.load_bytes(&bytes)?;
    /// assert_eq!(layer.to_bytes()?, bytes);
    /// # Ok::<(), fusion::Error>(())
    /// ```
    fn to_bytes(&self) -> Result<Vec<u8>> {
        contents(self, FilePath::new(BYTES))
    }

    /// As [`State::load_state`], from the contents of a file.
    fn load_bytes(&mut self, bytes: &[u8]) -> Result<()> {
        let arrays = Checkpoint::of_bytes(bytes, wanted(self))?.read()?;
        set(self, arrays);
        Ok(())
    }
}

impl<M: Module + ?Sized> State for M {}

/// A new module with the tensors that the file holds: what a derived `Net::load(path)` calls. Fails as
/// [`State::load_state`] does.
///
/// ```
/// use fusion::prelude::*;
///
/// let error = fusion::state::load::<Linear<dim!(3), dim!(2)>>("no/such.safetensors").err().unwrap();
/// assert!(error.to_string().starts_with("no/such.safetensors: "));
/// ```
pub fn load<M: Module + Init>(path: impl AsRef<FilePath>) -> Result<M> {
    // The starting values are replaced; any generator would do.
    let mut module = M::init_with(&mut StdRng::seed_from_u64(0));
    module.load_state(path)?;
    Ok(module)
}

impl<L> crate::nn::Sequential<L> {
    /// The layers that were saved to this file.
    pub fn load(path: impl AsRef<FilePath>) -> Result<Self>
    where
        Self: Init + Module,
    {
        load(path)
    }
}

fn contents(module: &(impl Module + ?Sized), path: &FilePath) -> Result<Vec<u8>> {
    let mut tensors = Vec::new();
    module.walk(&Path::root(), &mut |at, value| tensors.push((at.to_string(), value.array().clone())));
    // PyTorch's own writers put this there, and some readers look for it.
    to_bytes(path, tensors, ("format", "pt"))
}

fn wanted(module: &mut (impl Module + ?Sized)) -> Vec<Wanted> {
    let (mut list, mut first) = (Vec::new(), HashMap::new());
    module.walk_mut(&Path::root(), &mut |at, value| {
        let tied = part::id(value.link()).map(|id| *first.entry(id).or_insert(list.len()));
        let tied = tied.filter(|&first| first < list.len());
        list.push(Wanted { name: at.to_string(), dtype: value.dtype(), shape: *value.shape(), required: true, tied });
    });
    list
}

/// Puts the arrays, in the order of `wanted`, into a module.
pub(crate) fn set(module: &mut (impl Module + ?Sized), arrays: Vec<Option<Array>>) {
    let mut arrays = arrays.into_iter().flatten();
    module.walk_mut(&Path::root(), &mut |_, value| {
        let array = arrays.next().expect("every tensor was asked for");
        value.set(laid_out_like(array, value.array()));
    });
}
