//! `_` that depends on a generic size.
use fusion::prelude::*;

model! {
    pub Net<C: Dim>: [C, 4, 4] -> [10] {
        Flatten,
        fc: Linear<_, 10>,
    }
}

fn main() {
    let net = Net::<dim!(3)>::init(&mut StdRng::seed_from_u64(0));
    let _: Tensor<shape![5, 10]> = net.forward(Tensor::<shape![5, 3, 4, 4]>::zeros());
}
