//! A rule at work on a module.

use super::checkpoint;
use super::groups::{Group, Groups, Which};
use super::lookahead::Lookahead;
use super::rule::{Rule, State};
use super::slots::{Slots, each_parameter};
use crate::graph::Gradients;
use crate::kernels::Dims;
use crate::nn::{Module, Path};
use crate::state::{Contents, Origin};
use crate::{Error, Result};

/// A rule at work: with what it keeps for the parameters of a module.
#[derive(Clone)]
pub(super) struct Stepper<R> {
    pub rule: R,
    pub groups: Groups,
    pub lookahead: Option<Lookahead>,
    slots: Slots<State>,
    /// How many parameters are of a shape that the rule refuses, all in groups that are frozen.
    refused: usize,
}

impl<R: Rule> Stepper<R> {
    pub(super) const fn new(rule: R) -> Self {
        Self { rule, groups: Groups::new(), lookahead: None, slots: Slots::new(), refused: 0 }
    }

    pub(super) fn step(&mut self, module: &mut dyn Module, gradients: &Gradients) -> Result<()> {
        let Self { rule, groups, lookahead, slots, refused } = self;
        rule.agree().map_err(|problem| Error::argument("settings", problem))?;
        groups.check(module)?;
        if let Some(refuses) = R::REFUSES {
            let mut found = 0;
            module.walk(&Path::root(), &mut |_, value| {
                found += usize::from(value.is_parameter() && refuses(value.shape()).is_some());
            });
            if found != *refused {
                fits(module, groups, refuses)?;
                *refused = found;
            }
        }
        slots.update(module, gradients, &mut |path, parameter, gradient, state| {
            let own = match groups.is_empty() {
                true => None,
                false => Some(*state.group.get_or_insert_with(|| groups.of(&path.to_string(), parameter.shape()))),
            };
            if own.is_some_and(|group| group.frozen) {
                return;
            }
            state.steps += 1;
            if lookahead.is_some() {
                Lookahead::begin(parameter, state);
            }
            match own {
                None => rule.step(parameter, gradient, state),
                Some(group) => rule.in_group(&group).step(parameter, gradient, state),
            }
            if let Some(lookahead) = lookahead {
                lookahead.follow(parameter, gradient, state);
            }
        })
    }

    /// Adds a group, also for parameters that have made steps.
    #[track_caller]
    pub(super) fn group(&mut self, which: impl Which, settings: impl FnOnce(Group) -> Group) {
        let group = self.groups.add(which, settings);
        let decays = R::NAMES.contains(&"weight_decay");
        assert!(decays || group.weight_decay.is_none(), "`{}` has no weight decay", R::OWNER);
        self.slots.states().for_each(|state| state.group = None);
    }

    pub(super) fn contents(&self, module: &dyn Module) -> Contents {
        checkpoint::contents(module, &self.rule, self.lookahead, &self.slots)
    }

    pub(super) fn load(&mut self, module: &dyn Module, origin: &Origin<'_>) -> Result<()> {
        (self.rule, self.lookahead) = checkpoint::load(origin, module, &mut self.slots)?;
        Ok(())
    }
}

/// An error if there is a parameter that the rule cannot step.
fn fits(module: &dyn Module, groups: &Groups, refuses: fn(&Dims) -> Option<&'static str>) -> Result<()> {
    let mut found = None;
    each_parameter(module, &mut |path, value, _| {
        if let Some(instead) = refuses(value.shape()) {
            let path = path.to_string();
            if !groups.of(&path, value.shape()).frozen {
                found.get_or_insert((path, *value.shape(), instead));
            }
        }
    });
    let Some((path, shape, instead)) = found else { return Ok(()) };
    Err(Error::argument(
        "module",
        format!(
            "{instead}, but `{path}` has the sizes {shape:?}: leave it to another optimizer, and out of this one by \
            `.group(\"{path}\", |g| g.frozen())` or a group of all that are alike"
        ),
    ))
}
