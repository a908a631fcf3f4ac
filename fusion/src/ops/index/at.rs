//! What `ix!` means: a tensor's axes, one after the other, each with its index. All that needs no tensor of indices is one view;
//! its gradient is put into zeros in one go.

use super::gather::{inside, picks};
use crate::dim::rule::{Append, Is, Leave, NextAxis, NoneYet, Picked, Picks, Push, Shapes, Unpicked};
use crate::dim::{Dim, Dyn, HasIndex, HasIndexFromEnd, HasRange, LeavesOut, Nat, Num, Shape};
use crate::graph::{Value, record};
use crate::kernels::array::along as kernel;
use crate::kernels::array::layout::MAX_RANK;
use crate::kernels::{Array, DType, Dims, Element};
use crate::ops::or_panic;
use crate::ops::shape::{reshape, unsqueeze};
use crate::tensor::Tensor;
use crate::{Error, Result};
use std::fmt;
use std::marker::PhantomData;

/// A view of an array: which axes it has, where each starts and how far it steps.
#[derive(Clone, Copy)]
pub(in crate::ops) struct Cut {
    whole: Dims,
    /// The sizes of the view.
    shape: Dims,
    /// For each axis of the view, which one of the whole it is, and the step.
    axes: [(usize, usize); MAX_RANK],
    /// For each axis of the whole, where it starts.
    starts: [usize; MAX_RANK],
}

impl Cut {
    fn new(whole: Dims) -> Self {
        Self { whole, shape: Dims::default(), axes: [(0, 1); MAX_RANK], starts: [0; MAX_RANK] }
    }

    /// One more axis of the view: `n` elements of an axis of the whole.
    fn keep(&mut self, axis: usize, start: usize, n: usize, step: usize) {
        self.starts[axis] = start;
        // Nobody steps along an axis of size 1.
        self.axes[self.shape.rank()] = (axis, if n > 1 { step } else { 1 });
        self.shape.push(n);
    }

    /// The strides and the first element of the view of an array whose strides are `of`.
    fn of(&self, of: &Dims) -> (Dims, usize) {
        let (mut strides, mut start) = (self.shape, 0);
        for (i, &(axis, step)) in self.axes[..self.shape.rank()].iter().enumerate() {
            strides.set(i, of.get(axis) * step);
        }
        // Where there are no elements, there is no first one.
        if self.shape.iter().all(|n| n > 0) {
            start = of.iter().zip(self.starts).map(|(stride, at)| stride * at).sum();
        }
        (strides, start)
    }
}

/// The part of `x` that `cut` says, without a copy.
#[track_caller]
fn view(x: &Value, cut: Cut) -> Value {
    if cut.shape == cut.whole {
        return x.clone();
    }
    let (strides, start) = cut.of(x.array().strides());
    record("at", [x.link()], x.array().view(cut.shape, strides, start), |_| move |g, _| [Some(put(&g, cut))])
}

/// Zeros that hold `g` in this part: the gradient of [`view`].
#[track_caller]
fn put(g: &Value, cut: Cut) -> Value {
    let (strides, start) = cut.of(&cut.whole.row_major());
    record("at grad", [g.link()], kernel::put_view(g.array(), &cut.whole, &strides, start), |_| {
        move |g, _| [Some(view(&g, cut))]
    })
}

/// What the indices so far make of a tensor.
struct Plan {
    x: Value,
    cut: Cut,
    /// The axis of the tensor that the next index is for.
    axis: usize,
    /// How many axes the result has so far, and which of them are new.
    rank: usize,
    new: Vec<usize>,
    /// The axis of the view for which there are indices, and how many axes of it a mask has.
    pick: Option<(usize, usize, Array)>,
}

impl Plan {
    fn size(&self) -> usize {
        self.cut.whole.get(self.axis)
    }

    /// The next axis as a whole.
    fn whole(&mut self) {
        self.cut.keep(self.axis, 0, self.size(), 1);
        self.axis += 1;
        self.rank += 1;
    }

    /// The element `index` of the next axis, counted from the end if it is negative.
    fn number(&mut self, index: i64) -> Result<()> {
        let (n, axis, shape) = (self.size(), self.axis, self.cut.whole);
        let Some(start) = from_front(index, n).filter(|&start| start < n) else {
            let problem = format!("at: there is no index {index} along axis {axis} of {shape:?}, which has 0..{n}");
            return Err(Error::index(index, n, problem));
        };
        self.cut.starts[axis] = start;
        self.axis += 1;
        Ok(())
    }

