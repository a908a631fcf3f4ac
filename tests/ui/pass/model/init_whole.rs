//! How the layers of a whole model start.
#![deny(warnings)]

use fusion::prelude::*;

#[derive(Module)]
#[module(sequential)]
struct Own {
    layer: Linear<dim!(4), dim!(4)>,
}

model! {
    #[init(weight = full(2.0), bias = ones)]
    #[init(BatchNorm2d.weight = full(3.0), Linear.bias = zeros)]
    Net: [1, 4, 4] -> [4] {
        conv: Conv2d<_, 2, 3>, norm: BatchNorm2d<_>, Relu,
        bare: Conv2d<_, 2, 1, bias = false>,
        _ + {
            inner: { deep: 2 * Conv2d<_, 2, 1>, norm: BatchNorm2d<_> },
        },
        Flatten,
        fc: Linear<_, 4>,
        #[init(full(5.0))]
        last: Linear<_, 4>,
        own: Own,
    }
}

#[test]
fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let all = |tensor: Vec<f32>, value: f32| tensor.iter().all(|&x| x == value);
    let bias = |layer: &Linear<dim!(4), dim!(4)>| layer.bias.as_ref().unwrap().to_vec();
    assert!(all(net.conv.weight.to_vec(), 2.0) && all(net.conv.bias.as_ref().unwrap().to_vec(), 1.0));
    assert!(all(net.norm.weight.to_vec(), 3.0) && all(net.norm.bias.to_vec(), 0.0));
    assert!(all(net.bare.weight.to_vec(), 2.0) && net.bare.bias.is_none());
    assert!(net.inner.deep.iter().all(|layer| all(layer.weight.to_vec(), 2.0)));
    assert!(all(net.inner.norm.weight.to_vec(), 3.0));
    assert!(all(net.fc.weight.to_vec(), 2.0) && all(net.fc.bias.as_ref().unwrap().to_vec(), 0.0));
    assert!(all(net.last.weight.to_vec(), 5.0) && all(bias(&net.last), 0.0));
    assert!(!all(net.own.layer.weight.to_vec(), 2.0));
}
