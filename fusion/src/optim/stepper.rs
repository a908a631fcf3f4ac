//! A rule at work on a module.

use super::checkpoint;
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
    slots: Slots<State>,
}

impl<R: Rule> Stepper<R> {
    pub(super) const fn new(rule: R) -> Self {
        Self { rule, slots: Slots::new() }
    }

    pub(super) fn step(&mut self, module: &mut dyn Module, gradients: &Gradients) -> Result<()> {
        let Self { rule, slots } = self;
        rule.agree().map_err(|problem| Error::argument("settings", problem))?;
        slots.update(module, gradients, |parameter, gradient, state| {
            state.steps += 1;
            rule.step(parameter, gradient, state);
        })
    }

    pub(super) fn save(&self, module: &dyn Module, path: &Path) -> Result<()> {
        checkpoint::save(path, module, &self.rule, &self.slots)
    }

    pub(super) fn load(&mut self, module: &dyn Module, path: &Path) -> Result<()> {
        self.rule = checkpoint::load(path, module, &mut self.slots)?;
        Ok(())
    }
}
