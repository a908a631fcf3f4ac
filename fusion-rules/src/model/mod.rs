//! The layers that `model!` knows: how each is written, and what it makes of its input.
//!
//! A layer is one row of [`BUILTINS`]. The macro works with numbers as far as it has them; where a size is known only
//! to const evaluation it writes a call of the same function, so both say the same sentence.

mod cost;
mod limit;
mod memory;
mod output;
mod place;
mod places;
mod row;
mod table;

pub use cost::Cost;
pub use memory::Memory;
pub use place::Place;
pub use row::{AxisRule, Builtin, Default, Divides, Domain, Fuses, Gives, Keeps, Kind, LayerKind, Param, Work};
pub use table::*;

use crate::MAX_SIZE;

/// `n`, if it is a size; else 1, with which a check goes on.
pub const fn recovered_size(n: usize) -> usize {
    if n == 0 || n > MAX_SIZE { 1 } else { n }
}
