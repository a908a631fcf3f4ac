//! Adam and AdamW.

use super::checkpoint::{self, Kept, STEP, Settings};
use super::slots::Slots;
use super::{Optimizer, below_one, check, not_negative};
use crate::Result;
use crate::graph::Gradients;
use crate::kernels::optim::{AdamStep, adam};
use crate::kernels::{Array, Dims};
use crate::nn::Module;
use std::borrow::Borrow;
use std::path::Path;

/// What both keep for a parameter: how many steps it has made, and the running means of its gradient and of the
/// gradient's square. No means before the first step.
#[derive(Default)]
struct Moments {
    step: u64,
    means: Option<[Array; 2]>,
}

impl Kept for Moments {
    const PARTS: &'static [&'static str] = &[STEP, "exp_avg", "exp_avg_sq"];

    fn parts(&self) -> Option<Vec<Array>> {
        let [first, second] = self.means.clone()?;
        let step = i64::try_from(self.step).unwrap_or(i64::MAX);
        Some(vec![Array::full(step, Dims::default()), first, second])
    }

    fn from_parts(parts: Vec<Array>) -> Self {
        let Ok([step, first, second]) = <[Array; 3]>::try_from(parts) else { unreachable!("one array for each part") };
        let step = step.get::<i64>(&[]).expect("rank 0");
        Self { step: step.unsigned_abs(), means: Some([first, second]) }
    }
}

#[derive(Clone, Copy)]
struct Set<const DECOUPLED: bool> {
    learning_rate: f64,
    beta1: f64,
    beta2: f64,
    eps: f64,
    weight_decay: f64,
}

impl<const DECOUPLED: bool> Set<DECOUPLED> {
    #[track_caller]
    fn new(learning_rate: f64, weight_decay: f64) -> Self {
        let set = Self { learning_rate, beta1: 0.9, beta2: 0.999, eps: 1e-8, weight_decay };
        check(set.check());
        set
    }

    #[track_caller]
    fn step(&self, slots: &mut Slots<Moments>, module: &mut impl Module, gradients: &Gradients) {
        slots.update(module, gradients, |p, g, moments| {
            moments.step += 1;
            let zeros = || Array::full_float(p.dtype(), 0.0, *p.shape());
            let [first, second] = moments.means.get_or_insert_with(|| [zeros(), zeros()]);
            let step = AdamStep {
                lr: self.learning_rate,
                beta1: self.beta1,
                beta2: self.beta2,
                eps: self.eps,
                weight_decay: self.weight_decay,
                decoupled: DECOUPLED,
                step: moments.step,
            };
            adam(p, g, first, second, &step);
        });
    }
}

impl<const DECOUPLED: bool> Settings for Set<DECOUPLED> {
    const OPTIMIZER: &'static str = if DECOUPLED { "AdamW" } else { "Adam" };
    const NAMES: &'static [&'static str] = &["learning_rate", "beta1", "beta2", "eps", "weight_decay"];

    fn values(&self) -> Vec<f64> {
        vec![self.learning_rate, self.beta1, self.beta2, self.eps, self.weight_decay]
    }

    fn from_values(values: &[f64]) -> Self {
        let &[learning_rate, beta1, beta2, eps, weight_decay] = values else { unreachable!("a value for each name") };
        Self { learning_rate, beta1, beta2, eps, weight_decay }
    }

    fn check(&self) -> Result<(), String> {
        not_negative("learning_rate", self.learning_rate)?;
        below_one("beta1", self.beta1)?;
        below_one("beta2", self.beta2)?;
        not_negative("eps", self.eps)?;
        not_negative("weight_decay", self.weight_decay)
    }
}

