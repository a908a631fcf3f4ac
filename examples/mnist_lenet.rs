//! LeNet-5 reads MNIST's digits: LeCun et al., 1998.
//!
//! `cargo run --release --example mnist_lenet -- --data FOLDER` trains it and prints the accuracy on the 10,000 test digits after
//! each epoch: above 0.99 after three. `-- predict IMAGE..` says which digits are in image files, white on black.

use clap::Parser;
use fusion::data::transforms::{Grayscale, Normalize, Resize};
use fusion::data::{DataLoader, Mnist};
use fusion::models::LeNet5;
use fusion::prelude::*;
use fusion::train::Fit;
use fusion_examples::training::{DIGITS, Task, Training, predict};

const NAME: &str = "mnist_lenet";

/// LeNet-5 reads MNIST's digits.
#[derive(Parser)]
struct Args {
    #[command(flatten)]
    training: Training,
    /// How often to go through the digits.
    #[arg(long, default_value_t = 3)]
    epochs: usize,
    /// How many digits a step learns from.
    #[arg(long, default_value_t = 64)]
    batch: usize,
    /// The learning rate at its highest.
    #[arg(long, default_value_t = 5e-3)]
    lr: f64,
    #[command(subcommand)]
    task: Option<Task>,
}

fn main() -> fusion::Result<()> {
    let Args { training, epochs, batch, lr, task } = Args::parse();
    let mut rng = training.begin();
    let normalize = Normalize::mnist();
    if let Some(Task::Predict { images }) = task {
        let net = LeNet5::load(training.model(NAME))?;
        let small = (Grayscale, Resize::<dim!(28), dim!(28)>::new(), normalize);
        return predict(&images, &DIGITS, &small, |x| net.forward(x));
    }

    let mnist = Mnist::open(&training.folder.path)?;
    let train = DataLoader::new(mnist.train()?, batch).shuffle(training.seed).workers(1).transform(normalize.clone());
    let test = DataLoader::new(mnist.test()?, 500).transform(normalize);
    let (mut net, mut opt) = (LeNet5::init(&mut rng), AdamW::new(lr));
    let fit = Fit::new(epochs).schedule(schedule::OneCycle::new(lr, epochs * train.len()));
    training.train(NAME, fit, (&mut net, &mut opt), [&train, &test])
}
