//! The recorded computation: values, the operations that made them, and back-propagation through them.
//!
//! In micrograd's words: a [`Value`] is data with its context. The context ([`Node`]) is the operation that made it
//! and the links to that operation's inputs; it also holds the rule that turns the gradient of the result into
//! gradients of the inputs. There is no tape and no lock: a value owns its node, a node its inputs' links, so two
//! computations merge where an operation combines them, and values that are no longer used are freed.
//!
//! # Recording
//!
//! | an operation's inputs | its result |
//! | --- | --- |
//! | one of them is traced | a node of the trace (traced data too, if no input wants a gradient) |
//! | parameters only, or values made of parameters only | a node that joins the trace of a traced value it is combined with |
//! | data only | data |
//! | parameters and untraced data | inference: nothing is recorded, and using the result in a trace panics |
//!
//! The last line is what keeps a gradient from being lost silently: such a result says `detach()` if it is meant as
//! data. For the same reason `trace()` and `watch()` keep the past of what they are given, only `detach()` cuts, and
//! traces of different modes do not meet: what a layer adds to its input (a state, a constant) goes on the input's
//! trace with `trace_as`.

mod anomaly;
mod backward;
mod census;
mod dot;
mod random;
mod record;
mod trace;
mod value;

pub use backward::Gradients;
pub use census::Census;
pub(crate) use dot::quoted;
pub use dot::{Dot, Graph, GraphNode};
pub use random::Stream;
pub use random::manual_seed;
pub(crate) use random::{default_stream, next_default};
pub(crate) use record::called_from;
pub use record::{Context, record, record_list, will_record};
pub use trace::Trace;
pub(crate) use value::fresh_id;
pub use value::{Link, Node, Value};
