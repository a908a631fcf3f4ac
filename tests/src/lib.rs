//! The tests are the files beside this crate: `cargo test`. Here is what several share.

pub mod child;
