//! Layers one after another that fit nothing.
use fusion::prelude::*;

#[derive(Module)]
#[module(sequential)]
pub struct Net {
    conv: Conv2d<dim!(3), dim!(8), dim!(3)>,
    norm: BatchNorm2d<Num<16>>,
    act: Relu,
}

fn main() {}