    /// Every `step`th element of a range of the next axis.
    fn range(&mut self, from: i64, to: Option<i64>, step: i64) -> Result<()> {
        let (n, axis, shape) = (self.size(), self.axis, self.cut.whole);
        if step < 1 {
            return Err(Error::argument(
                "step",
                format!("at: a step is at least 1, not {step}: `flip` reverses an axis"),
            ));
        }
        let (start, end) = (from_front(from, n), to.map_or(Some(n), |to| from_front(to, n)));
        let (Some(start), Some(end)) = (start, end.filter(|&end| start.is_some_and(|start| start <= end) && end <= n))
        else {
            let to = to.map_or(String::new(), |to| to.to_string());
            let problem = format!("at: there is no {from}..{to} along axis {axis} of {shape:?}, which has 0..{n}");
            return Err(Error::index(from, n + 1, problem));
        };
        self.cut.keep(axis, start, (end - start).div_ceil(step as usize), step as usize);
        self.axis += 1;
        self.rank += 1;
        Ok(())
    }

    /// A tensor of indices for the next axis, or a mask for the next ones.
    fn choose(&mut self, tensor: &Array) -> Result<()> {
        let (at, shape) = (self.cut.shape.rank(), self.cut.whole);
        if tensor.dtype() == DType::I64 {
            inside("at", tensor, self.axis, &shape)?;
            self.whole();
            self.rank = self.rank + tensor.shape().rank() - 1;
            self.pick = Some((at, 1, tensor.clone()));
            return Ok(());
        }
        let masked = tensor.shape().rank();
        let of: Vec<usize> = shape.iter().skip(self.axis).take(masked).collect();
        if *tensor.shape() != of[..] {
            return Err(Error::shape(format_args!(
                "at: a mask of {:?} is for axes of the same sizes, but they are {of:?}",
                tensor.shape()
            )));
        }
        (0..masked).for_each(|_| self.whole());
        self.rank = self.rank + 1 - masked;
        self.pick = Some((at, masked, kernel::places(tensor)));
        Ok(())
    }

    /// The part itself.
    #[track_caller]
    fn done(mut self) -> Result<Value> {
        while self.axis < self.cut.whole.rank() {
            self.whole();
        }
        let mut y = view(&self.x, self.cut);
        if let Some((at, masked, indices)) = self.pick {
            Array::room(y.shape(), y.dtype())?;
            if masked > 1 {
                let sizes = y.shape();
                let mut shape: Vec<usize> = sizes.iter().take(at).collect();
                shape.push(sizes.iter().skip(at).take(masked).product());
                shape.extend(sizes.iter().skip(at + masked));
                y = reshape(y, &Dims::new(&shape));
            }
            let mut shape = y.shape().without(at);
            indices.shape().iter().enumerate().for_each(|(i, n)| shape = shape.with(at + i, n));
            Array::room(&shape, y.dtype())?;
            y = picks(["at", "at grad"], &y, at, &indices);
        }
        for &axis in &self.new {
            y = unsqueeze(y, axis);
        }
        Ok(y)
    }
}

/// An index or a bound, counted from the front.
fn from_front(index: i64, n: usize) -> Option<usize> {
    usize::try_from(if index < 0 { index.checked_add_unsigned(n as u64)? } else { index }).ok()
}

/// A whole number, as an index or a bound of a range. Implemented for every type `Any`, so that rustc lists no similar impls when
/// it fails.
#[diagnostic::on_unimplemented(
    message = "an index is a whole number, a range, or a borrowed tensor, and `{N}` is none",
    label = "not an index",
    note = "a range is written in `ix!` itself, `from..to`; a tensor of indices, or a mask, is borrowed: `ix![&rows]`"
)]
pub trait Whole<N> {
    /// The number.
    fn whole(number: N) -> i64;
}

macro_rules! whole {
    ($($T:ty)*) => { $(
        impl<Any> Whole<$T> for Any {
            fn whole(number: $T) -> i64 {
                // What is no `i64` is no index either.
                i64::try_from(number).unwrap_or(i64::MAX)
            }
        }
    )* };
}
whole!(i8 i16 i32 i64 isize u8 u16 u32 u64 usize);

