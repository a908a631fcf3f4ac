//! Any table of comma-separated values: which class, or which number, follows from the other columns?
//!
//! ```text
//! cargo run --release --example tabular -- train data.csv --target diagnosis --out model.safetensors
//! cargo run --release --example tabular -- predict model.safetensors new.csv
//! ```
//!
//! `train` prints what it understood of the table, learns until the loss on held-out rows no longer falls, and saves the
//! weights that were best there in one file with all that prepares a row. `predict` needs that file alone: it prints a class
//! and its probability for each row, or with a target of `--regression` a number, and how good they are where the file says
//! what is right. A column without a name is called by its number, from 0.

use clap::{Args, Parser, Subcommand};
use fusion::data::Standardizer;
use fusion::data::csv::{Csv, Fill, Preprocessor};
use fusion::prelude::*;
use fusion::state::saved_with;
use fusion::train::metrics::{Average, ClassScores, ConfusionMatrix, Regression, RunningMean};
use fusion::train::{Checkpoints, EarlyStopping};
use std::path::{Path, PathBuf};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;
type Rows = Tensor<shape![Dyn, Dyn]>;
type Classes = Tensor<shape![Dyn], i64>;

/// Two hidden layers between as many features as a table has and as many outputs as are asked for, which only the run knows.
#[derive(Module)]
#[module(no_init)]
pub struct Net {
    fc1: Linear<Dyn, dim!(64)>,
    dropout: Dropout,
    fc2: Linear<dim!(64), dim!(64)>,
    head: Linear<dim!(64), Dyn>,
    /// What the outputs are of: the targets of a regression, brought to mean 0 and deviation 1. Of scores it changes nothing.
    scale: Standardizer<Dyn>,
}

impl Net {
    fn new(features: usize, outputs: usize, rng: &mut StdRng) -> fusion::Result<Self> {
        Ok(Self {
            fc1: Linear::init_sized(features, 64, rng)?,
            dropout: Dropout::new(0.1).seed(rng.random()),
            fc2: Linear::init(rng),
            head: Linear::init_sized(64, outputs, rng)?,
            scale: Standardizer { mean: Tensor::zeros_sized(&[outputs])?, std: Tensor::ones_sized(&[outputs])? },
        })
    }

    /// The network in this file, and what prepares its rows.
    fn open(path: &Path) -> fusion::Result<(Self, Preprocessor)> {
        let prepare: Preprocessor = saved_with(path)?;
        let outputs = prepare.classes().len().max(prepare.targets().len());
        let mut net = Self::new(prepare.num_features(), outputs, &mut StdRng::seed_from_u64(0))?;
        net.load_state(path)?;
        Ok((net, prepare))
    }
}

impl Forward<Rows> for Net {
    type Output = Rows;

    fn forward(&self, x: Rows) -> Rows {
        let x = self.dropout.forward(self.fc1.forward(x).relu());
        self.head.forward(self.fc2.forward(x).relu())
    }
}

#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    part: Part,
    /// As many threads; by default as many as the machine has.
    #[arg(long, global = true)]
    threads: Option<usize>,
}

#[derive(Subcommand)]
enum Part {
    /// Learns a table, and saves the best network.
    Train(Train),
    /// Says what a network makes of the rows of a table.
    Predict {
        /// What `train` has saved.
        model: PathBuf,
        /// A table with the columns of the one that was learned.
        data: PathBuf,
    },
}

#[derive(Args)]
struct Train {
    /// The table.
    data: PathBuf,
    /// The column to be predicted.
    #[arg(long)]
    target: String,
    /// The target is a number, and not a class.
    #[arg(long)]
    regression: bool,
    /// Columns to be left out.
    #[arg(long, value_delimiter = ',')]
    without: Vec<String>,
    /// Where the network goes.
    #[arg(long, default_value = "model.safetensors")]
    out: PathBuf,
    /// How often to go through the rows, at most.
    #[arg(long, default_value_t = 200)]
    epochs: usize,
    /// Rows per step.
    #[arg(long, default_value_t = 32)]
    batch: usize,
    /// AdamW's learning rate.
    #[arg(long, default_value_t = 1e-3)]
    lr: f64,
    /// The seed of everything random.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// The share of the rows that is held out.
    #[arg(long, default_value_t = 0.2)]
    valid: f64,
    /// How many epochs without a smaller loss on what is held out are borne.
    #[arg(long, default_value_t = 15)]
    patience: usize,
    /// Keeps the state of the run in this folder, and goes on from there.
    #[arg(long)]
    resume: Option<PathBuf>,
}

fn main() {
    let cli = Cli::parse();
    cli.threads.into_iter().for_each(fusion::set_num_threads);
    let done = match &cli.part {
        Part::Train(options) => train(options).map(|figures| println!("{figures}")),
        Part::Predict { model, data } => predict(model, data),
    };
    if let Err(error) = done {
        eprintln!("error: {error}");
        std::process::exit(1);
    }
}

