use fusion::prelude::*;

fn third<D: Dim>(x: &Tensor<(D,)>) -> Tensor<()> {
    x.at(ix![2])
}

fn main() {}
