//! Elements picked by a tensor of indices. To pick and to add are each other's gradients; sums are added in the order of the places,
//! so that a gradient is the same in every run.

use crate::dim::rule::{AnAxis, Said};
use crate::dim::{Axis, BroadcastTo, Dim, Dyn, Gather, HasAxis, Nat, Shape, TakeAlong, Unsqueeze};
use crate::graph::{Value, record};
use crate::kernels::array::{along as kernel, gather::outside};
use crate::kernels::{Array, DType, Dims, Element};
use crate::ops::or_panic;
use crate::ops::shape::{expand, reshape};
use crate::tensor::Tensor;
use crate::{Error, Result};
use fusion_rules::{Mistake, Size};

/// What an operation and its gradient are called where they are recorded.
type Names = [&'static str; 2];

/// Is each index one of those along `axis`, of which there are `n`?
pub(super) fn inside(name: &str, indices: &Array, axis: usize, shape: &Dims) -> Result<()> {
    Array::room(indices.shape(), DType::I64)?;
    let n = shape.get(axis);
    let Some((number, index)) = outside(indices, n) else { return Ok(()) };
    let at = place(number, indices.shape());
    let back = if index < 0 { "; only `ix!` counts from the end" } else { "" };
    let problem = format!(
        "{name}: there is no index {index} along axis {axis} of {shape:?}, which has 0..{n}: it stands at {at:?} of the \
        indices{back}"
    );
    Err(Error::index(index, n, problem))
}

/// The place of an element number in C order.
fn place(mut number: usize, shape: &Dims) -> Vec<usize> {
    let mut place: Vec<usize> = shape.iter().collect();
    for at in place.iter_mut().rev() {
        (*at, number) = (number % *at, number / *at);
    }
    place
}

/// For each place of `index` (`i64`, as many axes, no larger beside `axis`) the element of `x` at this place, but along `axis` at
/// this index. PyTorch's `gather`.
#[track_caller]
pub fn gather(x: &Value, axis: usize, index: &Array) -> Result<Value> {
    check("gather", x, axis, index)?;
    Ok(take(x, axis, &index.contiguous()))
}

#[track_caller]
pub(super) fn check(name: &str, x: &Value, axis: usize, index: &Array) -> Result<()> {
    fusion_rules::gather(x.shape().sizes(), axis, index.shape().sizes())?;
    Array::room(index.shape(), x.dtype())?;
    inside(name, index, axis, x.shape())
}

/// [`gather`] by indices that are checked: the adjoint of [`put`].
#[track_caller]
pub(in crate::ops) fn take(x: &Value, axis: usize, index: &Array) -> Value {
    let whole = *x.shape();
    record("gather", [x.link()], kernel::gather(x.array(), axis, index), |_| {
        let index = index.clone();
        move |g, _| [Some(put(&g, axis, &index, whole))]
    })
}

/// Zeros to which the elements of `g` are added where [`take`] takes them from.
#[track_caller]
fn put(g: &Value, axis: usize, index: &Array, whole: Dims) -> Value {
    let zeros = Array::full_float(g.dtype(), 0.0, whole);
    record("gather grad", [g.link()], kernel::scatter_add(zeros, axis, index, g.array()), |_| {
        let index = index.clone();
        move |g, _| [Some(take(&g, axis, &index))]
    })
}

/// As [`gather`], but the other axes broadcast. NumPy's `take_along_axis`, PyTorch's `take_along_dim`.
#[track_caller]
pub fn take_along_axis(x: &Value, axis: usize, index: &Array) -> Result<Value> {
    let (sizes, indices) = (x.shape().sizes(), index.shape().sizes());
    if sizes.rank != indices.rank || axis >= sizes.rank {
        return Err(Mistake::Gather { x: sizes, indices, axis: axis as u8 }.into());
    }
    inside("take_along_axis", index, axis, x.shape())?;
    let shape = fusion_rules::broadcast(sizes.with(axis, indices.d[axis]), indices)?;
    let shape = Dims::try_of_sizes(shape)?;
    Array::room(&shape, DType::I64)?;
    let mut whole = shape;
    whole.set(axis, x.shape().get(axis));
    whole.try_count()?;
    Ok(take(&expand(x.clone(), &whole), axis, &index.expand(&shape).contiguous()))
}

/// The parts of `x` at these indices along `axis`, whose place the axes of `indices` take. PyTorch's `index_select`, and NumPy's
/// `take` along an axis.
#[track_caller]
pub fn index_select(x: &Value, axis: usize, indices: &Array) -> Result<Value> {
    let others = x.shape().without(axis);
    let mut shape = fusion_rules::Dims::SCALAR;
    for n in others.iter().take(axis).chain(indices.shape().iter()).chain(others.iter().skip(axis)) {
        if shape.rank == fusion_rules::MAX_RANK {
            return Err(Mistake::Rank { rank: others.rank() + indices.shape().rank() }.into());
        }
        shape = shape.push(Size::Known(n));
    }
    crate::ops::room(shape, x.dtype())?;
    Array::room(x.shape(), x.dtype())?;
    inside("index_select", indices, axis, x.shape())?;
    Ok(picks(["index_select", "index_select grad"], x, axis, indices))
}

/// [`index_select`] by indices that are checked: the adjoint of [`add_picks`].
#[track_caller]
pub(in crate::ops) fn picks(names: Names, x: &Value, axis: usize, indices: &Array) -> Value {
    let (indices, n) = (indices.contiguous(), x.shape().get(axis));
    record(names[0], [x.link()], kernel::picks(x.array(), axis, &indices), |_| {
        move |g, _| [Some(add_picks(names, &g, axis, &indices, n))]
    })
}

/// Zeros with `n` places along `axis`, to which the parts of `g` are added at their indices.
#[track_caller]
pub(super) fn add_picks(names: Names, g: &Value, axis: usize, indices: &Array, n: usize) -> Value {
    record(names[1], [g.link()], kernel::add_picks(g.array(), axis, indices, n), |_| {
        let indices = indices.clone();
        move |g, _| [Some(picks(names, &g, axis, &indices))]
    })
}

/// Zeros with a 1 at the class that each label names, along a last axis of `classes`; `f32`. PyTorch's `one_hot`.
#[track_caller]
pub fn one_hot(labels: &Array, classes: usize) -> Result<Value> {
    let shape = labels.shape().with(labels.shape().rank(), classes);
    Array::room(&shape, DType::F32)?;
    Array::room(labels.shape(), DType::I64)?;
    if let Some((number, label)) = outside(labels, classes) {
        let at = place(number, labels.shape());
        let last = classes.checked_sub(1).map_or(String::new(), |last| format!(" (0 to {last})"));
        let problem = format!("one_hot: the label at {at:?} is {label}, but there are {classes} classes{last}");
        return Err(Error::index(label, classes, problem));
    }
    let mut hot = Array::full(0f32, shape);
    let all = hot.make_mut::<f32>();
    for (number, label) in labels.to_vec::<i64>().into_iter().enumerate() {
        all[number * classes + label as usize] = 1.0;
    }
    Ok(hot.into())
}

/// The elements where `mask`, stretched to the shape of `x`, is true, in C order. PyTorch's `masked_select`.
#[track_caller]
pub fn masked_select(x: &Value, mask: &Array) -> Result<Value> {
    fusion_rules::broadcast_to(mask.shape().sizes(), x.shape().sizes())?;
    Array::room(x.shape(), x.dtype())?;
    let places = kernel::places(&mask.expand(x.shape()));
    Ok(picks(["masked_select", "masked_select grad"], &flat(x), 0, &places))
}

/// The elements at these places in C order. PyTorch's `take`.
#[track_caller]
pub fn take_flat(x: &Value, indices: &Array) -> Result<Value> {
    Array::room(x.shape(), x.dtype())?;
    Array::room(indices.shape(), x.dtype())?;
    let x = flat(x);
    inside("take", indices, 0, x.shape())?;
    Ok(picks(["take", "take grad"], &x, 0, indices))
}

/// All elements along one axis.
fn flat(x: &Value) -> Value {
    reshape(x.clone(), &Dims::new(&[x.array().count()]))
}

impl<S, T: Element> Tensor<S, T> {
    /// For each place of `index` the element of this tensor at that place, but along the axis at that index. `index` has as many
    /// axes, and no size beside the axis that is larger; the result has its shape. PyTorch's `gather`.
    ///
    /// Elements that are picked several times add up their gradients.
    ///
    /// # Panics
    ///
    /// If an index is not from 0 to the size of the axis, or sizes known at run time are too large. [`Tensor::try_gather`] gives
    /// an error instead.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let log_p = Tensor::from([[-1.0, -0.5, -2.0], [-0.1, -3.0, -4.0]]);
    /// let actions = Tensor::<shape![2, 1], i64>::from([[1], [0]]);
    /// let chosen: Tensor<shape![2, 1]> = log_p.gather(Axis::<1>, &actions);
    /// assert_eq!(chosen.to_vec(), [-0.5, -0.1]);
    /// ```
    #[track_caller]
    pub fn gather<A, I>(&self, axis: A, index: &Tensor<I, i64>) -> Tensor<I, T>
    where
        S: Said<AnAxis, A> + Gather<A, I>,
    {
        or_panic(self.try_gather(axis, index))
    }

    /// As [`Tensor::gather`], or an error.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let x = Tensor::<shape![2, 3]>::zeros();
    /// let error = x.try_gather(Axis::<1>, &Tensor::<shape![2, 1], i64>::from([[0], [3]])).unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "gather: there is no index 3 along axis 1 of [2, 3], which has 0..3: it stands at [1, 0] of the indices"
    /// );
    /// ```
    #[track_caller]
    pub fn try_gather<A, I>(&self, _axis: A, index: &Tensor<I, i64>) -> Result<Tensor<I, T>>
    where
        S: Said<AnAxis, A> + Gather<A, I>,
    {
        gather(self.value(), S::INDEX, index.value().array()).map(Tensor::wrap)
    }

    /// As [`Tensor::gather`], but sizes beside the axis are equal, or 1 and stretched: what goes with `argsort` and `argmax`.
    /// NumPy's `take_along_axis`, PyTorch's `take_along_dim`.
    ///
    /// # Panics
    ///
    /// If an index is not from 0 to the size of the axis, or sizes known at run time do not fit.
    /// [`Tensor::try_take_along_axis`] gives an error instead.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let x = Tensor::from([[3.0, 1.0, 2.0], [4.0, 6.0, 5.0]]);
    /// let order = x.argsort(Axis::<1>);
    /// assert_eq!(x.take_along_axis(Axis::<1>, &order).to_vec(), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    /// let swapped: Tensor<shape![2, 3]> = x.take_along_axis(Axis::<0>, &Tensor::<shape![2, 1], i64>::from([[1], [0]]));
    /// assert_eq!(swapped.to_vec(), [4.0, 6.0, 5.0, 3.0, 1.0, 2.0]);
    /// ```
    #[doc(alias = "take_along_dim")]
    #[track_caller]
    pub fn take_along_axis<A, I>(&self, axis: A, index: &Tensor<I, i64>) -> Tensor<S::Out, T>
    where
        S: Said<AnAxis, A> + TakeAlong<A, I>,
    {
        or_panic(self.try_take_along_axis(axis, index))
    }

    /// As [`Tensor::take_along_axis`], or an error.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let x = Tensor::<shape![2, 3]>::zeros();
    /// let error = x.try_take_along_axis(Axis::<0>, &Tensor::<shape![1, 3], i64>::from([[0, -1, 1]])).unwrap_err();
    /// assert!(error.to_string().ends_with("it stands at [0, 1] of the indices; only `ix!` counts from the end"));
    /// ```
    #[track_caller]
    pub fn try_take_along_axis<A, I>(&self, _axis: A, index: &Tensor<I, i64>) -> Result<Tensor<S::Out, T>>
    where
        S: Said<AnAxis, A> + TakeAlong<A, I>,
    {
        take_along_axis(self.value(), S::INDEX, index.value().array()).map(Tensor::wrap)
    }

    /// The parts at these indices along an axis, in their order; any may come several times. PyTorch's `index_select`. Indices of
    /// several axes, and masks, stand in [`ix!`](crate::ix).
    ///
    /// # Panics
    ///
    /// If an index is not from 0 to the size of the axis. [`Tensor::try_index_select`] gives an error instead.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let x = Tensor::from([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
    /// let y: Tensor<shape![2, 4]> = x.index_select(Axis::<1>, &Tensor::<shape![4], i64>::from([2, 2, 0, 1]));
    /// assert_eq!(y.to_vec(), [3.0, 3.0, 1.0, 2.0, 6.0, 6.0, 4.0, 5.0]);
    /// ```
    #[track_caller]
    pub fn index_select<A, N: Dim>(&self, axis: A, indices: &Tensor<(N,), i64>) -> Tensor<S::With<N>, T>
    where
        S: Said<AnAxis, A> + HasAxis<A>,
    {
        or_panic(self.try_index_select(axis, indices))
    }

    /// As [`Tensor::index_select`], or an error.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let x = Tensor::<shape![2, 3]>::zeros();
    /// assert!(x.try_index_select(Axis::<1>, &Tensor::<shape![1], i64>::from([3])).is_err());
    /// ```
    #[track_caller]
    pub fn try_index_select<A, N: Dim>(&self, _axis: A, indices: &Tensor<(N,), i64>) -> Result<Tensor<S::With<N>, T>>
    where
        S: Said<AnAxis, A> + HasAxis<A>,
    {
        index_select(self.value(), S::INDEX, indices.value().array()).map(Tensor::wrap)
    }

    /// The elements where `mask`, stretched to these sizes, is true, in C order; how many there are is known at run time. PyTorch's
    /// `masked_select`. With the mask in [`ix!`](crate::ix) whole rows are chosen.
    ///
    /// # Panics
    ///
    /// If sizes known at run time do not stretch to these.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let x = Tensor::from([[1.0, -2.0], [-3.0, 4.0]]);
    /// let positive: Tensor<shape![Dyn]> = x.masked_select(&x.gt(0));
    /// assert_eq!(positive.to_vec(), [1.0, 4.0]);
    /// ```
    #[track_caller]
    pub fn masked_select<R>(&self, mask: &Tensor<R, bool>) -> Tensor<(Dyn,), T>
    where
        R: BroadcastTo<S>,
    {
        Tensor::wrap(or_panic(masked_select(self.value(), mask.value().array())))
    }

    /// The elements at these places in C order, as if all axes were one; the result has the shape of `indices`. PyTorch's `take`.
    ///
    /// # Panics
    ///
    /// If an index is not from 0 to the number of elements. [`Tensor::try_take`] gives an error instead.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let x = Tensor::from([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
    /// assert_eq!(x.take(&Tensor::<shape![3], i64>::from([5, 0, 3])).to_vec(), [6.0, 1.0, 4.0]);
    /// ```
    #[track_caller]
    pub fn take<I>(&self, indices: &Tensor<I, i64>) -> Tensor<I, T> {
        or_panic(self.try_take(indices))
    }

    /// As [`Tensor::take`], or an error.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let error = Tensor::<shape![2, 3]>::zeros().try_take(&Tensor::<shape![1], i64>::from([6])).unwrap_err();
    /// assert!(error.to_string().starts_with("take: there is no index 6 along axis 0 of [6], which has 0..6"));
    /// ```
    #[track_caller]
    pub fn try_take<I>(&self, indices: &Tensor<I, i64>) -> Result<Tensor<I, T>> {
        take_flat(self.value(), indices.value().array()).map(Tensor::wrap)
    }
}

impl<S: Shape> Tensor<S, i64> {
    /// For each label a row of zeros with a 1 at its class, along a last axis of `C`: `labels.one_hot::<dim!(10)>()`. The result is
    /// of `f32`, as in JAX. PyTorch's `one_hot`, which gives whole numbers.
    ///
    /// # Panics
    ///
    /// If a label is not from 0 to `C`. [`Tensor::try_one_hot`] gives an error instead.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let hot: Tensor<shape![2, 3]> = Tensor::<shape![2], i64>::from([2, 0]).one_hot::<dim!(3)>();
    /// assert_eq!(hot.to_vec(), [0.0, 0.0, 1.0, 1.0, 0.0, 0.0]);
    /// ```
    #[track_caller]
    pub fn one_hot<C: Nat>(&self) -> Tensor<S::With<C>>
    where
        S: Unsqueeze<Axis<-1>>,
    {
        or_panic(self.try_one_hot::<C>())
    }

    /// As [`Tensor::one_hot`], or an error.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let error = Tensor::<shape![2], i64>::from([2, 3]).try_one_hot::<dim!(3)>().unwrap_err();
    /// assert_eq!(error.to_string(), "one_hot: the label at [1] is 3, but there are 3 classes (0 to 2)");
    /// ```
    #[track_caller]
    pub fn try_one_hot<C: Nat>(&self) -> Result<Tensor<S::With<C>>>
    where
        S: Unsqueeze<Axis<-1>>,
    {
        one_hot(self.value().array(), C::N).map(Tensor::wrap)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::binary::mul;
    use crate::ops::derivatives::{any, first_and_second};

    fn indices(shape: &[usize], n: usize) -> Array {
        Array::from_fn(Dims::new(shape), |i| ((i * 7 + i / 4) % n) as i64)
    }

    #[test]
    fn gradients() {
        let square = |x: Value| mul(x.clone(), &x);
        let x = [any(1, &[3, 4, 2])];
        for (axis, shape) in [(0, [5, 4, 2]), (1, [2, 6, 1]), (2, [3, 3, 4])] {
            let index = indices(&shape, x[0].shape().get(axis));
            first_and_second(&x, |x| square(gather(&x[0], axis, &index).unwrap()));
            let mut single = [1; 3];
            single[axis] = 3;
            let index = indices(&single, x[0].shape().get(axis));
            first_and_second(&x, |x| square(take_along_axis(&x[0], axis, &index).unwrap()));
            let index = indices(&[2, 2], x[0].shape().get(axis));
            first_and_second(&x, |x| square(index_select(&x[0], axis, &index).unwrap()));
        }
        let mask = Array::from_fn(Dims::new(&[4, 1]), |i| i % 3 != 1);
        first_and_second(&x, |x| square(masked_select(&x[0], &mask).unwrap()));
        first_and_second(&x, |x| square(take_flat(&x[0], &indices(&[2, 5], 24)).unwrap()));
        // One row of zeros stretched along the indices' axes.
        let one = [any(3, &[1, 4, 1])];
        first_and_second(&one, |x| square(take_along_axis(&x[0], 1, &indices(&[3, 5, 2], 4)).unwrap()));
    }

    #[test]
    fn every_type_of_elements() {
        let index = Tensor::<(Dyn, Dyn), i64>::wrap(indices(&[2, 2], 3).into());
        let x = Tensor::from([[1i64, 2, 3], [4, 5, 6]]);
        assert_eq!(x.to_dynamic::<(Dyn, Dyn)>().gather(Axis::<1>, &index).to_vec(), [1, 2, 6, 4]);
        let bytes = x.cast::<u8>().to_dynamic::<(Dyn, Dyn)>();
        assert_eq!(bytes.scatter(Axis::<1>, &index, &bytes.slice(Axis::<1>, 1..)).to_vec(), [2, 3, 3, 6, 5, 5]);
        let truths = x.cast::<bool>();
        assert_eq!(truths.take(&index).to_vec(), [true; 4]);
    }

    #[test]
    fn shapes_of_the_run() {
        let x = Tensor::<(Dyn, Dyn)>::wrap(any(1, &[2, 3]));
        let of = |shape: &[usize]| Tensor::<(Dyn, Dyn), i64>::wrap(Array::full(0i64, Dims::new(shape)).into());
        let said = x.try_gather(Axis::<1>, &of(&[3, 1])).unwrap_err().to_string();
        assert!(said.starts_with("indices of the shape [3, 1] do not go along axis 1 of [2, 3]"), "{said}");
        let said = x.try_take_along_axis(Axis::<1>, &of(&[3, 1])).unwrap_err().to_string();
        assert!(said.starts_with("[2, 1] and [3, 1] do not broadcast"), "{said}");
        let seven = index_select(&any(1, &[1, 1, 1, 1, 1, 1]), 2, &Array::full(0i64, Dims::new(&[1, 1])));
        assert!(seven.is_err_and(|error| error.to_string() == "a tensor has at most 6 axes, not 7"));
    }
}
