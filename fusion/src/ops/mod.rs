//! Operations: for each, the kernel that computes it, its gradient rule and its typed methods, side by side.
//!
//! A rule is written with these same operations. While the incoming gradient is untraced nothing is recorded; when it
//! is traced, the backward pass is recorded like any other computation, which gives gradients of gradients.
//!
//! The functions here are untyped: sizes are checked at run time, by the same rules that the types check, and a
//! mistake panics with the rule's sentence. Users see them as methods of [`Tensor`](crate::Tensor), where the
//! compiler has checked every size that it knows.
//!
//! An operation of one's own is made of them: the guide's [chapter](crate::guide::operations).

pub mod activation;
pub mod attention;
pub mod axes;
pub mod binary;
mod blend;
pub mod cast;
pub mod choice;
pub(crate) mod classes;
pub mod compare;
pub mod concat;
pub mod conv;
#[cfg(test)]
pub(crate) mod derivatives;
pub mod dropout;
pub mod einsum;
pub mod embedding;
pub mod fused;
mod gradients;
pub mod index;
mod logic;
pub mod loss;
pub mod matmul;
pub mod norm;
mod operand;
pub mod order;
pub mod pad;
pub mod pairs;
pub mod part;
pub mod pool;
pub mod reduce;
pub mod repeat;
pub mod resize;
pub mod sampling;
pub mod scan;
pub mod shape;
pub mod signal;
pub mod softmax;
pub mod special;
pub mod statistics;
pub mod triangle;
pub mod unary;
pub mod upsample;
#[cfg(test)]
mod windows;

pub use activation::*;
pub use binary::{add, add_scalar, div, div_scalar, mul, mul_scalar, neg, rdiv_scalar, rsub_scalar, sub};
pub use cast::cast;
pub use concat::{concat, slice};
pub use conv::{conv_transpose2d, conv2d};
pub use dropout::{dropout, dropout_channels};
pub use embedding::{embedding, embedding_padded};
pub use index::{masked_fill, select, stack, unstack};
pub use matmul::{linear, matmul, outer};
pub use norm::{batch_norm, instance_norm, layer_norm, rms_norm};
pub use operand::{Meets, Number, Operand, Right, Shaped};
pub use pool::{adaptive_avg_pool2d, adaptive_max_pool2d, avg_pool2d, max_pool2d};
pub use reduce::{max, mean, min, sum};
pub use resize::{upsample_nearest2d, zero_pad2d};
pub use shape::{expand, permute, reshape, squeeze, sum_to, swap, transpose, unsqueeze};
pub use softmax::{log_softmax, softmax};
pub use unary::{cos, exp, ln, pow, sin, sqrt, square};
pub use upsample::upsample_bilinear2d;

pub(crate) use crate::error::or_panic;
use crate::graph::Value;

/// An error if there is no memory for a result of these sizes. A fallible operation checks this before it begins.
pub(crate) fn room(sizes: fusion_rules::Dims, dtype: crate::kernels::DType) -> crate::Result<()> {
    Ok(crate::kernels::Array::room(&crate::kernels::Dims::try_of_sizes(sizes)?, dtype)?)
}

#[track_caller]
fn same_shape(a: &Value, b: &Value) {
    if a.shape() != b.shape() {
        or_panic(fusion_rules::same_shape(a.shape().sizes(), b.shape().sizes()));
    }
}
