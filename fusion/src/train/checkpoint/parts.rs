//! What a checkpoint holds: networks, each with its optimizer.

use super::file::{Document, Saved, prefix};
use crate::graph::default_stream;
use crate::nn::{Module, generators, set_generators};
use crate::optim::Optimizer;
use crate::state::{Name, Origin, set};
use crate::{Error, Result};
use std::fmt;
use std::fs::File;
use std::path::Path;

/// The networks of a run and their optimizers, each pair with a name: what several networks are saved and resumed by.
///
/// One list serves both ways, so that nothing is saved that is not restored:
///
/// ```
/// use fusion::prelude::*;
/// use fusion::train::{Checkpoints, Parts};
///
/// let rng = &mut StdRng::seed_from_u64(0);
/// let (mut net, mut opt) = (Linear::<dim!(3), dim!(2)>::init(rng), Adam::new(1e-3));
/// let mut mean = Averaged::ema(&net, 0.999);
///
/// let folder = tempfile::tempdir()?;
/// let checkpoints = Checkpoints::new(folder.path());
/// let mut run = checkpoints.resume_parts(Parts::new().trained("model", &mut net, &mut opt).module("mean", &mut mean))?;
/// run.step += 1;
/// checkpoints.save_parts(&run, Parts::new().trained("model", &mut net, &mut opt).module("mean", &mut mean))?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Default)]
pub struct Parts<'a> {
    list: Vec<Part<'a>>,
}

struct Part<'a> {
    name: String,
    module: &'a mut (dyn Module + 'a),
    optimizer: Option<&'a mut (dyn Optimizer + 'a)>,
}

impl<'a> Parts<'a> {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A network that no optimizer trains: a running mean, a target, a teacher.
    ///
    /// # Panics
    /// If the name is empty, has a dot, ends with `_optimizer`, or is that of another part.
    #[track_caller]
    #[must_use]
    pub fn module(self, name: &str, module: &'a mut dyn Module) -> Self {
        self.add(name, module, None)
    }

    /// A network and its optimizer.
    ///
    /// # Panics
    /// As [`Parts::module`].
    #[track_caller]
    #[must_use]
    pub fn trained(self, name: &str, module: &'a mut dyn Module, optimizer: &'a mut dyn Optimizer) -> Self {
        self.add(name, module, Some(optimizer))
    }

    #[track_caller]
    fn add(
        mut self,
        name: &str,
        module: &'a mut (dyn Module + 'a),
        optimizer: Option<&'a mut (dyn Optimizer + 'a)>,
    ) -> Self {
        assert!(
            !name.is_empty() && !name.contains('.') && !name.ends_with("_optimizer"),
            "a part of a checkpoint is named by a word without dots that does not end with `_optimizer`, not `{name}`"
        );
        assert!(self.list.iter().all(|part| part.name != name), "two parts of a checkpoint are called `{name}`");
        self.list.push(Part { name: name.to_owned(), module, optimizer });
        self
    }

    /// The parts as they are saved.
    pub(super) fn saved(&self) -> Vec<Saved<'_>> {
        let mut list = Vec::with_capacity(self.list.len());
        for part in &self.list {
            let optimizer = part.optimizer.as_ref().map(|optimizer| &**optimizer as &dyn Optimizer);
            list.push(Saved { name: &part.name, module: part.module, optimizer });
        }
        list
    }

    /// Puts everything that the file holds into the parts, or says what does not fit; then no network has changed.
    pub(super) fn restore(self, path: &Path, file: &File, len: u64, document: &Document) -> Result<()> {
        let mut problems = Vec::new();
        for name in document.generators.keys().filter(|name| self.list.iter().all(|part| part.name != **name)) {
            problems.push(format!("its part {} is not asked for", Name(name)));
        }
        for part in &self.list {
            let Some(states) = document.generators.get(&part.name) else {
                problems.push(format!("it has no part `{}`", part.name));
                continue;
            };
            let own = generators(part.module);
            for (all, others, says) in [(&own, states, "is not there"), (states, &own, "is unexpected")] {
                for path in all.keys().filter(|path| !others.contains_key(*path)) {
                    let path = prefix(&part.name, false) + path;
                    problems.push(format!("the generator {} {says}", Name(&path)));
                }
            }
            let saved = document.optimizers.contains_key(&part.name);
            if saved != part.optimizer.is_some() {
                let says = if saved { "was saved with an optimizer" } else { "was saved without an optimizer" };
                problems.push(format!("the part `{}` {says}", part.name));
            }
        }
        if !problems.is_empty() {
            let problem = format!("it does not fit this run: {}", problems.join("; "));
            return Err(Error::format(path, problem));
        }
        let mut all = Vec::with_capacity(self.list.len());
        let mut list = self.list;
        for part in &mut list {
            let origin = Origin::part(path, file, len, prefix(&part.name, false), None);
            all.push(origin.read(part.module)?);
        }
        for part in &mut list {
            if let Some(optimizer) = &mut part.optimizer {
                let text = document.optimizers.get(&part.name).cloned();
                let origin = Origin::part(path, file, len, prefix(&part.name, true), text);
                optimizer.load_contents(part.module, &origin)?;
            }
        }
        for (part, arrays) in list.into_iter().zip(all) {
            set(part.module, arrays);
            set_generators(part.module, &document.generators[&part.name]);
        }
        default_stream().set_state(document.default_generator);
        Ok(())
    }
}

/// Puts the tensors of one part into a network.
pub(super) fn load(
    path: &Path,
    file: &File,
    len: u64,
    document: &Document,
    part: &str,
    module: &mut dyn Module,
) -> Result<()> {
    if !document.generators.contains_key(part) {
        let names: Vec<_> = document.generators.keys().map(|name| Name(name).to_string()).collect();
        let problem = format!("it has no part {}, but {}", Name(part), names.join(", "));
        return Err(Error::format(path, problem));
    }
    Origin::part(path, file, len, prefix(part, false), None).load(module)
}

impl fmt::Debug for Parts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.list.iter().map(|part| &part.name)).finish()
    }
}
