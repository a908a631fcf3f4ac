//! ResNet-20 tells CIFAR-10's photographs apart: He et al., [Deep residual learning](https://arxiv.org/abs/1512.03385), 2015.
//!
//! `cargo run --release --example cifar_resnet -- --data FOLDER` trains it and prints the accuracy on the 10,000 test photographs
//! after each epoch: above 0.85 after ten. The paper's 0.9125 takes 182 epochs. `-- predict IMAGE..` says what image files show.

use clap::Parser;
use fusion::data::transforms::{Normalize, RandomCrop, RandomHorizontalFlip, Resize};
use fusion::data::{Cifar10, DataLoader};
use fusion::models::ResNet20;
use fusion::prelude::*;
use fusion::train::Fit;
use fusion_examples::training::{CIFAR10, Task, Training, predict};

const NAME: &str = "cifar_resnet";

/// ResNet-20 tells CIFAR-10's photographs apart.
#[derive(Parser)]
struct Args {
    #[command(flatten)]
    training: Training,
    /// How often to go through the photographs.
    #[arg(long, default_value_t = 10)]
    epochs: usize,
    /// How many photographs a step learns from.
    #[arg(long, default_value_t = 128)]
    batch: usize,
    /// The learning rate at its highest.
    #[arg(long, default_value_t = 0.2)]
    lr: f64,
    #[command(subcommand)]
    task: Option<Task>,
}

fn main() -> fusion::Result<()> {
    let Args { training, epochs, batch, lr, task } = Args::parse();
    let mut rng = training.begin();
    let normalize = Normalize::cifar10();
    if let Some(Task::Predict { images }) = task {
        let net = ResNet20::load(training.model(NAME))?;
        let small = (Resize::<dim!(32), dim!(32)>::new(), normalize);
        return predict(&images, &CIFAR10, &small, |x| net.forward(x));
    }

    let cifar = Cifar10::open(&training.folder.path)?;
    let crop = RandomCrop::<dim!(32), dim!(32)>::new().padding::<dim!(4)>(Constant(0.0));
    let train = DataLoader::new(cifar.train()?, batch).shuffle(training.seed).drop_last().workers(1).transform((
        crop,
        RandomHorizontalFlip::new(0.5),
        normalize.clone(),
    ));
    let test = DataLoader::new(cifar.test()?, 500).transform(normalize);
    let mut net = ResNet20::init(&mut rng);
    let mut opt = Sgd::new(lr).momentum(0.9).nesterov(true).weight_decay(5e-4);
    let fit = Fit::new(epochs).schedule(schedule::OneCycle::new(lr, epochs * train.len()).pct_start(0.2));
    training.train(NAME, fit, (&mut net, &mut opt), [&train, &test])
}
