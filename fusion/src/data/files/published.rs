//! Data sets as they are published: which files they are, where they lie in a folder, and where they come from.
use crate::{Error, Result};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// A published file.
#[derive(Debug)]
pub(super) struct Published {
    pub name: &'static str,
    pub bytes: u64,
    #[cfg_attr(not(feature = "download"), expect(dead_code, reason = "for those who fetch it"))]
    pub md5: &'static str,
}

/// A data set of several files.
#[derive(Debug)]
pub(super) struct Set {
    pub name: &'static str,
    /// Where below the folder that a program names the files may lie; the first is where they are put.
    pub folders: &'static [&'static str],
    /// Files by any of which the set's folder is known, as [`Set::find`] names them.
    pub known_by: &'static [&'static str],
    /// The files to be had.
    pub published: &'static [Published],
    /// Folders in the net that have them.
    pub mirrors: &'static [&'static str],
}

impl Set {
    /// The folder of the set's files: `folder`, or a usual one in it.
    pub fn folder(&self, folder: &Path) -> Result<PathBuf> {
        // What is no folder, or one that may not be read, says so itself.
        std::fs::read_dir(folder).map_err(|source| match source.kind() {
            ErrorKind::NotFound => self.missing(folder, self.known_by[0]),
            _ => Error::file(folder, source),
        })?;
        let folders = std::iter::once(folder.to_owned()).chain(self.folders.iter().map(|inner| folder.join(inner)));
        let known: Vec<String> = self.known_by.iter().flat_map(|name| spellings(name)).collect();
        let mut folders = folders.filter(|folder| known.iter().any(|name| exists(&folder.join(name))));
        folders.next().ok_or_else(|| self.missing(folder, self.known_by[0]))
    }

    /// The file of this name, in any of the ways in which it is written, plain or packed.
    pub fn find(&self, folder: &Path, name: &str) -> Result<PathBuf> {
        let mut paths = spellings(name).into_iter().map(|name| folder.join(name));
        paths.find(|path| exists(path)).ok_or_else(|| self.missing(folder, name))
    }

    /// The set as it was opened, or else what is missing of it: this build cannot fetch anything.
    #[cfg(not(feature = "download"))]
    pub fn download(&self, folder: &Path) -> Result<()> {
        self.folder(folder).map(drop)
    }

    /// What to do where a file is missing.
    fn missing(&self, folder: &Path, name: &str) -> Error {
        let Self { name: set, folders, published, mirrors, .. } = self;
        let files: Vec<String> = published.iter().map(|file| format!("{} ({} bytes)", file.name, file.bytes)).collect();
        let folders: Vec<String> = folders.iter().map(|inner| format!("`{inner}`")).collect();
        let how = if cfg!(feature = "download") { "" } else { ", in a build with the feature `download`" };
        let problem = format!(
            "there is no `{name}` of {set} in this folder or in {} in it. {set} is {}, from {}. `{set}::download` fetches it{how}",
            folders.join(", "),
            files.join(", "),
            mirrors.join(" or "),
        );
        Error::file(folder, io::Error::new(ErrorKind::NotFound, problem))
    }
}

/// A file that may not be looked at is there: opening it says what is wrong.
fn exists(path: &Path) -> bool {
    !matches!(std::fs::metadata(path), Err(error) if error.kind() == ErrorKind::NotFound)
}

/// The names under which a file is found: `train-images-idx3-ubyte` and `train-images.idx3-ubyte`, plain or packed.
fn spellings(name: &str) -> Vec<String> {
    let dotted = name.replacen("-idx", ".idx", 1);
    [name, &dotted].into_iter().flat_map(|name| [name.to_owned(), format!("{name}.gz")]).collect()
}
