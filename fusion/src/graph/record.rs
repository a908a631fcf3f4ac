//! Recording: how values join a trace, and what a trace keeps of an operation.

use super::anomaly::Hunt;
use super::trace::Trace;
use super::value::{Link, Node, Value, fresh_id};
use crate::kernels::memory::Shared;
use crate::kernels::{Array, Dims};
use std::cell::{Cell, RefCell};
use std::fmt;
use std::panic::Location;

/// What a gradient rule is given. A rule saves plain arrays; the context links them back into the graph if the backward
/// pass is itself traced, so that gradients of gradients are right.
pub struct Context<'a> {
    node: &'a Shared<dyn Node>,
    /// The trace of the backward pass, if it is itself recorded.
    trace: Option<Shared<Trace>>,
}

impl Context<'_> {
    /// Whether input `i` needs a gradient. If not, the rule need not compute it.
    pub fn needs_grad(&self, i: usize) -> bool {
        self.node.inputs()[i].wants_gradient()
    }

    /// Input `i` again, from what the rule saved of it.
    pub fn input(&self, i: usize, saved: &Array) -> Value {
        self.linked(saved, || self.node.inputs()[i].clone())
    }

    /// The result again, from what the rule saved of it.
    pub fn output(&self, saved: &Array) -> Value {
        self.linked(saved, || Link::Node(self.node.clone()))
    }

    /// `saved` with its link and, in a recorded pass, in the pass's trace: a value made of parameters only may then be
    /// combined with the constants of the rule and keeps its gradient.
    #[inline]
    fn linked(&self, saved: &Array, link: impl FnOnce() -> Link) -> Value {
        match &self.trace {
            None => saved.clone().into(),
            Some(trace) => {
                let value = Value::new(saved.clone(), link());
                if value.link().wants_gradient() { value.join("trace", || trace.clone()) } else { value }
            }
        }
    }

    /// Whether this backward pass is itself recorded. If not, a rule may take a shortcut that has no gradient.
    pub fn is_traced(&self) -> bool {
        self.trace.is_some()
    }
}

impl fmt::Debug for Context<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context").field("operation", &self.node.name()).field("traced", &self.is_traced()).finish()
    }
}

/// A recorded operation; `L` is an array or a list of links.
struct Operation<R, L: AsMut<[Link]>> {
    id: u64,
    name: &'static str,
    at: &'static Location<'static>,
    shape: Dims,
    value: Option<Array>,
    trace: Option<Shared<Trace>>,
    inputs: L,
    watched: bool,
    rule: R,
}

impl<R, L, G> Node for Operation<R, L>
where
    L: AsRef<[Link]> + AsMut<[Link]> + Send + Sync,
    R: Fn(Value, &Context<'_>) -> G + Send + Sync,
    G: AsMut<[Option<Value>]>,
{
    fn id(&self) -> u64 {
        self.id
    }
    fn name(&self) -> &'static str {
        self.name
    }
    fn location(&self) -> &'static Location<'static> {
        self.at
    }
    fn shape(&self) -> &Dims {
        &self.shape
    }
    fn value(&self) -> Option<&Array> {
        self.value.as_ref()
    }
    fn trace(&self) -> Option<&Shared<Trace>> {
        self.trace.as_ref()
    }
    fn inputs(&self) -> &[Link] {
        self.inputs.as_ref()
    }
    fn is_watched(&self) -> bool {
        self.watched
    }
    fn backward(&self, this: &Shared<dyn Node>, gradient: Value, give: &mut dyn FnMut(&Link, Value)) {
        let context = Context { node: this, trace: gradient.link().trace().cloned() };
        let mut gradients = (self.rule)(gradient, &context);
        for (link, gradient) in self.inputs.as_ref().iter().zip(gradients.as_mut()) {
            if let Some(gradient) = gradient.take() {
                give(link, gradient);
            }
        }
    }
}

