//! Layers that start as told, and layers that are not trained.
#![deny(warnings)]

use fusion::nn::init::{Fan, gain};
use fusion::prelude::*;

model! {
    #[init(Linear.weight = orthogonal(gain::RELU))]
    pub Deep: [8] -> [2] {
        #[init(weight = kaiming_normal(gain::leaky_relu(0.2), Fan::Out), bias = truncated_normal(0.0, 1.0, -0.5, 0.5))]
        fc1: Linear<_, 4>,
        #[init(xavier_uniform(gain::TANH))]
        fc2: Linear<_, 4>,
        fc3: Linear<_, 2>,
    }
}

model! {
    pub Net: [8] -> [2] {
        #[init(zeros)]
        fc1: Linear<_, 4>,
        #[init(weight = normal(0.0, 0.01), bias = full(3.0))]
        fc2: Linear<_, 4>,
        #[freeze]
        frozen: { Linear<_, 4>, Relu, Linear<_, 4> },
        /// The last.
        #[init(xavier_uniform)]
        #[freeze]
        fc3: Linear<_, 2>,
    }
}

#[test]
fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    assert!(net.fc1.weight.to_vec().iter().all(|&x| x == 0.0));
    assert_eq!(net.num_parameters(), 8 * 4 + 4 + 4 * 4 + 4);
    assert_eq!(net.names().len(), 10);
    let loss = net.forward(Tensor::<shape![3, 8]>::ones().trace()).sum();
    let grads = loss.backward();
    assert!(grads.get(&net.fc2.weight).is_some() && grads.get(&net.fc3.weight).is_none());

    let deep = Deep::init(&mut StdRng::seed_from_u64(0));
    assert!(deep.fc1.bias.iter().all(|bias| bias.to_vec().iter().all(|x| x.abs() <= 0.5)));
    let gram = deep.fc3.weight.matmul(&deep.fc3.weight.t()).to_vec();
    assert!((gram[0] - 2.0).abs() < 1e-5 && gram[1].abs() < 1e-5);
}
