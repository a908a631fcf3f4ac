//! What the derive of the library's own layers asks of a field that holds a parameter. It asks nothing of the shape, so
//! that a network of many layers is checked quickly.

use crate::graph::Value;
use crate::nn::module::Path;
use crate::nn::module::duplicate::copy_of;
use crate::tensor::Tensor;

/// A tensor, or none.
pub trait Held {
    /// Shows the tensor that is there.
    fn walk(&self, path: &Path<'_>, visit: &mut dyn FnMut(&Path<'_>, &Value));
    /// The same for writing.
    fn walk_mut(&mut self, path: &Path<'_>, visit: &mut dyn FnMut(&Path<'_>, &mut Value));
    /// The same elements as a parameter of its own.
    fn copy(&self) -> Self;
    /// These elements as a parameter.
    fn into_parameter(self) -> Self;
}

impl<S, T> Held for Tensor<S, T> {
    fn walk(&self, path: &Path<'_>, visit: &mut dyn FnMut(&Path<'_>, &Value)) {
        visit(path, self.value());
    }

    fn walk_mut(&mut self, path: &Path<'_>, visit: &mut dyn FnMut(&Path<'_>, &mut Value)) {
        visit(path, self.value_mut());
    }

    fn copy(&self) -> Self {
        copy_of(self)
    }

    fn into_parameter(self) -> Self {
        Tensor::wrap(self.into_value().into_parameter())
    }
}

impl<S, T> Held for Option<Tensor<S, T>> {
    fn walk(&self, path: &Path<'_>, visit: &mut dyn FnMut(&Path<'_>, &Value)) {
        self.iter().for_each(|tensor| Held::walk(tensor, path, visit));
    }

    fn walk_mut(&mut self, path: &Path<'_>, visit: &mut dyn FnMut(&Path<'_>, &mut Value)) {
        self.iter_mut().for_each(|tensor| Held::walk_mut(tensor, path, visit));
    }

    fn copy(&self) -> Self {
        self.as_ref().map(copy_of)
    }

    fn into_parameter(self) -> Self {
        self.map(Held::into_parameter)
    }
}