/// A tensor of which some axes are indexed: what [`ix!`](crate::ix) goes through, from axis to axis. `R` is the tensor's rank, `Done`
/// the shape of the result so far, `Left` that of the axes that are left.
pub struct Indexing<R, Done, Left, T, How> {
    plan: Result<Plan>,
    types: PhantomData<fn() -> (R, Done, Left, T, How)>,
}

/// A part of a tensor, if there is one: what [`ix!`](crate::ix) gives [`Tensor::at`].
pub struct Indexed<S, T> {
    value: Result<Value>,
    types: PhantomData<fn() -> (S, T)>,
}

type Size<R, Left> = <Shapes as NextAxis<R, Left>>::Size;
type Rest<R, Left> = <Shapes as NextAxis<R, Left>>::Rest;
type Pushed<Done, D> = <Shapes as Push<Done, D>>::Out;

impl<R, Done, Left, T, How> fmt::Debug for Indexing<R, Done, Left, T, How> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Indexing").finish_non_exhaustive()
    }
}

impl<S, T> fmt::Debug for Indexed<S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Indexed").field("value", &self.value.as_ref().map(Value::shape)).finish()
    }
}

impl<R, Done, Left, T, How> Indexing<R, Done, Left, T, How> {
    fn then<D, L, H>(self, next: impl FnOnce(&mut Plan) -> Result<()>) -> Indexing<R, D, L, T, H> {
        let plan = self.plan.and_then(|mut plan| {
            next(&mut plan)?;
            Ok(plan)
        });
        Indexing { plan, types: PhantomData }
    }

    /// `..`
    pub fn all<N>(self) -> Indexing<R, Pushed<Done, Size<N, Left>>, Rest<N, Left>, T, How>
    where
        R: Is<N>,
        Shapes: NextAxis<N, Left> + Push<Done, Size<N, Left>>,
    {
        self.then(|plan| {
            plan.whole();
            Ok(())
        })
    }

    /// `2`
    pub fn number<I: Nat, N>(self) -> Indexing<R, Done, Rest<N, Left>, T, How>
    where
        R: Is<N>,
        Shapes: NextAxis<N, Left, Size: HasIndex<I>>,
    {
        self.then(|plan| plan.number(I::N as i64))
    }

    /// `-1`
    pub fn from_end<I: Nat, N>(self) -> Indexing<R, Done, Rest<N, Left>, T, How>
    where
        R: Is<N>,
        Shapes: NextAxis<N, Left, Size: HasIndexFromEnd<I>>,
    {
        self.then(|plan| plan.number(-(I::N as i64)))
    }

    /// `i`
    pub fn place<I, N>(self, index: I) -> Indexing<R, Done, Rest<N, Left>, T, How>
    where
        R: Is<N>,
        Shapes: NextAxis<N, Left> + Whole<I>,
    {
        self.then(|plan| plan.number(<Shapes as Whole<I>>::whole(index)))
    }

    /// `1..3`, `-3..-1`, `-3..`: of known size, in an axis of at least `Needs`.
    pub fn part<Count: Dim, Needs, N>(
        self,
        from: i64,
        to: Option<i64>,
        step: i64,
    ) -> Indexing<R, Pushed<Done, Count>, Rest<N, Left>, T, How>
    where
        R: Is<N>,
        Shapes: NextAxis<N, Left, Size: HasRange<Needs>> + Push<Done, Count>,
    {
        self.then(|plan| plan.range(from, to, step))
    }

    /// `1..`, `1..-1`, `..-1`: leaves out `K` elements, and takes every `Step`th of the others.
    pub fn without<K, Up, Step, N>(
        self,
        from: i64,
        to: Option<i64>,
        step: i64,
    ) -> Indexing<R, Pushed<Done, <Size<N, Left> as LeavesOut<K, Up, Step>>::Out>, Rest<N, Left>, T, How>
    where
        R: Is<N>,
        Shapes: NextAxis<N, Left, Size: LeavesOut<K, Up, Step>>,
        Shapes: Push<Done, <Size<N, Left> as LeavesOut<K, Up, Step>>::Out>,
    {
        self.then(|plan| plan.range(from, to, step))
    }

