//! Concatenating values along an axis, and slicing them.

use crate::dim::{Concat, Join, Shape};
use crate::graph::{Value, record};
use crate::kernels::{Array, Dims, Element, array::concat as kernel};
use crate::tensor::Tensor;
use fusion_rules::Mistake;

/// All `parts` one after the other along `axis`; their other sizes are equal. PyTorch's `cat`.
///
/// Panics if there are none or their shapes do not fit.
#[track_caller]
pub fn concat(parts: &[Value], axis: usize) -> Value {
    let first = *parts.first().expect("concat of no tensors").shape();
    assert!(axis < first.rank(), "concat along axis {axis} of a tensor of rank {}", first.rank());
    for part in parts {
        let (shape, dtype) = (part.shape(), part.dtype());
        assert!(
            shape.rank() == first.rank() && shape.without(axis) == first.without(axis) && dtype == parts[0].dtype(),
            "concat along axis {axis} of {first:?} in {} and {shape:?} in {dtype}",
            parts[0].dtype()
        );
    }
    joined(parts, axis)
}

/// An operation has a fixed number of inputs: up to four parts are joined in one, more in groups of four.
#[track_caller]
fn joined(parts: &[Value], axis: usize) -> Value {
    match parts {
        [] => unreachable!("there is a part"),
        [a] => a.clone(),
        [a, b] => join([a, b], axis),
        [a, b, c] => join([a, b, c], axis),
        [a, b, c, d] => join([a, b, c, d], axis),
        _ => {
            let group = parts.len().div_ceil(4);
            joined(&parts.chunks(group).map(|parts| joined(parts, axis)).collect::<Vec<_>>(), axis)
        }
    }
}

#[track_caller]
fn join<const N: usize>(parts: [&Value; N], axis: usize) -> Value {
    record("concat", parts.map(Value::link), kernel::concat(parts.map(Value::array), axis), |_| {
        let sizes = parts.map(|part| part.shape().get(axis));
        move |g, cx| {
            let mut from = 0;
            std::array::from_fn(|i| {
                let start = from;
                from += sizes[i];
                cx.needs_grad(i).then(|| slice(g.clone(), axis, start, from))
            })
        }
    })
}

/// The elements `from..to` along `axis`, without a copy. PyTorch's `narrow`.
#[track_caller]
pub fn slice(x: Value, axis: usize, from: usize, to: usize) -> Value {
    let whole = *x.shape();
    assert!(
        axis < whole.rank() && from <= to && to <= whole.get(axis),
        "there is no slice {from}..{to} of axis {axis} of {whole:?}"
    );
    if to - from == whole.get(axis) {
        return x;
    }
    let (array, mut shape) = (x.array(), whole);
    shape.set(axis, to - from);
    // An empty slice has no first element.
    let start = if shape.count() == 0 { 0 } else { from * array.strides().get(axis) };
    record("slice", [x.link()], array.view(shape, *array.strides(), start), |_| {
        move |g, _| {
            let zeros = |n| zeros(&g, &whole, axis, n);
            let parts = [zeros(from), Some(g.clone()), zeros(whole.get(axis) - to)];
            [Some(concat(&parts.into_iter().flatten().collect::<Vec<_>>(), axis))]
        }
    })
}

/// Zeros like `g`, in the shape `whole` with the size `n` along `axis`; `None` if `n` is 0.
pub(super) fn zeros(g: &Value, whole: &Dims, axis: usize, n: usize) -> Option<Value> {
    let mut shape = *whole;
    shape.set(axis, n);
    // One zero, broadcast.
    (n > 0).then(|| Array::full_float(g.dtype(), 0.0, Dims::default()).expand(&shape).into())
}

