//! How long a training step waits for the loader, and how many images the loader makes in a second, beside PyTorch's
//! `DataLoader` (`python3 examples/benches/loader.py`).
//!
//! `cargo run --release --example loader` trains ResNet-20 for 40 steps on batches of 128 random images of CIFAR's size, each
//! cropped and flipped at random and normalised, and then makes two epochs of 50,000 images without a network. Both have no
//! workers, one and two.

use clap::Parser;
use fusion::data::transforms::{Normalize, RandomCrop, RandomHorizontalFlip};
use fusion::data::{DataLoader, Dataset};
use fusion::models::ResNet20;
use fusion::prelude::*;
use std::time::Instant;

#[derive(Parser)]
struct Args {
    /// How many steps of training are measured.
    #[arg(long, default_value_t = 40)]
    steps: usize,
    /// How many epochs without a network.
    #[arg(long, default_value_t = 2)]
    epochs: u64,
}

type Batch = (Tensor<shape![Dyn, 3, 32, 32]>, Tensor<shape![Dyn], i64>);
type Images = Dataset<Tensor<shape![Dyn, 3, 32, 32], u8>, Tensor<shape![Dyn], i64>>;

fn main() -> fusion::Result<()> {
    let args = Args::parse();
    let mut rng = StdRng::seed_from_u64(0);
    let x = Tensor::from_fn_sized(&[50_000, 3, 32, 32], |_| rng.random())?;
    let images = Dataset::new(x, Tensor::from((0..50_000).map(|i| i % 10).collect::<Vec<i64>>()))?;
    for workers in [0, 1, 2] {
        wait(&loader(&images, workers), workers, args.steps)?;
    }
    for workers in [0, 1, 2] {
        speed(&loader(&images, workers), workers, args.epochs)?;
    }
    Ok(())
}

fn loader(images: &Images, workers: usize) -> DataLoader<Batch> {
    DataLoader::new(images.clone(), 128)
        .shuffle(0)
        .transform((
            RandomCrop::<dim!(32), dim!(32)>::new().padding::<dim!(4)>(Constant(0.0)),
            RandomHorizontalFlip::new(0.5),
            Normalize::cifar10(),
        ))
        .workers(workers)
}

/// Which part of a training step is waiting.
fn wait(loader: &DataLoader<Batch>, workers: usize, steps: usize) -> fusion::Result<()> {
    const WARM: usize = 3;
    let mut net = ResNet20::init(&mut StdRng::seed_from_u64(0));
    let mut opt = Sgd::new(0.1).momentum(0.9).weight_decay(1e-4);
    let (mut epoch, mut waited, mut all) = (loader.epoch(0), Vec::new(), Vec::new());
    for step in 0..WARM + steps {
        let start = Instant::now();
        let (x, y) = epoch.next().expect("an epoch has more batches")?;
        let ready = start.elapsed();
        let loss = net.forward(x.trace()).cross_entropy(&y);
        opt.step(&mut net, loss.backward());
        if step >= WARM {
            waited.push(ready.as_secs_f64());
            all.push(start.elapsed().as_secs_f64());
        }
    }
    let share = 100.0 * waited.iter().sum::<f64>() / all.iter().sum::<f64>();
    let [waited, all] = [waited, all].map(|mut times| {
        times.sort_by(f64::total_cmp);
        1e3 * times[times.len() / 2]
    });
    println!(
        "{workers} workers: of a step of {all:.1} ms (median) it waits {waited:.3} ms (median), {share:.2}% of all time"
    );
    Ok(())
}

/// How many images come in a second to a loop that does nothing with them.
fn speed(loader: &DataLoader<Batch>, workers: usize, epochs: u64) -> fusion::Result<()> {
    let (start, mut images) = (Instant::now(), 0);
    for epoch in loader.epochs(epochs) {
        for batch in epoch {
            images += batch?.1.shape()[0];
        }
    }
    println!("{workers} workers: {:.0} images per second", images as f64 / start.elapsed().as_secs_f64());
    Ok(())
}
