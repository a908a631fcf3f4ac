//! Optimizers: they change a module's parameters by their gradients.
//!
//! | | what it keeps for each parameter | PyTorch's |
//! | --- | --- | --- |
//! | [`Sgd`] | nothing, or with momentum a velocity | `torch.optim.SGD` |
//! | [`Adam`] | running means of the gradient and of its square | `torch.optim.Adam` |
//! | [`AdamW`] | the same | `torch.optim.AdamW` |
//!
//! A step is one pass over memory for each parameter, in place. If somebody holds a clone of a parameter, its elements
//! are copied first: the clone keeps its values. What is kept is known by the parameter, not by its name or place, so a
//! module may change between steps; one that trained from the start asks the system for no memory after its first step.
//!
//! Saved (`opt.save(path, &net)`), it goes by path: `fc1.weight.exp_avg`. Training that is saved, ended, loaded and
//! continued gives the same parameters, bit for bit, as training that was never interrupted.

mod adam;
mod checkpoint;
mod sgd;
mod slots;

pub use adam::{Adam, AdamW};
pub use sgd::Sgd;

use crate::graph::Gradients;
use crate::nn::Module;
use std::borrow::Borrow;

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
/// ```
pub trait Optimizer {
    /// Changes the parameters of `module` in place, by `loss.backward()` or by a reference to it where one loss trains
    /// several modules. A parameter without a gradient stays as it is, and so does what is kept for it.
    ///
    /// Panics if no parameter of `module` has a gradient there: then the loss was computed from another module. Panics
    /// too if a plain tensor was assigned to a field that holds a parameter, since that would never be trained.
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
    fn step(&mut self, module: &mut impl Module, gradients: impl Borrow<Gradients>);

    /// How far a step goes.
    fn learning_rate(&self) -> f64;

    /// Sets how far the next steps go, for a schedule.
    #[doc(alias = "lr_scheduler")]
    fn set_learning_rate(&mut self, learning_rate: f64);
}

/// Panics unless a setting is in range: a mistake in the program, not in its input.
#[track_caller]
fn check(problem: Result<(), String>) {
    if let Err(problem) = problem {
        panic!("{problem}");
    }
}

/// `Ok` if `value` is a number from 0 on.
fn not_negative(name: &str, value: f64) -> Result<(), String> {
    if value >= 0.0 && value.is_finite() {
        Ok(())
    } else {
        Err(format!("{name} must be a number from 0 on, but is {value}"))
    }
}

/// `Ok` if `value` is a number from 0 on, below 1.
fn below_one(name: &str, value: f64) -> Result<(), String> {
    if (0.0..1.0).contains(&value) {
        Ok(())
    } else {
        Err(format!("{name} must be from 0 on and below 1, but is {value}"))
    }
}
