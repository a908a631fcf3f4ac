//! A file that grows by whole pieces.

use crate::{Error, Result};
use std::fs::File;
use std::io::Write;
use std::path::PathBuf;

#[derive(Debug)]
pub(super) struct Growing {
    pub path: PathBuf,
    /// The file, opened for appending.
    pub file: File,
    /// Its length.
    pub end: u64,
}

impl Growing {
    /// Adds bytes, all or none, in one call of the system.
    pub fn add(&mut self, bytes: &[u8]) -> Result<()> {
        if let Err(source) = self.file.write_all(bytes) {
            // If that cannot be taken back either, readers pass over it.
            let _ = self.file.set_len(self.end);
            return Err(Error::file(&self.path, source));
        }
        self.end += bytes.len() as u64;
        Ok(())
    }
}

/// Gives back the lock that a run has on its file. To close it is not enough: a program that this process is about to start has the
/// file, too, for a moment.
impl Drop for Growing {
    fn drop(&mut self) {
        let _ = self.file.unlock();
    }
}
