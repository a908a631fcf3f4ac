//! Tensors that a forward pass may change.

use crate::dim::Shape;
use crate::graph::{Link, Value};
use crate::kernels::Element;
use crate::nn::module::{Module, Path};
use crate::tensor::Tensor;
use std::fmt;
use std::marker::PhantomData;
use std::sync::{PoisonError, RwLock};

/// A tensor of a module that is no parameter and that a forward pass updates through `&self`: running statistics. It is
/// saved and loaded like any tensor (PyTorch's `register_buffer`).
///
/// ```
/// use fusion::nn::Buffer;
/// use fusion::prelude::*;
///
/// let seen = Buffer::new(Tensor::<shape![2]>::zeros());
/// seen.update(|seen| seen + &Tensor::<shape![2]>::ones());
/// assert_eq!(seen.get().to_vec(), [1.0, 1.0]);
/// ```
pub struct Buffer<S, T = f32> {
    value: RwLock<Value>,
    shape: PhantomData<fn() -> (S, T)>,
}

impl<S, T> Buffer<S, T> {
    /// A buffer with these elements; their past and their being a parameter are forgotten.
    pub fn new(tensor: Tensor<S, T>) -> Self {
        Self { value: RwLock::new(tensor.into_value().detach()), shape: PhantomData }
    }

    /// The elements as they are now.
    pub fn get(&self) -> Tensor<S, T> {
        // What is behind the lock is whole at any time, so a panic elsewhere does no harm.
        Tensor::wrap(self.value.read().unwrap_or_else(PoisonError::into_inner).clone())
    }

    /// Puts what `f` makes of the elements in their place. No other update comes between.
    pub fn update(&self, f: impl FnOnce(Tensor<S, T>) -> Tensor<S, T>) {
        self.change(|value| f(Tensor::wrap(value)).into_value());
    }

    /// As [`Buffer::update`], untyped.
    pub(in crate::nn) fn change(&self, f: impl FnOnce(Value) -> Value) {
        let mut value = self.value.write().unwrap_or_else(PoisonError::into_inner);
        let new = f(value.clone()).detach();
        // Of sizes known at run time the types do not tell.
        value.set(new.array().clone());
    }
}

impl<S, T> Clone for Buffer<S, T> {
    fn clone(&self) -> Self {
        Self::new(self.get())
    }
}

impl<S: Shape, T: Element> fmt::Debug for Buffer<S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.get().fmt(f)
    }
}

impl<S, T> Module for Buffer<S, T> {
    fn walk(&self, path: &Path<'_>, visit: &mut dyn FnMut(&Path<'_>, &Value)) {
        visit(path, self.get().value());
    }

    fn walk_mut(&mut self, path: &Path<'_>, visit: &mut dyn FnMut(&Path<'_>, &mut Value)) {
        let value = self.value.get_mut().unwrap_or_else(PoisonError::into_inner);
        visit(path, value);
        // Whatever came of the walk, a buffer is no parameter, not even a frozen one.
        if !matches!(value.link(), Link::None) {
            *value = value.detach();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;

    #[test]
    fn it_is_no_parameter_and_forgets_the_past() {
        let w = Tensor::<shape![2]>::ones().parameter();
        let buffer = Buffer::new(w.clone());
        assert_eq!((buffer.num_parameters(), buffer.names().len()), (0, 1));
        buffer.update(|x| &w.trace() * &x);
        assert!(!buffer.get().is_traced());
        let copy = buffer.clone();
        copy.update(|x| x + 1.0);
        assert_eq!((buffer.get().to_vec(), copy.get().to_vec()), (vec![1.0, 1.0], vec![2.0, 2.0]));
    }

    #[test]
    fn many_threads_may_update_it() {
        let buffer = Buffer::new(Tensor::<shape![1], f64>::zeros());
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..100).for_each(|_| buffer.update(|x| x + 1.0)));
            }
        });
        assert_eq!(buffer.get().to_vec(), [400.0]);
    }

    #[test]
    fn a_panic_in_an_update_leaves_it_as_it_was() {
        let buffer = Buffer::new(Tensor::<shape![1]>::ones());
        let update = std::panic::AssertUnwindSafe(|| buffer.update(|_| panic!("no")));
        assert!(std::panic::catch_unwind(update).is_err());
        assert_eq!(buffer.get().to_vec(), [1.0]);
    }
}
