//! Activations that a kernel applies to what it has in registers, before it is stored.

use crate::kernels::simd::{Float, Mask, Vector};

/// A function of one element that may follow a product, a convolution or a norm.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Activation {
    /// None.
    #[default]
    Identity,
    /// Negative elements become 0; NaN stays.
    Relu,
    /// Negative elements are multiplied by this slope; NaN stays.
    LeakyRelu(f64),
}

impl Activation {
    /// What an operation is called where it is recorded: by itself, with ReLU and with leaky ReLU in its own pass.
    pub fn named(self, [alone, relu, leaky_relu]: [&'static str; 3]) -> &'static str {
        match self {
            Self::Identity => alone,
            Self::Relu => relu,
            Self::LeakyRelu(_) => leaky_relu,
        }
    }

    /// Whether an element and its activation are positive together, so that the gradient follows from the result alone. Of a
    /// leaky ReLU it is so if the slope is a number from 0 on.
    pub fn keeps_sign(self) -> bool {
        match self {
            Self::Identity | Self::Relu => true,
            Self::LeakyRelu(slope) => slope >= 0.0 && slope.is_finite(),
        }
    }

    /// The activation of each lane.
    #[inline(always)]
    pub fn of<V: Vector>(self, x: V) -> V {
        match self {
            Self::Identity => x,
            // SAFETY: `x` exists, so the machine has its instructions.
            Self::Relu => unsafe { V::zero() }.simd_max(x),
            Self::LeakyRelu(slope) => x.simd_lt(x.number(0.0)).select(x * x.number(slope), x),
        }
    }

    /// As [`Activation::of`], of one element.
    #[inline(always)]
    pub fn of_one<T: Float>(self, x: T) -> T {
        match self {
            Self::Identity => x,
            Self::Relu if x < T::ZERO => T::ZERO,
            Self::Relu => x,
            Self::LeakyRelu(slope) if x < T::ZERO => x * T::from_f64(slope),
            Self::LeakyRelu(_) => x,
        }
    }

    /// The gradient of the element from that of the result, `g`. `y` is the element or the result, whose sign is the same but
    /// for a slope below 0. At 0 the gradient is that of a negative element; with ReLU it passes at NaN.
    #[inline(always)]
    pub fn gradient<V: Vector>(self, g: V, y: V) -> V {
        match self {
            Self::Identity => g,
            Self::Relu => {
                let zero = y.number(0.0);
                zero.simd_max(y).simd_eq(zero).select(zero, g)
            }
            Self::LeakyRelu(slope) => y.number(0.0).simd_lt(y).select(g, g * g.number(slope)),
        }
    }
}
