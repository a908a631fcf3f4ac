//! A backbone with three outputs, and heads that join them.
#![deny(warnings)]

use fusion::prelude::*;

model! { pub ConvBn<I: Dim, O: Dim, K: Dim, S: Dim, P: Dim>: [I, H, W] {
    conv: Conv2d<_, O, K, stride = S, padding = P, bias = false>, bn: BatchNorm2d<_>, LeakyRelu<0.1>,
} }
model! { pub Residual<C: Dim, M: Dim>: [C, H, W] -> [C, H, W] {
    _ + { ConvBn<C, M, 1, 1, 0>, ConvBn<M, C, 3, 1, 1> },
} }
model! {
    pub Backbone: [3, 32, 32] -> { p3: [16, 8, 8], p4: [32, 4, 4], p5: [64, 2, 2] } {
        ConvBn<3, 8, 3, 1, 1>, ConvBn<8, 8, 3, 2, 1>,
        p3: { ConvBn<8, 16, 3, 2, 1>, 2 * Residual<16, 8> },
        p4: { ConvBn<16, 32, 3, 2, 1>, 2 * Residual<32, 16> },
        p5: { ConvBn<32, 64, 3, 2, 1>, Residual<64, 32> },
    }
}
model! { pub Grow: [64, 2, 2] -> [32, 4, 4] { ConvBn<64, 32, 1, 1, 0>, Upsample<2> } }
model! { pub Head: [64, 4, 4] -> [21, 4, 4] { ConvBn<64, 32, 1, 1, 0>, Conv2d<_, 21, 1> } }

#[derive(Module)]
pub struct Detector {
    backbone: Backbone,
    grow: Grow,
    head: Head,
}

#[test]
fn main() {
    let net = Detector::init(&mut StdRng::seed_from_u64(0));
    let BackboneOutput { p3, p4, p5 } = net.backbone.forward(Tensor::<shape![2, 3, 32, 32]>::ones());
    let _: (&Tensor<shape![2, 16, 8, 8]>, &Tensor<shape![2, 64, 2, 2]>) = (&p3, &p5);
    let joined: Tensor<shape![2, 64, 4, 4]> = net.grow.forward(p5).concat(&p4, Axis::<1>);
    let _: Tensor<shape![2, 21, 4, 4]> = net.head.forward(joined);
    assert!(net.names().contains(&"backbone.p3.2.1.conv.weight".into()));
}
