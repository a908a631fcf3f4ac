//! Back-propagation in Kahn's topological order, and the gradients it leaves.

use super::anomaly::Hunt;
use super::record::{Context, called_from, record};
use super::value::{Link, Node, Value};
use crate::kernels::memory::Shared;
use crate::kernels::{Array, elementwise};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasherDefault, Hasher};

/// The gradients that a backward pass leaves, one for each parameter or watched input that took part.
///
/// ```
/// use fusion::prelude::*;
///
/// let w = Tensor::<shape![2]>::from([3.0, 4.0]).parameter();
/// let mut grads = w.trace().square().sum().backward(); // d/dw of w² is 2w
/// assert_eq!(grads.get(&w).unwrap().to_vec(), [6.0, 8.0]);
/// assert_eq!(grads.clip_norm(1.0), 10.0);
/// assert_eq!(grads.get(&w).unwrap().to_vec(), [0.6, 0.8]);
/// ```
#[derive(Default)]
#[must_use = "gradients are for an optimizer's step"]
pub struct Gradients {
    of: Vec<Value>,
    /// The place of each in `of`; of more than [`FEW`] by rising ids.
    places: Vec<(u64, usize)>,
}

impl Gradients {
    /// The gradient of the parameter or watched tensor with this link.
    pub fn get_value(&self, link: &Link) -> Option<&Value> {
        self.of_id(link.id()?)
    }

    /// The gradient of the leaf with this id.
    pub(crate) fn of_id(&self, id: u64) -> Option<&Value> {
        Some(&self.of[place_of(&self.places, id)?])
    }

    /// How many gradients there are.
    pub fn len(&self) -> usize {
        self.of.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.of.is_empty()
    }

    /// Adds another pass's gradients to these: one large batch in several small ones.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let w = Tensor::<shape![1]>::from([3.0]).parameter();
    /// let mut grads = w.trace().sum().backward();
    /// grads.accumulate(w.trace().square().sum().backward());
    /// assert_eq!(grads.get(&w).unwrap().to_vec(), [7.0]);
    /// ```
    pub fn accumulate(&mut self, mut other: Self) {
        other.places.sort_unstable_by_key(|place| place.1);
        let before = self.places.len();
        for (gradient, (id, _)) in other.of.drain(..).zip(other.places.drain(..)) {
            match place_of(&self.places[..before], id) {
                Some(at) => accumulate(&mut self.of[at], gradient),
                None => self.push(id, gradient),
            }
        }
        self.settle();
    }

    /// The place in `of` of the gradient of a leaf, before the places are in order. Few are looked through; many are
    /// put into `leaves`.
    fn place_in(&self, leaves: &mut Index, id: u64) -> Option<usize> {
        let n = self.places.len();
        if n <= FEW {
            return place_of(&self.places, id);
        }
        if leaves.is_empty() {
            leaves.extend(self.places.iter().copied());
        }
        let at = *leaves.entry(id).or_insert(n);
        (at < n).then_some(at)
    }

    /// Puts the places in order, as those of many have to be.
    fn settle(&mut self) {
        if self.places.len() > FEW {
            self.places.sort_unstable();
        }
    }

    /// Adds the gradient of an id that is not there yet; afterwards [`Gradients::settle`] is due.
    #[inline]
    fn push(&mut self, id: u64, gradient: Value) {
        self.places.push((id, self.of.len()));
        self.of.push(gradient);
    }

    /// All gradients, in no order that means anything.
    pub(crate) fn values(&self) -> impl Iterator<Item = &Value> {
        self.of.iter()
    }

    /// Puts `f` of each gradient in its place.
    pub(crate) fn each(&mut self, f: impl Fn(Value) -> Value) {
        for gradient in &mut self.of {
            let old = std::mem::replace(gradient, Array::full(0.0f32, Default::default()).into());
            *gradient = f(old);
        }
    }
}

impl Clone for Gradients {
    fn clone(&self) -> Self {
        Self { of: self.of.clone(), places: self.places.clone() }
    }
}

impl fmt::Debug for Gradients {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.of.iter().map(Value::shape)).finish()
    }
}

/// `sum + gradient`, in place where nobody else holds `sum`; recorded if either is traced.
fn accumulate(sum: &mut Value, gradient: Value) {
    if sum.traced().is_some() || gradient.traced().is_some() {
        let (a, b) = (sum.array().clone(), gradient.array());
        *sum = record("add", [sum.link(), gradient.link()], elementwise::add(a, b), |_| {
            |gradient: Value, _: &Context<'_>| [Some(gradient.clone()), Some(gradient)]
        });
    } else {
        elementwise::add_assign(sum.array_mut(), gradient.array());
    }
}

/// Ids are unique and handed out in order: one multiplication spreads them.
#[derive(Default)]
struct IdHasher(u64);

impl Hasher for IdHasher {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, _: &[u8]) {
        unreachable!("only ids are hashed")
    }
    fn write_u64(&mut self, id: u64) {
        self.0 = id.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
}

/// A reachable node: how many of its consumers are still to be visited, and its gradient so far.
struct Slot {
    node: Option<Shared<dyn Node>>,
    waiting: usize,
    gradient: Option<Value>,
}

type Index = HashMap<u64, usize, BuildHasherDefault<IdHasher>>;

/// The working memory of a backward pass, kept from step to step.
#[derive(Default)]
struct Scratch {
    index: Index,
    leaves: Index,
    slots: Vec<Slot>,
    ready: Vec<usize>,
}

/// Up to so many gradients are searched one by one.
const FEW: usize = 16;

