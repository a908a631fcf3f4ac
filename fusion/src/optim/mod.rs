//! Optimizers: they change a module's parameters by their gradients.
//!
//! | | what it keeps for each parameter | PyTorch's |
//! | --- | --- | --- |
//! | [`Sgd`] | nothing, or with momentum a velocity | `torch.optim.SGD` |
//! | [`RmsProp`] | a running mean of the gradient's square, and what momentum and the centred form need | `torch.optim.RMSprop` |
//! | [`Adam`] | running means of the gradient and of its square | `torch.optim.Adam` |
//! | [`AdamW`] | the same | `torch.optim.AdamW` |
//! | [`NAdam`], [`RAdam`] | the same | `torch.optim.NAdam`, `RAdam` |
//! | [`Adagrad`] | the sum of the gradient's squares | `torch.optim.Adagrad` |
//! | [`Adadelta`] | running means of the gradient's square and of the steps' | `torch.optim.Adadelta` |
//! | [`Lion`] | a running mean of the gradient | none |
//! | [`Lars`] | a velocity | none |
//! | [`Lamb`] | running means of the gradient and of its square | none |
//! | [`Muon`] | a running mean of the gradient, of matrices alone | `torch.optim.Muon` |
//!
//! Each is a rule and its settings: `Adam::new(1e-3).betas(0.9, 0.98)`. What they have in common is the trait
//! [`Optimizer`], which works as `Box<dyn Optimizer>` too, and [`OptimizerExt`], its methods as one calls them.
//!
//! Parts of a module have settings of their own in a [`Group`]: `.group("*.bias", |g| g.weight_decay(0.0))`.
//!
//! Every one of them can look ahead: `.lookahead(5, 0.5)` gives it slow weights, which follow behind. [`Lbfgs`], whose step
//! computes the loss several times, stands by itself, and [`Averaged`] is the running mean of a network in training.
//!
//! The learning rate of each step is a [`schedule`]: `opt.set_learning_rate(schedule.rate(step))`.
//!
//! A step is one pass over memory for each parameter, in place; [`Lars`] and [`Lamb`], which ask for norms, make more. If somebody holds a clone of a parameter, its elements
//! are copied first: the clone keeps its values. What is kept is known by the parameter, not by its name or place, so a
//! module may change between steps; one that trained from the start asks the system for no memory after its first step.
//!
//! Saved (`opt.save(&net, path)`), it goes by path: `fc1.weight.exp_avg`. Training that is saved, ended, loaded and
//! continued gives the same parameters, bit for bit, as training that was never interrupted.

mod adadelta;
mod adagrad;
mod adam;
mod averaged;
mod checkpoint;
mod declare;
mod groups;
mod lamb;
mod lbfgs;
mod lion;
mod lookahead;
mod muon;
mod nadam;
mod rmsprop;
mod rule;
pub mod schedule;
mod settings;
mod sgd;
mod slots;
mod stepper;
#[cfg(test)]
mod tests;

pub use adadelta::Adadelta;
pub use adagrad::Adagrad;
pub use adam::{Adam, AdamW};
pub use averaged::Averaged;
pub use groups::{Group, Which};
pub use lamb::{Lamb, Lars};
pub use lbfgs::Lbfgs;
pub use lion::Lion;
pub use muon::Muon;
pub use nadam::{NAdam, RAdam};
pub use rmsprop::RmsProp;
pub use schedule::Schedule;
pub use sgd::Sgd;

use crate::Result;
use crate::graph::Gradients;
use crate::nn::Module;
use crate::ops::or_panic;
use crate::state::{Contents, Origin};
use std::borrow::Borrow;
use std::path::Path;

/// A rule by which gradients change parameters.
///
/// ```
/// use fusion::prelude::*;
///
/// /// Fits `net` to one batch, with whatever optimizer.
/// fn fit(net: &mut Linear<dim!(2), dim!(1)>, opt: &mut impl Optimizer) -> f32 {
///     let x = Tensor::<shape![4, 2]>::from([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]);
///     let y = Tensor::<shape![4, 1]>::from([[1.0], [3.0], [0.0], [2.0]]); // 1 - a + 2b
///     for _ in 0..200 {
///         let loss = net.forward(x.trace()).mse_loss(&y);
///         opt.step(net, loss.backward());
///     }
///     net.forward(x).mse_loss(&y).item()
/// }
///
/// let net = || Linear::init(&mut StdRng::seed_from_u64(0));
/// assert!(fit(&mut net(), &mut Sgd::new(0.1).momentum(0.9)) < 1e-4);
/// assert!(fit(&mut net(), &mut Adam::new(0.1)) < 1e-4);
///
/// // Which one may be decided while the program runs.
/// let mut opt: Box<dyn Optimizer> = if cfg!(test) { Box::new(Sgd::new(0.1)) } else { Box::new(AdamW::new(0.1)) };
/// fit(&mut net(), &mut opt);
/// opt.set_learning_rate(0.01);
/// ```
///
/// A program calls the methods of [`OptimizerExt`], which every optimizer has; those here are what an optimizer says of
/// itself.
pub trait Optimizer {
    /// As [`OptimizerExt::step`]; an error where that panics. Then no parameter has changed, but for those in front of a
    /// plain tensor in the place of a parameter.
    ///
    /// # Errors
    /// [`Error::Argument`](crate::Error::Argument), in the cases in which [`OptimizerExt::step`] panics.
    fn try_step(&mut self, module: &mut dyn Module, gradients: &Gradients) -> Result<()>;

