//! Many layers need no attribute.
use fusion::prelude::*;

model! {
    pub Net: [8] -> [8] {
        Linear<_, 8>, Tanh, Linear<_, 8>, Tanh, Linear<_, 8>, Tanh, Linear<_, 8>, Tanh, Linear<_, 8>, Tanh,
        Linear<_, 8>, Tanh, Linear<_, 8>, Tanh, Linear<_, 8>, Tanh, Linear<_, 8>, Tanh, Linear<_, 8>, Tanh,
        Linear<_, 8>, Tanh, Linear<_, 8>, Tanh, Linear<_, 8>, Tanh, Linear<_, 8>, Tanh, Linear<_, 8>, Tanh,
        Linear<_, 8>, Tanh, Linear<_, 8>, Tanh, Linear<_, 8>, Tanh, Linear<_, 8>, Tanh, Linear<_, 8>, Tanh,
        Linear<_, 8>, Tanh, Linear<_, 8>, Tanh, Linear<_, 8>, Tanh, Linear<_, 8>, Tanh, Linear<_, 8>, Tanh,
        Linear<_, 8>, Tanh, Linear<_, 8>, Tanh, Linear<_, 8>, Tanh, Linear<_, 8>, Tanh, Linear<_, 8>, Tanh,
        Linear<_, 8>, Tanh, Linear<_, 8>, Tanh, Linear<_, 8>, Tanh, Linear<_, 8>, Tanh, Linear<_, 8>, Tanh,
        Linear<_, 8>, Tanh, Linear<_, 8>, Tanh, Linear<_, 8>, Tanh, Linear<_, 8>, Tanh, Linear<_, 8>, Tanh,
        Linear<_, 8>, Tanh, Linear<_, 8>, Tanh, Linear<_, 8>, Tanh, Linear<_, 8>, Tanh, Linear<_, 8>, Tanh,
        Linear<_, 8>, Tanh, Linear<_, 8>, Tanh, Linear<_, 8>, Tanh, Linear<_, 8>, Tanh, Linear<_, 8>, Tanh,
        Linear<_, 8>, Relu, Linear<_, 8>, Relu, Linear<_, 8>, Relu, Linear<_, 8>, Relu, Linear<_, 8>, Relu,
        Linear<_, 8>, Relu, Linear<_, 8>, Relu, Linear<_, 8>, Relu, Linear<_, 8>, Relu, Linear<_, 8>, Relu,
        Linear<_, 8>, Relu, Linear<_, 8>, Relu, Linear<_, 8>, Relu, Linear<_, 8>, Relu, Linear<_, 8>, Relu,
        Linear<_, 8>, Relu, Linear<_, 8>, Relu, Linear<_, 8>, Relu, Linear<_, 8>, Relu, Linear<_, 8>, Relu,
        Linear<_, 8>, Relu, Linear<_, 8>, Relu, Linear<_, 8>, Relu, Linear<_, 8>, Relu, Linear<_, 8>, Relu,
        Linear<_, 8>, Relu, Linear<_, 8>, Relu, Linear<_, 8>, Relu, Linear<_, 8>, Relu, Linear<_, 8>, Relu,
        Linear<_, 8>, Relu, Linear<_, 8>, Relu, Linear<_, 8>, Relu, Linear<_, 8>, Relu, Linear<_, 8>, Relu,
        Linear<_, 8>, Relu, Linear<_, 8>, Relu, Linear<_, 8>, Relu, Linear<_, 8>, Relu, Linear<_, 8>, Relu,
        Linear<_, 8>, Relu, Linear<_, 8>, Relu, Linear<_, 8>, Relu, Linear<_, 8>, Relu, Linear<_, 8>, Relu,
        Linear<_, 8>, Relu, Linear<_, 8>, Relu, Linear<_, 8>, Relu, Linear<_, 8>, Relu, Linear<_, 8>, Relu,
    }
}

#[test]
fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _: Tensor<shape![1, 8]> = net.forward(Tensor::<shape![1, 8]>::ones());
    assert_eq!(net.summary().rows().len(), 200);
}
