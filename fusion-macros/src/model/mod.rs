//! `model!`: what is written is parsed, checked and written out as code.

pub mod check;
pub mod emit;
pub mod parse;
pub mod shape;
pub mod words;
