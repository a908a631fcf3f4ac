//! What an optimizer keeps for each parameter, found without a search.

use crate::graph::{Gradients, Link, Value};
use crate::kernels::Array;
use crate::nn::{Module, Path};
use crate::{Error, Result};

/// Each parameter once, with its id.
pub(super) fn each_parameter(module: &dyn Module, f: &mut dyn FnMut(&Path<'_>, &Value, u64)) {
    let mut seen = Vec::new();
    module.walk(&Path::root(), &mut |at, value| {
        if let Some(id) = value.link().id().filter(|id| value.is_parameter() && !seen.contains(id)) {
            seen.push(id);
            f(at, value, id);
        }
    });
}

/// One state for each parameter, in the order of the walk. As long as that order stays, the state of a parameter is at
/// the parameter's own place; where it is not, it is searched for and moved there.
#[derive(Clone)]
pub(super) struct Slots<S> {
    list: Vec<Slot<S>>,
    /// The elements of parameters that a module holds more than once; used within a step, kept for its memory.
    shared: Vec<(u64, Array)>,
}

#[derive(Clone)]
struct Slot<S> {
    id: u64,
    /// A repeat visit of a tied parameter, whose state is in its first slot.
    repeat: bool,
    state: S,
}

impl<S: Default> Slots<S> {
    pub(super) const fn new() -> Self {
        Self { list: Vec::new(), shared: Vec::new() }
    }

    /// The place of parameter `id`, which the walk comes to at place `at`.
    fn place(&mut self, at: usize, id: u64) -> &mut Slot<S> {
        if self.list.get(at).is_none_or(|slot| slot.id != id) {
            let (before, after) = self.list.split_at(at);
            let is_repeat = before.iter().any(|slot| slot.id == id);
            match after.iter().position(|slot| slot.id == id && slot.repeat == is_repeat) {
                Some(further) => self.list[at..=at + further].rotate_right(1),
                None => self.list.insert(at, Slot { id, repeat: is_repeat, state: S::default() }),
            }
        }
        &mut self.list[at]
    }

    /// Gives `step` each parameter that has a gradient, with its path, its gradient and its state. An error if none has one, or if
    /// there is a plain tensor where the module declares a parameter.
    pub(super) fn update(
        &mut self,
        module: &mut dyn Module,
        gradients: &Gradients,
        step: &mut dyn FnMut(&Path<'_>, &mut Array, &Array, &mut S),
    ) -> Result<()> {
        let (mut at, mut any_repeat, mut any_step, mut plain) = (0, false, false, None);
        module.walk_mut(&Path::root(), &mut |path, value| {
            let Some(id) = value.link().id().filter(|_| value.is_parameter()) else {
                // What is computed from other parameters (a weight norm, another network) trains those.
                let trained = value.is_frozen() || matches!(value.link(), Link::Node(_));
                if path.is_parameter() && !trained {
                    plain.get_or_insert_with(|| path.to_string());
                }
                return;
            };
            let slot = self.place(at, id);
            at += 1;
            any_repeat |= slot.repeat;
            if let Some(gradient) = gradients.get_value(value.link()).filter(|_| !slot.repeat && plain.is_none()) {
                any_step = true;
                step(path, value.array_mut(), gradient.array(), &mut slot.state);
            }
        });
        if let Some(path) = plain {
            return Err(Error::argument(
                "module",
                format!(
                    "`{path}` is a parameter of this module, but holds a plain tensor, which is never trained: assign \
                    `.parameter()` to it, or `fusion::nn::freeze` it"
                ),
            ));
        }
        if !any_step {
            return Err(Error::argument(
                "gradients",
                format!(
                    "none of the {at} parameters of this module has a gradient here, but {} other parameters or watched \
                    tensors have: was the loss computed from this module?",
                    gradients.len()
                ),
            ));
        }
        if any_repeat {
            self.share(module);
        }
        Ok(())
    }

    /// A parameter that stands in several places of a module (tied weights) was changed in the first: shows it in all.
    fn share(&mut self, module: &mut dyn Module) {
        module.walk_mut(&Path::root(), &mut |_, value| {
            let Some(id) = value.link().id().filter(|_| value.is_parameter()) else {
                return;
            };
            match self.shared.iter().find(|entry| entry.0 == id) {
                Some((_, array)) => value.set(array.clone()),
                None => self.shared.push((id, value.array().clone())),
            }
        });
        self.shared.clear();
    }

    /// All states.
    pub(super) fn states(&mut self) -> impl Iterator<Item = &mut S> {
        self.list.iter_mut().map(|slot| &mut slot.state)
    }

    /// The state of parameter `id`, if there is one.
    pub(super) fn get(&self, id: u64) -> Option<&S> {
        self.list.iter().find(|slot| slot.id == id && !slot.repeat).map(|slot| &slot.state)
    }

    /// Gives parameter `id` a state.
    pub(super) fn put(&mut self, id: u64, state: S) {
        match self.list.iter_mut().find(|slot| slot.id == id && !slot.repeat) {
            Some(slot) => slot.state = state,
            None => self.list.push(Slot { id, repeat: false, state }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(slots: &mut Slots<u64>, ids: &[u64]) {
        for (at, &id) in ids.iter().enumerate() {
            let slot = slots.place(at, id);
            assert_eq!((slot.id, slot.repeat), (id, ids[..at].contains(&id)));
            assert!(slot.state == 0 || slot.state == id);
            if !slot.repeat {
                slot.state = id;
            }
        }
    }

    #[test]
    fn a_state_follows_its_parameter() {
        let mut slots = Slots::new();
        for ids in [&[1, 2, 3][..], &[3, 1, 2], &[2, 4, 1, 3], &[1], &[], &[3, 2, 1, 4]] {
            walk(&mut slots, ids);
        }
        assert_eq!(slots.list.len(), 4);
        assert!((1..5).all(|id| slots.get(id) == Some(&id)));
        slots.put(2, 0);
        assert_eq!((slots.get(2), slots.list.len()), (Some(&0), 4));
    }

    #[test]
    fn two_modules_in_turn_keep_nothing_new() {
        let mut slots = Slots::new();
        for _ in 0..10 {
            walk(&mut slots, &[1, 2, 1, 3, 2]);
            walk(&mut slots, &[4, 2, 2, 5]);
        }
        assert!(slots.list.len() <= 8, "{}", slots.list.len());
    }
}
