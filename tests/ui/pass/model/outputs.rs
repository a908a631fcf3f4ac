//! Several outputs, by the names of layers.
#![deny(warnings)]

use fusion::prelude::*;

model! {
    pub Taps: [8] -> { small: [4], wide: [16], last: [2] } {
        Linear<_, 4>,
        small: Relu,
        wide: { Linear<_, 16>, Tanh },
        last: Linear<_, 2>,
    }
}

model! {
    pub Generic<C: Dim>: [C] -> { first: [C], second: [3] } { first: Linear<_, C>, Relu, second: Linear<_, 3> }
}

#[test]
fn main() {
    let rng = &mut StdRng::seed_from_u64(0);
    let net = Taps::init(rng);
    let x = Tensor::<shape![5, 8]>::normal(0.0, 1.0, rng);
    let TapsOutput { small, wide, last } = net.forward(x.clone());
    let _: &Tensor<shape![5, 16]> = &wide;
    assert!(small.to_vec().iter().all(|&x| x >= 0.0));
    assert_eq!(net.last.forward(wide).to_vec(), last.to_vec());

    let traced = net.forward(x.trace());
    let grads = (traced.small.sum() + &traced.wide.sum() + &traced.last.sum()).backward();
    assert!(grads.get(&net.last.weight).is_some());

    let generic = Generic::<dim!(8)>::init(rng);
    let out = generic.forward(x);
    let _: (&Tensor<shape![5, 8]>, &Tensor<shape![5, 3]>) = (&out.first, &out.second);
}
