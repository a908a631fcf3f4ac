//! `Tensor<S, T>`: the typed skin over values.

mod convert;
mod create;
mod draw;
mod like;
#[cfg(feature = "ndarray")]
mod ndarray;
mod print;
mod several;

pub use crate::kernels::dtype::Scalar;
pub use crate::kernels::simd::Float;
#[doc(hidden)]
pub use convert::Nested;
pub use create::MAX_ELEMENTS;
pub(crate) use create::uniform_in;
pub(crate) use draw::Truncated;
pub use several::Tensors;

use crate::dim::{Dim, OneNumber, Shape, Widen};
use crate::graph::{Dot, Gradients, Trace, Value};
use crate::kernels::array::layout::MAX_RANK;
use crate::kernels::{Array, Dims, Element};
use crate::{Error, Result};
use std::marker::PhantomData;
use std::ops::Deref;

/// The sizes of a tensor at run time; a slice of numbers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    numbers: [usize; MAX_RANK],
    rank: usize,
}

impl Sizes {
    fn of(shape: &Dims) -> Self {
        let mut numbers = [0; MAX_RANK];
        numbers.iter_mut().zip(shape.iter()).for_each(|(number, size)| *number = size);
        Self { numbers, rank: shape.rank() }
    }
}

impl Deref for Sizes {
    type Target = [usize];
    fn deref(&self) -> &[usize] {
        &self.numbers[..self.rank]
    }
}

impl std::fmt::Debug for Sizes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<const N: usize> PartialEq<[usize; N]> for Sizes {
    fn eq(&self, other: &[usize; N]) -> bool {
        **self == other[..]
    }
}

/// A tensor whose shape `S` is in its type: a tuple of dimensions, written `shape![Dyn, 784]`. `T` is the element
/// type: `f32` and `f64` have gradients; `i64`, `u8` and `bool` are data.
///
/// Its value never changes, cloning is cheap (the elements are shared), and it can be sent to other threads.
///
/// Methods that make a tensor borrow this one: after `x.square()` there is still `x`. Operators take their operands
/// owned or borrowed (`&a + &b`, `a + 1`), and an owned one that nobody else holds is written in place. Layers and
/// `model!` hand values on, and so write in place where they can.
///
/// ```
/// use fusion::prelude::*;
///
/// let x = Tensor::<shape![2, 3]>::from([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
/// let w = Tensor::<shape![3, 2]>::ones();
/// let y: Tensor<shape![2, 2]> = x.matmul(&w); // `w` of another first size would not compile
/// assert_eq!(y.to_vec(), [6.0, 6.0, 15.0, 15.0]);
/// ```
pub struct Tensor<S, T = f32> {
    value: Value,
    shape: PhantomData<fn() -> (S, T)>,
}

impl<S, T> Clone for Tensor<S, T> {
    fn clone(&self) -> Self {
        Self { value: self.value.clone(), shape: PhantomData }
    }
}

impl<S, T> Tensor<S, T> {
    /// The same tensor without its shape and element type.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// As [`Tensor::value`], for writing: what [`Module::walk_mut`](crate::nn::Module::walk_mut) hands out.
    pub fn value_mut(&mut self) -> &mut Value {
        &mut self.value
    }

    /// The same tensor without its shape and element type.
    pub fn into_value(self) -> Value {
        self.value
    }

    /// The caller knows that `value` has this shape and element type.
    pub(crate) fn wrap(value: Value) -> Self {
        Self { value, shape: PhantomData }
    }

    /// The sizes at run time.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// assert_eq!(Tensor::<shape![2, 3]>::zeros().shape(), [2, 3]);
    /// ```
    #[doc(alias = "size")]
    pub fn shape(&self) -> Sizes {
        Sizes::of(self.value.shape())
    }

    /// How many elements.
    #[doc(alias = "numel")]
    #[doc(alias = "size")]
    #[doc(alias = "len")]
    #[doc(alias = "count")]
    pub fn num_elements(&self) -> usize {
        self.value.array().count()
    }
}

