//! Values and their links.

use super::record::Node;
use crate::kernels::pool::Shared;
use crate::kernels::{Array, DType, Dims};
use std::sync::atomic::{AtomicU64, Ordering};

/// What a forward pass may ask of its trace: the mode, and randomness for dropout.
///
/// ```
/// use fusion::prelude::*;
///
/// let x = Tensor::<shape![2, 3]>::ones();
/// assert!(x.trace().is_training());
/// // Gradients in evaluation mode: dropout off, batch norm on its running statistics.
/// assert!(!x.trace_with(Trace::evaluation()).is_training());
/// // The same dropout masks in every run.
/// let y = x.trace_with(Trace::training().seed(7));
/// assert!(y.is_traced());
/// ```
#[derive(Debug)]
pub struct Trace {
    training: bool,
    keep_values: bool,
    /// The state of a counter-based generator; 0 until it is seeded or first used.
    random: AtomicU64,
}

impl Trace {
    /// Training mode: dropout drops, batch norm uses the batch. PyTorch's `train()`.
    pub fn training() -> Self {
        Self { training: true, keep_values: false, random: AtomicU64::new(0) }
    }

    /// Evaluation mode with gradients. PyTorch's `eval()`.
    pub fn evaluation() -> Self {
        Self { training: false, ..Self::training() }
    }

    /// Fixes the random numbers that layers draw from this trace.
    pub fn seed(self, seed: u64) -> Self {
        Self { random: AtomicU64::new(mix(seed) | 1), ..self }
    }

    /// Keeps each recorded value, so that [`Dot`](super::Dot) can print it.
    pub fn keep_values(self) -> Self {
        Self { keep_values: true, ..self }
    }

    /// Is this trace in training mode?
    pub fn is_training(&self) -> bool {
        self.training
    }

    pub(super) fn keeps_values(&self) -> bool {
        self.keep_values
    }

    /// The next seed for a layer that needs randomness.
    pub fn next_seed(&self) -> u64 {
        if self.random.load(Ordering::Relaxed) == 0 {
            let fresh = rand::random::<u64>() | 1;
            // Another thread may have been first; then its seed stands.
            let _ = self.random.compare_exchange(0, fresh, Ordering::Relaxed, Ordering::Relaxed);
        }
        mix(self.random.fetch_add(0x9E37_79B9_7F4A_7C16, Ordering::Relaxed))
    }
}

/// The finaliser of SplitMix64 (Steele, Lea, Flood 2014).
fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// How a value hangs in the recorded computation.
#[derive(Clone, Default)]
pub enum Link {
    /// Data: no gradient.
    #[default]
    None,
    /// A parameter. Not traced by itself; where it meets a traced value its gradient is kept under its id.
    Parameter(u64),
    /// A parameter that is frozen: data, with no gradient, which keeps its id for the time when it is trained again.
    Frozen(u64),
    /// A parameter or watched input that starts a trace itself.
    Leaf(u64, Shared<Trace>),
    /// Traced data whose own gradient nobody wants.
    Source(Shared<Trace>),
    /// The result of a recorded operation.
    Node(Shared<dyn Node>),
    /// Computed from parameters and untraced data: inference, whose gradient is lost.
    Lost,
}

impl Link {
    /// The trace that this value belongs to, if any.
    pub fn trace(&self) -> Option<&Shared<Trace>> {
        match self {
            Self::Source(trace) | Self::Leaf(_, trace) => Some(trace),
            Self::Node(node) => node.trace(),
            _ => None,
        }
    }

    /// Does a gradient flow through here?
    pub fn wants_gradient(&self) -> bool {
        matches!(self, Self::Parameter(_) | Self::Leaf(..) | Self::Node(_))
    }

    /// The id under which [`Gradients`](super::Gradients) keep this value's gradient.
    pub fn id(&self) -> Option<u64> {
        match self {
            Self::Parameter(id) | Self::Leaf(id, _) => Some(*id),
            _ => None,
        }
    }
}

