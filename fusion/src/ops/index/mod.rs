//! Parts of a tensor along an axis, and tensors stacked along a new one. Gradients flow through all of them.

pub mod at;
pub mod gather;
pub mod rows;
pub mod scatter;

use super::concat::{concat, slice};
use super::or_panic;
use super::shape::{squeeze, unsqueeze};
use super::unary::relu_grad;
use crate::dim::rule::{AnAxis, Said};
use crate::dim::{AtLeast, BroadcastTo, Chunk, Dim, Dyn, HasAxis, Nat, Num, Shape, Unsqueeze};
use crate::graph::{Value, record};
use crate::kernels::{Array, DType, Dims, Element, elementwise};
use crate::tensor::{Float, Scalar, Tensor};
use crate::{Error, Result};
use std::ops::{Bound, RangeBounds};

/// Element `index` of `axis`, without that axis.
#[track_caller]
pub fn select(x: Value, axis: usize, index: usize) -> Value {
    squeeze(slice(x, axis, index, index + 1), axis)
}

/// Every element of `axis`, each without that axis.
#[track_caller]
pub fn unstack(x: Value, axis: usize) -> Vec<Value> {
    fn halves(x: Value, axis: usize, parts: &mut Vec<Value>) {
        match x.shape().get(axis) {
            0 => {}
            1 => parts.push(squeeze(x, axis)),
            n => {
                halves(slice(x.clone(), axis, 0, n / 2), axis, parts);
                halves(slice(x, axis, n / 2, n), axis, parts);
            }
        }
    }
    // By halves: the gradient of a part is as large as what it was cut from, and so n parts cost n log n.
    let (mut parts, n) = (Vec::new(), x.shape().get(axis));
    if parts.try_reserve_exact(n).is_err() {
        panic!("unstack: there is no room for the {n} parts along axis {axis} of {:?}", x.shape());
    }
    halves(x, axis, &mut parts);
    parts
}

/// All `parts`, of one shape, along a new axis before `axis`. Panics if there are none or their shapes differ.
#[track_caller]
pub fn stack(parts: &[Value], axis: usize) -> Value {
    for part in parts {
        super::same_shape(&parts[0], part);
    }
    let parts: Vec<Value> = parts.iter().map(|part| unsqueeze(part.clone(), axis)).collect();
    concat(&parts, axis)
}

/// `x`, but `value` where `mask` is true; no gradient there. The mask is stretched to the shape of `x`.
#[track_caller]
pub fn masked_fill(x: Value, mask: &Array, value: f64) -> Value {
    assert!(mask.dtype() == DType::Bool, "masked_fill: a mask is of bool, not of {}", mask.dtype());
    let (hidden, shape) = (elementwise::cast(mask, x.dtype()), *x.shape());
    let shown = elementwise::rsub_scalar(hidden.clone(), 1.0).expand(&shape);
    let values = Array::full_float(x.dtype(), value, Dims::default()).expand(hidden.shape());
    // Chosen, not multiplied: 0 times an infinite value would be NaN.
    let fill = elementwise::relu_grad(values, &hidden).expand(&shape);
    let (x, link) = x.into_parts();
    let y = elementwise::add(elementwise::relu_grad(x, &shown), &fill);
    record("masked_fill", [&link], y, |_| move |g, _| [Some(relu_grad(g, &shown.clone().into()))])
}

/// The rule of a run `from..to` along an axis.
fn run(name: &str, x: &Value, axis: usize, from: usize, to: usize) -> Result<()> {
    let n = x.shape().get(axis);
    if from <= to && to <= n {
        return Ok(());
    }
    let shape = x.shape();
    let problem = format!("{name}: there is no {from}..{to} along axis {axis} of {shape:?}, which has 0..{n}");
    Err(Error::index(to as i64, n + 1, problem))
}

