//! An enum without variants cannot start.
use fusion::prelude::*;

#[derive(Module)]
pub enum Never {}

fn main() {}
