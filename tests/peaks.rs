//! The memory of a training step as the compiler knows it, against what a step holds.

use fusion::internals::kernels::memory::held;
use fusion::models::resnet::{Basic, BasicDown};
use fusion::models::yolo::{SameMaxPool2d, Unit};
use fusion::models::{YoloFace500kV2, YoloV3Tiny};
use fusion::nn::{Cost, cost};
use fusion::prelude::*;

model! {
    /// Of 3 x 32 x 32, with 20 layers.
    ResNet20: [3, 32, 32] -> [10] {
        conv1: Conv2d<_, 16, 3, padding = 1, bias = false>, bn1: BatchNorm2d<_>, Relu,
        layer1: { 3 * Basic<16> },
        layer2: { BasicDown<16, 32>, 2 * Basic<32> },
        layer3: { BasicDown<32, 64>, 2 * Basic<64> },
        GlobalAvgPool2d,
        fc: Linear<_, 10>,
    }
}

model! {
    LeNet: [1, 28, 28] -> [10] {
        Conv2d<_, 6, 5, padding = 2>, Relu, MaxPool2d<2>,
        Conv2d<_, 16, 5>, Relu, MaxPool2d<2>,
        Flatten, Linear<_, 120>, Relu, Linear<_, 84>, Relu, Linear<_, 10>,
    }
}

model! { Mlp: [784] -> [10] { Linear<_, 256>, Relu, Linear<_, 256>, Tanh, Linear<_, 10> } }

model! {
    /// One of joins, with what two branches keep of their input.
    Dense: [3, 16, 16] -> [10] {
        Conv2d<_, 24, 3, padding = 1>,
        _ | { BatchNorm2d<_>, Relu, Conv2d<_, 48, 1>, BatchNorm2d<_>, Relu, Conv2d<_, 12, 3, padding = 1> },
        _ | { BatchNorm2d<_>, Relu, Conv2d<_, 48, 1>, BatchNorm2d<_>, Relu, Conv2d<_, 12, 3, padding = 1> },
        { Conv2d<_, 16, 3, padding = 1>, Tanh } | { MaxPool2d<3, stride = 1, padding = 1>, Conv2d<_, 8, 1>, Gelu },
        GlobalAvgPool2d, Linear<_, 10>,
    }
}

model! {
    /// One of layers by hand that keep what a pooling keeps.
    Pooled: [3, 32, 32] -> [10] {
        Unit<3, 16, 3, 1, 1>, SameMaxPool2d<2>, Unit<16, 32, 3, 1, 1>, SameMaxPool2d<3>, GlobalAvgPool2d, Linear<_, 10>,
    }
}

type Faces = YoloV3Tiny<dim!(1)>;

/// What is held by what is known: when the forward pass is done, and at most in a step.
fn ratios<S: StaticShape, Y>(name: &str, cost: Cost, samples: usize, forward: impl Fn(Tensor<S>) -> Y) -> [f64; 2]
where
    Y: Into<Tensor<()>>,
{
    let x = Tensor::<S>::from_fn(|i| ((i * 37 % 101) as f32 * 0.21).sin());
    let (_, [most, _]) = held(|| forward(x.trace()).into().backward());
    let (_, [_, kept]) = held(|| forward(x.trace()));
    // Parameters and input were there before.
    let input = 4 * x.num_elements();
    let most = most + 4 * cost.parameters.unwrap() + input;
    let memory = cost.memory.unwrap();
    let known = [memory.kept() * samples as u64, cost.training_bytes(samples).unwrap()];
    let found = [kept + input, most];
    println!("{name}: {found:?} bytes, {known:?} known");
    [0, 1].map(|i| found[i] as f64 / known[i] as f64)
}

macro_rules! ratios {
    ($net:ident, $samples:literal, $($size:literal),+) => {{
        let labels = Tensor::<shape![$samples], i64>::from_fn(|i| (i % 10) as i64);
        ratios!($net, $samples, $($size),+; |y| y.cross_entropy(&labels))
    }};
    ($net:ident, $samples:literal, $($size:literal),+; |$y:ident| $loss:expr) => {{
        type X = Tensor<shape![$samples, $($size),+]>;
        const COST: Cost = cost::<$net, X>();
        let net = $net::init(&mut StdRng::seed_from_u64(0));
        let name = stringify!($net);
        let loss = |x: X| {
            let $y = net.forward(x);
            $loss
        };
        (name, ratios::<shape![$samples, $($size),+], Tensor<()>>(name, COST, $samples, loss))
    }};
}

#[test]
fn a_step_holds_what_is_known() {
    let ratios = [
        ratios!(Mlp, 512, 784),
        ratios!(LeNet, 64, 1, 28, 28),
        ratios!(Dense, 16, 3, 16, 16),
        ratios!(ResNet20, 32, 3, 32, 32),
        ratios!(Pooled, 16, 3, 32, 32),
        ratios!(YoloFace500kV2, 4, 3, 96, 96; |y| {
            y.large.square().mean() + y.medium.square().mean() + y.small.square().mean()
        }),
        // Millions of weights, which are packed otherwise the more places there are.
        ratios!(Faces, 1, 3, 96, 96; |y| y.large.square().mean() + y.medium.square().mean()),
        ratios!(Faces, 4, 3, 224, 224; |y| y.large.square().mean() + y.medium.square().mean()),
        ratios!(Faces, 16, 3, 224, 224; |y| y.large.square().mean() + y.medium.square().mean()),
    ];
    let near = |ratio: &f64| (1.0 / 1.2..=1.2).contains(ratio);
    assert!(ratios.iter().all(|(_, ratios)| ratios.iter().all(near)), "{ratios:.2?}");
}

/// A product keeps each of its operands for the gradient of the other: of data or of what is frozen there is none.
#[test]
fn what_no_gradient_needs_is_not_kept() {
    model! { Chain: [8, 8, 8] -> [8, 8, 8] { 4 * Conv2d<_, 8, 3, padding = 1>, 4 * Linear<_, 8> } }
    let mut net = Chain::init(&mut StdRng::seed_from_u64(0));
    let x = Tensor::<shape![16, 8, 8, 8]>::ones().watch();
    let kept = |net: &Chain| held(|| net.forward(x.clone()) * &x.detach().trace()).1[1];
    let (array, trained) = (4 * x.num_elements(), kept(&net));
    fusion::nn::freeze(&mut net);
    let frozen = kept(&net);
    println!("{trained} bytes kept of 9 results of {array}, {frozen} if the weights are frozen");
    assert!(trained > 7 * array && frozen < 2 * array, "{trained} and {frozen} bytes of {array}");
}
