//! ResNet-50 (He et al. 2015; torchvision's version 1.5), declared from generic blocks: the program whose compile time is
//! measured by `time.py`. It classifies one image of noise, or one with the weights of a file.
//!
//! ```text
//! cargo run --release -p fusion-tests --example resnet50 -- [resnet50.safetensors]
//! ```

use fusion::prelude::*;

model! {
    /// 1x1 to fewer channels, 3x3, 1x1 back, around the input itself.
    pub Bottleneck<C: Dim, M: Dim>: [C, H, W] -> [C, H, W] {
        _ + {
            conv1: Conv2d<_, M, 1, bias = false>, bn1: BatchNorm2d<_>, Relu,
            conv2: Conv2d<_, M, 3, padding = 1, bias = false>, bn2: BatchNorm2d<_>, Relu,
            conv3: Conv2d<_, C, 1, bias = false>, bn3: BatchNorm2d<_>,
        },
        Relu,
    }
}

model! {
    /// A bottleneck that changes the channels or the size, around a projection of the input.
    pub Project<I: Dim, M: Dim, O: Dim, S: Dim>: [I, H, W] {
        {
            conv1: Conv2d<_, M, 1, bias = false>, bn1: BatchNorm2d<_>, Relu,
            conv2: Conv2d<_, M, 3, stride = S, padding = 1, bias = false>, bn2: BatchNorm2d<_>, Relu,
            conv3: Conv2d<_, O, 1, bias = false>, bn3: BatchNorm2d<_>,
        } + {
            downsample: { Conv2d<_, O, 1, stride = S, bias = false>, BatchNorm2d<_> },
        },
        Relu,
    }
}

model! {
    /// ResNet-50.
    pub ResNet50: [3, 224, 224] -> [1000] {
        conv1: Conv2d<_, 64, 7, stride = 2, padding = 3, bias = false>, bn1: BatchNorm2d<_>, Relu,
        MaxPool2d<3, stride = 2, padding = 1>,
        layer1: { Project<64, 64, 256, 1>, 2 * Bottleneck<256, 64> },
        layer2: { Project<256, 128, 512, 2>, 3 * Bottleneck<512, 128> },
        layer3: { Project<512, 256, 1024, 2>, 5 * Bottleneck<1024, 256> },
        layer4: { Project<1024, 512, 2048, 2>, 2 * Bottleneck<2048, 512> },
        GlobalAvgPool2d,
        fc: Linear<_, 1000>,
    }
}

fn main() -> fusion::Result<()> {
    let rng = &mut StdRng::seed_from_u64(0);
    let net = match std::env::args().nth(1) {
        Some(file) => ResNet50::load(file)?,
        None => ResNet50::init(rng),
    };
    let image = Tensor::<shape![1, 3, 224, 224]>::normal(0.0, 1.0, rng);
    let class = net.forward(image).argmax().to_vec()[0];
    println!("{}\nclass {class}", net.summary());
    Ok(())
}
