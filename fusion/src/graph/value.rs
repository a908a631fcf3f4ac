//! Values, the operations that made them, and the links between the two. The three types name each other by nature: a
//! value owns its node, a node the links of its inputs.

use super::trace::Trace;
use crate::kernels::dtype::{Scalar, float};
use crate::kernels::memory::Shared;
use crate::kernels::{Array, DType, Dims};
use std::fmt;
use std::panic::Location;
use std::sync::atomic::{AtomicU64, Ordering};

/// How a value is connected to the recorded computation.
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
    /// Data in a trace, without a gradient of its own.
    Traced(Shared<Trace>),
    /// The result of a recorded operation.
    Node(Shared<dyn Node>),
    /// Computed from parameters and untraced data: the parameters' gradient is lost.
    Inference,
}

impl Link {
    /// The trace that this value belongs to, if any.
    #[track_caller]
    pub fn trace(&self) -> Option<&Shared<Trace>> {
        match self {
            Self::Traced(trace) | Self::Leaf(_, trace) => Some(trace),
            Self::Node(node) => node.trace(),
            _ => None,
        }
    }

    /// Whether a gradient flows through it.
    pub fn wants_gradient(&self) -> bool {
        matches!(self, Self::Parameter(_) | Self::Leaf(..) | Self::Node(_))
    }

    /// The id of what wants a gradient, a leaf or a node; 0 of others.
    pub(crate) fn origin(&self) -> u64 {
        match self {
            Self::Parameter(id) | Self::Leaf(id, _) => *id,
            Self::Node(node) => node.id(),
            _ => 0,
        }
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

/// The operation that made a value: its name, its inputs and its gradient rule.
pub trait Node: Send + Sync {
    /// A number that no other node has; later nodes have larger ones.
    fn id(&self) -> u64;
    /// The operation's name.
    fn name(&self) -> &'static str;
    /// Where the program called it.
    fn location(&self) -> &'static Location<'static>;
    /// The shape of the result.
    fn shape(&self) -> &Dims;
    /// The result itself, if the trace keeps values.
    fn value(&self) -> Option<&Array>;
    /// The trace it was recorded in; none if it is made of parameters only.
    fn trace(&self) -> Option<&Shared<Trace>>;
    /// The links of the inputs, in order.
    fn inputs(&self) -> &[Link];
    /// Whether its own gradient is kept (`watch`).
    fn is_watched(&self) -> bool;
    /// Turns the gradient of the result into gradients of the inputs and hands each to `give`.
    fn backward(&self, this: &Shared<dyn Node>, gradient: Value, give: &mut dyn FnMut(&Link, Value));
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("None"),
            Self::Parameter(id) => f.debug_tuple("Parameter").field(id).finish(),
            Self::Frozen(id) => f.debug_tuple("Frozen").field(id).finish(),
            Self::Leaf(id, _) => f.debug_tuple("Leaf").field(id).finish(),
            Self::Traced(_) => f.write_str("Traced"),
            // Without its inputs, which may be a whole network.
            Self::Node(node) => f.debug_tuple("Node").field(&node.name()).field(&node.id()).finish(),
            Self::Inference => f.write_str("Inference"),
        }
    }
}

/// A fresh id for a parameter, watched input or node: never 0, never used twice.
pub(crate) fn fresh_id() -> u64 {
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

    /// How it is connected to the recorded computation.
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
    pub fn into_parts(self) -> (Array, Link) {
        (self.array, self.link)
    }

    /// The elements without their past: PyTorch's `detach()`.
    #[must_use = "the value itself keeps its past"]
    pub fn detach(&self) -> Self {
        self.array.clone().into()
    }

    /// Marks these elements as a parameter with an id of its own: PyTorch's `nn.Parameter`. A parameter stays itself.
    ///
    /// # Panics
    /// If the value is the result of a recorded operation or of parameters and untraced data: a parameter has no past.
    #[track_caller]
    pub fn into_parameter(self) -> Self {
        let id = match &self.link {
            Link::Parameter(id) | Link::Leaf(id, _) | Link::Frozen(id) => *id,
            Link::None | Link::Traced(_) => fresh_id(),
            Link::Node(_) | Link::Inference => panic!(
                "`parameter()` of a value that was computed from parameters or watched tensors: their gradient would \
                be lost. Call `detach()` first if the parameter is to start from this value."
            ),
        };
        Self { array: self.array, link: Link::Parameter(id) }
    }

    /// Whether it was made by [`Value::into_parameter`].
    pub fn is_parameter(&self) -> bool {
        matches!(self.link, Link::Parameter(_))
    }

    /// Turns a parameter into data that keeps its id; a plain tensor is given an id. Other values stay as they are.
    pub fn freeze(&mut self) {
        match self.link {
            Link::Parameter(id) | Link::Leaf(id, _) => self.link = Link::Frozen(id),
            Link::None => self.link = Link::Frozen(fresh_id()),
            _ => {}
        }
    }

    /// Turns a value that [`Value::freeze`] froze back into a parameter with its id. Other values stay as they are.
    pub fn unfreeze(&mut self) {
        if let Link::Frozen(id) = self.link {
            self.link = Link::Parameter(id);
        }
    }

    /// Whether it was made by [`Value::freeze`].
    pub fn is_frozen(&self) -> bool {
        matches!(self.link, Link::Frozen(_))
    }

    /// Replaces the elements; id and link stay.
    ///
    /// # Panics
    /// If shape or type are not the same.
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

    /// The trace that this value belongs to, if any.
    pub fn traced(&self) -> Option<&Trace> {
        self.link.trace().map(|trace| &**trace)
    }

    /// The only element, as a number.
    ///
    /// # Panics
    /// If there is not just one.
    #[track_caller]
    pub fn item(&self) -> f64 {
        assert!(self.array.count() == 1, "item() of a tensor of shape {:?}: it has not just one element", self.shape());
        assert!(self.dtype().is_float(), "item() of a tensor of {}", self.dtype());
        float!(self.dtype(), T => self.array.dense::<T>().expect("one element has no gaps")[0].to_f64())
    }
}
