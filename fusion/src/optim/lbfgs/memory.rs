//! What L-BFGS knows: of its settings, of earlier iterations, and of where parameters lie.

use crate::graph::{Gradients, Value};
use crate::kernels::{Array, DType, Dims, elementwise, reduce};
use crate::nn::{Module, Path};
use crate::ops::cast;
use crate::ops::concat::{concat, slice};
use crate::ops::shape::reshape;
use crate::optim::rule::go;
use crate::{Error, Result};
use std::collections::{HashMap, VecDeque};

/// The settings.
#[derive(Clone, Copy, Debug)]
pub(super) struct Numbers {
    pub learning_rate: f64,
    pub max_iter: usize,
    /// 0 stands for 5/4 of `max_iter`.
    pub max_eval: usize,
    pub tolerance_grad: f64,
    pub tolerance_change: f64,
    pub history_size: usize,
    pub strong_wolfe: bool,
}

/// What it knows from earlier iterations. All vectors have the elements of all parameters in a row.
#[derive(Clone, Debug, Default)]
pub(super) struct Memory {
    /// The parameters.
    pub ids: Vec<u64>,
    pub iterations: u64,
    /// The last direction, and how far along it the step went.
    pub direction: Option<Array>,
    pub length: f64,
    /// Changes of the gradient and the steps that made them, the oldest first, with what their product is the inverse of.
    pub pairs: VecDeque<(Array, Array, f64)>,
    /// The Hessian's inverse where nothing is known of it.
    pub scale: f64,
    pub gradient: Option<Array>,
    pub loss: f64,
}

impl Memory {
    /// The direction of the next iteration, at a place with this gradient.
    pub(super) fn direction(&mut self, gradient: &Array, history: usize) -> Array {
        self.iterations += 1;
        let mut q = elementwise::neg(gradient.clone());
        let (Some(last), Some(direction)) = (&self.gradient, &self.direction) else {
            self.scale = 1.0;
            return q;
        };
        let y = elementwise::sub(gradient.clone(), last);
        let s = elementwise::mul_scalar(direction.clone(), self.length);
        let product = dot(&y, &s);
        if product > 1e-10 {
            if self.pairs.len() >= history {
                self.pairs.pop_front();
            }
            self.scale = product / dot(&y, &y);
            self.pairs.push_back((y, s, 1.0 / product));
        }
        // Two loops: Nocedal and Wright, algorithm 7.4.
        let mut shares = Vec::with_capacity(self.pairs.len());
        for (y, s, inverse) in self.pairs.iter().rev() {
            let share = dot(s, &q) * inverse;
            go(&mut q, -share, y);
            shares.push(share);
        }
        let mut r = elementwise::mul_scalar(q, self.scale);
        for ((y, s, inverse), share) in self.pairs.iter().zip(shares.into_iter().rev()) {
            let back = dot(y, &r) * inverse;
            go(&mut r, share - back, s);
        }
        r
    }
}

/// The parameters of a module, each once, as parts of one vector.
pub(super) struct Parts {
    pub ids: Vec<u64>,
    /// Where each begins, and its sizes.
    pub places: HashMap<u64, (usize, Dims)>,
}

impl Parts {
    pub(super) fn of(module: &impl Module) -> Self {
        let (mut ids, mut places, mut next) = (Vec::new(), HashMap::new(), 0);
        for value in module.parameters() {
            let id = value.link().id().expect("a parameter has an id");
            ids.push(id);
            places.insert(id, (next, *value.shape()));
            next += value.array().count();
        }
        Self { ids, places }
    }

    /// What `of` gives of each parameter, or zeros.
    pub(super) fn flat(&self, of: &dyn Fn(&Value) -> Option<Value>, module: &impl Module) -> Array {
        let part = |value: &Value| {
            let line = Dims::new(&[value.array().count()]);
            match of(value) {
                Some(found) => reshape(cast(found.detach(), DType::F64), &line),
                None => Array::full(0.0f64, line).into(),
            }
        };
        let parts: Vec<Value> = module.parameters().iter().map(part).collect();
        if parts.is_empty() { Array::full(0.0f64, Dims::new(&[0])) } else { concat(&parts, 0).into_parts().0 }
    }

    pub(super) fn gradient(&self, module: &impl Module, gradients: &Gradients) -> Result<Array> {
        let of = |value: &Value| gradients.get_value(value.link()).cloned();
        if !module.parameters().iter().any(|value| of(value).is_some()) {
            let problem = format!(
                "none of the {} parameters of this module has a gradient: was the loss computed from this module?",
                self.ids.len()
            );
            return Err(Error::argument("loss", problem));
        }
        Ok(self.flat(&of, module))
    }

    /// The part of a parameter, in its sizes.
    pub(super) fn part(&self, id: u64, flat: &Array) -> Option<Value> {
        let (from, shape) = self.places.get(&id)?;
        Some(reshape(slice(flat.clone().into(), 0, *from, from + shape.count()), shape))
    }

    pub(super) fn put(&self, module: &mut impl Module, flat: &Array) {
        module.walk_mut(&Path::root(), &mut |_, value| {
            let part = value.link().id().filter(|_| value.is_parameter()).and_then(|id| self.part(id, flat));
            if let Some(part) = part {
                value.set(cast(part, value.dtype()).into_parts().0);
            }
        });
    }
}

fn number(array: &Array) -> f64 {
    array.get::<f64>(&[]).expect("rank 0")
}

pub(super) fn dot(a: &Array, b: &Array) -> f64 {
    number(&reduce::sum(&elementwise::mul(a.clone(), b), 1, false))
}

pub(super) fn sum_abs(a: &Array) -> f64 {
    number(&reduce::sum(&elementwise::abs(a.clone()), 1, false))
}

pub(super) fn largest(a: &Array) -> f64 {
    if a.count() == 0 { 0.0 } else { number(&reduce::max(&elementwise::abs(a.clone()), 1, false)) }
}
