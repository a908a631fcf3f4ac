//! A residual in a generic model is compared where it is used.
use fusion::prelude::*;

model! {
    pub Block<C: Dim, H: Dim>: [C, H, H] {
        _ + { conv1: Conv2d<_, C, 3, stride = 2, padding = 1>, bn1: BatchNorm2d<_> }, Relu,
    }
}

fn main() {
    let block = Block::<Num<16>, Num<32>>::init(&mut StdRng::seed_from_u64(0));
    let _ = block.forward(Tensor::<shape![1, 16, 32, 32]>::zeros());
}
