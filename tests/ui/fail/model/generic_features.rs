//! In a generic model, a size that fits one use only.
use fusion::prelude::*;

model! {
    pub Net<C: Dim, H: Dim>: [C] -> [10] {
        fc1: Linear<64, H>, Relu,
        fc2: Linear<_, 10>,
    }
}

fn main() {
    let net = Net::<dim!(65), dim!(16)>::init(&mut StdRng::seed_from_u64(0));
    let _: Tensor<shape![5, 10]> = net.forward(Tensor::<shape![5, 65]>::zeros());
}
