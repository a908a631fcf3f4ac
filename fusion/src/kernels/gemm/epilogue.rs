//! What is done to a product before it is stored, in the pass that computes it.

use crate::kernels::activation::Activation;

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
