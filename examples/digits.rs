//! Handwritten digits, from the declaration of a network to its saved weights.
//!
//! `cargo run --release --example digits` needs nothing but a Rust toolchain: scikit-learn's 1,797 digits of 8 x 8
//! pixels are part of the library. A fixed seed gives the same figures every time.
//!
//! With `--log runs/digits` the run says more of itself, for `cargo run --release -p fusion-board -- runs` and for
//! `tensorboard --logdir runs`, while it goes and after.

use clap::Parser;
use fusion::data;
use fusion::log::Run;
use fusion::prelude::*;
use fusion::train::metrics::ConfusionMatrix;
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
    /// A folder for the log of the run, such as runs/digits.
    #[arg(long)]
    log: Option<PathBuf>,
}

type Pixels = Tensor<shape![Dyn, 64]>;
type Labels = Tensor<shape![Dyn], i64>;

fn main() -> fusion::Result<()> {
    let args = Args::parse();
    let mut rng = StdRng::seed_from_u64(args.seed);
    let digits = data::digits().map_x(|x| x / 16.0); // pixels are 0 to 16
    let (train, test) = digits.split_stratified(0.2, &mut rng);
    println!("{} digits to train on, {} to test\n", train.len(), test.len());

    let mut net = Digits::init(&mut rng);
    println!("{}", net.summary());

    let mut run = args.log.as_ref().map(|folder| Run::create(folder)?.tensorboard()).transpose()?;
    if let Some(run) = &mut run {
        let Args { epochs, batch, lr, seed, .. } = &args;
        run.settings(&[("epochs", epochs), ("batch", batch), ("lr", lr), ("seed", seed), ("optimizer", &"Adam")])?;
        run.network(&net.sketch())?;
    }

    let mut opt = Adam::new(args.lr);
    let mut steps = 0;
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
            if let Some(run) = &mut run {
                run.scalar(steps, "step/loss", loss.item().into())?;
            }
            let grads = loss.backward();
            match &mut run {
                Some(run) if steps % 50 == 0 => {
                    let mut report = grads.explain(&net);
                    log_layers(run, steps, &net, x, &y)?;
                    opt.step(&mut net, grads);
                    report.measure(&net);
                    run.gradients(steps, &report)?;
                }
                _ => opt.step(&mut net, grads),
            }
            steps += 1;
        }
        let n = train.len() as f64;
        let tested = net.forward(test.x.clone()).accuracy(&test.y);
        if let Some(run) = &mut run {
            let figures = [("loss", loss_sum / n), ("accuracy/train", right / n), ("accuracy/test", tested)];
            run.scalars(steps, &figures)?;
            log_predictions(run, steps, &net, &test)?;
        }
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

/// What each layer does with some digits: dead units, gradients, weights, and at the start the computation itself.
fn log_layers(run: &mut Run, step: u64, net: &Digits, x: Pixels, y: &Labels) -> fusion::Result<()> {
    let trace = || Trace::training().seed(step).keep_values();
    run.operations(step, &net.forward(x.trace_with(trace())).cross_entropy(y).explain(), net)?;
    run.histograms(step, net)?;
    // A row for each unit, of what it takes from each pixel: black is below 0, white is above.
    run.image(step, "units of fc1", &(net.fc1.weight.detach() * 4.0).sigmoid().unsqueeze(Axis::<0>))?;
    if step == 0 {
        let few = Dataset::new(x, y.clone())?.select(&[0, 1]);
        let loss = net.forward(few.x.trace_with(trace())).cross_entropy(&few.y);
        run.graph(step, "loss of two digits", &loss.dot().names_of(net).gradients())?;
    }
    Ok(())
}

/// What the network takes the test's digits for, with pictures of those that it gets wrong.
fn log_predictions(run: &mut Run, step: u64, net: &Digits, test: &Dataset<Pixels, Labels>) -> fusion::Result<()> {
    let (scores, names) = (net.forward(test.x.clone()), test.target_names());
    let mut matrix = ConfusionMatrix::named(names);
    matrix.update(&scores, &test.y);
    run.confusion(step, "test", &matrix)?;
    let images = test.x.reshape::<shape![Dyn, 1, 8, 8]>();
    run.predictions_of(step, "test", &images, &scores, &test.y, names)
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
fn print_mistakes(x: &Pixels, labels: &[i64], guesses: &[i64]) {
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
