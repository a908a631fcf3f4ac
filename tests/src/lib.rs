//! The tests are the files beside this crate: `cargo test`.
