//! Vectors for numbers.

use crate::Result;
use crate::dim::{Dim, Indices, Nat};
use crate::graph::{Link, Value};
use crate::nn::module::duplicate::{OneCopy, copy_of};
use crate::nn::module::{Forward, Init, Module, Path};
use crate::ops;
use crate::tensor::{Float, Tensor};
use rand::Rng;
use std::fmt;

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
pub struct Embedding<N, F, T = f32> {
    /// `[indices, features]`
    pub weight: Tensor<(N, F), T>,
}

impl<N, F, T> Embedding<N, F, T> {
    /// A layer with PyTorch's starting values.
    pub fn init(rng: &mut impl Rng) -> Self
    where
        N: Nat,
        F: Nat,
        T: Float,
    {
        Self::init_with(rng)
    }

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

/// A layer with the same values and a parameter of its own.
impl<N, F, T> Clone for Embedding<N, F, T> {
    fn clone(&self) -> Self {
        let _copy = OneCopy::begin();
        Self { weight: copy_of(&self.weight) }
    }
}

impl<N, F, T> fmt::Debug for Embedding<N, F, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let weight = self.weight.value().shape();
        write!(f, "Embedding<{}, {}>", weight.get(0), weight.get(1))
    }
}

impl<N: Nat, F: Nat, T: Float> Init for Embedding<N, F, T> {
    fn init_with(rng: &mut dyn Rng) -> Self {
        Self { weight: Tensor::normal(0.0, 1.0, rng).parameter() }
    }
}

impl<N: Dim, F: Dim, T: Float> Module for Embedding<N, F, T> {
    fn walk(&self, path: &Path<'_>, visit: &mut dyn FnMut(&Path<'_>, &Value)) {
        self.weight.walk(&path.child("weight").parameter(), visit);
    }

    fn walk_mut(&mut self, path: &Path<'_>, visit: &mut dyn FnMut(&Path<'_>, &mut Value)) {
        self.weight.walk_mut(&path.child("weight").parameter(), visit);
    }

    fn multiply_adds(&self, _: &[usize], _: &[usize]) -> Option<u64> {
        Some(0)
    }
}
