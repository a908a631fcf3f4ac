//! What a function gives is stated in a generic model.
use fusion::prelude::*;

fn double<S: Shape>(x: Tensor<S>) -> Tensor<S> {
    x * 2.0
}

model! {
    pub Net<C: Dim>: [C] -> [10] {
        double,
        fc: Linear<C, 10>,
    }
}

fn main() {
    let net = Net::<Num<3>>::init(&mut StdRng::seed_from_u64(0));
    let _: Tensor<shape![5, 10]> = net.forward(Tensor::<shape![5, 3]>::zeros());
}
