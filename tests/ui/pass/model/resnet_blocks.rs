//! Generic residual blocks for any height and width, with strides as parameters.
#![deny(warnings)]

use fusion::prelude::*;

model! {
    pub Basic<C: Dim>: [C, H, W] -> [C, H, W] {
        _ + {
            conv1: Conv2d<_, C, 3, padding = 1, bias = false>, bn1: BatchNorm2d<_>, Relu,
            conv2: Conv2d<_, C, 3, padding = 1, bias = false>, bn2: BatchNorm2d<_>,
        },
        Relu,
    }
}
model! {
    pub Down<I: Dim, O: Dim, S: Dim>: [I, H, W] {
        {
            conv1: Conv2d<_, O, 3, stride = S, padding = 1, bias = false>, bn1: BatchNorm2d<_>, Relu,
            conv2: Conv2d<_, O, 3, padding = 1, bias = false>, bn2: BatchNorm2d<_>,
        } + {
            downsample: { Conv2d<_, O, 1, stride = S, bias = false>, BatchNorm2d<_> },
        },
        Relu,
    }
}
model! {
    pub ResNet: [3, 32, 32] -> [10] {
        conv1: Conv2d<_, 8, 3, padding = 1, bias = false>, bn1: BatchNorm2d<_>, Relu,
        layer1: 2 * Basic<8>,
        layer2: { Down<8, 16, 2>, Basic<16> },
        layer3: { Down<16, 32, 2>, 2 * Basic<32> },
        GlobalAvgPool2d,
        fc: Linear<_, 10>,
    }
}

#[test]
fn main() {
    let net = ResNet::init(&mut StdRng::seed_from_u64(0));
    let _: Tensor<shape![2, 10]> = net.forward(Tensor::<shape![2, 3, 32, 32]>::ones());
    let names = net.names();
    for name in ["layer1.1.bn2.running_var", "layer2.0.downsample.0.weight", "layer3.2.conv1.weight"] {
        assert!(names.contains(&name.into()), "{name}");
    }
    let grads = net.forward(Tensor::<shape![2, 3, 32, 32]>::ones().trace()).sum().backward();
    assert!(grads.get(&net.layer1[0].conv1.weight).is_some());
    let block = Down::<dim!(8), dim!(16), dim!(2)>::init(&mut StdRng::seed_from_u64(0));
    let _: Tensor<shape![1, 16, 5, 7]> = block.forward(Tensor::<shape![1, 8, 9, 14]>::ones());
    assert_eq!(block.summary([8, 32, 32]).multiply_adds(), net.layer2.layer0.summary([8, 32, 32]).multiply_adds());
}
