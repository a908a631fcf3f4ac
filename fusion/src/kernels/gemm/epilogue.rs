//! What is done to a product before it is stored, in the pass that computes it.

use crate::kernels::simd::Vector;

/// What is done to a product before it is stored: a bias is added, then an activation applied.
///
/// One struct goes the whole way down: `B` is an array where an operation asks for it, the array's elements for
/// [`gemm`](super::gemm), and a pointer to them in its loops.
#[derive(Clone, Copy, Debug)]
pub struct Epilogue<B> {
    /// What is added to the products.
    pub bias: Option<Bias<B>>,
    /// What is applied to the sums.
    pub activation: Activation,
}

/// A vector that is added to a matrix.
#[derive(Clone, Copy, Debug)]
pub enum Bias<B> {
    /// An element for each row.
    PerRow(B),
    /// An element for each column: features, as in PyTorch's `linear`.
    PerColumn(B),
}

/// A function of one element that may follow a product.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Activation {
    /// None.
    #[default]
    Identity,
    /// Negative elements become 0; NaN stays.
    Relu,
}

impl<B> Default for Epilogue<B> {
    fn default() -> Self {
        Self { bias: None, activation: Activation::Identity }
    }
}

impl<B> Epilogue<B> {
    /// The same with another kind of bias.
    pub fn map<C>(self, f: impl FnOnce(B) -> C) -> Epilogue<C> {
        let bias = self.bias.map(|bias| match bias {
            Bias::PerRow(bias) => Bias::PerRow(f(bias)),
            Bias::PerColumn(bias) => Bias::PerColumn(f(bias)),
        });
        Epilogue { bias, activation: self.activation }
    }

    /// The epilogue of the transposed product.
    pub fn transposed(self) -> Self {
        let bias = self.bias.map(|bias| match bias {
            Bias::PerRow(bias) => Bias::PerColumn(bias),
            Bias::PerColumn(bias) => Bias::PerRow(bias),
        });
        Self { bias, ..self }
    }
}

impl<B> Bias<B> {
    /// The vector itself.
    pub fn vector(self) -> B {
        match self {
            Self::PerRow(vector) | Self::PerColumn(vector) => vector,
        }
    }
}

impl Activation {
    /// The activation of each lane.
    #[inline(always)]
    pub(super) fn of<V: Vector>(self, x: V) -> V {
        match self {
            Self::Identity => x,
            // SAFETY: `x` exists, so the machine has its instructions.
            Self::Relu => unsafe { V::zero() }.simd_max(x),
        }
    }

    /// As [`Activation::of`], of one element.
    #[inline(always)]
    pub(super) fn of_one<T: PartialOrd + Default>(self, x: T) -> T {
        match self {
            Self::Relu if T::default() > x => T::default(),
            Self::Relu | Self::Identity => x,
        }
    }
}
