//! Walks over the layers of a declared model, as tables.
//!
//! A call for each layer costs the compiler more: a place and a borrow of the visitor, each with a lifetime of its own to
//! be checked, in four functions for each model.

use crate::graph::Value;
use crate::nn::Visit;
use crate::nn::module::show::numbers;
use crate::nn::module::{Module, Path};
use fusion_rules::{Dims, Size};

/// Where a layer stands in its model: a name, or where that is empty a number.
pub type Place = (&'static str, usize);

/// The place in a model that stands at `path`.
fn at<'p>(path: &'p Path<'_>, (name, index): Place) -> Path<'p> {
    if name.is_empty() { path.index(index) } else { path.child(name) }
}

/// Walks over some layers. See [`Module::walk`].
pub fn walk_layers(
    path: &Path<'_>,
    places: &[Place],
    layers: &[&dyn Module],
    visit: &mut dyn FnMut(&Path<'_>, &Value),
) {
    for (place, layer) in places.iter().zip(layers) {
        layer.walk(&at(path, *place), visit);
    }
}

/// Walks over some layers. See [`Module::walk_mut`].
pub fn walk_layers_mut(
    path: &Path<'_>,
    places: &[Place],
    layers: &mut [&mut dyn Module],
    visit: &mut dyn FnMut(&Path<'_>, &mut Value),
) {
    for (place, layer) in places.iter().zip(layers) {
        layer.walk_mut(&at(path, *place), visit);
    }
}

/// Shows some layers of the library, each with the sizes that it takes, of which the batch is `batch`. See
/// [`Module::visit`].
pub fn visit_layers(
    path: &Path<'_>,
    places: &[Place],
    layers: &[&dyn Module],
    sizes: &[&[Size]],
    batch: usize,
    visit: &mut dyn Visit,
) {
    for ((place, layer), sizes) in places.iter().zip(layers).zip(sizes) {
        layer.visit(&at(path, *place), &numbers(Dims::of(sizes), batch), visit);
    }
}