/// The ends of a range along an axis, which must lie inside.
pub(super) fn ends(name: &str, x: &Value, axis: usize, range: impl RangeBounds<usize>) -> Result<(usize, usize)> {
    let from = match range.start_bound() {
        Bound::Included(&from) => from,
        Bound::Excluded(&from) => from.saturating_add(1),
        Bound::Unbounded => 0,
    };
    let to = match range.end_bound() {
        Bound::Included(&to) => to.saturating_add(1),
        Bound::Excluded(&to) => to,
        Bound::Unbounded => x.shape().get(axis),
    };
    run(name, x, axis, from, to)?;
    Ok((from, to))
}

/// The rule of an index along an axis.
fn inside(name: &str, x: &Value, axis: usize, index: usize) -> Result<()> {
    let n = x.shape().get(axis);
    if index < n {
        return Ok(());
    }
    let shape = x.shape();
    let problem = format!("{name}: there is no index {index} along axis {axis} of {shape:?}, which has 0..{n}");
    Err(Error::index(index as i64, n, problem))
}

impl<S: Shape, T: Element> Tensor<S, T> {
    /// The part at `index` along an axis, without that axis and without a copy: NumPy's `x[:, index]`, PyTorch's
    /// `select`.
    ///
    /// # Panics
    ///
    /// If `index` is outside. [`Tensor::try_select`] gives an error instead.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let x = Tensor::from([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
    /// let column: Tensor<shape![2]> = x.select(Axis::<1>, 2);
    /// assert_eq!(column.to_vec(), [3.0, 6.0]);
    /// ```
    #[doc(alias = "index")]
    #[track_caller]
    pub fn select<A>(&self, axis: A, index: usize) -> Tensor<S::Without, T>
    where
        S: HasAxis<A>,
    {
        or_panic(self.try_select(axis, index))
    }

    /// As [`Tensor::select`], or an error if `index` is outside.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let error = Tensor::<shape![2, 3]>::zeros().try_select(Axis::<1>, 3).unwrap_err();
    /// assert_eq!(error.to_string(), "select: there is no index 3 along axis 1 of [2, 3], which has 0..3");
    /// ```
    #[track_caller]
    pub fn try_select<A>(&self, _axis: A, index: usize) -> Result<Tensor<S::Without, T>>
    where
        S: HasAxis<A>,
    {
        inside("select", self.value(), S::INDEX, index)?;
        Ok(Tensor::wrap(select(self.value().clone(), S::INDEX, index)))
    }

    /// `N` parts from `start` on along an axis, without a copy: `x.narrow::<dim!(2), _>(Axis::<1>, 1)`, or with `N`
    /// from what the result is used as. NumPy's `x[:, start:start + N]`, PyTorch's `narrow`.
    ///
    /// # Panics
    ///
    /// If there are fewer. [`Tensor::try_narrow`] gives an error instead.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let x = Tensor::from([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
    /// let right: Tensor<shape![2, 2]> = x.narrow(Axis::<1>, 1);
    /// assert_eq!(right.to_vec(), [2.0, 3.0, 5.0, 6.0]);
    /// ```
    #[track_caller]
    pub fn narrow<N: Nat, A>(&self, axis: A, start: usize) -> Tensor<S::With<N>, T>
    where
        S: Said<AnAxis, A> + HasAxis<A, Size: AtLeast<N>>,
    {
        or_panic(self.try_narrow(axis, start))
    }

    /// As [`Tensor::narrow`], or an error if there are fewer.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let error = Tensor::<shape![2, 3]>::zeros().try_narrow::<dim!(2), _>(Axis::<1>, 2).unwrap_err();
    /// assert_eq!(error.to_string(), "narrow: there is no 2..4 along axis 1 of [2, 3], which has 0..3");
    /// ```
    #[track_caller]
    pub fn try_narrow<N: Nat, A>(&self, _axis: A, start: usize) -> Result<Tensor<S::With<N>, T>>
    where
        S: Said<AnAxis, A> + HasAxis<A, Size: AtLeast<N>>,
    {
        let end = start.saturating_add(N::N);
        run("narrow", self.value(), S::INDEX, start, end)?;
        Ok(Tensor::wrap(slice(self.value().clone(), S::INDEX, start, end)))
    }

