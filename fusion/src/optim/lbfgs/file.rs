//! L-BFGS as a safetensors file.

use super::memory::{Memory, Numbers, Parts, dot};
use crate::graph::Value;
use crate::kernels::{Array, DType, Dims};
use crate::nn::Module;
use crate::ops::concat::{concat, slice};
use crate::ops::shape::reshape;
use crate::optim::settings::{self, Setting, Settings, above_zero, not_negative, positive};
use crate::optim::slots::each_parameter;
use crate::state::{Checkpoint, Wanted, to_bytes, write_whole};
use crate::{Error, Result};
use std::path::Path as FilePath;

const KEY: &str = "optimizer";

/// What there is for each parameter, under PyTorch's names: vectors, and matrices with a row for each remembered step.
const VECTORS: [&str; 2] = ["d", "prev_flat_grad"];
const MATRICES: [&str; 2] = ["old_dirs", "old_stps"];

/// The settings, and the numbers that belong to what is remembered.
struct Told {
    settings: Numbers,
    iterations: f64,
    length: f64,
    scale: f64,
    loss: f64,
    pairs: usize,
}

impl Settings for Told {
    const OWNER: &'static str = "Lbfgs";
    const NAMES: &'static [&'static str] = &[
        "learning_rate",
        "max_iter",
        "max_eval",
        "tolerance_grad",
        "tolerance_change",
        "history_size",
        "strong_wolfe",
        "n_iter",
        "t",
        "H_diag",
        "prev_loss",
        "pairs",
    ];

    fn values(&self) -> Vec<f64> {
        let Numbers { learning_rate, max_iter, max_eval, tolerance_grad, tolerance_change, history_size, strong_wolfe } =
            self.settings;
        let [max_iter, max_eval, history_size] = [max_iter, max_eval, history_size].map(Setting::to_f64);
        vec![
            learning_rate,
            max_iter,
            max_eval,
            tolerance_grad,
            tolerance_change,
            history_size,
            strong_wolfe.to_f64(),
            self.iterations,
            self.length,
            self.scale,
            self.loss,
            self.pairs.to_f64(),
        ]
    }

    fn from_values(values: &[f64]) -> std::result::Result<Self, String> {
        let &[
            rate,
            max_iter,
            max_eval,
            tolerance_grad,
            tolerance_change,
            history,
            wolfe,
            n_iter,
            t,
            scale,
            loss,
            pairs,
        ] = values
        else {
            unreachable!("a value for each name")
        };
        let settings = Numbers {
            learning_rate: rate,
            max_iter: Setting::from_f64(max_iter),
            max_eval: Setting::from_f64(max_eval),
            tolerance_grad,
            tolerance_change,
            history_size: Setting::from_f64(history),
            strong_wolfe: Setting::from_f64(wolfe),
        };
        not_negative("learning_rate", rate)?;
        positive("max_iter", settings.max_iter)?;
        above_zero("tolerance_grad", tolerance_grad)?;
        above_zero("tolerance_change", tolerance_change)?;
        positive("history_size", settings.history_size)?;
        not_negative("n_iter", n_iter)?;
        let pairs: usize = Setting::from_f64(pairs);
        if pairs > settings.history_size || pairs as f64 > n_iter {
            return Err(format!("pairs must be at most history_size and n_iter, but is {pairs}"));
        }
        Ok(Self { settings, iterations: n_iter, length: t, scale, loss, pairs })
    }
}