/// A fresh id for a parameter, watched input or node: never 0, never used twice.
pub(super) fn fresh_id() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// An untyped tensor: elements with shape and strides, and their place in the recorded computation.
///
/// [`Tensor`](crate::Tensor) is this with its shape and element type in the type; walks over a module's parameters
/// see `Value`s.
#[derive(Clone)]
pub struct Value {
    array: Array,
    link: Link,
}

impl From<Array> for Value {
    fn from(array: Array) -> Self {
        Self { array, link: Link::None }
    }
}

impl Value {
    /// The elements with a link of their own.
    pub fn new(array: Array, link: Link) -> Self {
        Self { array, link }
    }

    /// The elements.
    pub fn array(&self) -> &Array {
        &self.array
    }

    /// Where it hangs in the recorded computation.
    pub fn link(&self) -> &Link {
        &self.link
    }

    /// The sizes.
    pub fn shape(&self) -> &Dims {
        self.array.shape()
    }

    /// The type of the elements.
    pub fn dtype(&self) -> DType {
        self.array.dtype()
    }

    /// Elements and link, for operations that take their input by value.
    pub fn split(self) -> (Array, Link) {
        (self.array, self.link)
    }

    /// The elements without their past: PyTorch's `detach()`.
    pub fn detach(&self) -> Self {
        self.array.clone().into()
    }

    /// Marks these elements as a parameter with an id of its own: PyTorch's `nn.Parameter`.
    pub fn into_parameter(self) -> Self {
        Self { array: self.array, link: Link::Parameter(fresh_id()) }
    }

    /// Was it made by [`Value::into_parameter`]?
    pub fn is_parameter(&self) -> bool {
        matches!(self.link, Link::Parameter(_))
    }

    /// Makes a parameter data that keeps its id; a plain tensor is given one. Anything else stays as it is.
    pub fn freeze(&mut self) {
        match self.link {
            Link::Parameter(id) | Link::Leaf(id, _) => self.link = Link::Frozen(id),
            Link::None => self.link = Link::Frozen(fresh_id()),
            _ => {}
        }
    }

    /// Makes what [`Value::freeze`] froze a parameter with its old id. Anything else stays as it is.
    pub fn unfreeze(&mut self) {
        if let Link::Frozen(id) = self.link {
            self.link = Link::Parameter(id);
        }
    }

    /// Was it made by [`Value::freeze`]?
    pub fn is_frozen(&self) -> bool {
        matches!(self.link, Link::Frozen(_))
    }

    /// Puts other elements in the place of these; id and link stay. Shape and type must be the same.
    pub fn set(&mut self, array: Array) {
        assert!(array.shape() == self.array.shape() && array.dtype() == self.array.dtype());
        self.array = array;
    }

    /// The elements for writing by an optimizer or a running average; the link stays.
    pub fn array_mut(&mut self) -> &mut Array {
        &mut self.array
    }

    /// Starts a trace. Of a parameter it makes a leaf of that trace; of anything else traced data.
    pub fn trace(&self, trace: Trace) -> Self {
        let trace = Shared::new(trace);
        let link = match &self.link {
            Link::Parameter(id) | Link::Leaf(id, _) => Link::Leaf(*id, trace),
            _ => Link::Source(trace),
        };
        Self { array: self.array.clone(), link }
    }

    /// Starts a trace and asks for the gradient of this value.
    pub fn watch(&self, trace: Trace) -> Self {
        match self.link {
            Link::Parameter(_) | Link::Leaf(..) => self.trace(trace),
            _ => self.detach().into_parameter().trace(trace),
        }
    }

    /// The trace that this value belongs to, if any.
    pub fn traced(&self) -> Option<&Trace> {
        self.link.trace().map(|trace| &**trace)
    }

    /// The only element, as a number. Panics if there is not just one.
    pub fn item(&self) -> f64 {
        fn one<T: crate::kernels::Element>(array: &Array) -> T {
            array.dense::<T>().expect("one element has no gaps")[0]
        }
        assert_eq!(self.array.count(), 1, "item() of a tensor of shape {:?}", self.shape());
        match self.dtype() {
            DType::F32 => f64::from(one::<f32>(&self.array)),
            DType::F64 => one(&self.array),
            other => panic!("item() of a tensor of {other}"),
        }
    }
}
