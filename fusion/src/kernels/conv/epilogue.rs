//! What is done to a convolution before it is stored.

use crate::kernels::activation::Activation;

/// What is done to a tile of a convolution before it is stored: `activation(sum + bias + residual)`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Epilogue<'a> {
    /// A number for each channel of the result.
    pub bias: Option<&'a [f32]>,
    /// An addend for each element, laid out as the result.
    pub residual: Option<&'a [f32]>,
    /// What is applied to the sum.
    pub activation: Activation,
}