    /// `a..b`
    pub fn run<A, B, C, N>(
        self,
        from: A,
        to: Option<B>,
        step: C,
    ) -> Indexing<R, Pushed<Done, Dyn>, Rest<N, Left>, T, How>
    where
        R: Is<N>,
        Shapes: NextAxis<N, Left> + Push<Done, Dyn> + Whole<A> + Whole<B> + Whole<C>,
    {
        self.then(|plan| {
            let to = to.map(<Shapes as Whole<B>>::whole);
            plan.range(<Shapes as Whole<A>>::whole(from), to, <Shapes as Whole<C>>::whole(step))
        })
    }

    /// `new`
    pub fn fresh<D>(self) -> Indexing<R, Pushed<D, Num<1>>, Left, T, How>
    where
        Done: Is<D>,
        Shapes: Push<D, Num<1>>,
    {
        self.then(|plan| {
            plan.new.push(plan.rank);
            plan.rank += 1;
            Ok(())
        })
    }

    /// `...`, before indices for `K` axes.
    pub fn rest<L, const K: usize>(
        self,
    ) -> Indexing<
        R,
        <Shapes as Append<Done, <Shapes as Leave<L, K>>::Skipped>>::Out,
        <Shapes as Leave<L, K>>::Left,
        T,
        How,
    >
    where
        Left: Is<L>,
        Shapes: Leave<L, K> + Append<Done, <Shapes as Leave<L, K>>::Skipped>,
    {
        self.then(|plan| {
            (plan.axis + K..plan.cut.whole.rank()).for_each(|_| plan.whole());
            Ok(())
        })
    }

    /// `&rows`, `&mask`
    pub fn choose<M, E>(
        self,
        tensor: &Tensor<M, E>,
    ) -> Indexing<
        R,
        <Shapes as Picks<E, M, R, Done, Left>>::Done,
        <Shapes as Picks<E, M, R, Done, Left>>::Left,
        T,
        Picked,
    >
    where
        How: NoneYet,
        Shapes: Picks<E, M, R, Done, Left>,
    {
        self.then(|plan| plan.choose(tensor.value().array()))
    }

    /// The axes that are left stay as they are.
    #[track_caller]
    pub fn end<D>(self) -> Indexed<<Shapes as Append<D, Left>>::Out, T>
    where
        Done: Is<D>,
        Shapes: Append<D, Left>,
    {
        Indexed { value: self.plan.and_then(Plan::done), types: PhantomData }
    }
}

impl<S: Shape, T: Element> Tensor<S, T> {
    /// A part of this tensor, as NumPy's `x[..]` gives it, by [`ix!`](crate::ix): numbers, ranges, new axes, a mask or a tensor of
    /// indices. Numbers and ranges cost no copy. Gradients flow back to the part.
    ///
    /// # Panics
    ///
    /// If a size known at run time has no such index or range. [`Tensor::try_at`] gives an error instead.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let x = Tensor::<shape![2, 4, 3]>::from_fn(|i| i as f32);
    /// let y: Tensor<shape![2, 2]> = x.at(ix![.., 1..3, -1]);
    /// assert_eq!(y.to_vec(), [5.0, 8.0, 17.0, 20.0]);
    /// ```
    #[doc(alias = "index")]
    #[doc(alias = "slice")]
    #[doc(alias = "getitem")]
    #[track_caller]
    pub fn at<R>(&self, index: impl FnOnce(Indexing<S::Rank, (), S, T, Unpicked>) -> Indexed<R, T>) -> Tensor<R, T> {
        or_panic(self.try_at(index))
    }

