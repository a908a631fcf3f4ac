//! Writing a safetensors file: whole or not at all.

use super::header::METADATA;
use super::problems::{Name, Problems};
use super::stored::to_le_bytes;
use crate::kernels::{Array, DType};
use crate::{Error, Result};
use safetensors::Dtype;
use std::borrow::Cow;
use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

/// A tensor as the `safetensors` crate wants to see it.
struct Entry {
    array: Array,
    shape: Vec<usize>,
}

impl safetensors::View for &Entry {
    fn dtype(&self) -> Dtype {
        match self.array.dtype() {
            DType::F32 => Dtype::F32,
            DType::F64 => Dtype::F64,
            DType::I64 => Dtype::I64,
            DType::U8 => Dtype::U8,
            DType::Bool => Dtype::BOOL,
        }
    }

    fn shape(&self) -> &[usize] {
        &self.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        Cow::Owned(to_le_bytes(&self.array))
    }

    fn data_len(&self) -> usize {
        self.array.count() * self.array.dtype().size()
    }
}

/// A file's contents: the tensors, and one text about the whole file. (Of several the crate would write first whichever
/// its hash map has first, and the same state would not always give the same bytes.) `path` is where it will go.
pub(crate) fn to_bytes(path: &Path, tensors: Vec<(String, Array)>, about: (&str, &str)) -> Result<Vec<u8>> {
    let stored = |(name, array): (String, Array)| {
        let shape = array.shape().iter().collect();
        (name, Entry { array, shape })
    };
    let mut stored: Vec<(String, Entry)> = tensors.into_iter().map(stored).collect();
    stored.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    let mut problems = Problems::default();
    for pair in stored.windows(2).filter(|pair| pair[0].0 == pair[1].0) {
        problems.add(|| format!("two tensors are called {}", Name(&pair[0].0)));
    }
    if stored.iter().any(|(name, _)| name == METADATA) {
        problems.add(|| format!("no tensor may be called `{METADATA}`"));
    }
    problems.check(path)?;
    let about = HashMap::from([(about.0.to_owned(), about.1.to_owned())]);
    safetensors::serialize(stored.iter().map(|(name, stored)| (name, stored)), Some(about))
        .map_err(|error| Error::format(path, error))
}

/// How the names of files end that are not finished.
pub(crate) const TEMPORARY: &str = ".tmp";

/// Puts `bytes` into the file at `path`, all of them or, if anything fails, none: they are written to a new file beside
/// it, forced to the disk, and take the place of an older file at once.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    write_whole_as(path, ".fusion-", bytes)
}

/// As [`write_whole`], through a new file whose name begins with `prefix` and ends with [`TEMPORARY`].
pub(crate) fn write_whole_as(path: &Path, prefix: &str, bytes: &[u8]) -> Result<()> {
    try_write_whole(path, prefix, bytes).map_err(|source| Error::file(path, source))
}

fn try_write_whole(path: &Path, prefix: &str, bytes: &[u8]) -> io::Result<()> {
    let older = match fs::metadata(path) {
        // Renaming over a device or a pipe would remove it.
        Ok(older) if !older.is_file() => {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
        }
        Ok(older) => Some(older.permissions()),
        Err(_) => None,
    };
    // A symbolic link stays one: what it leads to is replaced.
    let real = fs::canonicalize(path);
    let path = real.as_deref().unwrap_or(path);
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut new = tempfile::Builder::new();
    new.prefix(prefix).suffix(TEMPORARY);
    // By itself a temporary file is for its owner only. An ordinary new file's mode is 0o666 less the umask.
    #[cfg(unix)]
    new.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut new = new.tempfile_in(folder)?;
    if let Some(permissions) = older {
        new.as_file().set_permissions(permissions)?;
    }
    new.write_all(bytes)?;
    new.as_file().sync_all()?;
    new.persist(path).map_err(|error| error.error)?;
    // The rename itself is a change of the folder.
    if cfg!(unix) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn modes_links_and_devices() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name| folder.path().join(name);
        fs::write(at("plain"), b"").unwrap();
        write_whole(&at("new"), b"1").unwrap();
        assert_eq!(mode(&at("new")), mode(&at("plain")));
        fs::set_permissions(at("new"), PermissionsExt::from_mode(0o640)).unwrap();
        symlink(at("new"), at("link")).unwrap();
        write_whole(&at("link"), b"2").unwrap();
        assert!(fs::symlink_metadata(at("link")).unwrap().is_symlink());
        assert_eq!((fs::read(at("new")).unwrap(), mode(&at("new"))), (b"2".to_vec(), 0o640));
        assert!(write_whole(folder.path(), b"").is_err());
        assert!(write_whole(Path::new("/dev/null"), b"").is_err());
        assert!(write_whole(&at("none/such"), b"").is_err());
        assert!(write_whole(Path::new(""), b"").is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3, "no temporary file is left");
    }

    #[test]
    fn names_that_a_file_cannot_hold() {
        let one = |name: &str| (name.to_owned(), Array::full(1.0f32, Default::default()));
        let error = to_bytes(Path::new("x"), vec![one("a"), one("b"), one("a")], ("k", "v")).unwrap_err();
        assert_eq!(error.to_string(), "x does not fit this module:\ntwo tensors are called `a`");
        assert!(to_bytes(Path::new("x"), vec![one(METADATA)], ("k", "v")).is_err());
    }
}
