//! Vectors for numbers.

use crate::Result;
use crate::dim::Indices;
use crate::graph::{Link, Value};
use crate::nn::init::normal;
use crate::nn::module::Forward;
use crate::ops;
use crate::tensor::Tensor;
use fusion_macros::Module;

/// A vector of `F` numbers for each of `N` indices: `[..]` of `i64` to `[.., F]`. PyTorch's `nn.Embedding`, whose
/// starting values and names it has: `weight` `[N, F]`, standard normal.
///
/// Indices have no gradient, but as any data they start a trace: `layer.forward(indices.trace())` is training.
///
/// ```
/// use fusion::prelude::*;
///
/// let layer = Embedding::<dim!(10), dim!(4)>::init(&mut StdRng::seed_from_u64(0));
/// let words = Tensor::<shape![2, 3], i64>::from([[1, 2, 3], [3, 2, 9]]);
/// let y: Tensor<shape![2, 3, 4]> = layer.forward(words.clone());
/// let grads = layer.forward(words.trace()).sum().backward();
/// assert_eq!(grads.get(&layer.weight).unwrap().sum_over(Axis::<1>).to_vec()[..4], [0.0, 4.0, 8.0, 8.0]);
/// ```
#[derive(Module)]
#[module(layer)]
pub struct Embedding<N, F, T = f32> {
    /// `[indices, features]`
    #[init(normal(0.0, 1.0, rng))]
    pub weight: Tensor<(N, F), T>,
}

impl<N, F, T> Embedding<N, F, T> {
    /// As [`Forward::forward`], or an error if an index is not below `N`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let layer = Embedding::<dim!(10), dim!(4)>::init(&mut StdRng::seed_from_u64(0));
    /// assert!(layer.try_forward(Tensor::<shape![1], i64>::from([10])).is_err());
    /// ```
    #[track_caller]
    pub fn try_forward<S: Indices>(&self, indices: Tensor<S, i64>) -> Result<Tensor<S::With<F>, T>> {
        Ok(Tensor::wrap(ops::embedding::try_embedding(&self.table(indices.value()), indices.value().array())?))
    }

    /// The weight, in the trace of the indices: these have no part in the recorded computation themselves.
    #[track_caller]
    fn table(&self, indices: &Value) -> Value {
        let weight = self.weight.value();
        match weight.link() {
            // Untraced, this is inference, whatever the indices are.
            Link::Parameter(_) if indices.link().trace().is_none() => {
                Value::new(weight.array().clone(), Link::Inference)
            }
            _ => weight.trace_as(indices.link()),
        }
    }
}

impl<S: Indices, N, F, T> Forward<Tensor<S, i64>> for Embedding<N, F, T> {
    type Output = Tensor<S::With<F>, T>;

    #[track_caller]
    fn forward(&self, indices: Tensor<S, i64>) -> Self::Output {
        Tensor::wrap(ops::embedding::embedding(&self.table(indices.value()), indices.value().array()))
    }
}
