//! Sizes as types, and arithmetic with them.

pub mod arithmetic;
pub mod bits;
pub mod digits;
pub mod divide;
pub mod num;
