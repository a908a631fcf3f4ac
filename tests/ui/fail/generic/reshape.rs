//! Sizes of which nothing is known together: the bound is told.
use fusion::prelude::*;

fn heads<B: Dim, T: Dim, E: Dim, H: Dim, D: Dim>(x: &Tensor<(B, T, E)>) -> Tensor<(B, T, H, D)> {
    x.reshape()
}

fn main() {}
