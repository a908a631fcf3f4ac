use crate::prelude::*;

model! {
    LeNet: [1, 28, 28] -> [10] {
        conv1: Conv2d<_, 32, 3>, BatchNorm2d<_>, Relu,
        conv2: Conv2d<_, 64, 3>, Relu,
        MaxPool2d<2>,
        Flatten,
        fc1: Linear<_, 128>, Relu, Dropout<>,
        fc2: Linear<_, 10>,
    }
}

#[test]
fn lenet() {
    let rng = &mut StdRng::seed_from_u64(0);
    let net = LeNet::init(rng);
    let ready = net.prepare();
    let x = Tensor::<shape![5, 1, 28, 28]>::normal(0.0, 1.0, rng);
    let (want, y) = (net.forward(x.clone()), ready.forward(x));
    for (a, b) in want.to_vec().iter().zip(y.to_vec()) {
        assert!((a - b).abs() < 1e-5, "{a} {b}");
    }
}