/// Whether [`record`] will keep a rule for an operation on these inputs, which must then save what the rule needs.
pub fn will_record(inputs: &[&Link]) -> bool {
    let wanted = inputs.iter().filter(|link| link.wants_gradient()).count();
    wanted == inputs.len() || (wanted > 0 && inputs.iter().any(|link| link.trace().is_some()))
}

/// The result of the operation `name` on `inputs`, with its gradient rule if it is to be recorded (see the
/// module's table).
///
/// `rule` is called only then, with the result. It returns the rule proper, which gets the gradient of the result
/// and gives that of each input ([`Context::needs_grad`] says which are needed). It may save arrays, never values.
#[track_caller]
pub fn record<const N: usize, R>(
    name: &'static str,
    inputs: [&Link; N],
    result: Array,
    rule: impl FnOnce(&Array) -> R,
) -> Value
where
    R: Fn(Value, &Context<'_>) -> [Option<Value>; N] + Send + Sync + 'static,
{
    let link = match place(name, &inputs, &result) {
        Place::Plain(link) => link,
        Place::Node(trace) => {
            let rule = rule(&result);
            Link::Node(node(name, inputs.map(Link::clone), trace.cloned(), &result, false, rule))
        }
    };
    Value::new(result, link)
}

/// As [`record`], of any number of inputs: the rule gives a list.
#[track_caller]
pub fn record_list<R>(name: &'static str, inputs: &[&Link], result: Array, rule: impl FnOnce(&Array) -> R) -> Value
where
    R: Fn(Value, &Context<'_>) -> Vec<Option<Value>> + Send + Sync + 'static,
{
    let link = match place(name, inputs, &result) {
        Place::Plain(link) => link,
        Place::Node(trace) => {
            let (rule, links) = (rule(&result), inputs.iter().map(|&link| link.clone()).collect::<Vec<_>>());
            Link::Node(node(name, links, trace.cloned(), &result, false, rule))
        }
    };
    Value::new(result, link)
}

/// Where a result hangs: it has no rule, or is a node of this trace.
enum Place<'a> {
    Plain(Link),
    Node(Option<&'a Shared<Trace>>),
}

/// Where the result of the operation `name` on `inputs` hangs (see the module's table).
#[inline(always)] // the number of inputs is known where it is called
#[track_caller]
fn place<'a>(name: &'static str, inputs: &[&'a Link], result: &Array) -> Place<'a> {
    let (mut trace, mut any_lost, mut wanted, mut traced) = (None::<&Shared<Trace>>, false, 0, 0);
    for link in inputs {
        if let Some(other) = link.trace() {
            traced += 1;
            match trace {
                None => trace = Some(other),
                Some(own) => {
                    own.meet(other, name);
                    if other.hunt() > own.hunt() {
                        trace = Some(other); // who looks for anomalies goes on looking
                    }
                }
            }
        }
        any_lost |= matches!(link, Link::Inference);
        wanted += usize::from(link.wants_gradient());
    }
    if let Some(trace) = trace
        && trace.hunt() != Hunt::Off
    {
        trace.hunt().check_result(name, result, traced == inputs.len(), called_at());
    }
    match trace {
        Some(_) if any_lost => panic!("{}", lost(name)),
        Some(trace) if wanted == 0 => Place::Plain(Link::Traced(trace.clone())),
        None if wanted == 0 && !any_lost => Place::Plain(Link::None),
        None if wanted < inputs.len() => Place::Plain(Link::Inference),
        trace => Place::Node(trace),
    }
}

thread_local! {
    /// While a recorded backward pass asks a rule: where the rule's operation was called.
    static RULE_OF: Cell<Option<&'static Location<'static>>> = const { Cell::new(None) };
}

/// Where the program called the operation that is being recorded: of an operation in a gradient rule, where it called the
/// operation that has this rule.
#[track_caller]
fn called_at() -> &'static Location<'static> {
    RULE_OF.get().unwrap_or(Location::caller())
}

/// Runs `f`, whose operations are called where `at` says, or where they say.
pub(crate) fn called_from<R>(at: Option<&'static Location<'static>>, f: impl FnOnce() -> R) -> R {
    struct Restore(Option<&'static Location<'static>>);
    impl Drop for Restore {
        fn drop(&mut self) {
            RULE_OF.set(self.0);
        }
    }
    let _restore = Restore(RULE_OF.replace(at));
    f()
}

#[inline(always)] // a rule may hold several arrays: each move of it counts
#[track_caller]
fn node<L, R, G>(
    name: &'static str,
    inputs: L,
    trace: Option<Shared<Trace>>,
    result: &Array,
    watched: bool,
    rule: R,
) -> Shared<dyn Node>
where
    L: AsRef<[Link]> + AsMut<[Link]> + Send + Sync + 'static,
    R: Fn(Value, &Context<'_>) -> G + Send + Sync + 'static,
    G: AsMut<[Option<Value>]> + 'static,
{
    let operation = Operation {
        id: fresh_id(),
        name,
        at: called_at(),
        shape: *result.shape(),
        value: trace.as_ref().filter(|trace| trace.keeps_values()).map(|_| result.clone()),
        trace,
        inputs,
        watched,
        rule,
    };
    Shared::<dyn Node>::new_as(operation, |operation| operation)
}

/// An operation on the first input that changes nothing, in this trace.
#[track_caller]
fn identity(
    name: &'static str,
    inputs: [&Link; 2],
    trace: Shared<Trace>,
    value: &Array,
    watched: bool,
) -> Shared<dyn Node> {
    node(name, inputs.map(Link::clone), Some(trace), value, watched, |gradient, _: &Context<'_>| [Some(gradient), None])
}

/// The sentence of the operation `name` about an input that was computed from a parameter and untraced data.
fn lost(name: &str) -> String {
    let meets = match name {
        "trace" | "watch" => "of",
        "trace_as" => "puts on a trace",
        _ => "meets a traced tensor and",
    };
    format!(
        "`{name}` {meets} a tensor that was computed from a parameter and untraced data: the parameter's gradient \
        would be lost. Trace that data too (`trace`, or `trace_as` for a state or a constant), or call `detach()` if \
        the tensor is meant as data."
    )
}

/// How values join a trace.
impl Value {
    /// Starts a trace in training mode; a value that is traced already stays as it is. Of a parameter it makes a leaf
    /// of the trace, of a value made of parameters a node of it, of anything else traced data.
    ///
    /// # Panics
    /// If the value was computed from a parameter and untraced data.
    #[must_use = "the value itself stays as it is"]
    #[track_caller]
    pub fn trace(&self) -> Self {
        self.join("trace", || Shared::new(Trace::training()))
    }

    /// As [`Value::trace`], with a mode and a seed of its own.
    ///
    /// # Panics
    /// If the value belongs to a trace in the other mode, or as [`Value::trace`] does.
    #[must_use = "the value itself stays as it is"]
    #[track_caller]
    pub fn trace_with(&self, trace: Trace) -> Self {
        if let Some(own) = self.traced() {
            own.meet(&trace, "trace_with");
        }
        self.join("trace", || Shared::new(trace))
    }

    /// This value on the trace of `other`; as it is if `other` is not traced.
    ///
    /// # Panics
    /// If both are traced in different modes, or as [`Value::trace`] does.
    #[must_use = "the value itself stays as it is"]
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
    fn join(&self, name: &'static str, trace: impl FnOnce() -> Shared<Trace>) -> Self {
        let link = match self.link() {
            Link::None | Link::Frozen(_) => Link::Traced(trace()),
            Link::Parameter(id) => Link::Leaf(*id, trace()),
            Link::Node(node) if node.trace().is_none() => return self.identity(name, trace(), false),
            Link::Traced(_) | Link::Leaf(..) | Link::Node(_) => return self.clone(),
            Link::Inference => panic!("{}", lost(name)),
        };
        link.trace().expect("just given").hunt().check_start(name, self.array());
        Self::new(self.array().clone(), link)
    }

    /// Asks for the gradient of this value, in the trace that it belongs to or else in a new one in training mode. The
    /// result of a recorded operation keeps its past: PyTorch's `retain_grad`.
    ///
    /// # Panics
    /// If the value was computed from a parameter and untraced data.
    #[must_use = "the value itself stays as it is"]
    #[track_caller]
    pub fn watch(&self) -> Self {
        self.watched(|| Shared::new(Trace::training()))
    }

    /// As [`Value::watch`], with a mode and a seed of its own.
    ///
    /// # Panics
    /// If the value belongs to a trace in the other mode, or as [`Value::watch`] does.
    #[must_use = "the value itself stays as it is"]
    #[track_caller]
    pub fn watch_with(&self, trace: Trace) -> Self {
        if let Some(own) = self.traced() {
            own.meet(&trace, "watch_with");
        }
        self.watched(|| Shared::new(trace))
    }

    #[track_caller]
    fn watched(&self, trace: impl FnOnce() -> Shared<Trace>) -> Self {
        let link = match self.link() {
            Link::None | Link::Frozen(_) => Link::Leaf(fresh_id(), trace()),
            Link::Traced(trace) => Link::Leaf(fresh_id(), trace.clone()),
            Link::Parameter(id) => Link::Leaf(*id, trace()),
            Link::Leaf(..) => return self.clone(),
            Link::Node(node) => {
                return self.identity("watch", node.trace().cloned().unwrap_or_else(trace), true);
            }
            Link::Inference => panic!("{}", lost("watch")),
        };
        link.trace().expect("just given").hunt().check_start("watch", self.array());
        Self::new(self.array().clone(), link)
    }

    /// This value where a computation in `trace` begins: its gradient by this is asked for. A value that is itself
    /// recorded keeps its past.
    #[track_caller]
    pub(crate) fn enter(&self, trace: &Shared<Trace>) -> Self {
        match self.link() {
            Link::Node(_) | Link::Leaf(..) | Link::Parameter(_) => self.identity("checkpoint", trace.clone(), false),
            _ => Self::new(self.array().clone(), Link::Leaf(fresh_id(), trace.clone())),
        }
    }

    /// The result of an operation that changes nothing, in this trace.
    #[track_caller]
    fn identity(&self, name: &'static str, trace: Shared<Trace>, watched: bool) -> Self {
        let node = identity(name, [self.link(), &Link::Traced(trace.clone())], trace, self.array(), watched);
        Self::new(self.array().clone(), Link::Node(node))
    }
}

thread_local! {
    /// Whether nodes are being dropped on this thread, and the queue of those that wait.
    static DYING: RefCell<(bool, Vec<Shared<dyn Node>>)> = const { RefCell::new((false, Vec::new())) };
}

/// Dropping a deep graph must not recurse: the last owner of an input queues it, and the outermost drop drains the
/// queue.
impl<R, L: AsMut<[Link]>> Drop for Operation<R, L> {
    fn drop(&mut self) {
        give_up(self.inputs.as_mut());
    }
}

#[inline(never)] // once, not for each rule
fn give_up(inputs: &mut [Link]) {
    for input in inputs {
        let Link::Node(input) = std::mem::take(input) else { continue };
        // One atomic step decides who is last, whatever other threads or this node's further inputs hold.
        let Some(last) = input.into_last() else { continue };
        // At the end of a thread the queue may be gone; then the plain, recursive drop has to do.
        let outermost = DYING.try_with(|dying| {
            let (busy, queue) = &mut *dying.borrow_mut();
            queue.push(last);
            !std::mem::replace(busy, true)
        });
        if outermost == Ok(true) {
            while let Some(next) = DYING.with_borrow_mut(|(busy, queue)| {
                let next = queue.pop();
                *busy = next.is_some();
                next
            }) {
                drop(next);
            }
        }
    }
}