    /// The parts in `range` along an axis, without a copy; their number is known at run time. NumPy's
    /// `x[:, range]`. [`Tensor::narrow`] has a number in its type.
    ///
    /// # Panics
    ///
    /// If the range is not inside. [`Tensor::try_slice`] gives an error instead.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let x = Tensor::from([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
    /// let right: Tensor<shape![2, Dyn]> = x.slice(Axis::<1>, 1..);
    /// assert_eq!(right.to_vec(), [2.0, 3.0, 5.0, 6.0]);
    /// ```
    #[track_caller]
    pub fn slice<A>(&self, axis: A, range: impl RangeBounds<usize>) -> Tensor<S::With<Dyn>, T>
    where
        S: HasAxis<A>,
    {
        or_panic(self.try_slice(axis, range))
    }

    /// As [`Tensor::slice`], or an error if the range is not inside.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let error = Tensor::<shape![2, 3]>::zeros().try_slice(Axis::<1>, 1..=3).unwrap_err();
    /// assert_eq!(error.to_string(), "slice: there is no 1..4 along axis 1 of [2, 3], which has 0..3");
    /// ```
    #[track_caller]
    pub fn try_slice<A>(&self, _axis: A, range: impl RangeBounds<usize>) -> Result<Tensor<S::With<Dyn>, T>>
    where
        S: HasAxis<A>,
    {
        let (from, to) = ends("slice", self.value(), S::INDEX, range)?;
        Ok(Tensor::wrap(slice(self.value().clone(), S::INDEX, from, to)))
    }

    /// An axis cut into `N` equal parts, without a copy: the four gates of an LSTM. PyTorch's `chunk`.
    ///
    /// # Panics
    ///
    /// If a size known at run time only cannot be divided by `N`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let gates = Tensor::<shape![2, 12]>::zeros();
    /// let [i, f, g, o] = gates.chunk(Axis::<1>);
    /// let state: Tensor<shape![2, 3]> = f.sigmoid() + i.sigmoid() * g.tanh();
    /// ```
    #[doc(alias = "split")]
    #[track_caller]
    pub fn chunk<A, const N: usize>(&self, _axis: A) -> [Tensor<S::With<<S::Size as Chunk<Num<N>>>::Out>, T>; N]
    where
        S: HasAxis<A, Size: Chunk<Num<N>>>,
    {
        let (shape, axis) = (self.value().shape(), S::INDEX);
        let size = shape.get(axis);
        assert!(N > 0 && size % N == 0, "chunk: axis {axis} of {shape:?} does not divide into {N} equal parts");
        let each = size / N;
        std::array::from_fn(|i| Tensor::wrap(slice(self.value().clone(), axis, i * each, (i + 1) * each)))
    }

    /// Every part along an axis, without that axis: the time steps of a sequence. PyTorch's `unbind`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let sequence = Tensor::from([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
    /// let mut state = Tensor::<shape![2]>::zeros();
    /// for x in sequence.unstack(Axis::<1>) {
    ///     state = state * 0.5 + x;
    /// }
    /// assert_eq!(state.to_vec(), [4.25, 9.5]);
    /// ```
    #[doc(alias = "unbind")]
    #[track_caller]
    pub fn unstack<A>(&self, _axis: A) -> Vec<Tensor<S::Without, T>>
    where
        S: HasAxis<A>,
    {
        unstack(self.value().clone(), S::INDEX).into_iter().map(Tensor::wrap).collect()
    }

