//! Recording an operation: its inputs' links and its gradient rule.

use super::value::{Link, Trace, Value, fresh_id};
use crate::kernels::pool::Shared;
use crate::kernels::{Array, Dims};
use std::cell::RefCell;

/// What made a value: the operation's name, its inputs and its gradient rule.
pub trait Node: Send + Sync {
    /// A number that no other node has; later nodes have larger ones.
    fn id(&self) -> u64;
    /// The operation's name.
    fn name(&self) -> &'static str;
    /// The shape of the result.
    fn shape(&self) -> &Dims;
    /// The result itself, if the trace keeps values.
    fn value(&self) -> Option<&Array>;
    /// The trace it was recorded in; none if it is made of parameters only.
    fn trace(&self) -> Option<&Shared<Trace>>;
    /// The links of the inputs, in order.
    fn inputs(&self) -> &[Link];
    /// Turns the gradient of the result into gradients of the inputs and hands each to `give`.
    fn backward(&self, this: &Shared<dyn Node>, gradient: Value, give: &mut dyn FnMut(&Link, Value));
}

/// What a gradient rule may ask. A rule saves plain arrays; here they come back linked into the graph if the
/// backward pass is itself traced, so that gradients of gradients are right.
pub struct Context<'a> {
    node: &'a Shared<dyn Node>,
    traced: bool,
}

impl Context<'_> {
    /// Does input `i` want a gradient? If not, the rule need not compute it.
    pub fn wants(&self, i: usize) -> bool {
        self.node.inputs()[i].wants_gradient()
    }

    /// Input `i` again, from what the rule saved of it.
    pub fn input(&self, i: usize, saved: &Array) -> Value {
        let link = if self.traced { self.node.inputs()[i].clone() } else { Link::None };
        Value::new(saved.clone(), link)
    }

    /// The result again, from what the rule saved of it.
    pub fn output(&self, saved: &Array) -> Value {
        let link = if self.traced { Link::Node(self.node.clone()) } else { Link::None };
        Value::new(saved.clone(), link)
    }

    /// Is this backward pass itself recorded? If not, a rule may take a shortcut that has no gradient.
    pub fn is_traced(&self) -> bool {
        self.traced
    }
}

struct Operation<R, const N: usize> {
    id: u64,
    name: &'static str,
    shape: Dims,
    value: Option<Array>,
    trace: Option<Shared<Trace>>,
    inputs: [Link; N],
    rule: R,
}

impl<R, const N: usize> Node for Operation<R, N>
where
    R: Fn(Value, &Context<'_>) -> [Option<Value>; N] + Send + Sync,
{
    fn id(&self) -> u64 {
        self.id
    }
    fn name(&self) -> &'static str {
        self.name
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
        &self.inputs
    }
    fn backward(&self, this: &Shared<dyn Node>, gradient: Value, give: &mut dyn FnMut(&Link, Value)) {
        let context = Context { node: this, traced: gradient.traced().is_some() };
        for (link, gradient) in self.inputs.iter().zip((self.rule)(gradient, &context)) {
            if let Some(gradient) = gradient {
                give(link, gradient);
            }
        }
    }
}

/// Will [`record`] keep a rule for an operation on these inputs? Then what the rule needs must be saved.
pub fn records(inputs: &[&Link]) -> bool {
    let wanted = inputs.iter().filter(|link| link.wants_gradient()).count();
    wanted == inputs.len() || (wanted > 0 && inputs.iter().any(|link| link.trace().is_some()))
}

/// The result of the operation `name` on `inputs`, with its gradient rule if it is to be recorded (see the
/// [module](super)'s table).
///
/// `rule` is called only then, with the result. It returns the rule proper, which gets the gradient of the result
/// and gives that of each input ([`Context::wants`] says which are needed). It may save arrays, never values.
pub fn record<const N: usize, R>(
    name: &'static str,
    inputs: [&Link; N],
    result: Array,
    rule: impl FnOnce(&Array) -> R,
) -> Value
where
    R: Fn(Value, &Context<'_>) -> [Option<Value>; N] + Send + Sync + 'static,
{
    let (mut trace, mut lost, mut wanted) = (None, false, 0);
    for link in inputs {
        trace = trace.or(link.trace());
        lost |= matches!(link, Link::Lost);
        wanted += usize::from(link.wants_gradient());
    }
    let link = match trace {
        Some(_) if lost => panic!("{}", LOST.replace("{name}", name)),
        Some(trace) if wanted == 0 => Link::Source(trace.clone()),
        None if wanted == 0 && !lost => Link::None,
        None if wanted < N => Link::Lost,
        trace => {
            let operation = Operation {
                id: fresh_id(),
                name,
                shape: *result.shape(),
                value: trace.filter(|trace| trace.keeps_values()).map(|_| result.clone()),
                trace: trace.cloned(),
                inputs: inputs.map(Link::clone),
                rule: rule(&result),
            };
            Link::Node(Shared::<dyn Node>::new_as(operation, |operation| operation))
        }
    };
    Value::new(result, link)
}

const LOST: &str = "`{name}` meets a traced tensor and one that was computed from a parameter and untraced data: \
    the parameter's gradient would be lost. Trace that data too, or call `detach()` if the value is meant as data.";

thread_local! {
    /// Is a drop of nodes under way on this thread, and what waits for it.
    static DYING: RefCell<(bool, Vec<Link>)> = const { RefCell::new((false, Vec::new())) };
}

/// Dropping a long chain must not recurse: the last owner of an input queues it, and the outermost drop drains the
/// queue.
impl<R, const N: usize> Drop for Operation<R, N> {
    fn drop(&mut self) {
        for input in &mut self.inputs {
            if !matches!(input, Link::Node(node) if node.is_unique()) {
                continue;
            }
            let input = std::mem::take(input);
            // At the end of a thread the queue may be gone; then the plain, recursive drop has to do.
            let first = DYING.try_with(|dying| {
                let (busy, queue) = &mut *dying.borrow_mut();
                if *busy {
                    queue.push(input);
                    return None;
                }
                *busy = true;
                Some(input)
            });
            if let Ok(Some(first)) = first {
                drop(first);
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
}
