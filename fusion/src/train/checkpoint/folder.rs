//! A folder of checkpoints: what lies there, and who may write.

use crate::state::TEMPORARY;
use crate::{Error, Result};
use std::fmt;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// With what the names of checkpoints begin that are not finished.
pub(super) const UNFINISHED: &str = ".checkpoint-";

/// The file whose lock the one writer has.
const LOCK: &str = ".checkpoints.lock";

/// A file in a folder of checkpoints that cannot be used. Printed, it is a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Skipped {
    /// The file.
    pub path: PathBuf,
    /// Why.
    pub problem: String,
}

impl fmt::Display for Skipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.problem)
    }
}

impl Skipped {
    /// The file to which `error` happened.
    pub(super) fn of(path: PathBuf, error: &Error) -> Self {
        let problem = error.to_string();
        let start = format!("{}: ", path.display());
        Self { path, problem: problem.strip_prefix(&start).map(str::to_owned).unwrap_or(problem) }
    }
}

/// What a folder holds.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The checkpoints, whole or not, by their steps from the latest on.
    pub(super) steps: Vec<(usize, PathBuf)>,
    /// Files that were begun.
    pub(super) unfinished: Vec<PathBuf>,
}

/// The checkpoint of a step.
pub(super) fn path_of(folder: &Path, step: usize) -> PathBuf {
    folder.join(format!("step-{step:08}.safetensors"))
}

/// The step of a checkpoint's name.
fn step_of(name: &str) -> Option<usize> {
    let digits = name.strip_prefix("step-")?.strip_suffix(".safetensors")?;
    // Another spelling of the number would be another file of the same step.
    let step = digits.parse().ok()?;
    (format!("{step:08}") == digits).then_some(step)
}

/// Looks into a folder. One that is not there has nothing.
pub(super) fn look(folder: &Path) -> Result<Found> {
    let failed = |source| Error::file(folder, source);
    let mut found = Found::default();
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(found),
        entries => entries.map_err(failed)?,
    };
    for entry in entries {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        if let Some(step) = step_of(name) {
            found.steps.push((step, entry.path()));
        } else if name.starts_with(UNFINISHED) && name.ends_with(TEMPORARY) {
            found.unfinished.push(entry.path());
        }
    }
    found.steps.sort_unstable_by(|a, b| b.cmp(a));
    found.unfinished.sort_unstable();
    Ok(found)
}

/// Makes the folder, if need be, and this process the one that writes there; what others have begun and left is removed.
/// The system ends that when the file is closed, also when the process is killed.
pub(super) fn lock(folder: &Path) -> Result<File> {
    let failed = |path: &Path, source| Error::file(path, source);
    fs::create_dir_all(folder).map_err(|source| failed(folder, source))?;
    let path = folder.join(LOCK);
    let file = File::options().create(true).append(true).open(&path).map_err(|source| failed(&path, source))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let problem =
                "somebody else writes checkpoints here, another process or another part of this one: a run needs \
                a folder of its own"
                    .to_owned();
            return Err(Error::format(folder, problem));
        }
        // Some network file systems have no locks.
        Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {}
        Err(TryLockError::Error(source)) => return Err(failed(&path, source)),
    }
    for path in look(folder)?.unfinished {
        remove(&path)?;
    }
    Ok(file)
}

/// Removes a file, if it is there.
pub(super) fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => Err(Error::file(path, source)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        assert_eq!(path_of(Path::new("a"), 7), Path::new("a/step-00000007.safetensors"));
        for step in [0, 7, 99_999_999, 100_000_000, usize::MAX] {
            let path = path_of(Path::new("a"), step);
            assert_eq!(step_of(path.file_name().unwrap().to_str().unwrap()), Some(step));
        }
        for name in
            ["step-7.safetensors", "step-+0000007.safetensors", "step-000000007.safetensors", "step-.safetensors"]
        {
            assert_eq!(step_of(name), None, "{name}");
        }
    }
}
