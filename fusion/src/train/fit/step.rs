//! A step of a network, of the gradients of one batch or of several.

use crate::Result;
use crate::graph::Gradients;
use crate::nn::Module;
use crate::optim::{Optimizer, Schedule};

/// How steps are made.
pub(super) struct Steps<'a> {
    pub schedule: Option<Box<dyn Schedule + 'a>>,
    pub max_norm: Option<f64>,
    /// How many batches a step is of.
    pub batches: usize,
    /// How many steps were made.
    pub made: usize,
    /// The sum of the gradients of the batches since the last step, and how many these are.
    sum: Option<(Gradients, usize)>,
}

impl Default for Steps<'_> {
    fn default() -> Self {
        Self { schedule: None, max_norm: None, batches: 1, made: 0, sum: None }
    }
}

impl Steps<'_> {
    /// Takes the gradients of a batch, and makes a step if there are enough. Whether it did.
    pub fn take(&mut self, net: &mut dyn Module, optimizer: &mut dyn Optimizer, gradients: Gradients) -> Result<bool> {
        let (mut sum, count) = self.sum.take().unwrap_or_default();
        if count == 0 {
            sum = gradients;
        } else {
            sum.accumulate(gradients);
        }
        self.sum = Some((sum, count + 1));
        if count + 1 < self.batches { Ok(false) } else { self.rest(net, optimizer) }
    }

    /// Makes a step of the batches since the last one, if there are any. Whether it did.
    pub fn rest(&mut self, net: &mut dyn Module, optimizer: &mut dyn Optimizer) -> Result<bool> {
        let Some((mut gradients, count)) = self.sum.take() else { return Ok(false) };
        if count > 1 {
            gradients.scale(1.0 / count as f64);
        }
        if let Some(max_norm) = self.max_norm {
            gradients.clip_norm(max_norm);
        }
        if let Some(schedule) = &self.schedule {
            optimizer.try_set_learning_rate(schedule.rate(self.made))?;
        }
        optimizer.try_step(net, &gradients)?;
        self.made += 1;
        Ok(true)
    }
}
