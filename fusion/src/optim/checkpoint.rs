//! An optimizer as a safetensors file: what it keeps by the parameters' paths, and its settings as one text.

use super::lookahead::Lookahead;
use super::rule::{MOST_KEPT, Rule, State};
use super::settings;
use super::slots::{Slots, each_parameter};
use crate::kernels::{Array, DType, Dims};
use crate::nn::{Module, Path};
use crate::state::{Contents, Name, Origin, Wanted};
use crate::{Error, Result};

/// The part that counts steps, a number without axes. Any other has the parameter's shape.
const STEP: &str = "step";

/// The slow weights of lookahead.
const SLOW: &str = "slow_buffer";

/// The text that a file's metadata has under this key: `Adam learning_rate=0.001 beta1=0.9 ..`.
pub(super) const KEY: &str = "optimizer";

fn name(at: &Path<'_>, part: &str) -> String {
    at.child(part).to_string()
}

/// What a rule keeps for a parameter: all that a file depends on, so that what follows is compiled once for all rules.
#[derive(Clone, Copy)]
struct Kept {
    names: &'static [&'static str],
    counts_steps: bool,
}

impl Kept {
    fn of<R: Rule>() -> Self {
        Self { names: R::KEPT, counts_steps: R::COUNTS_STEPS }
    }

    /// The names of what may be kept for a parameter: the number of steps, the arrays, the slow weights.
    fn parts(self) -> impl Iterator<Item = &'static str> {
        [STEP].into_iter().chain(self.names.iter().copied()).chain([SLOW])
    }

    /// What is kept, under the names of [`Kept::parts`]; none of a part that there is not.
    fn arrays(self, state: &State, lookahead: Option<Lookahead>) -> impl Iterator<Item = Option<Array>> {
        let steps = i64::try_from(state.steps).unwrap_or(i64::MAX);
        let counts = self.counts_steps || lookahead.is_some();
        let steps = (counts && steps > 0).then(|| Array::full(steps, Dims::default()));
        let slow = state.slow.clone().filter(|_| lookahead.is_some());
        [steps].into_iter().chain(state.arrays[..self.names.len()].iter().cloned()).chain([slow])
    }

    fn contents(
        self,
        module: &dyn Module,
        settings: String,
        lookahead: Option<Lookahead>,
        slots: &Slots<State>,
    ) -> Contents {
        let mut tensors = Vec::new();
        each_parameter(module, &mut |at, _, id| {
            if let Some(state) = slots.get(id) {
                let all = self.parts().zip(self.arrays(state, lookahead));
                tensors.extend(all.filter_map(|(part, array)| Some((name(at, part), array?))));
            }
        });
        Contents { tensors, about: settings + &lookahead.map_or(String::new(), Lookahead::text) }
    }

    /// Reads a file. `parse` takes the text of the settings, notes what is wrong with it, and says which arrays they need.
    fn load(
        self,
        origin: &Origin<'_>,
        module: &dyn Module,
        slots: &mut Slots<State>,
        parse: &mut dyn FnMut(&str, &mut Vec<String>) -> [bool; MOST_KEPT],
    ) -> Result<Option<Lookahead>> {
        let (mut wanted, mut ids) = (Vec::new(), Vec::new());
        each_parameter(module, &mut |at, value, id| {
            ids.push(id);
            wanted.extend(self.parts().map(|part| {
                let (dtype, shape) =
                    if part == STEP { (DType::I64, Dims::default()) } else { (value.dtype(), *value.shape()) };
                Wanted { name: name(at, part), dtype, shape, required: false, tied: None }
            }));
        });
        let mut file = origin.checkpoint(wanted)?;
        let (mut problems, mut lookahead) = (Vec::new(), None);
        // A parameter that has made no step has no part in the file, any other has all that the settings need.
        let needs = match origin.about() {
            Some(text) => {
                let (text, more) = Lookahead::split(text);
                match more.transpose() {
                    Ok(more) => lookahead = more,
                    Err(wrong) => problems.push(format!("its settings: {wrong}")),
                }
                parse(text, &mut problems)
            }
            None => {
                problems.push(origin.no_text(KEY));
                [true; MOST_KEPT]
            }
        };
        let counts = self.counts_steps || lookahead.is_some();
        let arrays = needs.into_iter().take(self.names.len());
        let needs: Vec<bool> = [counts].into_iter().chain(arrays).chain([lookahead.is_some()]).collect();
        let there: Vec<_> = file.is_there().collect();
        for parts in there.chunks(needs.len()).filter(|parts| parts.iter().any(|(_, there)| *there)) {
            for ((want, _), _) in parts.iter().zip(&needs).filter(|((_, there), needed)| !there && **needed) {
                problems.push(format!("{} is missing; expected {} {:?}", Name(&want.name), want.dtype, want.shape));
            }
        }
        problems.into_iter().for_each(|problem| file.problem(problem));
        let mut arrays = file.read()?.into_iter();
        let mut states = Vec::with_capacity(ids.len());
        for _ in &ids {
            let mut state = State::default();
            if let Some(steps) = arrays.next().expect("each part of each parameter") {
                let steps = steps.get::<i64>(&[]).expect("rank 0");
                if steps < 1 {
                    let problem = "a parameter's `step` is below 1";
                    return Err(Error::format(origin.path(), problem));
                }
                state.steps = steps.unsigned_abs();
            }
            for array in &mut state.arrays[..self.names.len()] {
                *array = arrays.next().expect("each part of each parameter");
            }
            state.slow = arrays.next().expect("each part of each parameter");
            states.push(state);
        }
        ids.into_iter().zip(states).for_each(|(id, state)| slots.put(id, state));
        Ok(lookahead)
    }
}

pub(super) fn contents<R: Rule>(
    module: &dyn Module,
    rule: &R,
    lookahead: Option<Lookahead>,
    slots: &Slots<State>,
) -> Contents {
    Kept::of::<R>().contents(module, settings::text(rule), lookahead, slots)
}

pub(super) fn load<R: Rule>(
    origin: &Origin<'_>,
    module: &dyn Module,
    slots: &mut Slots<State>,
) -> Result<(R, Option<Lookahead>)> {
    let mut rule = None;
    let lookahead = Kept::of::<R>().load(origin, module, slots, &mut |text, problems| {
        rule = settings::parse::<R>(text, |problem| problems.push(problem));
        if let Some(wrong) = rule.as_ref().and_then(|rule: &R| rule.agree().err()) {
            problems.push(format!("its settings: {wrong}"));
        }
        rule.as_ref().map_or([true; MOST_KEPT], Rule::needs)
    })?;
    let Some(rule) = rule else { unreachable!("a problem was noted, and reading failed") };
    Ok((rule, lookahead))
}
