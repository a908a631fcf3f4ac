//! Copies of networks, and parameters that stand in several places.

use super::module::{Module, Path};
use crate::dim::Shape;
use crate::graph::{Link, Value};
use crate::kernels::Element;
use crate::tensor::Tensor;
use std::collections::HashMap;
use std::fmt;

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

/// The parameters of a copy, each under the id of its original: what was one parameter stays one.
#[derive(Default)]
pub(super) struct Copies(HashMap<u64, u64>);

impl Copies {
    /// A copy of a tensor; of a parameter another one, with the same elements.
    pub(super) fn tensor<S, T>(&mut self, original: &Tensor<S, T>) -> Tensor<S, T> {
        let value = original.value();
        Tensor::wrap(self.like(value.link(), value))
    }

    /// The elements of `value`, which hang in the recorded computation like the copy of what hangs by `original`.
    fn like(&mut self, original: &Link, value: &Value) -> Value {
        let link = match original {
            Link::Parameter(id) => Link::Parameter(self.id(*id, value)),
            Link::Frozen(id) => Link::Frozen(self.id(*id, value)),
            link => link.clone(),
        };
        Value::new(value.array().clone(), link)
    }

    fn id(&mut self, original: u64, value: &Value) -> u64 {
        let fresh = || value.detach().into_parameter().link().id().expect("a parameter has an id");
        *self.0.entry(original).or_insert_with(fresh)
    }
}

/// `copy`, of which each field is a copy of that of `original`, with parameters of its own.
pub fn renewed<M: Module>(original: &M, mut copy: M) -> M {
    renew(original, &mut copy);
    copy
}

fn renew(original: &dyn Module, copy: &mut dyn Module) {
    let mut links = Vec::new();
    original.walk(&Path::root(), &mut |_, value| links.push(value.link().clone()));
    let (mut links, mut copies) = (links.into_iter(), Copies::default());
    copy.walk_mut(&Path::root(), &mut |_, value| {
        // A part may have renewed its parameters already; but ties from one part to another are known only here.
        if let Some(link @ (Link::Parameter(_) | Link::Frozen(_))) = links.next() {
            *value = copies.like(&link, value);
        }
    });
}

/// What is shown as it is.
pub struct Text(pub &'static str);

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// A model as it is shown: its layers with their names, as they are written.
pub fn show_layers(f: &mut fmt::Formatter<'_>, name: &str, layers: &[(&str, &dyn fmt::Debug)]) -> fmt::Result {
    let mut all = f.debug_struct(name);
    layers.iter().for_each(|(name, layer)| {
        all.field(name, layer);
    });
    all.finish()
}
