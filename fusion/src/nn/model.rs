//! What the output of `model!` and `#[derive(Module)]` calls.
//!
//! After a layer of the user's, `model!` goes on with constants: [`output_of`] is the shape that such a layer gives, and
//! the functions of `fusion_rules` take it from there. A constant that fails is the one error; about a type that is made
//! of it rustc is silent, and [`Gate`] makes such types where a failed constant would otherwise be reported again.

use crate::dim::Dim;
use crate::dim::consts::KnownShape;
use crate::nn::{Forward, Module};
use crate::tensor::Tensor;
use fusion_rules::model::{Place, Rule};
use fusion_rules::{DYN, Dims, Text, positive};

pub use fusion_rules::model::{check_output, healed_size};

/// A module; of what is none it says so once, without a list of all that are.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a module",
    label = "not a tensor, a layer or a list of them",
    note = "write `#[derive(Module)]` above its struct; in another struct, `#[module(skip)]` leaves a field out"
)]
pub trait IsModule {}

#[diagnostic::do_not_recommend]
impl<M: Module> IsModule for M {}

/// Evaluates only for a module.
pub const fn is_module<M: IsModule>() -> usize {
    0
}

/// A tensor whose shape has at most an unknown batch.
#[diagnostic::on_unimplemented(
    message = "a layer of a model gives a tensor, not `{Self}`",
    label = "does not give a tensor"
)]
pub trait KnownTensor {
    /// Its shape.
    const DIMS: Dims;
}

#[diagnostic::do_not_recommend]
impl<S: KnownShape, T> KnownTensor for Tensor<S, T> {
    const DIMS: Dims = S::DIMS;
}

/// The shape that a layer makes of an `X`.
pub const fn output_of<L: Forward<X, Output: KnownTensor>, X>() -> Dims {
    <L::Output as KnownTensor>::DIMS
}

/// The size of a dimension, [`DYN`] if the run decides.
pub const fn size<D: Dim>() -> usize {
    match D::SIZE {
        Some(size) => size,
        None => DYN,
    }
}

/// Panics unless `n` can be a size in a model.
#[track_caller]
pub const fn check_size(n: usize) {
    if n == DYN {
        Text::new().str("every size of a model is known when it is compiled").fail()
    }
    if let Err(mistake) = positive(n) {
        mistake.text().fail()
    }
}

/// `n`; panics unless it can be a size in a model.
#[track_caller]
pub const fn checked_size(n: usize) -> usize {
    check_size(n);
    n
}

/// Panics if a layer does not take `x`.
#[track_caller]
pub const fn check_layer(place: &Place<'_>, rule: Rule, args: &[usize], x: Dims) {
    place.check(rule, args, x);
}

/// The shape with its first axis as large as this.
pub const fn with_batch(dims: Dims, batch: usize) -> Dims {
    if dims.rank == 0 { dims } else { dims.with(0, batch) }
}

/// The sum, if both are known.
pub fn add_costs(a: Option<u64>, b: Option<u64>) -> Option<u64> {
    Some(a? + b?)
}

/// Stands for a constant that another depends on.
pub struct Gate<const OK: usize>;

/// Every layer, if the constant holds; an error type, if it does not.
pub trait Through<L> {
    /// The layer.
    type Layer;
    /// The layer itself.
    fn of(layer: &L) -> &Self::Layer;
    /// The layer itself.
    fn of_mut(layer: &mut L) -> &mut Self::Layer;
}

impl<const OK: usize, L> Through<L> for Gate<OK> {
    type Layer = L;
    fn of(layer: &L) -> &L {
        layer
    }
    fn of_mut(layer: &mut L) -> &mut L {
        layer
    }
}

/// A type that stands for what a mistake has left unknown.
pub struct Lost<const MISTAKE: usize>;

/// Has a type that is an error type where `Self` has a mistake in it.
pub trait Unknown {
    /// The type.
    type Type;
}

impl<const MISTAKE: usize> Unknown for Lost<MISTAKE> {
    type Type = Self;
}

/// The error type of a reported mistake.
pub type LostType<const MISTAKE: usize> = <Lost<MISTAKE> as Unknown>::Type;
