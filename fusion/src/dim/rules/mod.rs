//! The rules of shapes: a trait for each, which says in words what it wants where it does not hold.

pub mod broadcast;
pub mod concat;
pub mod count;
pub mod equal;
pub mod join;
pub mod layers;
pub mod matmul;
pub mod order;
pub mod padding;
pub mod reduce;
pub mod sides;
pub mod split;
pub mod transposed;
pub mod widen;
pub mod window;
