//! `derive(Module)` writes `Clone` itself.
use fusion::prelude::*;

#[derive(Module, Clone)]
pub struct Net {
    fc: Linear<dim!(3), dim!(2)>,
}

fn main() {}
