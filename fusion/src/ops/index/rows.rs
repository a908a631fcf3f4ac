//! The rows of a tensor, one after the other.

use crate::dim::{Axis, HasAxis, Shape};
use crate::graph::Value;
use crate::kernels::Element;
use crate::ops::concat::slice;
use crate::ops::shape::squeeze;
use crate::tensor::Tensor;
use std::marker::PhantomData;

/// The parts of a tensor along its first axis, made when they are asked for: what `for row in &x` goes through.
#[derive(Debug)]
pub struct Rows<S, T> {
    /// What is left, the next in front, which is the last of the list.
    parts: Vec<Value>,
    left: usize,
    shape: PhantomData<fn() -> (S, T)>,
}

impl<S: Shape, T: Element> Iterator for Rows<S, T> {
    type Item = Tensor<S, T>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut part = self.parts.pop()?;
        // By halves: the gradient of a part is as large as what it was cut from, and so n rows cost n log n.
        while part.shape().get(0) > 1 {
            let (n, half) = (part.shape().get(0), part.shape().get(0) / 2);
            self.parts.push(slice(part.clone(), 0, half, n));
            part = slice(part, 0, 0, half);
        }
        self.left -= 1;
        Some(Tensor::wrap(squeeze(part, 0)))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl<S: Shape, T: Element> ExactSizeIterator for Rows<S, T> {}

impl<S: HasAxis<Axis<0>>, T: Element> Tensor<S, T> {
    /// The parts along the first axis, one after the other, without a copy; `for row in &x` goes through the same. Gradients flow
    /// back through them. PyTorch's iteration over a tensor; [`Tensor::unstack`] makes a list of all along any axis.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let x = Tensor::from([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]);
    /// let sums: Vec<f32> = x.rows().map(|row: Tensor<shape![2]>| row.sum().item()).collect();
    /// assert_eq!(sums, [3.0, 7.0, 11.0]);
    ///
    /// let mut state = Tensor::<shape![2]>::zeros();
    /// for row in &x {
    ///     state = state * 0.5 + row;
    /// }
    /// assert_eq!(state.to_vec(), [6.75, 8.5]);
    /// ```
    #[doc(alias = "iter")]
    #[doc(alias = "unbind")]
    pub fn rows(&self) -> Rows<S::Without, T> {
        let left = self.value().shape().get(0);
        let parts = if left == 0 { Vec::new() } else { vec![self.value().clone()] };
        Rows { parts, left, shape: PhantomData }
    }
}

impl<S: HasAxis<Axis<0>>, T: Element> IntoIterator for &Tensor<S, T> {
    type Item = Tensor<S::Without, T>;
    type IntoIter = Rows<S::Without, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.rows()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dim::Dyn;
    use crate::ops::binary::mul;
    use crate::ops::derivatives::{any, first_and_second};

    #[test]
    fn in_their_order_with_gradients() {
        for n in [0, 1, 2, 3, 7] {
            let x = Tensor::<(Dyn, Dyn), f64>::wrap(any(1, &[n, 2]));
            let mut rows = x.rows();
            for (i, part) in x.unstack(Axis::<0>).into_iter().enumerate() {
                assert_eq!(rows.len(), n - i);
                assert_eq!(rows.next().expect("a row").to_vec(), part.to_vec());
            }
            assert!(rows.next().is_none() && rows.len() == 0);
        }
        first_and_second(&[any(1, &[5, 2])], |x| {
            let x = Tensor::<(Dyn, Dyn), f64>::wrap(x[0].clone());
            let product = x.rows().reduce(|a, b| Tensor::wrap(mul(a.into_value(), b.value())));
            product.expect("rows").into_value()
        });
    }
}
