//! Loading a part: some of a module's tensors, from a file that may hold others.

use super::matching::Matching;
use super::problems::Name;
use super::read::{Checkpoint, How, Mismatched, Wanted, laid_out_like};
use crate::Result;
use crate::graph::Link;
use crate::kernels::Array;
use crate::nn::{Module, Path};
use std::collections::HashMap;
use std::fmt;
use std::fs::File;
use std::path::Path as FilePath;

/// The result of loading a part of a module: the names of its tensors, and of the entries in the file that were not
/// used. Shown by `Display`.
#[must_use = "it says what was not loaded; `let _ = ..` if that does not matter"]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loaded {
    /// The module's tensors that have the file's values now.
    pub loaded: Vec<String>,
    /// The module's tensors that are as they were.
    pub kept: Vec<String>,
    /// The file's tensors that no tensor of the module asked for, under the file's names.
    pub unused: Vec<String>,
    /// The module's tensors that are as they were since the file's are of another shape or type; `kept` has them too. There
    /// are none unless [`Matching::skip_mismatched`] asks for it.
    pub mismatched: Vec<Mismatched>,
}

impl fmt::Display for Loaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { loaded, kept, unused, mismatched } = self;
        write!(f, "loaded: {}", loaded.len())?;
        for (what, names) in [("left as they were", kept), ("in the file, but not used", unused)] {
            if !names.is_empty() {
                let names: Vec<_> = names.iter().map(|name| Name(name).to_string()).collect();
                write!(f, "\n{what}: {}", names.join(", "))?;
            }
        }
        mismatched.iter().try_for_each(|left| write!(f, "\n{left}"))
    }
}

/// Loads the tensors of a module that `names` has a name for, all of which the file must hold.
pub(super) fn load(
    module: &mut (impl Module + ?Sized),
    path: &FilePath,
    names: impl Fn(&str) -> Option<String>,
) -> Result<Loaded> {
    let (wanted, places) = wanted(module, true, names);
    let file = Checkpoint::open_as(path, wanted, "", How { ignores_others: true, ..How::default() })?;
    read(module, file, places)
}

/// Loads those of a module's tensors that match and are there.
pub(super) fn load_matching(
    module: &mut (impl Module + ?Sized),
    path: &FilePath,
    matching: &Matching,
) -> Result<Loaded> {
    let (wanted, places) = wanted(module, false, |name| matching.holds(name).then(|| name.to_owned()));
    let names: Vec<&str> = places.iter().map(|(name, _)| name.as_str()).collect();
    matching.check(&names)?;
    let mut file = Checkpoint::open_as(path, wanted, "", matching.how())?;
    let first = file.is_there().next().map(|(want, _)| Name(&want.name).to_string());
    let none = file.mismatched().is_empty() && file.is_there().all(|(_, there)| !there);
    if let Some(first) = first.filter(|_| none) {
        let has = file.others().first().map_or("nothing".to_owned(), |name| Name(name).to_string());
        file.problem(format!("it has no tensor of this module, which begins with {first}, but {has} and so on"));
    }
    read(module, file, places)
}

/// The tensors of a module with the places in the list of what is wanted.
type Places = Vec<(String, Option<usize>)>;

/// What is wanted of a file: what `names` calls the module's tensors.
fn wanted(
    module: &mut (impl Module + ?Sized),
    required: bool,
    names: impl Fn(&str) -> Option<String>,
) -> (Vec<Wanted>, Places) {
    let (mut wanted, mut places, mut first) = (Vec::<Wanted>::new(), Vec::new(), HashMap::new());
    module.walk_mut(&Path::root(), &mut |at, value| {
        let at = at.to_string();
        let place = names(&at).map(|name| {
            let tied = id(value.link()).map(|id| *first.entry(id).or_insert(wanted.len()));
            let tied = tied.filter(|&first| first < wanted.len());
            wanted.push(Wanted { name, dtype: value.dtype(), shape: *value.shape(), required, tied });
            wanted.len() - 1
        });
        places.push((at, place));
    });
    (wanted, places)
}

/// Reads what is there into a module.
fn read(module: &mut (impl Module + ?Sized), file: Checkpoint<File>, places: Places) -> Result<Loaded> {
    let (unused, mismatched) = (file.others(), file.mismatched());
    let arrays = file.read()?;
    let (mut loaded, mut kept) = (Vec::new(), Vec::new());
    let mut tied: HashMap<u64, Array> = HashMap::new();
    let arrays: Vec<_> =
        places.into_iter().map(|(at, place)| (at, place.and_then(|place| arrays[place].clone()))).collect();
    let mut next = arrays.iter();
    module.walk_mut(&Path::root(), &mut |_, value| {
        if let (Some((_, Some(array))), Some(id)) = (next.next(), id(value.link())) {
            tied.insert(id, array.clone());
        }
    });
    let mut next = arrays.into_iter();
    module.walk_mut(&Path::root(), &mut |_, value| {
        let Some((at, array)) = next.next() else { return };
        // A tensor that is tied to a loaded one is the same tensor.
        match array.or_else(|| tied.get(&id(value.link())?).cloned()) {
            Some(array) => {
                value.set(laid_out_like(array, value.array()));
                loaded.push(at);
            }
            None => kept.push(at),
        }
    });
    Ok(Loaded { loaded, kept, unused, mismatched })
}

/// The id of a parameter, frozen or not.
pub(super) fn id(link: &Link) -> Option<u64> {
    match link {
        Link::Parameter(id) | Link::Frozen(id) => Some(*id),
        _ => None,
    }
}
