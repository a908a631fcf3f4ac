//! A module with something in it that cannot be cloned.
use fusion::prelude::*;
use std::sync::Mutex;

#[derive(Module)]
pub struct Net {
    fc: Linear<dim!(3), dim!(2)>,
    #[module(skip)]
    seen: Mutex<usize>,
}

fn copy(net: &Net) -> Net {
    net.clone()
}

fn main() {}
