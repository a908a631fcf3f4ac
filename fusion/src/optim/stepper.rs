//! A rule at work on a module.

use super::checkpoint;
use super::groups::{Group, Groups, Which};
use super::rule::{Rule, State};
use super::slots::Slots;
use crate::graph::Gradients;
use crate::nn::Module;
use crate::{Error, Result};
use std::path::Path;

/// A rule at work: with what it keeps for the parameters of a module.
#[derive(Clone)]
pub(super) struct Stepper<R> {
    pub rule: R,
    pub groups: Groups,
    slots: Slots<State>,
}

impl<R: Rule> Stepper<R> {
    pub(super) const fn new(rule: R) -> Self {
        Self { rule, groups: Groups::new(), slots: Slots::new() }
    }

    pub(super) fn step(&mut self, module: &mut dyn Module, gradients: &Gradients) -> Result<()> {
        let Self { rule, groups, slots } = self;
        rule.agree().map_err(|problem| Error::argument("settings", problem))?;
        groups.check(module)?;
        slots.update(module, gradients, |path, parameter, gradient, state| {
            let own = match groups.is_empty() {
                true => None,
                false => Some(*state.group.get_or_insert_with(|| groups.of(&path.to_string(), parameter.shape()))),
            };
            if own.is_some_and(|group| group.frozen) {
                return;
            }
            state.steps += 1;
            match own {
                None => rule.step(parameter, gradient, state),
                Some(group) => rule.in_group(&group).step(parameter, gradient, state),
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

    pub(super) fn save(&self, module: &dyn Module, path: &Path) -> Result<()> {
        checkpoint::save(path, module, &self.rule, &self.slots)
    }

    pub(super) fn load(&mut self, module: &dyn Module, path: &Path) -> Result<()> {
        self.rule = checkpoint::load(path, module, &mut self.slots)?;
        Ok(())
    }
}
