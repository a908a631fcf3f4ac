//! Vectors for numbers.

use crate::Result;
use crate::dim::{Indices, Nat};
use crate::graph::{Link, Value};
use crate::nn::init::normal;
use crate::nn::module::Forward;
use crate::ops;
use crate::tensor::{Float, Tensor};
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
    #[init(None)]
    padding: Padding,
}

/// The index that pads, if there is one.
type Padding = Option<usize>;

impl<N: Nat, F: Nat, T: Float> Embedding<N, F, T> {
    /// The same with an index that only fills sequences up: its vector becomes 0, and has no gradient from then on. PyTorch's
    /// `padding_idx`. It is no part of what is saved: say it again of a layer whose weight was loaded.
    ///
    /// # Panics
    ///
    /// If the index is not below `N`, or the weight has another owner ([`nn::tie`](crate::nn::tie)).
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let layer = Embedding::<dim!(10), dim!(4)>::init(&mut StdRng::seed_from_u64(0)).padding_idx(0);
    /// let y = layer.forward(Tensor::from([3i64, 0]).trace());
    /// assert_eq!(y.to_vec()[4..], [0.0; 4]);
    /// let grads = y.sum().backward();
    /// assert_eq!(grads.get(&layer.weight).unwrap().sum_over(Axis::<1>).to_vec()[..4], [0.0, 0.0, 0.0, 4.0]);
    /// ```
    #[track_caller]
    pub fn padding_idx(mut self, index: usize) -> Self {
        assert!(index < N::N, "Embedding: the padding index {index} is no row, but there are {} rows", N::N);
        let mut weight = self.weight.to_vec();
        weight[index * F::N..][..F::N].fill(T::from_f64(0.0));
        self.weight = Tensor::from_vec(weight).expect("as many elements").parameter();
        self.padding = Some(index);
        self
    }
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
        let indices = indices.value();
        let y = ops::embedding::try_embedding(&self.table(indices), indices.array())?;
        Ok(Tensor::wrap(self.padded(y, indices)))
    }

    /// Without a gradient where an index pads.
    #[track_caller]
    fn padded(&self, y: Value, indices: &Value) -> Value {
        match self.padding {
            Some(index) if y.link().wants_gradient() => ops::embedding::without_gradient(y, indices.array(), index),
            _ => y,
        }
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
        let indices = indices.value();
        Tensor::wrap(self.padded(ops::embedding::embedding(&self.table(indices), indices.array()), indices))
    }
}