    /// Tensors of one shape along a new axis: of known size if they are an array, `Dyn` if they are a list. PyTorch's
    /// `stack`.
    ///
    /// # Panics
    ///
    /// If there are none, or sizes known at run time differ.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let (a, b) = (Tensor::from([1.0, 2.0]), Tensor::from([3.0, 4.0]));
    /// let rows: Tensor<shape![2, 2]> = Tensor::stack([&a, &b], Axis::<0>);
    /// assert_eq!(rows.to_vec(), [1.0, 2.0, 3.0, 4.0]);
    /// let columns: Tensor<shape![2, Dyn]> = Tensor::stack(vec![a, b], Axis::<1>);
    /// assert_eq!(columns.to_vec(), [1.0, 3.0, 2.0, 4.0]);
    /// ```
    #[track_caller]
    pub fn stack<L: Tensors<S, T>, A>(list: L, _axis: A) -> Tensor<S::With<L::Count>, T>
    where
        S: Unsqueeze<A>,
    {
        Tensor::wrap(stack(&list.values("stack"), S::INDEX))
    }

    /// Tensors one after the other along an axis, whose size in the result is known at run time: PyTorch's `cat` of a
    /// list. Two tensors have [`Tensor::concat`].
    ///
    /// # Panics
    ///
    /// If there are none, or other sizes known at run time differ.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let parts = [Tensor::from([1.0, 2.0]), Tensor::from([3.0, 4.0])];
    /// let all: Tensor<shape![Dyn]> = Tensor::concat_all(&parts, Axis::<0>);
    /// assert_eq!(all.to_vec(), [1.0, 2.0, 3.0, 4.0]);
    /// ```
    #[doc(alias = "cat")]
    #[track_caller]
    pub fn concat_all<L: Tensors<S, T>, A>(list: L, _axis: A) -> Tensor<S::With<Dyn>, T>
    where
        S: HasAxis<A>,
    {
        Tensor::wrap(concat(&list.values("concat_all"), S::INDEX))
    }
}

impl<S: Shape, T: Float> Tensor<S, T> {
    /// This tensor with `value` where `mask`, stretched to these sizes, is true; masked elements get no gradient.
    /// PyTorch's `masked_fill`.
    ///
    /// # Panics
    ///
    /// If sizes known at run time do not stretch to these.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// // Each position attends to itself and to those before it.
    /// let scores = Tensor::<shape![1, 3, 3]>::zeros();
    /// let future = Tensor::<shape![3, 3], bool>::from_fn(|i| i % 3 > i / 3);
    /// let weights = scores.masked_fill(&future, f64::NEG_INFINITY).softmax(Axis::<-1>);
    /// assert_eq!(weights.to_vec()[..6], [1.0, 0.0, 0.0, 0.5, 0.5, 0.0]);
    /// ```
    #[doc(alias = "where")]
    #[track_caller]
    pub fn masked_fill<R>(&self, mask: &Tensor<R, bool>, value: impl Scalar) -> Self
    where
        R: BroadcastTo<S>,
    {
        or_panic(fusion_rules::broadcast_to(mask.value().shape().sizes(), self.value().shape().sizes()));
        Self::wrap(masked_fill(self.value().clone(), mask.value().array(), value.to_f64()))
    }
}

/// Tensors of one shape: an array, a slice or a `Vec`, of tensors or of borrowed ones.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a list of tensors of one shape",
    label = "expected an array, a slice or a `Vec` of tensors"
)]
pub trait Tensors<S, T> {
    /// How many they are, as far as the type says.
    type Count: Dim;

    /// The values. Panics if there are none.
    #[track_caller]
    fn values(self, name: &str) -> Vec<Value>;
}

/// The values of at least one tensor.
#[track_caller]
fn some<'a>(name: &str, values: impl Iterator<Item = &'a Value>) -> Vec<Value> {
    let values: Vec<Value> = values.cloned().collect();
    assert!(!values.is_empty(), "{name} of no tensors");
    values
}

