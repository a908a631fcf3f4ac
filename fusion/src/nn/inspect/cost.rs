//! What a network costs, known when it is compiled.

pub use fusion_rules::{Cost, Memory};

use crate::nn::Forward;

/// A network whose shapes follow from its input's: `model!` writes this. Layers of the user's that do not say what they
/// cost leave the sums unknown.
pub trait Known<X> {
    /// What it costs for one sample of an `X`, if it takes one: [`cost`] asks whether it does.
    const COST: Cost;
}

/// What a network costs for one sample of an `X`: its output's shape, numbers to learn, multiply-adds, and numbers that its
/// layers give. In a constant, it is worked out by the compiler.
///
/// ```
/// use fusion::nn::{Cost, cost};
/// use fusion::prelude::*;
///
/// model! {
///     pub Block<C: Dim>: [C, H, W] -> [C, H, W] { _ + { Conv2d<_, C, 3, padding = 1>, Relu } }
/// }
///
/// const COST: Cost = cost::<Block<dim!(16)>, Tensor<shape![1, 16, 32, 32]>>();
/// const _: () = assert!(COST.output.d[1].is_number(16));
/// assert_eq!(COST.parameters, Some(16 * 16 * 9 + 16));
/// assert_eq!(COST.multiply_adds, Some(16 * 16 * 9 * 32 * 32));
/// assert_eq!(COST.activations, Some(2 * 16 * 32 * 32));
/// // Of each sample a training step keeps what goes in, and what ReLU gives.
/// assert_eq!(COST.memory.unwrap().kept(), 4 * 2 * 16 * 32 * 32);
/// assert!(matches!(COST.training_bytes(8), Some(..3_000_000)));
/// ```
pub const fn cost<N: Known<X> + Forward<X>, X>() -> Cost {
    N::COST
}
