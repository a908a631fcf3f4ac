//! One image of a data set, and the files that say what is in it.

use crate::Result;
use crate::data::read_bytes;
use crate::vision::Labelled;
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
    read_bytes(path, LONGEST)
}

/// The place of an image in a folder; `None` if its name leads out of it.
pub(super) fn inside(folder: &Path, name: &str) -> Option<PathBuf> {
    let plain = |part| matches!(part, Component::Normal(_) | Component::CurDir);
    (!name.is_empty() && Path::new(name).components().all(plain)).then(|| folder.join(name))
}
