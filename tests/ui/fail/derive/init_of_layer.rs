//! `#[init]` is for tensors.
use fusion::prelude::*;

#[derive(Module)]
pub struct Net {
    #[init(zeros)]
    fc: Linear<dim!(3), dim!(3)>,
}

fn main() {}
