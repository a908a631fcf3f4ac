//! Copies of networks, and parameters that stand in several places.

use crate::dim::Shape;
use crate::graph::{Link, Value};
use crate::kernels::Element;
use crate::nn::module::{Module, Path};
use crate::tensor::Tensor;
use std::cell::RefCell;
use std::collections::HashMap;

/// Puts the parameter `from` into the place `to` as well: both are one parameter from now on. It has one gradient, an
/// optimizer changes it once and in both places, [`Module::num_parameters`] counts it once. PyTorch's
/// `decoder.weight = encoder.weight`; here too an assignment does it, `net.head.weight = net.table.weight.clone()`, as
/// the clone of a tensor is the same tensor. A clone of a *network* has parameters of its own, and the ties within it stay.
///
/// A file has both names. One with two values for a tied parameter does not load; one with only one of the names does.
///
/// ```
/// use fusion::nn::tie;
/// use fusion::prelude::*;
///
/// #[derive(Module)]
/// struct Net {
///     table: Embedding<dim!(10), dim!(4)>,
///     head: Linear<dim!(4), dim!(10), false>,
/// }
///
/// let mut net = Net::init(&mut StdRng::seed_from_u64(0));
/// tie(&mut net.head.weight, &net.table.weight);
/// assert_eq!(net.num_parameters(), 40);
///
/// let mut copy = net.clone();
/// let loss = copy.head.forward(copy.table.forward(Tensor::<shape![2], i64>::from([1, 2]).trace())).square().sum();
/// Sgd::new(0.1).step(&mut copy, loss.backward());
/// assert_eq!(copy.head.weight.to_vec(), copy.table.weight.to_vec());
/// assert_ne!(copy.head.weight.to_vec(), net.head.weight.to_vec());
/// ```
///
/// Panics if `from` is no parameter, or if its sizes are others.
#[track_caller]
pub fn tie<S: Shape, T: Element>(to: &mut Tensor<S, T>, from: &Tensor<S, T>) {
    let value = from.value();
    assert!(
        value.is_parameter() || value.is_frozen(),
        "what is tied is a parameter, and this tensor of shape {:?} is none: make it one with `parameter()`",
        value.shape()
    );
    let (had, has) = (to.value().shape(), value.shape());
    assert!(had == has, "a parameter of shape {has:?} is tied into the place of one of shape {had:?}");
    *to = from.clone();
}

thread_local! {
    /// How deep this thread is in a copy, and the parameters of the copy under the ids of their originals.
    static COPY: RefCell<(usize, HashMap<u64, u64>)> = RefCell::default();
}

/// While it lives, all copies that are made are one: a parameter that stands in them twice is one again.
#[derive(Debug)]
pub struct OneCopy(());

impl OneCopy {
    /// The beginning of a copy, or of a part of one that has begun.
    pub fn begin() -> Self {
        COPY.with_borrow_mut(|(depth, _)| *depth += 1);
        Self(())
    }
}

impl Drop for OneCopy {
    fn drop(&mut self) {
        COPY.with_borrow_mut(|(depth, ids)| {
            *depth -= 1;
            if *depth == 0 {
                *ids = HashMap::new();
            }
        });
    }
}

/// A copy of a tensor; of a parameter another one, with the same elements.
pub(in crate::nn) fn copy_of<S, T>(original: &Tensor<S, T>) -> Tensor<S, T> {
    let value = original.value();
    Tensor::wrap(like(value.link(), value))
}

/// The elements of `value`, which hang in the recorded computation like the copy of what hangs by `original`.
fn like(original: &Link, value: &Value) -> Value {
    let id = |id: u64| {
        let fresh = || value.detach().into_parameter().link().id().expect("a parameter has an id");
        COPY.with_borrow_mut(|(_, ids)| *ids.entry(id).or_insert_with(fresh))
    };
    let link = match original {
        Link::Parameter(original) => Link::Parameter(id(*original)),
        Link::Frozen(original) => Link::Frozen(id(*original)),
        link => link.clone(),
    };
    Value::new(value.array().clone(), link)
}

/// `copy`, of which each field is a copy of that of `original`, with parameters of its own: a tensor among the fields, and
/// a layer whose `Clone` is derived from its fields, has those of the original.
pub fn renewed<M: Module>(original: &M, mut copy: M) -> M {
    renew(original, &mut copy);
    copy
}

fn renew(original: &dyn Module, copy: &mut dyn Module) {
    let mut links = Vec::new();
    original.walk(&Path::root(), &mut |_, value| links.push(value.link().clone()));
    let mut links = links.into_iter();
    copy.walk_mut(&Path::root(), &mut |_, value| {
        if let Some(link @ (Link::Parameter(_) | Link::Frozen(_))) = links.next() {
            *value = like(&link, value);
        }
    });
}