    /// How far a step goes.
    fn learning_rate(&self) -> f64;

    /// As [`OptimizerExt::set_learning_rate`].
    ///
    /// # Errors
    /// [`Error::Argument`](crate::Error::Argument) if the learning rate is negative or not finite.
    fn try_set_learning_rate(&mut self, learning_rate: f64) -> Result<()>;

    /// What [`OptimizerExt::save`] and a [checkpoint](crate::train::Checkpoints) save.
    fn contents(&self, module: &dyn Module) -> Contents;

    /// Takes over what [`contents`](Optimizer::contents) gave, for the parameters of `module`. On an error nothing has
    /// changed.
    ///
    /// # Errors
    /// Those of [`OptimizerExt::load`].
    fn load_contents(&mut self, module: &dyn Module, origin: &Origin<'_>) -> Result<()>;
}

/// The methods of every [`Optimizer`], a `dyn Optimizer` among them, as programs call them: with any module, path and
/// gradients, owned or not.
pub trait OptimizerExt: Optimizer {
    /// Changes the parameters of `module` in place, by `loss.backward()` or by a reference to it where one loss trains
    /// several modules. A parameter without a gradient stays as it is, and so does what is kept for it.
    ///
    /// # Panics
    /// If no parameter of `module` has a gradient there: then the loss was computed from another module. If a plain
    /// tensor was assigned to a field that holds a parameter, since that would never be trained. If settings do not go
    /// together. In the first step, if a [`Group`] holds no parameter.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let mut rng = StdRng::seed_from_u64(0);
    /// let mut encoder = Linear::<dim!(4), dim!(2)>::init(&mut rng);
    /// let mut decoder = Linear::<dim!(2), dim!(4)>::init(&mut rng);
    /// let (mut slow, mut fast) = (Adam::new(1e-4), Adam::new(1e-3));
    /// let x = Tensor::<shape![8, 4]>::ones();
    /// let grads = decoder.forward(encoder.forward(x.trace())).mse_loss(&x).backward();
    /// slow.step(&mut encoder, &grads);
    /// fast.step(&mut decoder, &grads);
    /// ```
    #[track_caller]
    fn step(&mut self, module: &mut impl Module, gradients: impl Borrow<Gradients>) {
        or_panic(self.try_step(module, gradients.borrow()));
    }

    /// Sets how far the next steps go, for a [`schedule`].
    ///
    /// # Panics
    /// If the learning rate is negative or not finite.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let mut opt = Adam::new(1e-3);
    /// opt.set_learning_rate(opt.learning_rate() / 2.0);
    /// assert_eq!(opt.learning_rate(), 5e-4);
    /// ```
    #[doc(alias = "lr_scheduler")]
    #[track_caller]
    fn set_learning_rate(&mut self, learning_rate: f64) {
        or_panic(self.try_set_learning_rate(learning_rate));
    }

    /// Saves the settings, and what is kept for each parameter of `module` that has made a step, under PyTorch's names
    /// (`fc1.weight.exp_avg`), as a safetensors file. Like [`State::save`](crate::state::State::save) it writes the whole
    /// file or none.
    ///
    /// # Errors
    /// [`Error::File`](crate::Error::File) if the file cannot be written.
    fn save(&self, module: &impl Module, path: impl AsRef<Path>) -> Result<()> {
        self.contents(module).write(path.as_ref(), checkpoint::KEY)
    }

    /// Takes over what [`save`](OptimizerExt::save) wrote, settings included, for the parameters of `module`. On an
    /// error nothing has changed.
    ///
    /// # Errors
    /// [`Error::File`](crate::Error::File) if the file cannot be read, [`Error::Format`](crate::Error::Format) if it is
    /// not what [`save`](OptimizerExt::save) writes, [`Error::State`](crate::Error::State) if it does not fit the module
    /// or was saved by another optimizer: it lists everything that does not fit.
    fn load(&mut self, module: &impl Module, path: impl AsRef<Path>) -> Result<()> {
        Origin::open(path.as_ref(), checkpoint::KEY, |origin| self.load_contents(module, origin))
    }
}

impl<O: Optimizer + ?Sized> OptimizerExt for O {}

macro_rules! through {
    ($($Of:ty),*) => { $(
        impl<O: Optimizer + ?Sized> Optimizer for $Of {
            fn try_step(&mut self, module: &mut dyn Module, gradients: &Gradients) -> Result<()> {
                (**self).try_step(module, gradients)
            }
            fn learning_rate(&self) -> f64 {
                (**self).learning_rate()
            }
            fn try_set_learning_rate(&mut self, learning_rate: f64) -> Result<()> {
                (**self).try_set_learning_rate(learning_rate)
            }
            fn contents(&self, module: &dyn Module) -> Contents {
                (**self).contents(module)
            }
            fn load_contents(&mut self, module: &dyn Module, origin: &Origin<'_>) -> Result<()> {
                (**self).load_contents(module, origin)
            }
        }
    )* };
}
through!(&mut O, Box<O>);
