//! Groups as parameters: a MobileNet block, each of whose channels has a window of its own.
#![deny(warnings)]

use fusion::prelude::*;

model! {
    pub Separable<C: Dim, O: Dim>: [C, H, W] {
        depthwise: Conv2d<_, C, 3, padding = 1, groups = C, bias = false>, BatchNorm2d<_>, Relu,
        pointwise: Conv2d<_, O, 1, bias = false>, BatchNorm2d<_>, Relu,
    }
}
model! { pub Grouped<C: Dim, G: Dim>: [C, H, W] -> [C, H, W] { stem: { Conv2d<_, C, 3, padding = 1, groups = G> } } }
model! { pub Net: [8, 6, 6] -> [10] { Separable<8, 16>, Grouped<16, 4>, GlobalAvgPool2d, Linear<_, 10> } }

#[test]
fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _: Tensor<shape![2, 10]> = net.forward(Tensor::<shape![2, 8, 6, 6]>::ones());
    assert_eq!(net.layer0.depthwise.weight.shape(), [8, 1, 3, 3]);
    assert_eq!(net.layer1.stem.layer0.weight.shape(), [16, 4, 3, 3]);
    println!("{}", net.summary());
}
