//! Triangles of matrices.

use crate::dim::rule::{AnAxis, Said};
use crate::dim::{Axis, HasAxis, Shape};
use crate::graph::{Value, record};
use crate::kernels::{Element, array::spread as kernel};
use crate::tensor::Tensor;

/// Each matrix of the last two axes with zeros above the diagonal that lies `offset` columns to the right of the main one. PyTorch's
/// `tril`.
#[track_caller]
pub fn tril(x: &Value, offset: isize) -> Value {
    triangle("tril", x, offset, false)
}

/// Each matrix of the last two axes with zeros below the diagonal that lies `offset` columns to the right of the main one. PyTorch's
/// `triu`.
#[track_caller]
pub fn triu(x: &Value, offset: isize) -> Value {
    triangle("triu", x, offset, true)
}

#[track_caller]
fn triangle(name: &'static str, x: &Value, offset: isize, upper: bool) -> Value {
    record(name, [x.link()], kernel::triangle(x.array(), offset, upper), |_| {
        move |g, _| [Some(triangle(name, &g, offset, upper))]
    })
}

impl<S: Shape, T: Element> Tensor<S, T> {
    /// Each matrix of the last two axes with zeros above the diagonal that lies `offset` columns to the right of the main one: the
    /// lower triangle. PyTorch's `tril`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// // Each position attends to itself and to those before it.
    /// let past = Tensor::<shape![3, 3], bool>::from_fn(|_| true).tril(0);
    /// assert_eq!(past.to_vec()[..6], [true, false, false, true, true, false]);
    /// ```
    #[track_caller]
    pub fn tril(&self, offset: isize) -> Self
    where
        S: Said<AnAxis, Axis<-2>> + HasAxis<Axis<-2>>,
    {
        Self::wrap(tril(self.value(), offset))
    }

    /// Each matrix of the last two axes with zeros below the diagonal that lies `offset` columns to the right of the main one: the
    /// upper triangle. PyTorch's `triu`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let x = Tensor::from([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
    /// assert_eq!(x.triu(1).to_vec(), [0.0, 2.0, 3.0, 0.0, 0.0, 6.0]);
    /// ```
    #[track_caller]
    pub fn triu(&self, offset: isize) -> Self
    where
        S: Said<AnAxis, Axis<-2>> + HasAxis<Axis<-2>>,
    {
        Self::wrap(triu(self.value(), offset))
    }
}

#[cfg(test)]
mod tests {
    use super::super::binary::mul;
    use super::super::derivatives::{any, first_and_second};
    use super::*;

    #[test]
    fn gradients() {
        for shape in [&[3, 3][..], &[2, 4], &[2, 3, 2]] {
            for offset in [0, 1, -1, 5, -5] {
                first_and_second(&[any(1, shape)], |x| tril(&mul(x[0].clone(), &x[0]), offset));
                first_and_second(&[any(1, shape)], |x| triu(&mul(x[0].clone(), &x[0]), offset));
            }
        }
    }

    /// What is not chosen may be anything.
    #[test]
    fn nothing_is_multiplied() {
        let x = Tensor::from([[1.0, f64::NAN], [f64::INFINITY, 2.0]]);
        assert_eq!(x.tril(-1).to_vec(), [0.0, 0.0, f64::INFINITY, 0.0]);
    }
}
