//! A window that does not fit where a generic model is used.
use fusion::prelude::*;

model! {
    pub Net<H: Dim>: [3, H, H] -> [8] {
        conv1: Conv2d<_, 8, 7>, Relu,
        GlobalAvgPool2d,
    }
}

fn main() {
    let net = Net::<Num<5>>::init(&mut StdRng::seed_from_u64(0));
    let _ = net.forward(Tensor::<shape![1, 3, 5, 5]>::zeros());
}
