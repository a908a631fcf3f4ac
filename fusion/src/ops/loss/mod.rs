//! Losses: what they say of each element or sample, and what is made of that.
//!
//! The functions here are untyped, and their mistakes are errors. Users see them as methods of [`Tensor`] with the usual
//! settings, which stand here, and as the types of [`nn::loss`](crate::nn::loss), which have all settings.

pub mod classes;
pub mod ctc;
pub mod elements;
pub mod vectors;

pub use classes::{Classes, Target, Targets};
pub use elements::Pair;

use super::binary::div_scalar;
use super::reduce::{all, mean, sum};
use crate::graph::{Link, Value};
use crate::kernels::{Array, Dims};
use crate::{Error, Result};

/// What is made of many losses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reduction {
    /// They stay as they are.
    Each,
    /// Their sum.
    Sum,
    /// Their mean.
    Mean,
    /// Their sum, divided by the size of the first axis.
    BatchMean,
}

impl Reduction {
    /// What it makes of the losses.
    #[track_caller]
    fn of(self, each: Value) -> Value {
        match self {
            Self::Each => each,
            Self::Sum => sum(&each, all(&each), false),
            Self::Mean => mean(&each, all(&each), false),
            Self::BatchMean => {
                let batch = each.shape().iter().next().unwrap_or(1);
                div_scalar(sum(&each, all(&each), false), batch as f64)
            }
        }
    }

    /// By what the sum of the losses of elements of this shape is multiplied; nothing if they are not summed.
    fn share(self, shape: &Dims) -> Option<f64> {
        match self {
            Self::Each => None,
            Self::Sum => Some(1.0),
            Self::Mean => Some(1.0 / shape.count() as f64),
            Self::BatchMean => Some(1.0 / shape.iter().next().unwrap_or(1) as f64),
        }
    }
}

/// An operation must not cut the graph silently: an input without a gradient rule may not want one.
#[track_caller]
fn refuse_gradient(operation: &str, what: &str, of: &Value) {
    assert!(
        !of.link().wants_gradient() && !matches!(of.link(), Link::Inference),
        "{operation} has no gradient for its {what}: call detach() on them"
    );
}

/// An error unless both have one shape, and there is room for what is made of them.
fn same_shape(x: &Value, y: &Value) -> Result<()> {
    if x.shape() != y.shape() {
        fusion_rules::same_shape(x.shape().sizes(), y.shape().sizes())?;
    }
    Ok(Array::room(x.shape(), x.dtype())?)
}

/// An error unless this setting is a positive number.
fn positive(name: &'static str, value: f64) -> Result<()> {
    if value > 0.0 && value.is_finite() {
        return Ok(());
    }
    Err(Error::argument(name, format!("{name} must be a positive number, but is {value}")))
}
