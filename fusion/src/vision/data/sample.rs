//! One image of a data set, and the files that say what is in it.

use crate::vision::Labelled;
use crate::{Error, Result};
use std::fs::File;
use std::io::Read;
use std::path::{Component, Path, PathBuf};

/// The longest file of boxes that is read.
const LONGEST: u64 = 1 << 30;

/// An image's file and what is in it.
#[derive(Clone, Debug)]
pub(super) struct Sample {
    pub file: PathBuf,
    pub objects: Vec<Labelled>,
}

/// The contents of a file of boxes.
pub(super) fn contents(path: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(LONGEST + 1).read_to_end(&mut bytes));
    match read.map_err(|source| Error::file(path, source))? as u64 > LONGEST {
        true => Err(Error::format(path, format_args!("is longer than the {LONGEST} bytes that boxes may have"))),
        false => Ok(bytes),
    }
}

/// The place of an image in a folder; `None` if its name leads out of it.
pub(super) fn inside(folder: &Path, name: &str) -> Option<PathBuf> {
    let plain = |part| matches!(part, Component::Normal(_) | Component::CurDir);
    (!name.is_empty() && Path::new(name).components().all(plain)).then(|| folder.join(name))
}
