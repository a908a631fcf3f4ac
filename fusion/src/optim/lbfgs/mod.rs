//! L-BFGS.

mod file;
mod memory;
mod wolfe;

use super::rule::go;
use super::settings::{above_zero, check, not_negative, positive};
use crate::Result;
use crate::dim::OneNumber;
use crate::kernels::Array;
use crate::nn::Module;
use crate::ops::or_panic;
use crate::tensor::{Float, Tensor};
use memory::{Memory, Numbers, Parts, dot, largest, sum_abs};
use std::path::Path as FilePath;
use wolfe::Point;

/// L-BFGS, which learns from the last steps how the loss curves, for small networks and whole batches. PyTorch's `LBFGS`.
///
/// A step is several iterations, and computes the loss as often as it needs: it takes a function that gives it. The
/// direction is that of Newton's method with a Hessian that the last steps and changes of the gradient tell; its length is
/// the learning rate, or what a line search by the strong Wolfe conditions finds. Parameters may be of any float type; it
/// reckons in `f64`.
///
/// Liu and Nocedal, [On the limited memory BFGS method](https://doi.org/10.1007/BF01589116), 1989. What it keeps is known by the
/// parameters: where others are given, it begins anew.
///
/// ```
/// use fusion::prelude::*;
///
/// // Rosenbrock's valley: the lowest point is at (1, 1).
/// let mut at = Tensor::<shape![2], f64>::from([-1.5, 2.0]).parameter();
/// let valley = |at: &Tensor<shape![2], f64>| {
///     let (x, y) = (at.trace().select(Axis::<0>, 0), at.trace().select(Axis::<0>, 1));
///     (1.0 - &x).square() + (y - x.square()).square() * 100.0
/// };
/// let mut opt = Lbfgs::new(1.0).strong_wolfe(true);
/// for _ in 0..3 {
///     opt.step(&mut at, valley);
/// }
/// assert!((at - 1.0).abs().max().item() < 1e-6);
/// ```
#[derive(Clone, Debug)]
pub struct Lbfgs {
    settings: Numbers,
    memory: Memory,
}

impl Lbfgs {
    /// PyTorch's settings, with this learning rate (1 is usual).
    ///
    /// # Panics
    /// If it is negative or not finite.
    #[track_caller]
    #[must_use]
    pub fn new(learning_rate: f64) -> Self {
        check(not_negative("learning_rate", learning_rate));
        let settings = Numbers {
            learning_rate,
            max_iter: 20,
            max_eval: 0,
            tolerance_grad: 1e-7,
            tolerance_change: 1e-9,
            history_size: 100,
            strong_wolfe: false,
        };
        Self { settings, memory: Memory::default() }
    }

    /// How many iterations a step makes at most; by default 20.
    ///
    /// # Panics
    /// If it is 0.
    #[track_caller]
    #[must_use]
    pub fn max_iter(mut self, max_iter: usize) -> Self {
        check(positive("max_iter", max_iter));
        self.settings.max_iter = max_iter;
        self
    }

    /// How often a step computes the loss, about; by default 5/4 of its iterations.
    ///
    /// # Panics
    /// If it is 0.
    #[track_caller]
    #[must_use]
    pub fn max_eval(mut self, max_eval: usize) -> Self {
        check(positive("max_eval", max_eval));
        self.settings.max_eval = max_eval;
        self
    }

    /// A step ends where no element of the gradient is above this; by default 1e-7.
    ///
    /// # Panics
    /// If it is not above 0.
    #[track_caller]
    #[must_use]
    pub fn tolerance_grad(mut self, tolerance_grad: f64) -> Self {
        check(above_zero("tolerance_grad", tolerance_grad));
        self.settings.tolerance_grad = tolerance_grad;
        self
    }

    /// A step ends where neither the loss nor an element of the parameters changes by more than this; by default 1e-9.
    ///
    /// # Panics
    /// If it is not above 0.
    #[track_caller]
    #[must_use]
    pub fn tolerance_change(mut self, tolerance_change: f64) -> Self {
        check(above_zero("tolerance_change", tolerance_change));
        self.settings.tolerance_change = tolerance_change;
        self
    }

    /// How many steps it remembers, each as two vectors of `f64` as long as all parameters; by default 100.
    ///
    /// # Panics
    /// If it is 0.
    #[track_caller]
    #[must_use]
    pub fn history_size(mut self, history_size: usize) -> Self {
        check(positive("history_size", history_size));
        self.settings.history_size = history_size;
        self
    }

    /// Whether a line search finds how far to go; by default not, and each iteration goes as far as the learning rate says.
    /// PyTorch's `line_search_fn="strong_wolfe"`.
    #[doc(alias = "line_search_fn")]
    #[must_use]
    pub fn strong_wolfe(mut self, strong_wolfe: bool) -> Self {
        self.settings.strong_wolfe = strong_wolfe;
        self
    }

    /// How far an iteration goes, at first or without a line search.
    pub fn learning_rate(&self) -> f64 {
        self.settings.learning_rate
    }

