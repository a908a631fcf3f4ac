//! An optimizer as a safetensors file: what it keeps by the parameters' paths, and its settings as one text.

use super::slots::Slots;
use crate::graph::Value;
use crate::kernels::{Array, DType, Dims};
use crate::nn::{Module, Path};
use crate::state::{Checkpoint, Name, Wanted, to_bytes, write_whole};
use crate::{Error, Result};
use std::fmt::Write;
use std::path::Path as FilePath;

/// Numbers that the user chose.
pub(super) trait Settings: Sized {
    /// Whose they are.
    const OPTIMIZER: &'static str;
    const NAMES: &'static [&'static str];
    /// A value for each name.
    fn values(&self) -> Vec<f64>;
    fn from_values(values: &[f64]) -> Self;
    /// Says which is out of range.
    fn check(&self) -> Result<(), String>;
}

/// What is kept for one parameter.
pub(super) trait Kept: Default {
    /// PyTorch's names for its parts. Each has the parameter's shape, [`STEP`] has none.
    const PARTS: &'static [&'static str];
    /// One array for each part; `None` before the first step.
    fn parts(&self) -> Option<Vec<Array>>;
    fn from_parts(parts: Vec<Array>) -> Self;
}

/// The part that counts steps.
pub(super) const STEP: &str = "step";

/// The text that a file's metadata has under this key: `Adam learning_rate=0.001 beta1=0.9 ..`.
const KEY: &str = "optimizer";

fn name(at: &Path<'_>, part: &str) -> String {
    at.child(part).to_string()
}

/// Each parameter once, with its id.
fn each_parameter(module: &impl Module, mut f: impl FnMut(&Path<'_>, &Value, u64)) {
    let mut seen = Vec::new();
    module.walk(&Path::root(), &mut |at, value| {
        if let Some(id) = value.link().id().filter(|id| value.is_parameter() && !seen.contains(id)) {
            seen.push(id);
            f(at, value, id);
        }
    });
}

pub(super) fn save<K: Kept>(
    path: &FilePath,
    module: &impl Module,
    settings: &impl Settings,
    slots: &Slots<K>,
) -> Result<()> {
    let mut tensors = Vec::new();
    each_parameter(module, |at, _, id| {
        if let Some(arrays) = slots.get(id).and_then(Kept::parts) {
            tensors.extend(K::PARTS.iter().map(|part| name(at, part)).zip(arrays));
        }
    });
    write_whole(path, &to_bytes(path, tensors, (KEY, &text(settings)))?)
}

/// The settings, each number such that reading it gives the same again.
fn text<S: Settings>(settings: &S) -> String {
    let mut text = String::from(S::OPTIMIZER);
    for (name, value) in S::NAMES.iter().zip(settings.values()) {
        write!(text, " {name}={value:?}").expect("a string takes everything");
    }
    text
}

fn parse<S: Settings>(text: &str, mut problem: impl FnMut(String)) -> Option<S> {
    let mut words = text.split_whitespace();
    let optimizer = words.next().unwrap_or_default();
    if optimizer != S::OPTIMIZER {
        problem(format!("it was saved by {}, but this is `{}`", Name(optimizer), S::OPTIMIZER));
        return None;
    }
    let mut values = Vec::with_capacity(S::NAMES.len());
    for name in S::NAMES {
        let word = words.next().unwrap_or_default();
        let value = word.strip_prefix(name).and_then(|rest| rest.strip_prefix('='));
        match value.and_then(|value| value.parse().ok()) {
            Some(value) => values.push(value),
            None => problem(format!("its settings should have `{name}=` and a number, but have {}", Name(word))),
        }
    }
    if let Some(word) = words.next() {
        problem(format!("its settings have {} after the last", Name(word)));
    }
    let settings = (values.len() == S::NAMES.len()).then(|| S::from_values(&values))?;
    match settings.check() {
        Ok(()) => Some(settings),
        Err(wrong) => {
            problem(format!("its settings: {wrong}"));
            None
        }
    }
}

pub(super) fn load<S: Settings, K: Kept>(path: &FilePath, module: &impl Module, slots: &mut Slots<K>) -> Result<S> {
    let (mut wanted, mut ids) = (Vec::new(), Vec::new());
    each_parameter(module, |at, value, id| {
        ids.push(id);
        wanted.extend(K::PARTS.iter().map(|&part| {
            let (dtype, shape) =
                if part == STEP { (DType::I64, Dims::default()) } else { (value.dtype(), *value.shape()) };
            Wanted { name: name(at, part), dtype, shape, required: false, tied: None }
        }));
    });
    let mut file = Checkpoint::open(path, wanted, KEY)?;
    let mut problems = Vec::new();
    let settings = match file.about() {
        Some(text) => parse::<S>(text, |problem| problems.push(problem)),
        None => {
            problems.push(format!("its metadata has no `{KEY}`: no optimizer wrote it"));
            None
        }
    };
    // A parameter that has made no step has no part in the file, any other has all.
    let there: Vec<_> = file.is_there().collect();
    for parts in there.chunks(K::PARTS.len()).filter(|parts| parts.iter().any(|(_, there)| *there)) {
        for (want, _) in parts.iter().filter(|(_, there)| !there) {
            problems.push(format!("{} is missing; expected {} {:?}", Name(&want.name), want.dtype, want.shape));
        }
    }
    problems.into_iter().for_each(|problem| file.problem(problem));
    let mut arrays = file.read()?.into_iter();
    let Some(settings) = settings else { unreachable!("a problem was noted, and reading fails") };
    let mut states = Vec::with_capacity(ids.len());
    for _ in &ids {
        let parts: Vec<Array> = arrays.by_ref().take(K::PARTS.len()).flatten().collect();
        if K::PARTS.iter().zip(&parts).any(|(&part, array)| part == STEP && array.get(&[]) < Some(1i64)) {
            let problem = "a parameter's `step` is below 1".into();
            return Err(Error::Format { path: path.to_owned(), problem });
        }
        states.push(if parts.is_empty() { K::default() } else { K::from_parts(parts) });
    }
    ids.into_iter().zip(states).for_each(|(id, state)| slots.put(id, state));
    Ok(settings)
}