macro_rules! adam {
    ($(#[$docs:meta])* $name:ident, decoupled: $decoupled:literal, $decay:literal) => {
        $(#[$docs])*
        pub struct $name {
            set: Set<$decoupled>,
            slots: Slots<Moments>,
        }

        impl $name {
            /// How much of the running means of the gradient and of its square stays from step to step; by default
            /// 0.9 and 0.999. Panics outside `0..1`.
            #[track_caller]
            pub fn betas(mut self, beta1: f64, beta2: f64) -> Self {
                self.set = Set { beta1, beta2, ..self.set };
                check(self.set.check());
                self
            }

            /// What is added to the denominator; by default 1e-8. Panics if it is negative or not finite.
            #[track_caller]
            pub fn eps(mut self, eps: f64) -> Self {
                self.set.eps = eps;
                check(self.set.check());
                self
            }

            #[doc = $decay]
            /// Panics if it is negative or not finite.
            #[track_caller]
            pub fn weight_decay(mut self, weight_decay: f64) -> Self {
                self.set.weight_decay = weight_decay;
                check(self.set.check());
                self
            }

            /// Saves the settings, and for each parameter of `module` that has made a step `path.step`,
            /// `path.exp_avg` and `path.exp_avg_sq`, as a safetensors file. Like
            /// [`State::save`](crate::state::State::save) it writes the whole file or none.
            pub fn save(&self, path: impl AsRef<Path>, module: &impl Module) -> Result<()> {
                checkpoint::save(path.as_ref(), module, &self.set, &self.slots)
            }

            /// Takes over what `save` wrote, settings included, for the parameters of `module`. On an error, which
            /// lists everything that does not fit, nothing has changed.
            pub fn load(&mut self, path: impl AsRef<Path>, module: &impl Module) -> Result<()> {
                self.set = checkpoint::load(path.as_ref(), module, &mut self.slots)?;
                Ok(())
            }
        }

        impl Optimizer for $name {
            #[track_caller]
            fn step(&mut self, module: &mut impl Module, gradients: impl Borrow<Gradients>) {
                self.set.step(&mut self.slots, module, gradients.borrow());
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
    };
}

adam! {
    /// Adam: PyTorch's `torch.optim.Adam`.
    ///
    /// With the gradient `g` (and `g + weight_decay · p` where there is weight decay) and the running means
    /// `m = β₁ · m + (1 - β₁) · g` and `v = β₂ · v + (1 - β₂) · g²`, both 0 at first, a parameter `p` becomes in its
    /// `t`-th step `p - learning_rate · m̂ / (√v̂ + ε)`, with `m̂ = m / (1 - β₁ᵗ)` and `v̂ = v / (1 - β₂ᵗ)`.
    ///
    /// Kingma and Ba, [Adam: A Method for Stochastic Optimization](https://arxiv.org/abs/1412.6980), 2014.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let mut net = Linear::<dim!(3), dim!(2)>::init(&mut StdRng::seed_from_u64(0));
    /// let mut opt = Adam::new(1e-3);
    /// let x = Tensor::<shape![8, 3]>::ones();
    /// let loss = net.forward(x.trace()).square().mean();
    /// let before = loss.item();
    /// opt.step(&mut net, loss.backward());
    /// assert!(net.forward(x.clone()).square().mean().item() < before);
    ///
    /// // Saved now, training can go on in another process as if it had not ended.
    /// let folder = tempfile::tempdir()?;
    /// let [weights, moments] = ["net.safetensors", "opt.safetensors"].map(|name| folder.path().join(name));
    /// net.save(&weights)?;
    /// opt.save(&moments, &net)?;
    ///
    /// let mut net: Linear<dim!(3), dim!(2)> = fusion::state::load(&weights)?;
    /// let mut opt = Adam::new(0.0);
    /// opt.load(&moments, &net)?;
    /// assert_eq!(opt.learning_rate(), 1e-3);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    Adam, decoupled: false,
    "How much of each parameter is added to its gradient (an L2 penalty); by default 0."
}

adam! {
    /// AdamW, Adam with decoupled weight decay: PyTorch's `torch.optim.AdamW`.
    ///
    /// As [`Adam`], but weight decay is no part of the gradient: a step begins with
    /// `p = p - learning_rate · weight_decay · p`.
    ///
    /// Loshchilov and Hutter, [Decoupled Weight Decay Regularization](https://arxiv.org/abs/1711.05101), 2017.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let mut w = Tensor::<shape![2], f64>::from([1.0, -2.0]).parameter();
    /// let mut opt = AdamW::new(0.5).weight_decay(0.1).betas(0.9, 0.99).eps(0.0);
    /// let grads = w.trace().square().sum().backward();
    /// opt.step(&mut w, grads);
    /// // The first step is the learning rate along the gradient's sign; decay takes 5 % before it.
    /// let [a, b] = w.to_vec()[..] else { unreachable!() };
    /// assert!((a - 0.45).abs() < 1e-9 && (b + 1.4).abs() < 1e-9);
    /// ```
    AdamW, decoupled: true,
    "How much of each parameter, times the learning rate, a step takes off first; by default 0.01."
}

// `new` stands outside of the macro: a message about its arguments shows it.

impl Adam {
    /// PyTorch's settings, with this learning rate (PyTorch's default is 1e-3). What is trained is given to each step:
    /// `opt.step(&mut net, loss.backward())`. Panics if the learning rate is negative or not finite.
    #[track_caller]
    pub fn new(learning_rate: f64) -> Self {
        Self { set: Set::new(learning_rate, 0.0), slots: Slots::new() }
    }
}

impl AdamW {
    /// PyTorch's settings, with this learning rate (PyTorch's default is 1e-3). What is trained is given to each step:
    /// `opt.step(&mut net, loss.backward())`. Panics if the learning rate is negative or not finite.
    #[track_caller]
    pub fn new(learning_rate: f64) -> Self {
        Self { set: Set::new(learning_rate, 0.01), slots: Slots::new() }
    }
}
