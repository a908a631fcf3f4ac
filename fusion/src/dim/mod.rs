//! Numbers and shapes as types, and the rules that shapes obey.
//!
//! A dimension ([`Dim`]) is a type: [`Num<784>`](Num) up to 999, the digits of a larger number
//! ([`Big4<9, 2, 1, 6>`](Big4)), or [`Dyn`] for a size that only the run knows. A shape ([`Shape`]) is a tuple of up to
//! six. Each number has exactly one type, so that equal sizes are equal types.
//!
//! There is one trait for each rule: an operation states it as its bound and takes its result from the trait's `Out`.
//! Where the rule does not hold, the trait's message says so in words and decimal numbers. Rules that hold for every
//! dimension or every shape need no bound: a shape broadcasts with itself and with a scalar, a size with itself and
//! with 1, and a reshape may have generic sizes if both shapes begin with them in the same order. These rules name
//! their results differently ([`Broadcast::Joined`], [`SameShape::Both`]), so that `Out` is never ambiguous.
//!
//! | rule | of |
//! | --- | --- |
//! | [`Broadcast`] | `+ - * /` |
//! | [`MatMul`] | the matrix product |
//! | [`Reduce`] | sums, means, largest and smallest elements over axes |
//! | [`HasAxis`], [`AtLeast`] | softmax and what else works along an axis; its largest elements |
//! | [`Reshape`], [`Elements`], [`Flat`] | other shapes for the same elements |
//! | [`Swap`], [`Permute`] | other orders of axes |
//! | [`Squeeze`], [`Unsqueeze`], [`BroadcastTo`] | axes of size 1 |
//! | [`SameShape`], [`Widen`] | two tensors, or two views of one, of the same shape |
//! | [`Concat`], [`Join`] | tensors one behind the other |
//! | [`LastDim`] and [`Features`], [`Image`] and [`Channels`], [`Sequence`], [`Indices`] | what layers take |
//! | [`Scores`], [`Probabilities`] | what losses of classes take |
//! | [`Window`], [`PoolWindow`], [`TransposedWindow`], [`Scaled`], [`Resized`], [`Plus`] | what layers make of a size |
//! | [`Padding`], [`PoolPadding`], [`Groups`] and [`DividedBy`], [`Heads`], [`Chunk`], [`Positive`] | what layers ask of their own sizes |
//!
//! The same rules on plain numbers are in the crate `fusion-rules`: the macros use them, and tensors whose sizes are
//! known at run time only.

#![allow(missing_debug_implementations, reason = "types that stand for numbers, rules and verdicts have no values")]

#[macro_use]
mod spell;

#[doc(hidden)]
pub mod consts;
mod layer;
mod number;
pub mod rule;
mod rules;
mod said;
mod sentences;
mod shape;

#[cfg(test)]
mod tests;

pub use layer::*;
pub use number::arithmetic::{Plus, Positive, Resized, Scaled};
pub use number::dim::{Dim, Nat};
pub use number::num::{Big4, Big5, Big6, Big7, Big8, Big9, Dyn, Num};
pub use number::same::Same;
pub use rules::broadcast::{Batch, BroadcastDim};
pub use rules::concat::{Concat, Join};
pub use rules::equal::{Channels, Features, Inner, SameSize};
pub use rules::join::{Broadcast, BroadcastTo, SameShape, Widen};
pub use rules::matmul::MatMul;
pub use rules::padding::{AnyPadding, Padding, PoolPadding, PoolWindow};
pub use rules::reduce::{Reduce, Squeeze, Unsqueeze};
pub use rules::reshape::{Elements, Flat, Reshape};
pub use rules::sides::Sides;
pub use rules::split::{AtLeast, Chunk, DividedBy, Groups, Heads};
pub use rules::transposed::TransposedWindow;
pub use rules::widen::{Stretch, WidenDim};
pub use rules::window::Window;
pub use shape::axis::{Axis, HasAxis};
pub use shape::order::{Permute, Swap};
pub use shape::{OneNumber, Shape, StaticShape, dims, shape_text};
