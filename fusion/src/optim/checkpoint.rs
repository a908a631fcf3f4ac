//! An optimizer as a safetensors file: what it keeps by the parameters' paths, and its settings as one text.

use super::lookahead::Lookahead;
use super::rule::{MOST_KEPT, Rule, State};
use super::settings;
use super::slots::{Slots, each_parameter};
use crate::kernels::{Array, DType, Dims};
use crate::nn::{Module, Path};
use crate::state::{Checkpoint, Name, Wanted, to_bytes, write_whole};
use crate::{Error, Result};
use std::path::Path as FilePath;

/// The part that counts steps, a number without axes. Any other has the parameter's shape.
const STEP: &str = "step";

/// The slow weights of lookahead.
const SLOW: &str = "slow_buffer";

/// The text that a file's metadata has under this key: `Adam learning_rate=0.001 beta1=0.9 ..`.
const KEY: &str = "optimizer";

fn name(at: &Path<'_>, part: &str) -> String {
    at.child(part).to_string()
}

/// The names of what may be kept for a parameter: the number of steps, the arrays, the slow weights.
fn parts<R: Rule>() -> impl Iterator<Item = &'static str> {
    [STEP].into_iter().chain(R::KEPT.iter().copied()).chain([SLOW])
}

/// What is kept, under the names of [`parts`]; none of a part that there is not.
fn arrays<R: Rule>(state: &State, lookahead: Option<Lookahead>) -> impl Iterator<Item = Option<Array>> {
    let steps = i64::try_from(state.steps).unwrap_or(i64::MAX);
    let counts = R::COUNTS_STEPS || lookahead.is_some();
    let steps = (counts && steps > 0).then(|| Array::full(steps, Dims::default()));
    let slow = state.slow.clone().filter(|_| lookahead.is_some());
    [steps].into_iter().chain(state.arrays[..R::KEPT.len()].iter().cloned()).chain([slow])
}

pub(super) fn save<R: Rule>(
    path: &FilePath,
    module: &dyn Module,
    rule: &R,
    lookahead: Option<Lookahead>,
    slots: &Slots<State>,
) -> Result<()> {
    let mut tensors = Vec::new();
    each_parameter(module, |at, _, id| {
        if let Some(state) = slots.get(id) {
            let all = parts::<R>().zip(arrays::<R>(state, lookahead));
            tensors.extend(all.filter_map(|(part, array)| Some((name(at, part), array?))));
        }
    });
    let text = settings::text(rule) + &lookahead.map_or(String::new(), Lookahead::text);
    write_whole(path, &to_bytes(path, tensors, (KEY, &text))?)
}

pub(super) fn load<R: Rule>(
    path: &FilePath,
    module: &dyn Module,
    slots: &mut Slots<State>,
) -> Result<(R, Option<Lookahead>)> {
    let (mut wanted, mut ids) = (Vec::new(), Vec::new());
    each_parameter(module, |at, value, id| {
        ids.push(id);
        wanted.extend(parts::<R>().map(|part| {
            let (dtype, shape) =
                if part == STEP { (DType::I64, Dims::default()) } else { (value.dtype(), *value.shape()) };
            Wanted { name: name(at, part), dtype, shape, required: false, tied: None }
        }));
    });
    let mut file = Checkpoint::open(path, wanted, KEY)?;
    let (mut problems, mut lookahead) = (Vec::new(), None);
    let rule = match file.about() {
        Some(text) => {
            let (text, more) = Lookahead::split(text);
            match more.transpose() {
                Ok(more) => lookahead = more,
                Err(wrong) => problems.push(format!("its settings: {wrong}")),
            }
            settings::parse::<R>(text, |problem| problems.push(problem))
        }
        None => {
            problems.push(format!("its metadata has no `{KEY}`: no optimizer wrote it"));
            None
        }
    };
    if let Some(wrong) = rule.as_ref().and_then(|rule| rule.agree().err()) {
        problems.push(format!("its settings: {wrong}"));
    }
    // A parameter that has made no step has no part in the file, any other has all that the settings need.
    let needs = rule.as_ref().map_or([true; MOST_KEPT], Rule::needs);
    let counts = R::COUNTS_STEPS || lookahead.is_some();
    let arrays = needs.into_iter().take(R::KEPT.len());
    let needs: Vec<bool> = [counts].into_iter().chain(arrays).chain([lookahead.is_some()]).collect();
    let there: Vec<_> = file.is_there().collect();
    for parts in there.chunks(needs.len()).filter(|parts| parts.iter().any(|(_, there)| *there)) {
        for ((want, _), _) in parts.iter().zip(&needs).filter(|((_, there), needed)| !there && **needed) {
            problems.push(format!("{} is missing; expected {} {:?}", Name(&want.name), want.dtype, want.shape));
        }
    }
    problems.into_iter().for_each(|problem| file.problem(problem));
    let mut arrays = file.read()?.into_iter();
    let Some(rule) = rule else { unreachable!("a problem was noted, and reading fails") };
    let mut states = Vec::with_capacity(ids.len());
    for _ in &ids {
        let mut state = State::default();
        if let Some(steps) = arrays.next().expect("each part of each parameter") {
            let steps = steps.get::<i64>(&[]).expect("rank 0");
            if steps < 1 {
                let problem = "a parameter's `step` is below 1".into();
                return Err(Error::Format { path: path.to_owned(), problem });
            }
            state.steps = steps.unsigned_abs();
        }
        for array in &mut state.arrays[..R::KEPT.len()] {
            *array = arrays.next().expect("each part of each parameter");
        }
        state.slow = arrays.next().expect("each part of each parameter");
        states.push(state);
    }
    ids.into_iter().zip(states).for_each(|(id, state)| slots.put(id, state));
    Ok((rule, lookahead))
}
