//! Readers of data in files: what they read, and what they say of files that are not what they should be. Every test writes
//! its own files; with `FUSION_DATA`, the real sets are read as well.

#[path = "readers/images.rs"]
mod images;
#[path = "readers/numpy.rs"]
mod numpy;
#[path = "readers/published.rs"]
mod published;
#[path = "readers/text.rs"]
mod text;

use flate2::{Compression, write::GzEncoder};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A folder for the files of one test.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file, and the folders around it.
    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(&path, bytes).expect("a file");
        path
    }

    /// What was said of a file in this folder, without the folder.
    fn message<T>(&self, result: fusion::Result<T>) -> String {
        let Err(error) = result else { panic!("a bad file was read") };
        error
            .to_string()
            .replace(&format!("{}/", self.path().display()), "")
            .replace(&self.path().display().to_string(), "FOLDER")
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed.write_all(bytes).expect("memory");
    packed.finish().expect("memory")
}

/// Where the real sets lie, if that is said.
fn real() -> Option<PathBuf> {
    let path = std::env::var_os("FUSION_DATA").map(PathBuf::from);
    if path.is_none() {
        println!("skipped: FUSION_DATA does not say where the data sets lie");
    }
    path
}
