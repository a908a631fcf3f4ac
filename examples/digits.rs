//! Handwritten digits, from the declaration of a network to its saved weights.
//!
//! `cargo run --release --example digits` needs nothing but a Rust toolchain: scikit-learn's 1,797 digits of 8 x 8
//! pixels are part of the library. A fixed seed gives the same figures every time.

use clap::Parser;
use fusion::data;
use fusion::prelude::*;
use std::path::PathBuf;

model! {
    /// 64 pixels in, a score for each of ten digits out.
    pub Digits: [64] -> [10] {
        fc1: Linear<_, 256>, Relu,
        Dropout<0.4>,
        fc2: Linear<_, 128>, Relu,
        fc3: Linear<_, 10>,
    }
}

#[derive(Parser)]
struct Args {
    /// How often to go through the training digits.
    #[arg(long, default_value_t = 50)]
    epochs: u64,
    /// Samples per step.
    #[arg(long, default_value_t = 32)]
    batch: usize,
    /// Adam's learning rate.
    #[arg(long, default_value_t = 2e-3)]
    lr: f64,
    /// The seed of everything random.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Where to save the trained weights.
    #[arg(long, default_value = "digits.safetensors")]
    out: PathBuf,
}

fn main() -> fusion::Result<()> {
    let args = Args::parse();
    let mut rng = StdRng::seed_from_u64(args.seed);
    let digits = data::digits().map_x(|x| x / 16.0); // pixels are 0 to 16
    let (train, test) = digits.split_stratified(0.2, &mut rng);
    println!("{} digits to train on, {} to test\n", train.len(), test.len());

    let mut net = Digits::init(&mut rng);
    println!("{}", net.summary());

    let mut opt = Adam::new(args.lr);
    for epoch in 1..=args.epochs {
        // Smaller and smaller steps let the weights settle.
        opt.set_learning_rate(args.lr * (args.epochs - epoch + 1) as f64 / args.epochs as f64);
        let batches = train.batches(args.batch).shuffle(&mut rng).progress(format!("epoch {epoch}"));
        let (mut loss_sum, mut right) = (0.0, 0.0);
        for (step, (x, y)) in batches.enumerate() {
            let trace = Trace::training().seed(args.seed ^ (epoch << 32 | step as u64));
            let scores = net.forward(x.trace_with(trace));
            let loss = scores.cross_entropy(&y);
            loss_sum += f64::from(loss.item()) * y.num_elements() as f64;
            right += scores.accuracy(&y) * y.num_elements() as f64;
            opt.step(&mut net, loss.backward());
        }
        let n = train.len() as f64;
        let tested = net.forward(test.x.clone()).accuracy(&test.y);
        println!("epoch {epoch:2}  loss {:.4}  train {:.4}  test {tested:.4}", loss_sum / n, right / n);
    }

    let scores = net.forward(test.x.clone());
    let guesses = scores.argmax().to_vec();
    let labels = test.y.to_vec();
    print_confusion(&labels, &guesses);
    print_mistakes(&test.x, &labels, &guesses);

    net.save(&args.out)?;
    let loaded = Digits::load(&args.out)?;
    let (before, after) = (scores.accuracy(&test.y), loaded.forward(test.x.clone()).accuracy(&test.y));
    println!("saved as {}; loaded into a fresh network it scores {after:.4}", args.out.display());
    println!("test accuracy {before:.4}");
    assert_eq!(before, after, "the loaded network scores differently");
    Ok(())
}

/// How often each digit (row) was taken for each (column).
fn print_confusion(labels: &[i64], guesses: &[i64]) {
    let mut counts = [[0; 10]; 10];
    for (&label, &guess) in labels.iter().zip(guesses) {
        counts[label as usize][guess as usize] += 1;
    }
    println!("\nrow: the digit; column: what the network took it for");
    println!("     {}", (0..10).map(|d| format!("{d:4}")).collect::<String>());
    for (digit, row) in counts.iter().enumerate() {
        let cells = row.iter().map(|&n| if n == 0 { "   .".into() } else { format!("{n:4}") });
        println!("  {digit}  {}", cells.collect::<String>());
    }
}

/// The first few wrong guesses, side by side, two characters to a pixel.
fn print_mistakes(x: &Tensor<shape![Dyn, 64]>, labels: &[i64], guesses: &[i64]) {
    const SHADES: [&str; 5] = ["  ", "░░", "▒▒", "▓▓", "██"];
    let pixels = x.to_vec();
    let wrong: Vec<usize> = (0..labels.len()).filter(|&i| labels[i] != guesses[i]).take(4).collect();
    println!("\n{} of {} are wrong", labels.iter().zip(guesses).filter(|(a, b)| a != b).count(), labels.len());
    println!(
        "{}",
        wrong.iter().map(|&i| format!("{:<18}", format!("{} taken for {}", labels[i], guesses[i]))).collect::<String>()
    );
    for row in 0..8 {
        for &i in &wrong {
            let line = &pixels[i * 64 + row * 8..][..8];
            let shades = line.iter().map(|&pixel| SHADES[(pixel * 4.0).round() as usize % 5]);
            print!("{}  ", shades.collect::<String>());
        }
        println!();
    }
    println!();
}
