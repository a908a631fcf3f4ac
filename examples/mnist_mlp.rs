//! A multilayer perceptron reads MNIST's digits.
//!
//! `cargo run --release --example mnist_mlp -- --data FOLDER` trains it and prints the accuracy on the 10,000 test digits after
//! each epoch: above 0.975 after five. `cargo run --release --example mnist_mlp -- predict IMAGE..` says which digits are in image
//! files, white on black.

use clap::Parser;
use fusion::data::transforms::{Grayscale, Normalize, Resize};
use fusion::data::{DataLoader, Mnist};
use fusion::models::Mlp;
use fusion::prelude::*;
use fusion_examples::training::{DIGITS, Task, Training, accuracy, predict};

const NAME: &str = "mnist_mlp";

/// A multilayer perceptron reads MNIST's digits.
#[derive(Parser)]
struct Args {
    #[command(flatten)]
    training: Training,
    /// How often to go through the digits.
    #[arg(long, default_value_t = 5)]
    epochs: u64,
    /// How many digits a step learns from.
    #[arg(long, default_value_t = 64)]
    batch: usize,
    /// Adam's learning rate.
    #[arg(long, default_value_t = 1e-3)]
    lr: f64,
    #[command(subcommand)]
    task: Option<Task>,
}

fn main() -> fusion::Result<()> {
    let Args { training, epochs, batch, lr, task } = Args::parse();
    let mut rng = training.begin();
    let normalize = Normalize::mnist();
    if let Some(Task::Predict { images }) = task {
        let net = Mlp::load(training.model(NAME))?;
        let small = (Grayscale, Resize::<dim!(28), dim!(28)>::new(), normalize);
        return predict(&images, &DIGITS, &small, |x| net.forward(Flatten.forward(x)));
    }

    let mnist = Mnist::open(&training.folder.path)?;
    let train = DataLoader::new(mnist.train()?, batch).shuffle(training.seed).workers(1).transform(normalize.clone());
    let test = DataLoader::new(mnist.test()?, 500).transform(normalize);
    let (mut net, mut opt) = (Mlp::init(&mut rng), Adam::new(lr));
    let checkpoints = training.checkpoints(NAME)?;
    let mut run = checkpoints.resume(&mut net, &mut opt)?;
    train.resume(run.get("loader")?.unwrap_or_default())?;
    for epoch in train.epochs(epochs) {
        let number = epoch.number() + 1;
        let bar = Progress::new(format!("epoch {number}"));
        for batch in epoch.progress(&bar) {
            let (x, y) = batch?;
            let loss = net.forward(Flatten.forward(x).trace()).cross_entropy(&y);
            bar.set("loss", loss.item());
            opt.step(&mut net, loss.backward());
            run.step += 1;
        }
        run.set("loader", &train.state())?;
        checkpoints.save(&run, &net, &opt)?;
        println!("epoch {number}  accuracy {:.4}", accuracy(&test, |x| net.forward(Flatten.forward(x)))?);
    }
    net.save(training.model(NAME))
}
