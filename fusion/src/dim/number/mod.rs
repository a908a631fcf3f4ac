//! Numbers as types: a canonical spelling for each, and arithmetic that ends in it.

pub mod arithmetic;
pub mod bits;
pub mod consts;
pub mod digits;
pub mod divide;
pub mod size;
