//! The rules that sizes and shapes obey, a trait for each.

pub mod axes;
pub mod broadcast;
pub mod concat;
pub mod copies;
pub mod diagonal;
pub mod ends;
pub mod equal;
pub mod join;
pub mod letters;
pub mod matmul;
pub mod padding;
pub mod pick;
pub mod reduce;
pub mod reshape;
pub mod sides;
pub mod split;
pub mod transposed;
pub mod widen;
pub mod window;
