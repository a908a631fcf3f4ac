//! Several arrays by name in one file.

use super::super::contents::{Contents, typed};
use super::zip::{self, Bytes, Entry, Fault};
use crate::dim::Shape;
use crate::kernels::{Array, DType, Element};
use crate::state::{Name, write_whole};
use crate::tensor::Tensor;
use crate::{Error, Result};
use std::fmt;
use std::path::{Path, PathBuf};

/// Arrays by name, in an NPZ file: NumPy's `np.load` and `np.savez`, also of files that `np.savez_compressed` wrote.
///
/// ```
/// use fusion::data::Npz;
/// use fusion::prelude::*;
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("data.npz");
/// let (x, y) = (Tensor::<shape![2, 2]>::ones(), Tensor::<shape![2], i64>::from([0, 1]));
/// Npz::new().with("x", &x).with("y", &y).save(&path)?;
///
/// let file = Npz::open(&path)?;
/// assert_eq!(file.names(), ["x", "y"]);
/// let y: Tensor<shape![Dyn], i64> = file.get("y")?;
/// assert_eq!(y.to_vec(), [0, 1]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Npz {
    path: PathBuf,
    bytes: Bytes,
    entries: Vec<Entry>,
    /// What is to be saved: files of arrays.
    new: Vec<(String, Vec<u8>)>,
}

impl Default for Npz {
    fn default() -> Self {
        Self::new()
    }
}

impl Npz {
    /// No arrays yet.
    pub fn new() -> Self {
        Self { path: PathBuf::new(), bytes: Bytes::Memory(Vec::new()), entries: Vec::new(), new: Vec::new() }
    }

    /// The arrays of a file. None is read yet.
    ///
    /// # Errors
    /// [`Error::File`] if the file cannot be read; [`Error::Format`] if it is no NPZ file.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        Self::of(path, Bytes::File(path.to_owned()))
    }

    /// As [`Npz::open`], from the contents of a file, which messages call `npz`.
    ///
    /// # Errors
    /// As those of [`Npz::open`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        Self::of(Path::new("npz"), Bytes::Memory(bytes.to_owned()))
    }

    fn of(path: &Path, bytes: Bytes) -> Result<Self> {
        let mut entries = bytes.entries().map_err(|fault| error(path, fault))?;
        entries.retain(|entry| entry.name.ends_with(".npy"));
        Ok(Self { path: path.to_owned(), bytes, entries, new: Vec::new() })
    }

    /// The names of the arrays of the file, in its order.
    pub fn names(&self) -> Vec<&str> {
        self.entries.iter().map(|entry| entry.name.trim_end_matches(".npy")).collect()
    }

    /// Reads an array of the file. What may be in it says [`read_npy`](super::read_npy).
    ///
    /// # Errors
    /// [`Error::Argument`] if there is none of this name; else as those of [`read_npy`](super::read_npy), about the array as
    /// a file in the file.
    pub fn get<S: Shape, T: Element>(&self, name: &str) -> Result<Tensor<S, T>> {
        let (path, bytes) = self.unpack(name)?;
        typed(&path, super::read(Contents::of_plain_bytes(&path, &bytes), T::DTYPE)?)
    }

    /// As [`Npz::get`], of any shape.
    pub(in super::super) fn array(&self, name: &str, to: DType) -> Result<Array> {
        let (path, bytes) = self.unpack(name)?;
        super::read(Contents::of_plain_bytes(&path, &bytes), to)
    }

    /// The contents of an array's file, and what messages call it.
    fn unpack(&self, name: &str) -> Result<(PathBuf, Vec<u8>)> {
        let names = self.names();
        let Some(place) = names.iter().position(|other| *other == name) else {
            let (path, names) = (self.path.display(), Names(&names));
            return Err(Error::argument("name", format!("{path} has no array {}; it has {names}", Name(name))));
        };
        let bytes = self.bytes.unpack(&self.entries[place]).map_err(|fault| error(&self.path, fault))?;
        Ok((self.path.join(&self.entries[place].name), bytes))
    }

    /// With one more array to be saved.
    ///
    /// # Panics
    /// If there is one of this name.
    #[must_use]
    #[track_caller]
    pub fn with<S: Shape, T: Element>(mut self, name: &str, x: &Tensor<S, T>) -> Self {
        let name = format!("{name}.npy");
        assert!(self.new.iter().all(|(other, _)| *other != name), "two arrays are called `{name}`");
        self.new.push((name, super::to_bytes(x.value().array())));
        self
    }

    /// Writes the arrays that were added, whole or not at all, not compressed.
    ///
    /// # Errors
    /// [`Error::File`] if the file cannot be written; [`Error::TooLarge`] if it would have more than 4 GB.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        let too_large = || Error::TooLarge { problem: format!("{}: an NPZ file may have 4 GB", path.display()) };
        write_whole(path, &zip::write(&self.new).ok_or_else(too_large)?)
    }
}

fn error(path: &Path, fault: Fault) -> Error {
    match fault {
        Fault::System(source) => Error::file(path, source),
        Fault::Archive(problem) => Error::format(path, problem),
    }
}

/// The first of a list of names.
struct Names<'a>(&'a [&'a str]);

impl fmt::Display for Names<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("none");
        }
        let names = self.0.iter().take(10).enumerate();
        let dots = if self.0.len() > 10 { ", .." } else { "" };
        names.into_iter().try_for_each(|(i, name)| write!(f, "{}{}", if i > 0 { ", " } else { "" }, Name(name)))?;
        f.write_str(dots)
    }
}
