//! Values and their links.

use super::random::{self, Stream};
use super::record::{Node, identity, lost};
use crate::kernels::dtype::float;
use crate::kernels::memory::Shared;
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
    random: Option<Stream>,
}

impl Trace {
    /// Training mode: dropout drops, batch norm uses the batch. PyTorch's `train()`.
    #[doc(alias = "train")]
    pub const fn training() -> Self {
        Self { training: true, keep_values: false, random: None }
    }

    /// Evaluation mode with gradients. PyTorch's `eval()`.
    #[doc(alias = "eval")]
    #[doc(alias = "no_grad")]
    pub const fn evaluation() -> Self {
        Self { training: false, ..Self::training() }
    }

    /// Fixes the random numbers that layers draw in this trace, whatever generator of their own they have.
    pub fn seed(self, seed: u64) -> Self {
        Self { random: Some(Stream::new(seed)), ..self }
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

    /// The next seed for a layer that needs randomness and has no generator of its own: from [`Trace::seed`], or
    /// else from the [default generator](crate::manual_seed).
    pub fn next_seed(&self) -> u64 {
        self.given_seed().unwrap_or_else(random::next_default)
    }

    /// The next seed from [`Trace::seed`], if there is one.
    pub(crate) fn given_seed(&self) -> Option<u64> {
        self.random.as_ref().map(Stream::next)
    }

    /// Panics if `self` and `other`, which meet in the operation `name`, have different modes.
    #[track_caller]
    pub(super) fn meet(&self, other: &Self, name: &str) {
        let mode = |trace: &Self| if trace.training { "training" } else { "evaluation" };
        assert!(
            self.training == other.training,
            "`{name}` meets a trace in {} mode and one in {} mode: trace both alike, or put a state or a constant \
            on the other's trace with `trace_as`",
            mode(self),
            mode(other)
        );
    }
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
    #[track_caller]
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
            Self::Node(node) if node.is_watched() => Some(node.id()),
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

    /// Marks these elements as a parameter with an id of its own: PyTorch's `nn.Parameter`. A parameter stays itself.
    /// Panics if the value is the result of a recorded operation or of parameters and untraced data: a parameter has
    /// no past.
    #[track_caller]
    pub fn into_parameter(self) -> Self {
        let id = match &self.link {
            Link::Parameter(id) | Link::Leaf(id, _) | Link::Frozen(id) => *id,
            Link::None | Link::Source(_) => fresh_id(),
            Link::Node(_) | Link::Lost => panic!(
                "`parameter()` of a value that was computed from parameters or watched tensors: their gradient would \
                be lost. Call `detach()` first if the parameter is to start from this value."
            ),
        };
        Self { array: self.array, link: Link::Parameter(id) }
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
    #[track_caller]
    pub fn set(&mut self, array: Array) {
        let (old, new) = (self.array.shape(), array.shape());
        assert!(
            new == old && array.dtype() == self.array.dtype(),
            "set: {new:?} in {} in the place of {old:?} in {}",
            array.dtype(),
            self.array.dtype()
        );
        self.array = array;
    }

    /// The elements for writing by an optimizer or a running average; the link stays.
    pub fn array_mut(&mut self) -> &mut Array {
        &mut self.array
    }

    /// Starts a trace in training mode; a value that is traced already stays as it is. Of a parameter it makes a leaf
    /// of the trace, of a value made of parameters a node of it, of anything else traced data. Panics if the value was
    /// computed from a parameter and untraced data.
    #[track_caller]
    pub fn trace(&self) -> Self {
        self.join("trace", || Shared::new(Trace::training()))
    }

    /// As [`Value::trace`], with a mode and a seed of its own. Panics if the value belongs to a trace in the other mode.
    #[track_caller]
    pub fn trace_with(&self, trace: Trace) -> Self {
        if let Some(own) = self.traced() {
            own.meet(&trace, "trace_with");
        }
        self.join("trace", || Shared::new(trace))
    }

    /// This value on the trace of `other`; as it is if `other` is not traced. Panics if both are traced in different
    /// modes, or as [`Value::trace`] does.
    #[track_caller]
    pub fn trace_as(&self, other: &Link) -> Self {
        let Some(trace) = other.trace() else { return self.clone() };
        if let Some(own) = self.traced() {
            own.meet(trace, "trace_as");
        }
        self.join("trace_as", || trace.clone())
    }

    /// This value in a trace: its own, else the given one.
    #[track_caller]
    pub(super) fn join(&self, name: &'static str, trace: impl FnOnce() -> Shared<Trace>) -> Self {
        let link = match &self.link {
            Link::None | Link::Frozen(_) => Link::Source(trace()),
            Link::Parameter(id) => Link::Leaf(*id, trace()),
            Link::Node(node) if node.trace().is_none() => return self.identity(name, trace(), false),
            Link::Source(_) | Link::Leaf(..) | Link::Node(_) => return self.clone(),
            Link::Lost => panic!("{}", lost(name)),
        };
        Self { array: self.array.clone(), link }
    }

    /// Asks for the gradient of this value, in the trace that it belongs to or else in a new one in training mode. The
    /// result of a recorded operation keeps its past: PyTorch's `retain_grad`. Panics if the value was computed from a
    /// parameter and untraced data.
    #[track_caller]
    pub fn watch(&self) -> Self {
        self.watched(|| Shared::new(Trace::training()))
    }

    /// As [`Value::watch`], with a mode and a seed of its own. Panics if the value belongs to a trace in the other mode.
    #[track_caller]
    pub fn watch_with(&self, trace: Trace) -> Self {
        if let Some(own) = self.traced() {
            own.meet(&trace, "watch_with");
        }
        self.watched(|| Shared::new(trace))
    }

    #[track_caller]
    fn watched(&self, trace: impl FnOnce() -> Shared<Trace>) -> Self {
        let link = match &self.link {
            Link::None | Link::Frozen(_) => Link::Leaf(fresh_id(), trace()),
            Link::Source(trace) => Link::Leaf(fresh_id(), trace.clone()),
            Link::Parameter(id) => Link::Leaf(*id, trace()),
            Link::Leaf(..) => return self.clone(),
            Link::Node(node) => {
                return self.identity("watch", node.trace().cloned().unwrap_or_else(trace), true);
            }
            Link::Lost => panic!("{}", lost("watch")),
        };
        Self { array: self.array.clone(), link }
    }

    /// The result of an operation that changes nothing, in this trace.
    fn identity(&self, name: &'static str, trace: Shared<Trace>, watched: bool) -> Self {
        let node = identity(name, [&self.link, &Link::Source(trace.clone())], trace, &self.array, watched);
        Self { array: self.array.clone(), link: Link::Node(node) }
    }

    /// The trace that this value belongs to, if any.
    pub fn traced(&self) -> Option<&Trace> {
        self.link.trace().map(|trace| &**trace)
    }

    /// The only element, as a number. Panics if there is not just one.
    #[track_caller]
    pub fn item(&self) -> f64 {
        assert!(self.array.count() == 1, "item() of a tensor of shape {:?}: it has not just one element", self.shape());
        assert!(self.dtype().is_float(), "item() of a tensor of {}", self.dtype());
        float!(self.dtype(), T => self.array.dense::<T>().expect("one element has no gaps")[0].into())
    }
}
