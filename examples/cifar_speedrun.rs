//! CIFAR-10 to 94% as fast as two cores can: K. Jordan, [94% on CIFAR-10 in 3.29 Seconds on a Single
//! GPU](https://arxiv.org/abs/2404.00498), 2024.
//!
//! `cargo run --release --example cifar_speedrun -- --data FOLDER` trains a small convolutional network; it prints the loss,
//! the accuracy and the time of each epoch, and at the end the accuracy when each test image is seen mirrored and shifted, too.
//! The paper's ideas: the first layer whitens patches of 2 x 2 and is not trained, convolutions start as identities, norms have
//! biases only, which learn 64 times as fast, each image is mirrored in every other epoch, and slow weights follow the fast ones.

use clap::Parser;
use fusion::nn::freeze;
use fusion::prelude::*;
use fusion_examples::Folder;
use std::time::Instant;

model! {
    /// Two convolutions, which halve the image.
    pub Group<I: Dim, O: Dim>: [I, H, W] {
        conv1: Conv2d<_, O, 3, padding = 1, bias = false>, MaxPool2d<2>, norm1: BatchNorm2d<_>, Gelu,
        conv2: Conv2d<_, O, 3, padding = 1, bias = false>, norm2: BatchNorm2d<_>, Gelu,
    }
}

model! {
    /// 118 million multiply-adds an image.
    pub SpeedNet: [3, 32, 32] -> [10] {
        whiten: Conv2d<_, 24, 2>, Gelu,
        layer1: Group<24, 64>,
        layer2: Group<64, 256>,
        layer3: Group<256, 256>,
        MaxPool2d<3>,
        Flatten,
        head: Linear<_, 10, bias = false>,
    }
}

#[derive(Parser)]
struct Args {
    #[command(flatten)]
    folder: Folder,
    /// How often to go through the training images; the last time may stop in the middle.
    #[arg(long, default_value_t = 10.5)]
    epochs: f64,
    /// The learning rate at its highest.
    #[arg(long, default_value_t = 1.5)]
    lr: f64,
    #[arg(long, default_value_t = 0)]
    seed: u64,
}

const BATCH: usize = 1024;
const MOMENTUM: f64 = 0.85;
const DECAY: f64 = 1.33e-3;
/// How many times as fast the biases of norms learn.
const BIASES: f64 = 64.0;
/// For how many epochs the bias of the first layer is trained.
const WHITEN: f64 = 3.0;

/// The eigenvalues and eigenvectors (rows) of a symmetric matrix: Jacobi's rotations.
fn eigen<const N: usize>(mut a: [[f64; N]; N]) -> ([f64; N], [[f64; N]; N]) {
    let mut v = std::array::from_fn(|i| std::array::from_fn(|j| f64::from(i == j)));
    for _ in 0..30 {
        for p in 0..N {
            for q in p + 1..N {
                if a[p][q].abs() < 1e-300 {
                    continue;
                }
                let theta = (a[q][q] - a[p][p]) / (2.0 * a[p][q]);
                let t = theta.signum() / (theta.abs() + theta.hypot(1.0));
                let (c, s) = (1.0 / t.hypot(1.0), t / t.hypot(1.0));
                for row in &mut a {
                    (row[p], row[q]) = (c * row[p] - s * row[q], s * row[p] + c * row[q]);
                }
                for m in [&mut a, &mut v] {
                    for k in 0..N {
                        (m[p][k], m[q][k]) = (c * m[p][k] - s * m[q][k], s * m[p][k] + c * m[q][k]);
                    }
                }
            }
        }
    }
    (std::array::from_fn(|i| a[i][i]), v)
}

/// Directions in which patches of 2 x 2 differ most, each scaled to variance 1, then the same with the other sign.
fn whitening(images: &Tensor<shape![Dyn, 3, 32, 32]>) -> Tensor<shape![24, 3, 2, 2]> {
    let patches = images.unfold::<Patches<dim!(2)>>(); // [B, 12, 961]
    let count = (images.shape()[0] * 961) as f32;
    let covariance = (einsum!("bcl,bdl->cd", &patches, &patches) / count).to_vec();
    let (values, vectors) = eigen::<12>(std::array::from_fn(|i| std::array::from_fn(|j| covariance[12 * i + j].into())));
    Tensor::from_fn(|at| {
        let (row, column) = (at / 12, at % 12);
        let sign = if row < 12 { 1.0 } else { -1.0 };
        (sign * vectors[row % 12][column] / (values[row % 12] + 5e-4).sqrt()) as f32
    })
}

/// Filters start as identities: each of the first ones passes one channel on as it is.
fn dirac<O: Dim, I: Dim>(weight: &mut Tensor<(O, I, Num<3>, Num<3>)>) {
    let (inputs, mut values) = (weight.shape()[1], weight.to_vec());
    for (at, value) in values.iter_mut().enumerate().take(inputs * inputs * 9) {
        let (filter, place) = (at / (inputs * 9), at % (inputs * 9));
        *value = f32::from(u8::from(place == filter * 9 + 4));
    }
    *weight = Tensor::from_vec_sized(values, &weight.shape()).expect("as many numbers").parameter();
}

/// A network whose first layer whitens such images.
fn start(images: &Tensor<shape![Dyn, 3, 32, 32]>, rng: &mut StdRng) -> SpeedNet {
    let mut net = SpeedNet::init(rng);
    net.whiten.weight = whitening(images).parameter();
    freeze(&mut net.whiten.weight);
    dirac(&mut net.layer1.conv1.weight);
    dirac(&mut net.layer1.conv2.weight);
    dirac(&mut net.layer2.conv1.weight);
    dirac(&mut net.layer2.conv2.weight);
    dirac(&mut net.layer3.conv1.weight);
    dirac(&mut net.layer3.conv2.weight);
    net
}

/// The scores of images, each also seen mirrored, and shifted by a pixel to either side.
fn look<B: Dim>(net: &SpeedNet, x: Tensor<shape![B, 3, 32, 32]>) -> Tensor<shape![B, 10]> {
    let wide = x.pad((Axis::<2>, Axis::<3>), Ends::<1, 1>, Reflect);
    let both = |x: Tensor<shape![B, 3, 32, 32]>| net.forward(x.flip(Axis::<3>)) + net.forward(x);
    let shifted = |by| both(wide.narrow::<dim!(32), _>(Axis::<2>, by).narrow::<dim!(32), _>(Axis::<3>, by));
    both(x.clone()) * 2 + shifted(0) + shifted(2)
}

/// From 0.2 up to 1 at 23% of the way, then down to 0.07.
fn rate(way: f64) -> f64 {
    if way < 0.23 { 0.2 + 0.8 * way / 0.23 } else { 1.0 - 0.93 * (way - 0.23) / 0.77 }
}


fn main() -> fusion::Result<()> {
    let args = Args::parse();
    let mut rng = StdRng::seed_from_u64(args.seed);
    let data = args.folder.cifar10(5000)?.map_x(|x| x.cast::<f32>() / 255);
    let mut net = start(&data.x, &mut rng);
    let loss_of = CrossEntropyLoss::new().label_smoothing(0.2);
    let mut opt = Sgd::new(0.1).momentum(0.85).nesterov(true);
    for (x, y) in data.batches(1024) {
        let t = Instant::now();
        let loss = loss_of.forward(&(net.forward(x.trace()) / 9), &y);
        let f = t.elapsed();
        opt.step(&mut net, loss.backward());
        println!("{f:?} {:?} {}", t.elapsed(), loss_of.forward(&(look(&net, x) / 9), &y));
    }
    Ok(())
}