/// Equal sizes and equal elements, as `==` compares numbers: NaN equals nothing. Where tensors hang in a recorded
/// computation does not count.
///
/// ```
/// use fusion::prelude::*;
///
/// let x = Tensor::<shape![2]>::from([1.0, 2.0]);
/// assert_eq!(&x * 2.0, Tensor::from([2.0, 4.0]));
/// assert_ne!(x.clone(), x.zeros_like());
/// ```
impl<S, T: Element> PartialEq for Tensor<S, T> {
    fn eq(&self, other: &Self) -> bool {
        let (a, b) = (self.value.array(), other.value.array());
        if a.shape() != b.shape() {
            return false;
        }
        let (a, b) = (a.contiguous(), b.contiguous());
        a.as_slice::<T>() == b.as_slice::<T>()
    }
}

/// The same tensor under a shape that only constant evaluation knows; checked at run time.
#[doc(hidden)]
#[track_caller]
pub fn restate<S: Shape, R: Shape, T: Element>(x: Tensor<S, T>) -> Tensor<R, T> {
    match x.check_shape() {
        Ok(x) => x,
        Err(error) => panic!("{error}"),
    }
}

/// The same tensor with a batch that the run decides. It asks nothing of shapes, whose other sizes a macro has compared.
#[doc(hidden)]
pub fn any_batch<S, R, T>(x: Tensor<S, T>) -> Tensor<R, T> {
    Tensor::wrap(x.into_value())
}

/// The way back from [`any_batch`]; checked at run time, as a layer of the user's may give another batch than it takes.
#[doc(hidden)]
#[track_caller]
pub fn with_batch<B: Dim, S, R, T>(x: Tensor<S, T>) -> Tensor<R, T> {
    let found = x.value.array().shape().iter().next();
    if B::SIZE.is_some() && B::SIZE != found {
        panic!("expected a batch of {}, found {}", B::SIZE.unwrap_or(0), found.unwrap_or(0));
    }
    Tensor::wrap(x.into_value())
}

/// The rule that a value must obey to be seen as a `Tensor<S, T>`.
fn check<S: Shape, T: Element>(array: &Array) -> Result<()> {
    let found = Sizes::of(array.shape());
    let fits =
        found.len() == S::RANK && S::SIZES.iter().zip(found.iter()).all(|(want, &n)| want.is_none_or(|want| want == n));
    if !fits {
        let text = crate::dim::shape_text::<S>();
        return Err(Error::shape(format_args!("expected a tensor of shape {text}, found {found:?}")));
    }
    if array.dtype() != T::DTYPE {
        return Err(Error::DType { expected: T::DTYPE, found: array.dtype() });
    }
    Ok(())
}

impl<S: Shape, T: Element> Tensor<S, T> {
    /// A value seen as a tensor of this shape; an error if it has another one.
    pub fn from_value(value: Value) -> Result<Self> {
        check::<S, T>(value.array())?;
        Ok(Self::wrap(value))
    }

    /// The same tensor with some sizes forgotten; free.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let x: Tensor<shape![Dyn, 3]> = Tensor::<shape![2, 3]>::zeros().to_dynamic();
    /// ```
    #[track_caller]
    pub fn to_dynamic<S2: Shape>(&self) -> Tensor<S2, T>
    where
        S: Widen<S2>,
    {
        Tensor::wrap(self.value.clone())
    }

    /// The same tensor with its sizes at run time checked against another shape.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let x: Tensor<shape![Dyn, 3]> = Tensor::<shape![2, 3]>::zeros().to_dynamic();
    /// assert!(x.check_shape::<shape![2, 3]>().is_ok());
    /// let error = x.check_shape::<shape![4, 3]>().unwrap_err();
    /// assert_eq!(error.to_string(), "expected a tensor of shape [4, 3], found [2, 3]");
    /// ```
    pub fn check_shape<S2: Shape>(&self) -> Result<Tensor<S2, T>> {
        Tensor::from_value(self.value.clone())
    }

    /// The elements in C order.
    #[doc(alias = "tolist")]
    pub fn to_vec(&self) -> Vec<T> {
        self.value.array().to_vec()
    }

    /// The elements in C order without a copy, if they lie so in memory.
    pub fn as_slice(&self) -> Option<&[T]> {
        self.value.array().as_slice()
    }

    /// The element at `index`, one number for each axis; `None` outside.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let x = Tensor::<shape![2, 2], i64>::from([[1, 2], [3, 4]]);
    /// assert_eq!(x.get(&[1, 0]), Some(3));
    /// assert_eq!(x.get(&[2, 0]), None);
    /// ```
    pub fn get(&self, index: &[usize]) -> Option<T> {
        self.value.array().get(index)
    }