pub(super) fn save(path: &FilePath, module: &impl Module, settings: &Numbers, memory: &Memory) -> Result<()> {
    let parts = Parts::of(module);
    let is_same = memory.ids == parts.ids;
    let memory = if is_same { memory } else { &Memory::default() };
    let mut tensors = Vec::new();
    if let (Some(direction), Some(gradient)) = (&memory.direction, &memory.gradient) {
        let of_pairs = |of: fn(&(Array, Array, f64)) -> &Array, id: u64| {
            let rows: Vec<Value> = memory.pairs.iter().map(|pair| row(&parts, of(pair), id)).collect();
            (!rows.is_empty()).then(|| concat(&rows, 0).into_parts().0)
        };
        each_parameter(module, &mut |at, _, id| {
            for (name, of) in VECTORS.into_iter().zip([direction, gradient]) {
                let part = parts.part(id, of).expect("of this module").into_parts().0;
                tensors.push((at.child(name).to_string(), part));
            }
            for (name, of) in MATRICES.into_iter().zip([of_pairs(|pair| &pair.0, id), of_pairs(|pair| &pair.1, id)]) {
                tensors.extend(of.map(|of| (at.child(name).to_string(), of)));
            }
        });
    }
    let told = Told {
        settings: *settings,
        iterations: memory.iterations as f64,
        length: memory.length,
        scale: memory.scale,
        loss: memory.loss,
        pairs: memory.pairs.len(),
    };
    write_whole(path, &to_bytes(path, tensors, (KEY, &settings::text(&told)))?)
}

/// The part of a parameter as a matrix of one row.
fn row(parts: &Parts, flat: &Array, id: u64) -> Value {
    let part = parts.part(id, flat).expect("of this module");
    let count = part.array().count();
    reshape(part, &Dims::new(&[1, count]))
}

pub(super) fn load(path: &FilePath, module: &impl Module) -> Result<(Numbers, Memory)> {
    // What there should be follows from the settings, which the file itself has.
    let mut problems = Vec::new();
    let about = Checkpoint::open(path, Vec::new(), KEY)?.about().map(str::to_owned);
    let told = match &about {
        Some(text) => settings::parse::<Told>(text, |problem| problems.push(problem)),
        None => {
            problems.push(format!("its metadata has no `{KEY}`: no optimizer wrote it"));
            None
        }
    };
    let (iterations, pairs) = told.as_ref().map_or((0.0, 0), |told| (told.iterations, told.pairs));
    let mut wanted = Vec::new();
    each_parameter(module, &mut |at, value, _| {
        let mut want = |name: &str, shape| {
            let (name, dtype) = (at.child(name).to_string(), DType::F64);
            wanted.push(Wanted { name, dtype, shape, required: true, tied: None });
        };
        if iterations > 0.0 {
            VECTORS.iter().for_each(|name| want(name, *value.shape()));
        }
        if pairs > 0 {
            MATRICES.iter().for_each(|name| want(name, Dims::new(&[pairs, value.array().count()])));
        }
    });
    let mut file = Checkpoint::open(path, wanted, KEY)?;
    problems.into_iter().for_each(|problem| file.problem(problem));
    let arrays: Vec<Array> = file.read()?.into_iter().map(|array| array.expect("required")).collect();
    let Some(told) = told else { unreachable!("a problem was noted, and reading fails") };
    let kinds = if pairs > 0 { 4 } else { 2 };
    // The parts of all parameters, in a row.
    let line = |kind: usize, of: &dyn Fn(Value) -> Value| {
        let parts = arrays.iter().skip(kind).step_by(kinds).map(|array| {
            let part = of(array.clone().into());
            let line = Dims::new(&[part.array().count()]);
            reshape(part, &line)
        });
        concat(&parts.collect::<Vec<_>>(), 0).into_parts().0
    };
    let mut memory = Memory {
        ids: Parts::of(module).ids,
        iterations: told.iterations as u64,
        length: told.length,
        scale: told.scale,
        loss: told.loss,
        ..Memory::default()
    };
    if !arrays.is_empty() {
        memory.direction = Some(line(0, &|part| part));
        memory.gradient = Some(line(1, &|part| part));
    }
    for at in 0..pairs {
        let row = |part| slice(part, 0, at, at + 1);
        let (y, s) = (line(2, &row), line(3, &row));
        let product = dot(&y, &s);
        if product.is_nan() || product <= 0.0 {
            let problem = format!("remembered step {at} does not go up with its gradient");
            return Err(Error::format(path, problem));
        }
        memory.pairs.push_back((y, s, 1.0 / product));
    }
    Ok((told.settings, memory))
}
