//! CIFAR-10 to 94% as fast as two cores can: K. Jordan, [94% on CIFAR-10 in 3.29 Seconds on a Single
//! GPU](https://arxiv.org/abs/2404.00498), 2024.
//!
//! `cargo run --release --example cifar_speedrun -- --data FOLDER` trains a small convolutional network; it prints the loss,
//! the accuracy and the time of each epoch, and at the end the accuracy when each test image is seen mirrored and shifted, too.
//! The paper's ideas: the first layer whitens patches of 2 x 2 and is not trained, convolutions start as identities, norms have
//! biases only, which learn 64 times as fast, each image is mirrored in every other epoch, and slow weights follow the fast ones.

use clap::Parser;
use fusion::data::transforms::{AlternatingFlip, Normalize, RandomCrop, Resize};
use fusion::data::{Cifar10, DataLoader};
use fusion::models::SpeedNet;
use fusion::nn::freeze;
use fusion::prelude::*;
use fusion::train::Parts;
use fusion::train::metrics::RunningMean;
use fusion_examples::training::{CIFAR10, Task, Training, accuracy, predict};
use std::time::Instant;

type Photos = Tensor<shape![Dyn, 3, 32, 32]>;

const NAME: &str = "cifar_speedrun";

/// CIFAR-10 to 94% as fast as two cores can.
#[derive(Parser)]
struct Args {
    #[command(flatten)]
    training: Training,
    /// How often to go through the photographs; the last time may end early.
    #[arg(long, default_value_t = 10.5)]
    epochs: f64,
    /// How many photographs a step learns from.
    #[arg(long, default_value_t = 1024)]
    batch: usize,
    /// The learning rate at its highest, in a batch of 1,024.
    #[arg(long, default_value_t = 1.5)]
    lr: f64,
    #[command(subcommand)]
    task: Option<Task>,
}

/// The share of all scores in the loss.
const SMOOTHING: f64 = 0.2;
const MOMENTUM: f64 = 0.85;
const DECAY: f64 = 1.33e-3;
/// How many times as fast the biases of norms learn.
const BIASES: f64 = 64.0;
/// For how many epochs the bias of the first layer is trained.
const WHITEN: u64 = 3;

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
                    let (first, second) = (m[p], m[q]);
                    m[p] = std::array::from_fn(|k| c * first[k] - s * second[k]);
                    m[q] = std::array::from_fn(|k| s * first[k] + c * second[k]);
                }
            }
        }
    }
    (std::array::from_fn(|i| a[i][i]), v)
}

/// Directions in which patches of 2 x 2 differ most, each scaled to variance 1, then the same with the other sign.
fn whitening(images: &Photos) -> Tensor<shape![24, 3, 2, 2]> {
    let patches = images.unfold::<Patches<dim!(2)>>(); // [B, 12, 961]
    let count = (images.shape()[0] * 961) as f32;
    let covariance = (einsum!("bcl,bdl->cd", &patches, &patches) / count).to_vec();
    let (values, vectors) =
        eigen::<12>(std::array::from_fn(|i| std::array::from_fn(|j| covariance[12 * i + j].into())));
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
fn start(images: &Photos, rng: &mut StdRng) -> SpeedNet {
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

fn parts<'a>(net: &'a mut SpeedNet, slow: &'a mut SpeedNet, opt: &'a mut Sgd) -> Parts<'a> {
    Parts::new().trained("model", net, opt).module("slow", slow)
}

fn main() -> fusion::Result<()> {
    let Args { training, epochs, batch, lr, task } = Args::parse();
    let mut rng = training.begin();
    let normalize = Normalize::cifar10();
    if let Some(Task::Predict { images }) = task {
        let net = SpeedNet::load(training.model(NAME))?;
        let small = (Resize::<dim!(32), dim!(32)>::new(), normalize);
        return predict(&images, &CIFAR10, &small, |x| look(&net, x));
    }

    let cifar = Cifar10::open(&training.folder.path)?;
    let photos = cifar.train()?;
    let crop = RandomCrop::<dim!(32), dim!(32)>::new().padding::<dim!(2)>(Reflect);
    let first = DataLoader::new(photos.clone(), 5000).transform(normalize.clone()).epoch(0).next();
    let (first, _) = first.expect("photographs to learn from")?;
    let train = DataLoader::new(photos, batch).shuffle(training.seed).drop_last().workers(1).transform((
        crop,
        AlternatingFlip,
        normalize.clone(),
    ));
    let test = DataLoader::new(cifar.test()?, 500).transform(normalize);
    let steps = (epochs * train.len() as f64).ceil() as usize;

    let mut net = start(&first, &mut rng);
    let mut slow = net.clone();
    let smoothed = CrossEntropyLoss::new().label_smoothing(SMOOTHING);
    let lr = lr * batch as f64 / 1024.0;
    let mut opt = Sgd::new(lr)
        .momentum(MOMENTUM)
        .nesterov(true)
        .weight_decay(DECAY)
        .group("*norm*.weight", |g| g.frozen())
        .group("*norm*.bias", |g| g.rate_factor(BIASES).weight_decay(DECAY / BIASES));
    let checkpoints = training.checkpoints(NAME)?;
    let mut run = checkpoints.resume_parts(parts(&mut net, &mut slow, &mut opt))?;
    train.resume(run.get("loader")?.unwrap_or_default())?;
    let mut seconds = run.get("seconds")?.unwrap_or(0.0);
    for epoch in train.epochs(epochs.ceil() as u64) {
        let (number, start) = (epoch.number() + 1, Instant::now());
        if number > WHITEN {
            freeze(&mut net.whiten);
        }
        let (bar, mut losses) = (Progress::new(format!("epoch {number}")), RunningMean::new());
        for batch in epoch.take(steps - run.step).progress(&bar) {
            let (x, y) = batch?;
            opt.set_learning_rate(lr * rate(run.step as f64 / steps as f64));
            let loss = smoothed.forward(&(net.forward(x.trace()) / 9), &y);
            losses.update(loss.item());
            bar.set("loss", losses.value());
            opt.step(&mut net, loss.backward());
            run.step += 1;
            if run.step.is_multiple_of(5) {
                slow.lerp_from(&net, 1.0 - 0.95_f64.powi(5) * (run.step as f64 / steps as f64).powi(3));
                net.copy_from(&slow);
            }
        }
        seconds += start.elapsed().as_secs_f64();
        let found = accuracy(&test, |x| net.forward(x))?;
        println!("epoch {number}  loss {:.4}  accuracy {found:.4}  {seconds:.0} s", losses.value());
        run.set("loader", &train.state())?;
        run.set("seconds", &seconds)?;
        checkpoints.save_parts(&run, parts(&mut net, &mut slow, &mut opt))?;
    }
    let (plain, all) = (accuracy(&test, |x| slow.forward(x))?, accuracy(&test, |x| look(&slow, x))?);
    println!("accuracy {plain:.4}, mirrored and shifted {all:.4}, after {seconds:.0} s");
    slow.save(training.model(NAME))
}
