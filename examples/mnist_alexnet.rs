//! AlexNet, for images of 28 x 28, reads MNIST's digits.
//!
//! `cargo run --release --example mnist_alexnet -- --data FOLDER` trains it on digits that are shifted at random, and prints the
//! accuracy on the 10,000 test digits after each epoch: above 0.992 in the end. `-- predict IMAGE..` says which digits are in
//! image files, white on black.

use clap::Parser;
use fusion::data::transforms::{Grayscale, Normalize, RandomCrop, Resize};
use fusion::data::{DataLoader, Mnist};
use fusion::models::AlexNet28;
use fusion::prelude::*;
use fusion::train::Fit;
use fusion_examples::training::{DIGITS, Task, Training, predict};

const NAME: &str = "mnist_alexnet";

/// AlexNet, for images of 28 x 28, reads MNIST's digits.
#[derive(Parser)]
struct Args {
    #[command(flatten)]
    training: Training,
    /// How often to go through the digits.
    #[arg(long, default_value_t = 6)]
    epochs: usize,
    /// How many digits a step learns from.
    #[arg(long, default_value_t = 128)]
    batch: usize,
    /// The learning rate at its highest.
    #[arg(long, default_value_t = 3e-3)]
    lr: f64,
    #[command(subcommand)]
    task: Option<Task>,
}

fn main() -> fusion::Result<()> {
    let Args { training, epochs, batch, lr, task } = Args::parse();
    let mut rng = training.begin();
    let normalize = Normalize::mnist();
    if let Some(Task::Predict { images }) = task {
        let net = AlexNet28::load(training.model(NAME))?;
        let small = (Grayscale, Resize::<dim!(28), dim!(28)>::new(), normalize);
        return predict(&images, &DIGITS, &small, |x| net.forward(x));
    }

    let mnist = Mnist::open(&training.folder.path)?;
    let crop = RandomCrop::<dim!(28), dim!(28)>::new().padding::<dim!(2)>(Constant(0.0));
    let train = DataLoader::new(mnist.train()?, batch)
        .shuffle(training.seed)
        .drop_last()
        .workers(1)
        .transform((crop, normalize.clone()));
    let test = DataLoader::new(mnist.test()?, 500).transform(normalize);
    let (mut net, mut opt) = (AlexNet28::init(&mut rng), AdamW::new(lr));
    let fit = Fit::new(epochs).schedule(schedule::OneCycle::new(lr, epochs * train.len()));
    training.train(NAME, fit, (&mut net, &mut opt), [&train, &test])
}
