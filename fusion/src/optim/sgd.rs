//! Stochastic gradient descent.

use super::checkpoint::{self, Kept, Settings};
use super::slots::Slots;
use super::{Optimizer, check, not_negative};
use crate::Result;
use crate::graph::Gradients;
use crate::kernels::Array;
use crate::kernels::optim::{SgdStep, sgd};
use crate::nn::Module;
use std::borrow::Borrow;
use std::path::Path;

/// Stochastic gradient descent, with momentum if wanted: PyTorch's `torch.optim.SGD`.
///
/// With the gradient `g` (and `g + weight_decay · p` where there is weight decay), a parameter `p` becomes
/// `p - learning_rate · g`. With momentum there is a velocity `v`, at first `g` and then
/// `momentum · v + (1 - dampening) · g`, and `p` becomes `p - learning_rate · v`, or with Nesterov's form
/// `p - learning_rate · (g + momentum · v)`.
///
/// Sutskever, Martens, Dahl and Hinton, [On the importance of initialization and momentum in deep
/// learning](https://proceedings.mlr.press/v28/sutskever13.html), 2013; the form is PyTorch's, in which the learning
/// rate is no part of the velocity.
///
/// ```
/// use fusion::prelude::*;
///
/// let mut w = Tensor::<shape![2]>::from([3.0, 4.0]).parameter();
/// let mut opt = Sgd::new(0.25);
/// let grads = w.trace().square().sum().backward(); // 2w
/// opt.step(&mut w, grads);
/// assert_eq!(w.to_vec(), [1.5, 2.0]);
///
/// let opt = Sgd::new(0.1).momentum(0.9).nesterov(true).weight_decay(1e-4);
/// assert_eq!(opt.learning_rate(), 0.1);
/// ```
pub struct Sgd {
    set: Set,
    slots: Slots<Option<Array>>,
}

#[derive(Clone, Copy)]
struct Set {
    learning_rate: f64,
    momentum: f64,
    dampening: f64,
    nesterov: bool,
    weight_decay: f64,
}

impl Sgd {
    /// Plain descent with this learning rate. Panics if it is negative or not finite.
    #[track_caller]
    pub fn new(learning_rate: f64) -> Self {
        check(not_negative("learning_rate", learning_rate));
        let set = Set { learning_rate, momentum: 0.0, dampening: 0.0, nesterov: false, weight_decay: 0.0 };
        Self { set, slots: Slots::new() }
    }

    /// How much of the velocity stays from step to step; by default 0, no velocity. Panics if it is
    /// negative or not finite.
    #[track_caller]
    pub fn momentum(mut self, momentum: f64) -> Self {
        check(not_negative("momentum", momentum));
        self.set.momentum = momentum;
        self
    }

    /// How much of the gradient the velocity leaves out; by default 0. Panics if it is negative or not finite.
    #[track_caller]
    pub fn dampening(mut self, dampening: f64) -> Self {
        check(not_negative("dampening", dampening));
        self.set.dampening = dampening;
        self
    }

    /// Nesterov's form of momentum, which looks one step ahead; by default not. A step panics if there is no momentum
    /// or if there is dampening, as PyTorch refuses it.
    pub fn nesterov(mut self, nesterov: bool) -> Self {
        self.set.nesterov = nesterov;
        self
    }

    /// How much of each parameter is added to its gradient; by default 0. Panics if it is negative or not finite.
    #[track_caller]
    pub fn weight_decay(mut self, weight_decay: f64) -> Self {
        check(not_negative("weight_decay", weight_decay));
        self.set.weight_decay = weight_decay;
        self
    }

    /// Saves the settings, and for each parameter of `module` its velocity as `path.momentum_buffer`, as a safetensors
    /// file. Like [`State::save`](crate::state::State::save) it writes the whole file or none.
    pub fn save(&self, path: impl AsRef<Path>, module: &impl Module) -> Result<()> {
        checkpoint::save(path.as_ref(), module, &self.set, &self.slots)
    }

    /// Takes over settings and velocities that [`Sgd::save`] wrote, for the parameters of `module`. On an error, which
    /// lists everything that does not fit, nothing has changed.
    pub fn load(&mut self, path: impl AsRef<Path>, module: &impl Module) -> Result<()> {
        self.set = checkpoint::load(path.as_ref(), module, &mut self.slots)?;
        Ok(())
    }
}

impl Optimizer for Sgd {
    #[track_caller]
    fn step(&mut self, module: &mut impl Module, gradients: impl Borrow<Gradients>) {
        let Self { set, slots } = self;
        check(set.check());
        let mut step = SgdStep {
            lr: set.learning_rate,
            momentum: set.momentum,
            dampening: set.dampening,
            nesterov: set.nesterov,
            weight_decay: set.weight_decay,
            first: false,
        };
        slots.update(module, gradients.borrow(), |p, g, velocity| {
            step.first = velocity.is_none();
            if set.momentum == 0.0 {
                return sgd(p, g, None, &step);
            }
            let velocity = velocity.get_or_insert_with(|| Array::full_float(p.dtype(), 0.0, *p.shape()));
            sgd(p, g, Some(velocity), &step);
        });
    }

    fn learning_rate(&self) -> f64 {
        self.set.learning_rate
    }

    #[track_caller]
    fn set_learning_rate(&mut self, learning_rate: f64) {
        check(not_negative("learning_rate", learning_rate));
        self.set.learning_rate = learning_rate;
    }
}

impl Settings for Set {
    const OPTIMIZER: &'static str = "Sgd";
    const NAMES: &'static [&'static str] = &["learning_rate", "momentum", "dampening", "nesterov", "weight_decay"];

    fn values(&self) -> Vec<f64> {
        let nesterov = f64::from(u8::from(self.nesterov));
        vec![self.learning_rate, self.momentum, self.dampening, nesterov, self.weight_decay]
    }

    fn from_values(values: &[f64]) -> Self {
        let &[learning_rate, momentum, dampening, nesterov, weight_decay] = values else {
            unreachable!("a value for each name")
        };
        Self { learning_rate, momentum, dampening, nesterov: nesterov != 0.0, weight_decay }
    }

    fn check(&self) -> Result<(), String> {
        not_negative("learning_rate", self.learning_rate)?;
        not_negative("momentum", self.momentum)?;
        not_negative("dampening", self.dampening)?;
        not_negative("weight_decay", self.weight_decay)?;
        if self.nesterov && (self.momentum == 0.0 || self.dampening != 0.0) {
            return Err("nesterov needs momentum and no dampening".into());
        }
        Ok(())
    }
}

impl Kept for Option<Array> {
    const PARTS: &'static [&'static str] = &["momentum_buffer"];

    fn parts(&self) -> Option<Vec<Array>> {
        self.clone().map(|velocity| vec![velocity])
    }

    fn from_parts(mut parts: Vec<Array>) -> Self {
        parts.pop()
    }
}
