//! The shape rules of Fusion as `const fn`s on plain sizes, and the sentence that each one says.
//!
//! Every rule answers `Result<_, Mistake>`. A [`Mistake`] holds the numbers, and [`Mistake::text`] is the one place
//! where they become words, so that a macro (which wants a `String`), a constant (which wants a panic) and a tensor at
//! run time (which wants either) all say the same:
//!
//! ```
//! use fusion_rules::{Dims, matmul};
//!
//! assert_eq!(matmul(Dims::new(&[2, 3]), Dims::new(&[3, 5])), Ok(Dims::new(&[2, 5])));
//! assert_eq!(
//!     matmul(Dims::new(&[2, 3]), Dims::new(&[4, 5])).unwrap_err().to_string(),
//!     "a matrix product needs equal inner sizes, but the left has 3 columns and the right 4 rows",
//! );
//! ```
//!
//! A [`Size`] is a number, or one that only the run knows: that agrees with every other, and the rule is asked again
//! when the sizes are there. In a generic model it is a name and what was added to it.

mod at;
mod axes;
mod dims;
mod join;
mod layers;
mod mistake;
pub mod model;
mod moves;
mod numbers;
pub mod parts;
mod size;
mod sizes;
mod text;
mod windows;

pub use axes::{
    axis, axis_set, flatten, gather, new_axis, permutation, permute, reduce, reduce_keep, reshape, squeeze, swap,
    unsqueeze,
};
pub use dims::Dims;
pub use join::{agree, broadcast, broadcast_to, concat, join, matmul, plus, same_names, same_shape, widen};
pub use layers::*;
pub use mistake::{At, Mistake, ok};
pub use model::{Cost, Memory};
pub use moves::*;
pub use numbers::{MAX_ELEMENTS, MAX_RANK, MAX_SIZE, digit, digits};
pub use size::Size;
pub use sizes::{difference, known_size, positive, product, quotient, remainder, size, sum};
pub use text::Text;
pub use windows::*;
