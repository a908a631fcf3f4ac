//! Stochastic gradient descent.

use super::declare::optimizer;
use super::rule::{MOST_KEPT, Rule, State, decayed, kept};
use crate::kernels::Array;
use crate::kernels::optim::{Update, update};
use crate::kernels::simd::Vector;

optimizer! {
    /// Stochastic gradient descent, with momentum if wanted: PyTorch's `torch.optim.SGD`.
    ///
    /// With the gradient `g` (and `g + weight_decay · p` where there is weight decay), a parameter `p` becomes
    /// `p - learning_rate · g`. With momentum there is a velocity `v`, at first `g` and then
    /// `momentum · v + (1 - dampening) · g`, and `p` becomes `p - learning_rate · v`, or with Nesterov's form
    /// `p - learning_rate · (g + momentum · v)`.
    ///
    /// Sutskever, Martens, Dahl and Hinton, [On the importance of initialization and momentum in deep
    /// learning](https://proceedings.mlr.press/v28/sutskever13.html), 2013; the form is PyTorch's, in which the learning
    /// rate is no part of the velocity. A file has the velocity as `path.momentum_buffer`.
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
    Sgd with SgdRule {
        /// How much of the velocity stays from step to step; by default 0, no velocity.
        ///
        /// # Panics
        /// If it is negative or not finite.
        momentum(momentum: f64 = 0.0 => not_negative);

        /// How much of the gradient the velocity leaves out; by default 0.
        ///
        /// # Panics
        /// If it is negative or not finite.
        dampening(dampening: f64 = 0.0 => not_negative);

        /// Nesterov's form of momentum, which looks one step ahead; by default not. A step panics if there is no
        /// momentum or if there is dampening, as PyTorch refuses it.
        nesterov(nesterov: bool = false => any);

        /// How much of each parameter is added to its gradient; by default 0.
        ///
        /// # Panics
        /// If it is negative or not finite.
        weight_decay(weight_decay: f64 = 0.0 => not_negative);
    }
}

impl Sgd {
    /// Plain descent with this learning rate.
    ///
    /// # Panics
    /// If it is negative or not finite.
    #[track_caller]
    #[must_use]
    pub fn new(learning_rate: f64) -> Self {
        SgdRule::new(learning_rate).into()
    }
}

impl Rule for SgdRule {
    const KEPT: &'static [&'static str] = &["momentum_buffer"];

    fn needs(&self) -> [bool; MOST_KEPT] {
        [self.momentum != 0.0, false, false]
    }

    fn agree(&self) -> Result<(), String> {
        if self.nesterov && (self.momentum == 0.0 || self.dampening != 0.0) {
            return Err("nesterov needs momentum and no dampening".into());
        }
        Ok(())
    }

    fn step(&self, p: &mut Array, g: &Array, state: &mut State) {
        let &Self { learning_rate, momentum, dampening, nesterov, weight_decay } = self;
        let [velocity, ..] = &mut state.arrays;
        let along = Along { first: velocity.is_none(), nesterov, decays: weight_decay != 0.0 };
        if momentum == 0.0 {
            return update([p], g, [-learning_rate, weight_decay], along);
        }
        let velocity = kept(velocity, p);
        update([p, velocity], g, [-learning_rate, weight_decay, momentum, 1.0 - dampening], along);
    }
}

/// Along what a parameter moves.
#[derive(Clone, Copy)]
struct Along {
    /// Is this the first step, whose velocity is the gradient?
    first: bool,
    /// Along the gradient plus the next velocity, not the velocity alone?
    nesterov: bool,
    decays: bool,
}

/// Along the gradient.
impl Update<2, 1> for Along {
    #[inline(always)]
    fn next<V: Vector>(self, [lr, decay]: [V; 2], [p]: [V; 1], g: V) -> [V; 1] {
        [lr.mul_add(decayed(self.decays, decay, p, g), p)]
    }
}

/// Along the velocity.
impl Update<4, 2> for Along {
    #[inline(always)]
    fn next<V: Vector>(self, [lr, decay, momentum, fresh]: [V; 4], [p, v]: [V; 2], g: V) -> [V; 2] {
        let g = decayed(self.decays, decay, p, g);
        match (self.first, self.nesterov) {
            (true, false) => [lr.mul_add(g, p), g],
            (true, true) => [(lr + lr * momentum).mul_add(g, p), g],
            (false, nesterov) => {
                let v = momentum.mul_add(v, fresh * g);
                [lr.mul_add(if nesterov { momentum.mul_add(v, g) } else { v }, p), v]
            }
        }
    }
}
