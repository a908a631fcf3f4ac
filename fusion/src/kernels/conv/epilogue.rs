//! What is done to a convolution before it is stored.

use crate::kernels::activation::Activation;
use std::mem::MaybeUninit;

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

impl Epilogue<'_> {
    /// Writes to images of so many channels what becomes of the sums, each by its place.
    pub fn of(&self, channels: usize, sum: impl Fn(usize) -> f32, y: &mut [MaybeUninit<f32>]) {
        for (pixel, y) in y.chunks_exact_mut(channels).enumerate() {
            for (channel, y) in y.iter_mut().enumerate() {
                let place = pixel * channels + channel;
                let bias = self.bias.map_or(0.0, |bias| bias[channel]);
                let residual = self.residual.map_or(0.0, |residual| residual[place]);
                y.write(self.activation.of_one(sum(place) + bias + residual));
            }
        }
    }
}
