//! Networks that follow others: running means of weights, target networks.

use crate::graph::Link;
use crate::kernels::Array;
use crate::nn::module::{Module, Path};
use crate::ops::binary::{add, mul_scalar};
use std::collections::HashMap;

/// Moves every tensor of `target` so far to that of `other`; all the way those that are of whole numbers.
#[track_caller]
pub(super) fn follow(target: &mut dyn Module, other: &dyn Module, t: f64) {
    let mut arrays = Vec::new();
    other.walk(&Path::root(), &mut |_, value| arrays.push(value.array().clone()));
    check(target, other, &arrays);
    let (mut arrays, mut moved) = (arrays.into_iter(), HashMap::new());
    target.walk_mut(&Path::root(), &mut |_, value| {
        let Some(new) = arrays.next() else { return };
        let go = || match value.dtype() {
            dtype if dtype.is_float() && t < 1.0 => towards(value.array(), new.clone(), t),
            _ => new.clone(),
        };
        let array = match value.link() {
            // What is tied goes once, and stays one array.
            Link::Parameter(id) | Link::Frozen(id) => moved.entry(*id).or_insert_with(go).clone(),
            _ => go(),
        };
        value.set(array);
    });
}

/// Panics unless the tensors of both are of one form.
#[track_caller]
fn check(target: &dyn Module, other: &dyn Module, arrays: &[Array]) {
    let (mut count, mut differs) = (0, None);
    target.walk(&Path::root(), &mut |path, value| {
        let has = arrays.get(count);
        if !has.is_some_and(|has| has.dtype() == value.dtype() && has.shape() == value.shape()) {
            let has = has.map_or("nothing".to_owned(), |has| format!("{} {:?}", has.dtype(), has.shape()));
            differs.get_or_insert_with(|| {
                format!("`{path}` is {} {:?}, in the other {has}", value.dtype(), value.shape())
            });
        }
        count += 1;
    });
    if count < arrays.len() {
        let more = || other.names().get(count).cloned().unwrap_or_default();
        differs.get_or_insert_with(|| format!("`{}` is only in the other", more()));
    }
    if let Some(differs) = differs {
        panic!("a module follows one of the same form: {differs}");
    }
}

/// `x + t (y - x)`
fn towards(x: &Array, y: Array, t: f64) -> Array {
    add(mul_scalar(x.clone().into(), 1.0 - t), &mul_scalar(y.into(), t)).split().0
}
