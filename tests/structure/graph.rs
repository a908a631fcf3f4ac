//! Which file of a crate names which other one.

use super::source::Source;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::Path;

/// The files of a crate, without its tests, and its modules.
pub struct Crate {
    /// By path below `src`.
    pub files: BTreeMap<String, Source>,
    /// The crate's own name, with which `extern crate self` lets it be named.
    name: String,
    /// The file of each module, and its names in there: empty but for those between braces.
    modules: HashMap<Vec<String>, (String, Vec<String>)>,
}

impl Crate {
    /// Reads the crate whose root file is `lib.rs` in `src`.
    pub fn read(name: &str, src: &Path) -> Self {
        let mut this = Self { files: BTreeMap::new(), name: name.replace('-', "_"), modules: HashMap::new() };
        this.add(src, "lib.rs", Vec::new());
        this
    }

    fn add(&mut self, src: &Path, file: &str, module: Vec<String>) {
        let text = fs::read_to_string(src.join(file)).unwrap_or_else(|e| panic!("{file}: {e}"));
        let source = Source::new(&text);
        let folder = match file.rsplit_once('/') {
            _ if file == "lib.rs" => String::new(),
            Some((folder, "mod.rs")) => format!("{folder}/"),
            _ => format!("{}/", file.trim_end_matches(".rs")),
        };
        self.modules.insert(module.clone(), (file.into(), Vec::new()));
        let children = source.modules.clone();
        self.files.insert(file.into(), source);
        for (inner, child, test) in children {
            let mut path = module.clone();
            path.extend(inner.iter().cloned());
            path.push(child.clone());
            let below = format!("{folder}{}", inner.iter().map(|name| format!("{name}/")).collect::<String>());
            let (flat, own) = (format!("{below}{child}.rs"), format!("{below}{child}/mod.rs"));
            if test {
                continue;
            } else if src.join(&flat).exists() {
                self.add(src, &flat, path);
            } else if src.join(&own).exists() {
                self.add(src, &own, path);
            } else {
                let names = inner.into_iter().chain([child]).collect();
                self.modules.insert(path, (file.into(), names));
            }
        }
    }

    /// The module to which the first name of a path leads from `module`, if it is one of the crate's.
    fn start(&self, module: &[String], first: &str, seen: &mut BTreeSet<String>) -> Option<Found> {
        let mut path = module.to_vec();
        match first {
            "crate" => Some(Found::Module(Vec::new())),
            name if name == self.name => Some(Found::Module(Vec::new())),
            "self" => Some(Found::Module(path)),
            "super" => path.pop().map(|_| Found::Module(path)),
            name => self.named(module, name, seen),
        }
    }

    /// What `name` is in `module`: one of its modules or items, or what it brings by `use`.
    fn named(&self, module: &[String], name: &str, seen: &mut BTreeSet<String>) -> Option<Found> {
        let mut child = module.to_vec();
        child.push(name.into());
        if self.modules.contains_key(&child) {
            return Some(Found::Module(child));
        }
        if !seen.insert(format!("{}::{name}", module.join("::"))) {
            return None;
        }
        let (file, inner) = &self.modules[module];
        let source = &self.files[file];
        if source.items.get(inner).is_some_and(|items| items.iter().any(|item| item == name)) {
            return Some(Found::Item(file.clone()));
        }
        let uses = source.uses.iter().filter(|brought| brought.inner == *inner);
        let (all, single): (Vec<_>, Vec<_>) = uses.partition(|brought| brought.name == "*");
        if let Some(found) = single.iter().find(|brought| brought.name == name) {
            return self.resolve(module, &found.path, seen);
        }
        let found = all.iter().find_map(|all| {
            let of = &all.path[..all.path.len() - 1];
            match self.resolve(module, of, &mut seen.clone())? {
                Found::Module(of) if of != module => self.named(&of, name, seen),
                _ => None,
            }
        });
        // An exported macro stands at the root, whichever file writes it.
        let writes =
            |(file, source): (&String, &Source)| source.macros.iter().any(|made| made == name).then(|| file.clone());
        found.or_else(|| module.is_empty().then(|| self.files.iter().find_map(writes))?.map(Found::Item))
    }

    /// What a path means in `module`: none where it leads out of the crate.
    fn resolve(&self, module: &[String], path: &[String], seen: &mut BTreeSet<String>) -> Option<Found> {
        let (first, rest) = path.split_first()?;
        let mut found = self.start(module, first, seen)?;
        for name in rest {
            let Found::Module(of) = &found else { break };
            found = match name.as_str() {
                "super" => Found::Module(of[..of.len().checked_sub(1)?].to_vec()),
                // What a macro makes there is named nowhere.
                name => self.named(of, name, seen).unwrap_or_else(|| Found::Item(self.modules[of].0.clone())),
            };
        }
        Some(found)
    }

    /// The files that each file names, each with one of the paths.
    pub fn arrows(&self) -> BTreeMap<(String, String), String> {
        let mut arrows = BTreeMap::new();
        let of_file: HashMap<(&str, &[String]), &Vec<String>> =
            self.modules.iter().map(|(module, (file, inner))| ((file.as_str(), inner.as_slice()), module)).collect();
        for (file, source) in &self.files {
            let mentioned: BTreeSet<&str> =
                source.paths.iter().flat_map(|(_, path)| path.first()).map(String::as_str).collect();
            // A name that is passed on, and not used beside, is a line of a table of contents.
            let uses = source.uses.iter().filter(|brought| brought.name != "*");
            let uses = uses.filter(|brought| !brought.public || mentioned.contains(brought.name.as_str()));
            let uses = uses.map(|brought| (&brought.inner, &brought.path));
            let paths = source.paths.iter().map(|(inner, path)| (inner, path));
            for (inner, path) in uses.chain(paths) {
                let Some(module) = of_file.get(&(file.as_str(), inner.as_slice())) else { continue };
                // A name of one word counts if it comes with all others of a module.
                if let Some(Found::Item(to)) = self.resolve(module, path, &mut BTreeSet::new())
                    && to != *file
                {
                    arrows.entry((file.clone(), to)).or_insert_with(|| path.join("::"));
                }
            }
        }
        arrows
    }
}

enum Found {
    Module(Vec<String>),
    Item(String),
}

/// The circles: the sets of files of which each leads to each other one.
pub fn circles(arrows: &BTreeMap<(String, String), String>) -> Vec<BTreeSet<String>> {
    let mut next: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (from, to) in arrows.keys() {
        next.entry(from).or_default().push(to);
    }
    let reached = |from: &str| {
        let (mut seen, mut open) = (BTreeSet::new(), vec![from]);
        while let Some(file) = open.pop() {
            for to in next.get(file).into_iter().flatten() {
                if seen.insert(to.to_string()) {
                    open.push(to);
                }
            }
        }
        seen
    };
    let all: BTreeMap<String, BTreeSet<String>> = next.keys().map(|file| (file.to_string(), reached(file))).collect();
    let mut circles = BTreeSet::new();
    for (file, to) in all.iter().filter(|(file, to)| to.contains(*file)) {
        let back = to.iter().filter(|other| all.get(*other).is_some_and(|to| to.contains(file)));
        circles.insert(back.cloned().collect::<BTreeSet<_>>());
    }
    circles.into_iter().collect()
}
