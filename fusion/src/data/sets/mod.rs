//! Data sets that need no file: small ones inside the crate, and made-up ones.

mod embedded;
mod generate;

pub use embedded::{breast_cancer, diabetes, diabetes_raw, digits, iris, wine};
pub use generate::{blobs, circles, moons};
