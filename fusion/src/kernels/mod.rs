//! Untyped speed: memory, layouts and the loops over them. The only floor with `unsafe`.

// Lanes are counted: an index that runs over several arrays at once says more than a chain of zips.
#![allow(clippy::needless_range_loop)]

pub mod array;
pub mod concat;
pub mod conv;
mod copy;
pub mod dtype;
pub mod elementwise;
pub mod gather;
pub mod gemm;
pub mod layout;
pub mod loss;
mod map;
pub mod math;
pub mod matmul;
pub mod optim;
pub mod pool;
pub mod pool2d;
pub mod reduce;
#[cfg(test)]
pub(crate) mod samples;
mod short;
pub mod simd;
pub mod softmax;
pub mod threads;
pub mod vector;
mod walk;

pub use array::Array;
pub use dtype::{DType, Element};
pub use layout::Dims;