    /// As [`Tensor::at`], or an error if a size known at run time has no such index or range.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let (x, i) = (Tensor::<shape![2, 3]>::zeros(), 3);
    /// let error = x.try_at(ix![.., i]).unwrap_err();
    /// assert_eq!(error.to_string(), "at: there is no index 3 along axis 1 of [2, 3], which has 0..3");
    /// ```
    #[track_caller]
    pub fn try_at<R>(
        &self,
        index: impl FnOnce(Indexing<S::Rank, (), S, T, Unpicked>) -> Indexed<R, T>,
    ) -> Result<Tensor<R, T>> {
        let x = self.value().clone();
        let cut = Cut::new(*x.shape());
        let plan = Plan { x, cut, axis: 0, rank: 0, new: Vec::new(), pick: None };
        index(Indexing { plan: Ok(plan), types: PhantomData }).value.map(Tensor::wrap)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dim::Axis;
    use crate::ix;
    use crate::ops::binary::mul;
    use crate::ops::derivatives::{any, first_and_second};
    use crate::shape;

    type Three = Tensor<(Dyn, Dyn, Dyn), f64>;

    #[test]
    fn gradients() {
        let (rows, last) = (Tensor::<shape![2, 2], i64>::from([[3, 0], [3, 1]]), 2);
        let mask = Tensor::<(Dyn, Dyn), bool>::wrap(Array::from_fn(Dims::new(&[3, 4]), |i| i % 3 != 1).into());
        let of = |f: &dyn Fn(&Three) -> Value| {
            first_and_second(&[any(1, &[3, 4, 2])], |x| {
                let y = f(&Tensor::wrap(x[0].clone()));
                mul(y.clone(), &y)
            });
        };
        of(&|x| x.at(ix![1]).into_value());
        of(&|x| x.at(ix![..;2, 1..-1, new, -1]).into_value());
        of(&|x| x.at(ix![..., 0..last;2, ..]).into_value());
        of(&|x| x.at(ix![1.., &rows, new]).into_value());
        of(&|x| x.at(ix![new, &mask, -1..]).into_value());
        of(&|x| x.transpose(Axis::<0>, Axis::<2>).at(ix![1, 1..3, ..;2]).into_value());
        of(&|x| x.at(ix![1..1, ..]).into_value());
    }

    #[test]
    fn what_the_run_finds() {
        let x = Tensor::<(Dyn, Dyn, Dyn), f64>::wrap(any(1, &[3, 4, 2]));
        let says = |made: Result<Value>| match made {
            Err(error) => error.to_string(),
            Ok(value) => panic!("no mistake, but {:?}", value.shape()),
        };
        let of = |y: Result<Tensor<(Dyn, Dyn), f64>>| y.map(Tensor::into_value);
        let (i, far, none) = (-4, 7usize, 0);
        assert_eq!(says(of(x.try_at(ix![i]))), "at: there is no index -4 along axis 0 of [3, 4, 2], which has 0..3");
        assert!(says(of(x.try_at(ix![.., far]))).starts_with("at: there is no index 7 along axis 1"));
        let of = |y: Result<Three>| y.map(Tensor::into_value);
        assert!(says(of(x.try_at(ix![.., 2..far]))).starts_with("at: there is no 2..7 along axis 1 of [3, 4, 2]"));
        assert!(says(of(x.try_at(ix![far..]))).starts_with("at: there is no 7.. along axis 0 of [3, 4, 2]"));
        assert!(says(of(x.try_at(ix![-1..i + 4]))).starts_with("at: there is no -1..0 along axis 0"));
        assert!(says(of(x.try_at(ix![..;none]))).starts_with("at: a step is at least 1, not 0"));
        let rows = Tensor::<(Dyn,), i64>::wrap(Array::from_slice(&[0i64, 3], Dims::new(&[2])).into());
        assert!(says(of(x.try_at(ix![&rows]))).ends_with("which has 0..3: it stands at [1] of the indices"));
        let mask = Tensor::<(Dyn,), bool>::wrap(Array::full(true, Dims::new(&[2])).into());
        assert!(
            says(of(x.try_at(ix![&mask])))
                .starts_with("at: a mask of [2] is for axes of the same sizes, but they are [3]")
        );
        // Literals, too, where sizes are not known before the run.
        assert!(says(x.try_at(ix![3]).map(Tensor::into_value)).starts_with("at: there is no index 3"));
        assert!(says(x.try_at(ix![.., 5..]).map(Tensor::into_value)).starts_with("at: there is no 5.. along axis 1"));
        assert!(
            says(x.try_at(ix![.., -5..-1]).map(Tensor::into_value)).starts_with("at: there is no -5..-1 along axis 1")
        );
    }

    #[test]
    fn no_copy() {
        let x = Tensor::<shape![4, 6], f64>::wrap(any(1, &[4, 6]));
        let y = x.at(ix![1..;2, ..-1;3]);
        assert!(y.value().array().shares_memory(x.value().array()));
        assert_eq!(y.to_vec(), [6, 9, 18, 21].map(|i| x.to_vec()[i]));
        assert!(x.at(ix![..]).value().array().shares_memory(x.value().array()));
    }
}
