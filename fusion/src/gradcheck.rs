//! Gradients held to finite differences.

use crate::dim::Shape;
use crate::graph::Trace;
use crate::kernels::Array;
use crate::tensor::Tensor;
use crate::{Error, Result};

/// Compares the gradient of `f` at `x` with central differences, as PyTorch's `gradcheck` does (step 1e-6, absolute
/// tolerance 1e-5, relative 1e-3). `f` may have a result of any shape: its elements are summed with fixed, uneven
/// weights. The error says which element differs and by how much.
///
/// `f` is called with a watched tensor in training mode each time, and what it draws from the trace (dropout) is the same
/// each time; the running statistics of a batch norm in it move.
///
/// ```
/// use fusion::prelude::*;
/// use fusion::gradcheck;
///
/// let x = Tensor::<shape![2, 2], f64>::from([[0.5, -1.0], [2.0, 3.0]]);
/// gradcheck(|x| x.tanh().matmul(x), &x)?;
/// // A wrong gradient is found: `detach` hides one of the two factors.
/// assert!(gradcheck(|x| x.clone() * x.detach(), &x).is_err());
/// # Ok::<(), fusion::Error>(())
/// ```
#[track_caller]
pub fn gradcheck<S: Shape, R: Shape>(f: impl Fn(&Tensor<S, f64>) -> Tensor<R, f64>, x: &Tensor<S, f64>) -> Result<()> {
    const STEP: f64 = 1e-6;
    let weight = |i: usize| 1.0 + (i as f64 * 0.7).sin() / 2.0;
    // Every call of `f` is a pass in training mode that draws the same random numbers.
    let watch = |x: &Tensor<S, f64>| x.watch_with(Trace::training().seed(0));
    let leaf = watch(&x.detach());
    let y = f(&leaf);
    let gradient = if y.is_traced() {
        let seed = Array::from_fn(*y.value().shape(), weight);
        y.backward_with(Tensor::wrap(seed.into())).get(&leaf)
    } else {
        None // a constant
    };
    let gradient = gradient.map_or_else(|| vec![0.0; x.num_elements()], |gradient| gradient.to_vec());
    let elements = x.to_vec();
    let at = |i: usize, step: f64| {
        let mut moved = elements.clone();
        moved[i] += step;
        let x = Tensor::wrap(Array::from_slice(&moved, *x.value().shape()).into());
        f(&watch(&x)).to_vec().iter().enumerate().map(|(i, y)| y * weight(i)).sum::<f64>()
    };
    for (i, &analytic) in gradient.iter().enumerate() {
        let numeric = (at(i, STEP) - at(i, -STEP)) / (2.0 * STEP);
        let close = (analytic - numeric).abs() <= 1e-5 + 1e-3 * numeric.abs();
        if !close {
            return Err(Error::Gradient { element: i, analytic, numeric });
        }
    }
    Ok(())
}
