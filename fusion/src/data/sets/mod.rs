//! Data sets that need no file: small ones inside the crate (the feature `datasets`), and made-up ones.

#[cfg(feature = "datasets")]
mod embedded;
mod generate;

#[cfg(feature = "datasets")]
pub use embedded::{breast_cancer, diabetes, diabetes_raw, digits, iris, wine};
pub use generate::{blobs, circles, moons};
