//! What `model!` and `#[derive(Module)]` call in what they write.

#![allow(missing_debug_implementations, reason = "types that macros write have no values that programs see")]

pub mod derive;
pub mod following;
pub mod held;
pub mod model;
pub mod walk;
