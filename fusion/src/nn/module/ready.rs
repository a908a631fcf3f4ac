//! Networks within a prepared one, which answer for themselves while it runs.
//!
//! A prepared network runs the `forward` of a copy of the network, whatever that is. In it, each network whose layers are known
//! finds here that it has been made ready, and what it then computes is that.

use crate::graph::Value;
use crate::tensor::Tensors;
use std::cell::RefCell;
use std::sync::Arc;

/// Which module it is: where it lies, and its type, as the first of its fields may lie there too.
pub type Key = (usize, &'static str);

/// The key of a module.
pub fn key<M: ?Sized>(module: &M) -> Key {
    (std::ptr::from_ref(module).addr(), std::any::type_name::<M>())
}

/// The networks that were made ready.
pub trait Ready: Send + Sync {
    /// Lets `take` take the outputs that the network of this key makes of a value, in the order in which they are computed;
    /// `false` if there is no such network.
    #[track_caller]
    fn run(&self, key: Key, x: Value, take: &mut dyn FnMut(&mut dyn FnMut() -> Value)) -> bool;
}

thread_local! {
    /// Those of the prepared network that this thread runs.
    static RUNNING: RefCell<Option<Arc<dyn Ready>>> = const { RefCell::new(None) };
}

/// Runs `forward` with these networks ready.
#[track_caller]
pub fn with_ready<R>(networks: Arc<dyn Ready>, forward: impl FnOnce() -> R) -> R {
    struct Back(Option<Arc<dyn Ready>>);
    impl Drop for Back {
        fn drop(&mut self) {
            RUNNING.set(self.0.take());
        }
    }
    let _back = Back(RUNNING.replace(Some(networks)));
    forward()
}

/// Panics in a prepared network, which nobody trains.
#[track_caller]
pub fn check_training() {
    assert!(RUNNING.with_borrow(Option::is_none), "{NO_GRADIENTS}");
}

/// What a prepared network says of an input that is traced.
pub const NO_GRADIENTS: &str =
    "a prepared network has no gradients: give it data, or train the network that it was made of";

/// What a network that was made ready makes of `x`; else `x` again.
#[track_caller]
pub fn ready<M, X: Tensors, Y: Tensors>(network: &M, x: X) -> Result<Y, X> {
    let Some(networks) = RUNNING.with_borrow(Clone::clone) else { return Err(x) };
    let (mut value, mut y) = (None, None);
    x.each(&mut |x| {
        value.get_or_insert_with(|| x.clone());
    });
    if let Some(value) = value {
        networks.run(key(network), value, &mut |next| y = Some(Y::made_of(next)));
    }
    y.ok_or(x)
}
