//! Branches that are added: residuals, sums of groups and of layers.
#![deny(warnings)]

use fusion::prelude::*;

model! {
    pub Net: [8] -> [4] {
        _ + { fc1: Linear<_, 8>, Relu, fc2: Linear<_, 8> },
        Relu,
        { left: Linear<_, 6> } + { right: Linear<_, 6>, Tanh } + Linear<8, 6>,
        block: _ + { Linear<_, 6>, Relu, _ + Linear<6, 6> },
        Linear<_, 4>,
    }
}

// In a generic model the branches are compared where it is used, unless they are the same as far as one can see.
model! {
    pub Residual<C: Dim>: [C] -> [C] { _ + { fc1: Linear<_, C>, Relu, fc2: Linear<_, C> } }
}
model! {
    pub Around<C: Dim, L>: [C] -> [C] { _ + { inner: L }, Relu, Linear<_, C> }
}

#[test]
fn main() {
    let rng = &mut StdRng::seed_from_u64(0);
    let net = Net::init(rng);
    let x = Tensor::<shape![5, 8]>::normal(0.0, 1.0, rng);
    let y: Tensor<shape![5, 4]> = net.forward(x.clone());
    assert_eq!(net.names()[0..4], ["fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"]);
    let names = net.names();
    assert!(names.contains(&"block.0.weight".into()) && names.contains(&"block.2.weight".into()));

    let a = Relu.forward(x.clone() + &net.fc2.forward(Relu.forward(net.fc1.forward(x))));
    let b = net.left.forward(a.clone()) + &Tanh.forward(net.right.forward(a.clone())) + &net.layer7.forward(a);
    let c = net.layer9.forward(net.block.forward(b));
    assert_eq!(c.to_vec(), y.to_vec());

    let residual = Residual::<dim!(7)>::init(rng);
    let _: Tensor<shape![5, 7]> = residual.forward(Tensor::<shape![5, 7]>::ones());
    let around = Around::<dim!(7), Residual<dim!(7)>>::init(rng);
    let _: Tensor<shape![5, 7]> = around.forward(Tensor::<shape![5, 7]>::ones());
    assert_eq!(around.names()[0], "inner.fc1.weight");
    println!("{}", around.summary());
}
