//! New tensors that go with another one: of its sizes, on its trace.

use super::{Float, Tensor, create};
use crate::graph::Value;
use crate::kernels::{Array, Element};
use rand::{Rng, RngExt};
use rand_distr::StandardNormal;

/// The elements on the trace of `of`, if it has one: data that layers treat as they treat `of`.
fn on_trace<S, T>(array: Array, of: &Tensor<S, T>) -> Tensor<S, T> {
    Tensor::wrap(Value::from(array).trace_as(of.value().link()))
}

impl<S, T: Element> Tensor<S, T> {
    /// A tensor of these sizes in which every element is `value`, on this tensor's trace. PyTorch's `full_like`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// assert_eq!(Tensor::<shape![2], i64>::zeros().full_like(7).to_vec(), [7, 7]);
    /// ```
    #[track_caller]
    pub fn full_like(&self, value: T) -> Self {
        on_trace(Array::full(value, *self.value().shape()), self)
    }

    /// Zeros of these sizes, on this tensor's trace: the first state of a recurrent network. PyTorch's `zeros_like`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let x = Tensor::<shape![2]>::from([3.0, 4.0]).trace_with(Trace::evaluation());
    /// let state = x.zeros_like();
    /// assert!(state.is_traced() && !state.is_training());
    /// assert_eq!((state + x).to_vec(), [3.0, 4.0]);
    /// ```
    #[track_caller]
    pub fn zeros_like(&self) -> Self {
        self.full_like(T::default())
    }
}

impl<S, T: Float> Tensor<S, T> {
    /// Ones of these sizes, on this tensor's trace. PyTorch's `ones_like`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// assert_eq!(Tensor::<shape![2]>::zeros().ones_like().to_vec(), [1.0, 1.0]);
    /// ```
    #[track_caller]
    pub fn ones_like(&self) -> Self {
        self.full_like(T::from_f64(1.0))
    }

    /// Numbers uniform in 0..1, of these sizes and on this tensor's trace. PyTorch's `rand_like`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let x = Tensor::<shape![3]>::zeros().rand_like(&mut StdRng::seed_from_u64(0));
    /// assert!(x.to_vec().iter().all(|x| (0.0..1.0).contains(x)));
    /// ```
    #[track_caller]
    pub fn rand_like(&self, rng: &mut (impl Rng + ?Sized)) -> Self {
        on_trace(Array::from_fn(*self.value().shape(), |_| create::uniform_in::<T>(0.0, 1.0, rng)), self)
    }

    /// Normal numbers of mean 0 and standard deviation 1, of these sizes and on this tensor's trace: the noise of a
    /// variational autoencoder. PyTorch's `randn_like`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let mut rng = StdRng::seed_from_u64(0);
    /// let (mean, log_variance) = (Tensor::<shape![4, 2]>::zeros().trace(), Tensor::<shape![4, 2]>::zeros().trace());
    /// let z = &mean + (log_variance * 0.5).exp() * mean.randn_like(&mut rng);
    /// assert!(z.is_training());
    /// ```
    #[track_caller]
    pub fn randn_like(&self, rng: &mut (impl Rng + ?Sized)) -> Self {
        on_trace(Array::from_fn(*self.value().shape(), |_| T::from_f64(rng.sample(StandardNormal))), self)
    }
}
