//! Untyped speed: memory, layouts and the loops over them. The only floor with `unsafe`.

// Lanes are counted: an index that runs over several arrays at once says more than a chain of zips.
#![allow(clippy::needless_range_loop)]
#![allow(missing_debug_implementations, reason = "no program sees the types of this floor")]

pub mod activation;
pub mod arena;
pub mod array;
pub mod conv;
pub mod dtype;
pub mod elementwise;
pub mod gemm;
pub mod images;
pub mod loss;
pub mod memory;
pub mod norm;
pub mod optim;
pub mod order;
pub mod parallel;
pub mod pooling;
pub mod reduce;
pub mod resize;
pub mod scan;
pub mod simd;
pub mod softmax;
#[cfg(test)]
pub(crate) mod testing;

pub use array::Array;
pub use array::layout::Dims;
pub use dtype::{DType, Element};