fn train(options: &Train) -> Result<String> {
    if options.batch == 0 || !(options.valid > 0.0 && options.valid < 1.0) {
        return Err("a batch needs a row, and what is held out is a share between 0 and 1".into());
    }
    let csv = Csv::open(&options.data)?.without(&options.without)?.fill(Fill::Median).standardize();
    println!("{csv}\n");
    let rng = &mut StdRng::seed_from_u64(options.seed);
    if options.regression {
        let (train, valid) = csv.split(options.valid, rng);
        let prepare = Preprocessor::fit_regression(&train, [&options.target])?;
        let (train, valid) = (prepare.regression::<Dyn, Dyn>(&train)?, prepare.regression::<Dyn, Dyn>(&valid)?);
        let mut net = Net::new(prepare.num_features(), 1, rng)?;
        net.scale = Standardizer::fit(&train.y);
        let loss = |net: &Net, x: Rows, y: &Rows| net.forward(x).mse_loss(&net.scale.transform(y));
        learn(options, &prepare, net, [&train, &valid], loss, |net, data| errors(net, data).0)?;
        Ok(errors(&Net::open(&options.out)?.0, &valid).1)
    } else {
        let (train, valid) = csv.split_stratified(&options.target, options.valid, rng)?;
        let prepare = Preprocessor::fit_classification(&train, &options.target)?;
        let (train, valid) = (prepare.classification::<Dyn>(&train)?, prepare.classification::<Dyn>(&valid)?);
        let net = Net::new(prepare.num_features(), prepare.classes().len(), rng)?;
        let loss = |net: &Net, x: Rows, y: &Classes| net.forward(x).cross_entropy(y);
        learn(options, &prepare, net, [&train, &valid], loss, |net, data| hits(net, data).0)?;
        Ok(hits(&Net::open(&options.out)?.0, &valid).1)
    }
}

/// Goes through the rows until the loss on what is held out no longer falls, and saves the network whenever it is the best.
fn learn<Y: fusion::data::Samples>(
    options: &Train,
    prepare: &Preprocessor,
    mut net: Net,
    [train, valid]: [&Dataset<Rows, Y>; 2],
    loss: impl Fn(&Net, Rows, &Y) -> Tensor<shape![]>,
    figures: impl Fn(&Net, &Dataset<Rows, Y>) -> String,
) -> Result<()> {
    println!("{} rows to learn from, {} held out; {} parameters", train.len(), valid.len(), net.num_parameters());
    let (mut opt, mut stopping) = (AdamW::new(options.lr), EarlyStopping::new(options.patience));
    let checkpoints = options.resume.as_ref().map(Checkpoints::new);
    let mut run = checkpoints.as_ref().map_or(Ok(Default::default()), |kept| kept.resume(&mut net, &mut opt))?;
    run.restore("stopping", &mut stopping)?;
    while run.epoch < options.epochs && !stopping.stop() {
        let (bar, mut mean) = (Progress::new(format!("epoch {}", run.epoch + 1)), RunningMean::default());
        // The order follows from the seed and the epoch: a run that is resumed goes on as it would have gone on.
        let mut order = StdRng::seed_from_u64(options.seed ^ ((run.epoch as u64 + 1) << 32));
        for (x, y) in train.batches(options.batch).shuffle(&mut order).progress(&bar) {
            let rows = x.shape()[0];
            let loss = loss(&net, x.trace(), &y);
            mean.update_many(loss.item(), rows);
            bar.set("loss", loss.item());
            opt.step(&mut net, loss.backward());
            run.step += 1;
        }
        run.epoch += 1;
        let held_out: f64 = loss(&net, valid.x.clone(), &valid.y).item().into();
        let (epoch, loss, best) = (run.epoch, mean.value(), stopping.is_better(held_out));
        let mark = if best { " *" } else { "" };
        println!("epoch {epoch:3}  loss {loss:.4}  held out: loss {held_out:.4}, {}{mark}", figures(&net, valid));
        if best {
            net.save_with(&options.out, prepare)?;
        }
        if let Some(checkpoints) = &checkpoints {
            run.set("stopping", &stopping)?;
            checkpoints.save(&run, &net, &opt)?;
        }
    }
    let Some(best) = stopping.best_epoch() else {
        return Err("no epoch had a loss that is a number: try a smaller --lr".into());
    };
    println!("\nepoch {} was the best: saved as {}", best + 1, options.out.display());
    Ok(())
}