    /// Sets how far the iterations of the next steps go.
    ///
    /// # Panics
    /// If the learning rate is negative or not finite.
    #[track_caller]
    pub fn set_learning_rate(&mut self, learning_rate: f64) {
        check(not_negative("learning_rate", learning_rate));
        self.settings.learning_rate = learning_rate;
    }

    /// Changes the parameters of `module` so that `loss`, which is computed several times, becomes smaller. Returns what it was before.
    ///
    /// # Panics
    /// If no parameter of `module` has a gradient.
    #[track_caller]
    pub fn step<M: Module, S: OneNumber, T: Float>(
        &mut self,
        module: &mut M,
        loss: impl FnMut(&M) -> Tensor<S, T>,
    ) -> f64 {
        or_panic(self.try_step(module, loss))
    }

    /// As [`Lbfgs::step`]; an error where that panics.
    ///
    /// # Errors
    /// [`Error::Argument`](crate::Error::Argument) if no parameter of `module` has a gradient.
    pub fn try_step<M: Module, S: OneNumber, T: Float>(
        &mut self,
        module: &mut M,
        mut loss: impl FnMut(&M) -> Tensor<S, T>,
    ) -> Result<f64> {
        let parts = Parts::of(module);
        let mut look = |module: &mut M, at: Option<&Array>| {
            if let Some(at) = at {
                parts.put(module, at);
            }
            let loss = loss(module);
            let f = loss.item().to_f64();
            Ok((f, parts.gradient(module, &loss.backward())?))
        };
        let (before, gradient) = look(module, None)?;
        let start = parts.flat(&|value| Some(value.clone()), module);
        let end = self.iterate(&parts, start.clone(), before, gradient, &mut |at| look(module, Some(at)));
        parts.put(module, end.as_ref().unwrap_or(&start));
        end.map(|_| before)
    }

    /// The iterations of a step, from `x` on, where the loss and its gradient are given. `look` gives both at another place.
    fn iterate(
        &mut self,
        parts: &Parts,
        mut x: Array,
        mut loss: f64,
        mut gradient: Array,
        look: &mut dyn FnMut(&Array) -> Result<(f64, Array)>,
    ) -> Result<Array> {
        let Numbers { learning_rate, max_iter, max_eval, tolerance_grad, tolerance_change, .. } = self.settings;
        let max_eval = if max_eval == 0 { max_iter * 5 / 4 } else { max_eval };
        if self.memory.ids != parts.ids {
            self.memory = Memory { ids: parts.ids.clone(), ..Memory::default() };
        }
        if largest(&gradient) <= tolerance_grad {
            return Ok(x);
        }
        let mut evals = 1;
        for iteration in 1..=max_iter {
            let direction = self.memory.direction(&gradient, self.settings.history_size);
            let memory = &mut self.memory;
            let is_first = memory.iterations == 1;
            let t = if is_first { (1.0 / sum_abs(&gradient)).min(1.0) * learning_rate } else { learning_rate };
            memory.length = t;
            memory.direction = Some(direction.clone());
            memory.gradient = Some(gradient.clone());
            memory.loss = loss;
            let slope = dot(&gradient, &direction);
            if slope > -tolerance_change {
                break;
            }
            let moved = |t: f64| {
                let mut x = x.clone();
                go(&mut x, t, &direction);
                x
            };
            if self.settings.strong_wolfe {
                let at = |t: f64| {
                    let (f, gradient) = look(&moved(t))?;
                    let slope = dot(&gradient, &direction);
                    Ok(Point { t, f, gradient, slope })
                };
                let start = Point { t: 0.0, f: loss, gradient: gradient.clone(), slope };
                let longest = largest(&direction);
                let most = max_eval.saturating_sub(evals);
                let (point, tries) = wolfe::search(start, t, longest, tolerance_change, most, at)?;
                evals += tries;
                (loss, gradient, memory.length) = (point.f, point.gradient, point.t);
                x = moved(point.t);
            } else {
                x = moved(t);
                if iteration < max_iter {
                    (loss, gradient) = look(&x)?;
                    evals += 1;
                }
            }
            if evals >= max_eval
                || largest(&gradient) <= tolerance_grad
                || largest(&direction) * memory.length <= tolerance_change
                || (loss - memory.loss).abs() < tolerance_change
            {
                break;
            }
        }
        Ok(x)
    }

    /// Saves the settings, and what it remembers by the parameters' paths (`fc1.weight.old_dirs`), as a safetensors file:
    /// the whole file or none.
    ///
    /// # Errors
    /// [`Error::File`](crate::Error::File) if the file cannot be written.
    pub fn save(&self, module: &impl Module, path: impl AsRef<FilePath>) -> Result<()> {
        file::save(path.as_ref(), module, &self.settings, &self.memory)
    }

    /// Takes over what [`save`](Lbfgs::save) wrote, settings included. On an error nothing has changed.
    ///
    /// # Errors
    /// Those of [`OptimizerExt::load`](super::OptimizerExt::load).
    pub fn load(&mut self, module: &impl Module, path: impl AsRef<FilePath>) -> Result<()> {
        (self.settings, self.memory) = file::load(path.as_ref(), module)?;
        Ok(())
    }
}