    /// The same elements in C order: itself where they lie so, else a copy.
    #[track_caller]
    #[must_use = "the tensor itself stays as it is"]
    pub fn contiguous(&self) -> Self {
        Self::wrap(Value::new(self.value.array().contiguous(), self.value.link().clone()))
    }

    /// The elements without their past (PyTorch's `detach`): no gradient flows through.
    #[doc(alias = "no_grad")]
    #[doc(alias = "stop_gradient")]
    #[must_use = "the tensor itself stays as it is"]
    pub fn detach(&self) -> Self {
        Self::wrap(self.value.detach())
    }
}

impl<S, T: Element> Tensor<S, T> {
    /// The number in a tensor of one, whose shape is `()`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// assert_eq!(Tensor::<shape![2]>::from([1.0, 2.0]).sum().item(), 3.0);
    /// ```
    #[track_caller]
    pub fn item(&self) -> T
    where
        S: OneNumber,
    {
        self.value.array().get(&[]).expect("rank 0 has one element")
    }
}

impl<S, T> Tensor<S, T> {
    /// Starts a trace in training mode: what is computed from the result is recorded. No gradient of this tensor
    /// itself is asked for, unless it is a parameter; see [`Tensor::watch`]. Indices have none, but what parameters make
    /// of them is recorded ([`Embedding`](crate::nn::Embedding)).
    ///
    /// A tensor that is traced already stays as it is, so a second `trace()` does no harm: only [`Tensor::detach`] cuts a
    /// tensor from its past.
    ///
    /// # Panics
    /// If the tensor was computed from a parameter and untraced data, whose gradient would be lost.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let w = Tensor::<shape![2]>::ones().parameter();
    /// let x = Tensor::<shape![2]>::from([3.0, 4.0]);
    /// assert!(!(&w * &x).is_traced()); // inference: nothing is recorded
    /// let y = &w * &x.trace();
    /// let grads = y.trace().sum().backward();
    /// assert_eq!(grads.get(&w).unwrap().to_vec(), [3.0, 4.0]);
    /// ```
    #[doc(alias = "train")]
    #[doc(alias = "requires_grad")]
    #[track_caller]
    #[must_use = "the tensor itself stays as it is"]
    pub fn trace(&self) -> Self {
        Self::wrap(self.value.trace())
    }

    /// Starts a trace with a mode and a seed of its own. A tensor that is traced already stays as it is.
    ///
    /// # Panics
    /// If its trace is in the other mode, or as [`Tensor::trace`] does.
    #[track_caller]
    #[must_use = "the tensor itself stays as it is"]
    pub fn trace_with(&self, trace: Trace) -> Self {
        Self::wrap(self.value.trace_with(trace))
    }

    /// This tensor on the trace of `other`, in whatever mode that is; as it is if `other` is not traced. For what a
    /// layer brings with it: a state, a constant, a table of positions.
    ///
    /// # Panics
    /// If both are traced in different modes, or as [`Tensor::trace`] does.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let layer = Linear::<dim!(2), dim!(2)>::init(&mut StdRng::seed_from_u64(0));
    /// let run = |x: &Tensor<shape![1, 2]>| {
    ///     let mut state = Tensor::<shape![1, 2]>::zeros().trace_as(x);
    ///     for _ in 0..3 {
    ///         state = (layer.forward(state) + x).tanh();
    ///     }
    ///     state
    /// };
    /// let x = Tensor::<shape![1, 2]>::ones();
    /// assert!(!run(&x).is_traced());
    /// assert_eq!(run(&x.trace()).sum().backward().len(), 2);
    /// ```
    #[track_caller]
    #[must_use = "the tensor itself stays as it is"]
    pub fn trace_as<S2, T2>(&self, other: &Tensor<S2, T2>) -> Self {
        Self::wrap(self.value.trace_as(other.value.link()))
    }
}

