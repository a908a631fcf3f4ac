//! A network of two inputs, by hand, from two declared parts.
#![deny(warnings)]

use fusion::prelude::*;

model! { pub Eye: [1, 8, 8] -> [16] { Conv2d<_, 4, 3>, Relu, Flatten, Linear<_, 16> } }
model! { pub Judge: [20] -> [2] { Linear<_, 8>, Relu, Linear<_, 2> } }

#[derive(Module)]
pub struct Net {
    eye: Eye,
    judge: Judge,
}

impl Net {
    fn forward<B: Dim>(
        &self,
        image: Tensor<(B, Num<1>, Num<8>, Num<8>)>,
        facts: Tensor<(B, Num<4>)>,
    ) -> Tensor<(B, Num<2>)> {
        self.judge.forward(self.eye.forward(image).concat(&facts, Axis::<1>))
    }
}

#[test]
fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let y = net.forward(Tensor::<shape![3, 1, 8, 8]>::ones().trace(), Tensor::<shape![3, 4]>::ones().trace());
    let _: &Tensor<shape![3, 2]> = &y;
    assert_eq!(net.names()[0], "eye.0.weight");
    let grads = y.sum().backward();
    assert!(net.parameters().len() == 8 && grads.get(&net.eye.layer0.weight).is_some());
}