/// How good the classes are, in short and at length.
fn hits(net: &Net, data: &Dataset<Rows, Classes>) -> (String, String) {
    let probabilities = net.forward(data.x.clone()).softmax(Axis::<-1>);
    let (mut matrix, mut scores) = (ConfusionMatrix::named(data.target_names()), ClassScores::new());
    matrix.update(&probabilities, &data.y);
    scores.update(&probabilities, &data.y);
    let short = format!("accuracy {:.4}, ROC-AUC {:.4}", matrix.accuracy(), scores.roc_auc(Average::Macro));
    let long = format!("{short}\n\n{}", matrix.report());
    (short, long)
}

/// How good the numbers are.
fn errors(net: &Net, data: &Dataset<Rows, Rows>) -> (String, String) {
    let mut errors = Regression::new();
    errors.update(&net.scale.inverse(&net.forward(data.x.clone())), &data.y);
    let short = format!("RMSE {:.4}, R2 {:.4}", errors.rmse(), errors.r2());
    let long = format!("{short}, mean absolute error {:.4}", errors.mae());
    (short, long)
}

fn predict(model: &Path, data: &Path) -> Result<()> {
    let (net, prepare) = Net::open(model)?;
    let csv = prepare.options().open(data)?;
    let outputs = net.forward(prepare.features(&csv)?);
    let figures = if prepare.classes().is_empty() {
        println!("{}", prepare.targets().join(","));
        let numbers = net.scale.inverse(&outputs).to_vec();
        numbers.iter().for_each(|number| println!("{number}"));
        prepare.regression(&csv).map(|data| errors(&net, &data).1)
    } else {
        println!("{},probability", prepare.targets()[0]);
        let probabilities = outputs.softmax(Axis::<-1>).to_vec();
        for (row, guess) in probabilities.chunks(prepare.classes().len()).zip(outputs.argmax().to_vec()) {
            println!("{},{:.4}", prepare.classes()[guess as usize], row[guess as usize]);
        }
        prepare.classification(&csv).map(|data| hits(&net, &data).1)
    };
    // A table of new rows does not say what is right.
    figures.into_iter().for_each(|figures| eprintln!("\n{figures}"));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use fusion::data::{breast_cancer, diabetes};
    use std::fmt::Write;

    /// A set of the library as a table, with its targets in the column `y`.
    fn table(folder: &Path, names: &[String], rows: &[f32], targets: &[String]) -> PathBuf {
        let mut text = format!("{},y\n", names.join(","));
        for (row, target) in rows.chunks(names.len()).zip(targets) {
            row.iter().for_each(|x| write!(text, "{x},").expect("a string"));
            writeln!(text, "{target}").expect("a string");
        }
        let path = folder.join("data.csv");
        std::fs::write(&path, text).expect("a temporary file");
        path
    }

    fn run(data: &Path, more: &[&str]) -> Result<String> {
        let out = data.with_extension("safetensors");
        let words = ["tabular", "train", data.to_str().unwrap(), "--target", "y", "--out", out.to_str().unwrap()];
        let Part::Train(options) = Cli::parse_from([&words[..], more].concat()).part else { panic!("train") };
        train(&options)
    }

    fn weights(data: &Path) -> Vec<u8> {
        std::fs::read(data.with_extension("safetensors")).unwrap()
    }

    #[test]
    fn classes_are_learned_and_a_run_is_resumed() {
        let (folder, set) = (tempfile::tempdir().unwrap(), breast_cancer());
        let targets: Vec<String> = set.y.to_vec().iter().map(|&y| set.target_names()[y as usize].clone()).collect();
        let data = table(folder.path(), set.feature_names(), &set.x.to_vec(), &targets);
        let figures = run(&data, &["--epochs", "6"]).unwrap();
        let accuracy: f64 = figures.split([' ', ',']).nth(1).unwrap().parse().unwrap();
        assert!(accuracy > 0.93, "{figures}");
        predict(&data.with_extension("safetensors"), &data).unwrap();

        let whole = weights(&data);
        let kept = folder.path().join("kept");
        let resume = ["--resume", kept.to_str().unwrap()];
        run(&data, &[&resume[..], &["--epochs", "3"]].concat()).unwrap();
        assert_ne!(weights(&data), whole);
        assert_eq!(run(&data, &[&resume[..], &["--epochs", "6"]].concat()).unwrap(), figures);
        assert!(weights(&data) == whole, "a run that was resumed ends as one that was not ended");
    }

    #[test]
    fn numbers_are_learned() {
        let (folder, set) = (tempfile::tempdir().unwrap(), diabetes());
        let targets: Vec<String> = set.y.to_vec().iter().map(f32::to_string).collect();
        let data = table(folder.path(), set.feature_names(), &set.x.to_vec(), &targets);
        let figures = run(&data, &["--regression", "--epochs", "10"]).unwrap();
        let r2: f64 = figures.split([' ', ',']).nth(4).unwrap().parse().unwrap();
        assert!(r2 > 0.25, "{figures}");
        predict(&data.with_extension("safetensors"), &data).unwrap();
        assert!(run(&data, &[]).unwrap_err().to_string().contains("different values"));
    }
}
