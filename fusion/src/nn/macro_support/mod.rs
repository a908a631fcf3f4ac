//! What `model!` and `#[derive(Module)]` call in what they write.

pub mod derive;
pub mod held;
pub mod model;
pub mod walk;
