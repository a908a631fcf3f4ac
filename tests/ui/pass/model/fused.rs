//! A linear layer and the Relu behind it are one call, with the result of two.
use fusion::prelude::*;

model! { pub Net: [6] { fc1: Linear<_, 5>, Relu, fc2: Linear<_, 4>, Relu } }

#[test]
fn main() {
    let rng = &mut StdRng::seed_from_u64(1);
    let (net, x) = (Net::init(rng), Tensor::<shape![3, 6]>::normal(0.0, 1.0, rng));
    let y = Relu.forward(net.fc2.forward(Relu.forward(net.fc1.forward(x.clone()))));
    assert_eq!(net.forward(x.clone()).to_vec(), y.to_vec());

    let grads = net.forward(x.trace()).sum().backward();
    assert!(grads.get(&net.fc1.weight).is_some());
}
