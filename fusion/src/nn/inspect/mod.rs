//! A network read as data: a walk through its layers, and what is made of one.

pub mod cost;
pub mod explain;
pub(crate) mod printed;
pub mod sketch;
pub mod summary;
