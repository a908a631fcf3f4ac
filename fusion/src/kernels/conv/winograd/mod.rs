//! Winograd's way to convolve with windows of 3x3 that move by 1.
//!
//! The result is cut into tiles of 4x4 or 2x2 places. A tile of the image, the weights, and a tile of the result are each
//! transformed along both axes (`transform`), and between the transforms stands, for each of 6x6 or 4x4 points, a matrix
//! product over channels: 2.25 multiplications for a weight in place of 4 or of 9. Weights are transformed once, into U.
//! Then, for a block of tiles at a time, V is made of the image, and panel by panel of outputs M = V U, and from M the
//! result; V and a panel's M stay in the second cache, U streams by.
//!
//! The sums are others than those of the direct way: [`Tile`] says by how much. A number that is not finite makes its whole
//! tile NaN.

mod common;
mod forward;
mod frame;
mod gradient;
mod passes;
mod product;
#[cfg(test)]
mod tests;
mod tile;
mod transform;

pub use forward::{Winograd, multiplied};
pub use gradient::weight_gradient;
pub use tile::{Tile, is_for};
