//! The layers of the library.

#[macro_use]
mod stateless;

pub mod activation;
pub mod attention;
pub mod conv;
pub mod embedding;
pub mod linear;
pub mod norm;
pub mod pooling;
pub mod shape;
