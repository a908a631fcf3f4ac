//! Parameters with defaults: the name alone means these, in types and where a network is made.
#![deny(warnings)]

use fusion::prelude::*;

model! {
    /// A size written as a number or as a type, and a constant.
    pub Net<I: Dim, K: Dim = 1000, H: Dim = dim!(8), const N: usize = 2>: [I] -> [K] {
        fc1: Linear<_, H>, Relu,
        inner: { N * Linear<H, H>, Relu },
        fc2: Linear<_, K>,
    }
}

model! {
    pub Scores<K: Dim = 10>: [4] -> [K] { Linear<_, K> }
}

model! {
    /// In another model, the name alone means the defaults too.
    pub Twice: [4] -> [10] { Scores, Linear<10, 4>, Scores<10> }
}

model! {
    /// Convolutions in groups start as it is said, though no type spells the sizes of their weights.
    #[init(weight = full(0.5), bias = ones)]
    pub Grouped<C: fusion::dim::Groups>: [C, H, W] {
        one: Conv2d<_, C, 3, groups = C>,
        #[init(kaiming_normal)]
        two: Conv2d<_, C, 3, groups = C, bias = false>,
    }
}

#[test]
fn main() {
    let rng = &mut StdRng::seed_from_u64(0);
    let net = Net::<dim!(3)>::init(rng);
    let y: Tensor<shape![2, 1000]> = net.forward(Tensor::<shape![2, 3]>::ones());
    assert_eq!(y.shape(), [2, 1000]);
    assert_eq!(net.names().len(), 8);
    let net = Net::<dim!(3), dim!(5), dim!(6), 1>::init(rng);
    assert_eq!(net.fc2.weight.shape(), [5, 6]);
    assert_eq!(net.inner.layer0.len(), 1);

    let net: Scores = Scores::init(rng);
    let other = Scores::<dim!(7)>::init(rng);
    assert_eq!((net.num_parameters(), other.num_parameters()), (50, 35));
    let error = Scores::load("no/such.safetensors").err().unwrap();
    let other = Scores::<dim!(7)>::load("no/such.safetensors").err().unwrap();
    assert_eq!(error.to_string(), other.to_string());
    let _: Tensor<shape![2, 10]> = Twice::init(rng).forward(Tensor::<shape![2, 4]>::ones());

    let net = Grouped::<dim!(64)>::init(rng);
    assert_eq!(net.one.weight.shape(), [64, 1, 3, 3]);
    assert!(net.one.weight.to_vec().iter().all(|&w| w == 0.5));
    assert_eq!(net.one.bias.as_ref().unwrap().to_vec(), [1.0; 64]);
    let variance = net.two.weight.to_vec().iter().map(|w| w * w).sum::<f32>() / 576.0;
    assert!((variance / (2.0 / 9.0) - 1.0).abs() < 0.25, "{variance}");
}
