//! What is stated of a layer lets a generic model infer again.
#![deny(warnings)]

use fusion::prelude::*;

#[derive(Module)]
pub struct Gate<C: Dim> {
    #[init(ones)]
    scale: Tensor<(C,)>,
}

impl<B: Dim, C: Dim> Forward<Tensor<(B, C)>> for Gate<C> {
    type Output = Tensor<(B, C)>;
    fn forward(&self, x: Tensor<(B, C)>) -> Tensor<(B, C)> {
        x * &self.scale
    }
}

model! {
    pub Head<C: Dim>: [C] -> [10] {
        gate: Gate<C> -> [C],
        fc1: Linear<_, 32> -> [32], Relu,
        Gate<32> -> [32],
        fc2: Linear<_, 10>,
    }
}
model! { pub Net: [16] -> [10] { gate: Gate<16> -> [16], head: Head<16> -> [10] } }

#[test]
fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _: Tensor<shape![2, 10]> = net.forward(Tensor::<shape![2, 16]>::ones());
    assert_eq!(net.head.fc1.weight.shape(), [32, 16]);
}