macro_rules! tensors {
    ($([$($params:tt)*] $list:ty => $count:ty;)*) => { $(
        impl<S, T, $($params)*> Tensors<S, T> for $list
        where
            $count: Dim,
        {
            type Count = $count;

            #[track_caller]
            fn values(self, name: &str) -> Vec<Value> {
                some(name, self.iter().map(|tensor| tensor.value()))
            }
        }
    )* };
}
tensors! {
    [const N: usize] [Tensor<S, T>; N] => Num<N>;
    [const N: usize] [&Tensor<S, T>; N] => Num<N>;
    [const N: usize] &[Tensor<S, T>; N] => Num<N>;
    [] Vec<Tensor<S, T>> => Dyn;
    [] Vec<&Tensor<S, T>> => Dyn;
    [] &Vec<Tensor<S, T>> => Dyn;
    [] &[Tensor<S, T>] => Dyn;
}

#[cfg(test)]
mod tests {
    use super::super::binary::mul;
    use super::super::derivatives::{any, first_and_second};
    use super::*;
    use crate::dim::Axis;

    /// A value computed from a part keeps its strides, some of which would reach beyond the new memory.
    #[test]
    fn a_row_of_something_larger_is_stacked() {
        let [a, b] = Tensor::from([[1.0, 2.0, 3.0, 4.0]]).chunk(Axis::<1>);
        let sum = (a + b) * 2;
        assert_eq!(Tensor::stack([&sum, &sum], Axis::<1>).to_vec(), [8.0, 12.0, 8.0, 12.0]);
        assert_eq!(sum.squeeze(Axis::<0>).unsqueeze(Axis::<1>).to_vec(), [8.0, 12.0]);
    }

    #[test]
    fn gradients() {
        let x = [any(1, &[2, 5, 3])];
        for axis in 0..3 {
            let n = x[0].shape().get(axis);
            for index in [0, n - 1] {
                first_and_second(&x, |x| {
                    let y = select(x[0].clone(), axis, index);
                    mul(y.clone(), &y)
                });
            }
            // Each part times another one, and back together.
            first_and_second(&x, |x| {
                let parts = unstack(x[0].clone(), axis);
                let (first, last) = (parts[0].clone(), &parts[n - 1]);
                let mut mixed = parts.clone();
                mixed[0] = mul(first, last);
                stack(&mixed, axis)
            });
        }
    }

    #[test]
    fn a_mask_chooses() {
        let x = [any(1, &[2, 3, 3])];
        let future = Array::from_fn(Dims::new(&[3, 3]), |i| i % 3 > i / 3);
        first_and_second(&x, |x| {
            let y = masked_fill(x[0].clone(), &future, 0.5);
            mul(y.clone(), &y)
        });
        let y = masked_fill(x[0].clone(), &future, f64::NEG_INFINITY).array().to_vec::<f64>();
        let hidden = |i: usize| i % 3 > i % 9 / 3;
        for (i, (y, x)) in y.iter().zip(x[0].array().to_vec::<f64>()).enumerate() {
            assert_eq!(*y, if hidden(i) { f64::NEG_INFINITY } else { x });
        }
        // Masked elements may be NaN and get no gradient.
        let x = Value::from(Array::from_slice(&[f64::NAN, 2.0], Dims::new(&[2]))).watch();
        let y = masked_fill(x.clone(), &Array::from_slice(&[true, false], Dims::new(&[2])), 7.0);
        assert_eq!(y.array().to_vec::<f64>(), [7.0, 2.0]);
        let grads = y.backward(Array::full(3.0, Dims::new(&[2])).into());
        assert_eq!(grads.get_value(x.link()).unwrap().array().to_vec::<f64>(), [0.0, 3.0]);
    }

    #[test]
    fn unstack_and_stack_are_inverse() {
        let x = any(1, &[3, 4, 2]);
        for axis in 0..3 {
            let parts = unstack(x.clone(), axis);
            assert_eq!(parts.len(), x.shape().get(axis));
            for (i, part) in parts.iter().enumerate() {
                let alone = select(x.clone(), axis, i);
                assert_eq!(part.array().to_vec::<f64>(), alone.array().to_vec::<f64>());
            }
            assert_eq!(stack(&parts, axis).array().to_vec::<f64>(), x.array().to_vec::<f64>());
        }
        assert!(unstack(any(1, &[0, 2]), 0).is_empty());
    }
}