/// The place of the gradient of `id`.
fn place_of(places: &[(u64, usize)], id: u64) -> Option<usize> {
    let at = if places.len() <= FEW {
        places.iter().position(|place| place.0 == id)?
    } else {
        places.binary_search_by_key(&id, |place| place.0).ok()?
    };
    Some(places[at].1)
}

/// The memory of a `Gradients`.
type Lists = (Vec<Value>, Vec<(u64, usize)>);

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
    static EMPTY: Cell<Lists> = const { Cell::new((Vec::new(), Vec::new())) };
}

impl Drop for Gradients {
    fn drop(&mut self) {
        let (mut of, mut places) = (std::mem::take(&mut self.of), std::mem::take(&mut self.places));
        of.clear();
        places.clear();
        // Keeps the lists' memory for the next step; at the end of a thread there is none.
        let _ = EMPTY.try_with(|empty| empty.set((of, places)));
    }
}

impl Value {
    /// The gradients of this value, times `seed`, by every parameter and watched input that it was computed from.
    ///
    /// Each node is visited once, after all its consumers (Kahn's order), and freed after its visit unless a clone
    /// still holds it. With a traced `seed` the pass is itself recorded: gradients of gradients.
    ///
    /// # Panics
    /// If no parameter and no watched value took part.
    #[track_caller]
    pub fn backward(self, seed: Self) -> Gradients {
        self.backward_seeing(seed, 0, &mut |_, _| {})
    }

    /// As [`Value::backward`], only as far as nodes with an id of `since` or more go: the gradients by older ones are
    /// among the result, under the nodes' ids.
    #[track_caller]
    pub(crate) fn backward_since(self, seed: Self, since: u64) -> Gradients {
        self.backward_seeing(seed, since, &mut |_, _| {})
    }

    /// As [`Value::backward_since`]; shows `see` each node with its whole gradient.
    #[track_caller]
    pub(crate) fn backward_seeing(self, seed: Self, since: u64, see: &mut dyn FnMut(&dyn Node, &Self)) -> Gradients {
        let (of, places) = EMPTY.take();
        let mut gradients = Gradients { of, places };
        let seed = match (seed.link(), self.link().trace()) {
            // A seed only says that the pass is to be recorded, which it is in the trace of what is differentiated.
            (Link::Traced(_), Some(trace)) => Self::new(seed.into_parts().0, Link::Traced(trace.clone())),
            _ => seed,
        };
        let node = match self.into_parts().1 {
            Link::Node(node) if node.id() >= since => node,
            Link::Node(node) => {
                gradients.push(node.id(), seed);
                return gradients;
            }
            Link::Parameter(id) | Link::Leaf(id, _) => {
                gradients.push(id, seed);
                return gradients;
            }
            Link::Traced(_) => panic!(
                "backward() of a tensor in which no parameter and no watched tensor took part: there is no gradient"
            ),
            Link::None | Link::Frozen(_) | Link::Inference => {
                panic!("backward() of a tensor that is not traced: give the forward pass `x.trace()`")
            }
        };
        let hunt = node.trace().map_or(Hunt::Off, |trace| trace.hunt());
        let recorded = seed.traced().is_some();
        let mut scratch = SCRATCH.take(); // taken, not borrowed: a rule may itself run a backward pass
        let Scratch { index, leaves, slots, ready } = &mut scratch;
        index.insert(node.id(), 0);
        slots.push(Slot { node: Some(node), waiting: 0, gradient: Some(seed) });
        let mut next = 0;
        while next < slots.len() {
            let node = slots[next].node.clone().expect("not visited yet");
            for link in node.inputs() {
                if let Link::Node(input) = link
                    && input.id() >= since
                {
                    let free = slots.len();
                    let slot = *index.entry(input.id()).or_insert(free);
                    if slot == free {
                        slots.push(Slot { node: Some(input.clone()), waiting: 0, gradient: None });
                    }
                    slots[slot].waiting += 1;
                }
            }
            next += 1;
        }
        ready.push(0);
        while let Some(slot) = ready.pop() {
            let node = slots[slot].node.take().expect("visited once");
            if let Some(gradient) = slots[slot].gradient.take() {
                see(&*node, &gradient);
                if hunt != Hunt::Off {
                    hunt.check_incoming(node.name(), gradient.array(), node.location());
                }
                if node.is_watched() {
                    gradients.push(node.id(), gradient.clone());
                }
                let mut give = |link: &Link, gradient: Self| {
                    if hunt != Hunt::Off && link.wants_gradient() {
                        hunt.check_gradient(node.name(), gradient.array(), node.location());
                    }
                    match link {
                        Link::Node(input) if input.id() >= since => match &mut slots[index[&input.id()]].gradient {
                            Some(sum) => accumulate(sum, gradient),
                            empty => *empty = Some(gradient),
                        },
                        Link::Parameter(_) | Link::Leaf(..) | Link::Node(_) => {
                            let id = link.origin();
                            match gradients.place_in(leaves, id) {
                                Some(at) => accumulate(&mut gradients.of[at], gradient),
                                None => gradients.push(id, gradient),
                            }
                        }
                        Link::None | Link::Frozen(_) | Link::Traced(_) | Link::Inference => {}
                    }
                };
                match recorded {
                    true => called_from(Some(node.location()), || node.backward(&node, gradient, &mut give)),
                    false => node.backward(&node, gradient, &mut give),
                }
            }
            for link in node.inputs() {
                if let Link::Node(input) = link
                    && input.id() >= since
                {
                    let slot = index[&input.id()];
                    slots[slot].waiting -= 1;
                    if slots[slot].waiting == 0 {
                        ready.push(slot);
                    }
                }
            }
        }
        index.clear();
        leaves.clear();
        slots.clear();
        SCRATCH.set(scratch);
        gradients.settle();
        gradients
    }
}
