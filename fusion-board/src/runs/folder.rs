//! Which runs there are: folders with a log in them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

/// The name of a log in the folder of its run.
const FILE: &str = "run.fusion";
/// How deep runs may lie.
const DEPTH: usize = 8;
/// How many runs are shown.
const MOST: usize = 10_000;
/// How many names are looked at.
const ENTRIES: usize = 500_000;

/// The runs of a folder.
#[derive(Debug, Default)]
pub struct Found {
    /// By name, which is the path of the run's folder from the folder of all runs on.
    pub runs: BTreeMap<String, Log>,
    /// Are there more than are shown?
    pub has_more: bool,
}

/// A log as it lies in its folder.
#[derive(Clone, Debug, PartialEq)]
pub struct Log {
    /// Where it lies.
    pub path: PathBuf,
    /// Its length.
    pub bytes: u64,
    /// When it was changed, in seconds since the start of 1970.
    pub modified: f64,
}

/// Finds the runs below a folder. Links are not followed, so that all of them lie in it.
///
/// A folder that cannot be read has no runs.
pub fn find(root: &Path) -> Found {
    let (mut found, mut looked_at) = (Found::default(), 0);
    let mut folders = vec![(root.to_owned(), String::new(), 0)];
    while let Some((folder, name, depth)) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for entry in entries.flatten() {
            looked_at += 1;
            if looked_at > ENTRIES {
                found.has_more = true;
                return found;
            }
            // Of the entry itself: a link is neither a folder nor a file.
            let Ok(kind) = entry.file_type() else { continue };
            let own = entry.file_name().to_string_lossy().into_owned();
            if kind.is_dir() && depth < DEPTH {
                let inner = if name.is_empty() { own } else { format!("{name}/{own}") };
                folders.push((entry.path(), inner, depth + 1));
            } else if kind.is_file() && own == FILE {
                let Ok(about) = entry.metadata() else { continue };
                let modified = about.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
                let log = Log {
                    path: entry.path(),
                    bytes: about.len(),
                    modified: modified.map_or(0.0, |time| time.as_secs_f64()),
                };
                // A log in the folder of all runs itself is a run without a name of its own.
                let name = if name.is_empty() { ".".to_owned() } else { name.clone() };
                if found.runs.len() == MOST {
                    found.has_more = true;
                    return found;
                }
                found.runs.entry(name).or_insert(log);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_a_run() {
        let home = tempfile::tempdir().expect("a folder");
        let root = home.path().join("runs");
        let names = ["a", "deep/er/than", "with 'quotes\" and <script>alert(1)</script", "Ünïcode ☃", "a/b"];
        for name in names {
            fs::create_dir_all(root.join(name)).expect("room");
            fs::write(root.join(name).join(FILE), "x").expect("room");
        }
        fs::create_dir_all(root.join("none")).expect("room");
        fs::write(root.join("none/other.txt"), "x").expect("room");
        let found = find(&root);
        assert!(names.iter().all(|name| found.runs.contains_key(*name)), "{found:?}");
        assert!(found.runs.len() == names.len() && found.runs.values().all(|log| log.bytes == 1) && !found.has_more);
        assert!(find(&home.path().join("missing")).runs.is_empty());
        fs::write(root.join(FILE), "xyz").expect("room");
        assert_eq!(find(&root).runs["."].bytes, 3);
    }

    #[test]
    #[cfg(unix)]
    fn links_are_not_followed() {
        let home = tempfile::tempdir().expect("a folder");
        let (root, outside) = (home.path().join("runs"), home.path().join("outside"));
        for folder in [&root, &outside, &root.join("link"), &root.join("real")] {
            fs::create_dir_all(folder).expect("room");
        }
        fs::write(outside.join(FILE), "secret").expect("room");
        std::os::unix::fs::symlink(&outside, root.join("folder")).expect("room");
        std::os::unix::fs::symlink(outside.join(FILE), root.join("link").join(FILE)).expect("room");
        std::os::unix::fs::symlink(&root, root.join("real/circle")).expect("room");
        assert!(find(&root).runs.is_empty());
    }
}
