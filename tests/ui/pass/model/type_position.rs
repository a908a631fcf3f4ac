//! A network as a type.
#![deny(warnings)]

use fusion::prelude::*;

type Net = model!(Linear<784, 128>, Relu, Linear<_, 10>);

#[derive(Module)]
struct Two {
    left: model!(Linear<4, 3>, Tanh),
    right: model!(Linear<4, 3>, Dropout, Sigmoid,),
}

#[derive(Module)]
struct Generic<C: Dim> {
    inner: model!(Linear<C, 3>, Relu),
}

#[test]
fn main() {
    let rng = &mut StdRng::seed_from_u64(0);
    let net = Net::init(rng);
    let _: Tensor<shape![5, 10]> = net.forward(Tensor::<shape![5, 784]>::ones());
    assert_eq!(net.names(), ["0.weight", "0.bias", "2.weight", "2.bias"]);

    let net = <model!(Linear<3, 2>)>::init(rng);
    let _: Tensor<shape![2]> = net.forward(Tensor::<shape![3]>::ones());

    let two = Two::init(rng);
    let x = Tensor::<shape![1, 4]>::ones();
    let _: Tensor<shape![1, 3]> = two.left.forward(x.clone()) + two.right.forward(x.clone());
    assert_eq!(two.names()[0], "left.0.weight");

    let generic = Generic::<dim!(4)>::init(rng);
    assert_eq!(generic.inner.forward(x).shape(), [1, 3]);
}
