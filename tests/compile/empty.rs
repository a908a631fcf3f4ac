//! Nothing: what is left of a compile time is cargo's and rustc's own.

fn main() {}
