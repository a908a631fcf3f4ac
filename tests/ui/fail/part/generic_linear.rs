//! A layer of features on images of any size.
use fusion::prelude::*;

model! {
    pub Net<C: Dim>: [C, H, W] -> [C, H, W] {
        Linear<C, C>, Relu,
    }
}

fn main() {}
