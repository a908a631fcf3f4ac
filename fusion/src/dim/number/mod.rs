//! Sizes as types, and arithmetic with them.

pub mod amount;
pub mod arithmetic;
pub mod bits;
pub mod digits;
pub mod dim;
pub mod divide;
pub mod kind;
pub mod known;
pub mod num;
pub mod same;