impl<S: Shape, T: Element> Tensor<S, T> {
    /// This tensor and `other` behind it along an axis; their other sizes are equal. PyTorch's `cat`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let (a, b) = (Tensor::<shape![2, 1]>::zeros(), Tensor::<shape![2, 3]>::ones());
    /// let y: Tensor<shape![2, 4]> = a.concat(&b, Axis::<1>);
    /// assert_eq!(y.to_vec(), [0.0, 1.0, 1.0, 1.0, 0.0, 1.0, 1.0, 1.0]);
    /// ```
    #[doc(alias = "cat")]
    #[doc(alias = "concatenate")]
    #[track_caller]
    pub fn concat<R, A>(&self, other: &Tensor<R, T>, _axis: A) -> Tensor<S::Out, T>
    where
        S: Concat<A, R>,
    {
        Tensor::wrap(both(self.value(), other.value(), S::INDEX))
    }

    /// Two branches joined along their channels, axis 1: what `|` means in `model!`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let (a, b) = (Tensor::<shape![2, 8, 4, 4]>::zeros(), Tensor::<shape![2, 3, 4, 4]>::zeros());
    /// let y: Tensor<shape![2, 11, 4, 4]> = a.join(&b);
    /// ```
    #[doc(alias = "cat")]
    #[track_caller]
    pub fn join<R>(&self, other: &Tensor<R, T>) -> Tensor<S::Out, T>
    where
        S: Join<R>,
    {
        Tensor::wrap(both(self.value(), other.value(), 1))
    }
}

/// Two values, whose sizes of the run are compared by the rule.
#[track_caller]
fn both(a: &Value, b: &Value, axis: usize) -> Value {
    match fusion_rules::concat(a.shape().sizes(), b.shape().sizes(), axis) {
        // At run time there are sizes that no type can spell.
        Err(Mistake::TooManyDigits) => concat(&[a.clone(), b.clone()], axis),
        other => {
            super::or_panic(other);
            join([a, b], axis)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::binary::mul;
    use super::super::derivatives::{any, first_and_second};
    use super::*;

    #[test]
    fn gradients() {
        for n in [1, 2, 3, 4, 5, 9, 17] {
            let parts: Vec<Value> = (0..n).map(|i| any(i, &[2, 1 + i % 3, 2])).collect();
            let whole = concat(&parts, 1);
            assert_eq!(whole.shape().get(1), parts.iter().map(|part| part.shape().get(1)).sum::<usize>());
            if n < 6 {
                first_and_second(&parts, |parts| {
                    let y = concat(parts, 1);
                    mul(y.clone(), &y)
                });
            }
            let mut from = 0;
            for part in &parts {
                let to = from + part.shape().get(1);
                let cut = slice(whole.clone(), 1, from, to);
                assert_eq!(cut.array().to_vec::<f64>(), part.array().to_vec::<f64>());
                from = to;
            }
        }
        for (from, to) in [(0, 1), (1, 3), (3, 4), (0, 4), (2, 2)] {
            first_and_second(&[any(1, &[2, 4, 3])], |x| {
                let y = slice(x[0].clone(), 1, from, to);
                mul(y.clone(), &y)
            });
        }
    }

    #[test]
    fn slices_of_nothing() {
        let x = any(1, &[3, 0]);
        assert_eq!(*slice(x.clone(), 0, 1, 3).shape(), [2, 0][..]);
        assert_eq!(*slice(any(1, &[3, 2]), 0, 3, 3).shape(), [0, 2][..]);
        assert_eq!(*concat(&[x.clone(), x], 0).shape(), [6, 0][..]);
    }

    #[test]
    #[should_panic(expected = "concat along axis 1 of [2, 3] in f64 and [4, 3] in f64")]
    fn other_sizes_are_refused() {
        concat(&[any(1, &[2, 3]), any(1, &[4, 3])], 1);
    }

    #[test]
    #[should_panic(expected = "there is no slice 2..5 of axis 0 of [4]")]
    fn a_slice_outside_is_refused() {
        slice(any(1, &[4]), 0, 2, 5);
    }
}