impl<S: Shape, T: Float> Tensor<S, T> {
    /// Marks this tensor as a parameter, to be trained by an optimizer (PyTorch's `nn.Parameter`). A parameter stays the
    /// one it is.
    ///
    /// # Panics
    /// If the tensor was computed from parameters or watched tensors: a parameter has no past, so [`Tensor::detach`] comes
    /// first.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let w = Tensor::<shape![2]>::ones().parameter();
    /// let half = (&w * 0.5).detach().parameter(); // a new one, which starts from a value of the other
    /// assert!(half.is_parameter());
    /// ```
    #[doc(alias = "Parameter")]
    #[track_caller]
    #[must_use = "the parameter is the tensor that comes back"]
    pub fn parameter(self) -> Self {
        Self::wrap(self.value.into_parameter())
    }

    /// Is it a parameter?
    pub fn is_parameter(&self) -> bool {
        self.value.is_parameter()
    }

    /// Asks for the gradient of this tensor, in the trace that it belongs to or else in a new one in training mode. The
    /// result of a recorded operation keeps its past: PyTorch's `retain_grad`.
    ///
    /// # Panics
    /// If the tensor was computed from a parameter and untraced data, whose gradient would be lost.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let x = Tensor::<shape![2]>::from([3.0, 4.0]).watch();
    /// let y = (&x * 2.0).watch();
    /// let grads = y.square().sum().backward();
    /// assert_eq!(grads.get(&y).unwrap().to_vec(), [12.0, 16.0]);
    /// assert_eq!(grads.get(&x).unwrap().to_vec(), [24.0, 32.0]);
    /// ```
    #[doc(alias = "requires_grad_")]
    #[doc(alias = "retain_grad")]
    #[track_caller]
    #[must_use = "the tensor itself stays as it is"]
    pub fn watch(&self) -> Self {
        Self::wrap(self.value.watch())
    }

    /// As [`Tensor::watch`], with a mode and a seed of its own.
    ///
    /// # Panics
    /// If the tensor belongs to a trace in the other mode, or as [`Tensor::watch`] does.
    #[track_caller]
    #[must_use = "the tensor itself stays as it is"]
    pub fn watch_with(&self, trace: Trace) -> Self {
        Self::wrap(self.value.watch_with(trace))
    }

    /// Does it belong to a trace?
    #[doc(alias = "requires_grad")]
    pub fn is_traced(&self) -> bool {
        self.value.traced().is_some()
    }

    /// Does it belong to a trace in training mode?
    pub fn is_training(&self) -> bool {
        self.value.traced().is_some_and(Trace::is_training)
    }

    /// The recorded computation behind this tensor as a Graphviz drawing.
    pub fn dot(&self) -> Dot<'_> {
        self.value.dot()
    }

    /// The gradients of the sum of this tensor's elements times `seed`'s; with a traced `seed` the pass is itself
    /// recorded, for gradients of gradients.
    ///
    /// # Panics
    /// If no parameter and no watched tensor took part, or if the seed has another shape.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let x = Tensor::<shape![1]>::from([3.0]).watch();
    /// let y = x.pow(3.0);
    /// let first = y.backward_with(Tensor::ones().trace()).get(&x).unwrap(); // 3x²
    /// assert_eq!(first.to_vec(), [27.0]);
    /// let second = first.sum().backward().get(&x).unwrap(); // 6x
    /// assert_eq!(second.to_vec(), [18.0]);
    /// ```
    #[track_caller]
    pub fn backward_with(self, seed: Self) -> Gradients {
        assert_eq!(self.shape(), seed.shape(), "backward_with: the seed has another shape");
        self.value.backward(seed.value)
    }
}

impl<S, T: Float> Tensor<S, T> {
    /// The gradients of this number by every parameter and watched tensor that it was computed from. The recorded
    /// computation is consumed.
    ///
    /// # Panics
    /// If there is none.
    #[doc(alias = "grad")]
    #[track_caller]
    pub fn backward(self) -> Gradients
    where
        S: OneNumber,
    {
        let one = Array::full(T::from_f64(1.0), *self.value.shape());
        self.value.backward(one.into())
    }
}

impl Gradients {
    /// The gradient of a parameter or watched tensor, in its own shape; none if it took no part.
    pub fn get<S: Shape, T: Float>(&self, of: &Tensor<S, T>) -> Option<Tensor<S, T>> {
        self.get_value(of.value.link()).cloned().map(Tensor::wrap)
    }
}

impl Dot<'_> {
    /// Names a parameter or watched tensor in the drawing.
    pub fn name<S: Shape, T: Float>(self, tensor: &Tensor<S, T>, name: &str) -> Self {
        self.label(&tensor.value, name)
    }
}
