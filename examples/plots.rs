//! Figures of what a network learns and how it decides, as files.
//!
//! `cargo run --release --features plot --example plots` trains three small networks on data of the library, which takes a few
//! seconds, and writes into the folder `plots`:
//!
//! | file | what it shows |
//! | --- | --- |
//! | `curves.svg` | loss and accuracy of a network for digits, epoch by epoch |
//! | `confusion.svg` | which digit it takes for which |
//! | `mistakes.svg` | the digits that it is wrong about |
//! | `boundary.svg` | where a network tells two moons apart |
//! | `filters.svg` | what a first convolution looks for |
//! | `iris.svg` | a data set before training |
//!
//! With `-- --format png` they are PNG images. A fixed seed gives the same figures every time.

use clap::{Parser, ValueEnum};
use fusion::data;
use fusion::plot::{Figure, Plot};
use fusion::prelude::*;
use fusion::train::metrics::{ConfusionMatrix, RunningMean};
use std::path::PathBuf;

model! {
    /// 64 pixels in, a score for each of ten digits out.
    pub Digits: [64] -> [10] { fc1: Linear<_, 128>, Relu, Dropout<0.3>, fc2: Linear<_, 10> }
}

model! {
    /// Two coordinates in, one score out: above zero is the inner moon.
    pub Moons: [2] -> [1] { fc1: Linear<_, 16>, Relu, fc2: Linear<_, 16>, Relu, fc3: Linear<_, 1> }
}

model! {
    /// A small convolutional network for digits of 8 x 8 pixels.
    pub Filters: [1, 8, 8] -> [10] {
        conv1: Conv2d<_, 16, 5, padding = 2>, Relu,
        MaxPool2d<2>,
        Flatten,
        fc: Linear<_, 10>,
    }
}

#[derive(Parser)]
struct Args {
    /// Where the figures go.
    #[arg(long, default_value = "plots")]
    folder: PathBuf,
    /// What they are.
    #[arg(long, default_value = "svg")]
    format: Format,
    /// How often to go through the training digits.
    #[arg(long, default_value_t = 30)]
    epochs: usize,
    /// The seed of everything random.
    #[arg(long, default_value_t = 0)]
    seed: u64,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Svg,
    Png,
}

impl Args {
    fn save(&self, name: &str, figure: impl Into<Figure>) -> fusion::Result<()> {
        let path = self.folder.join(name).with_extension(match self.format {
            Format::Svg => "svg",
            Format::Png => "png",
        });
        figure.into().save(&path)?;
        println!("wrote {}", path.display());
        Ok(())
    }
}

fn main() -> fusion::Result<()> {
    let args = Args::parse();
    let failed = |source| fusion::Error::File { path: args.folder.clone(), source };
    std::fs::create_dir_all(&args.folder).map_err(failed)?;
    curves(&args)?;
    boundary(&args)?;
    filters(&args)?;
    iris(&args)
}

/// Loss and accuracy of a network for digits, which digit it takes for which, and where it is wrong.
fn curves(args: &Args) -> fusion::Result<()> {
    let mut rng = StdRng::seed_from_u64(args.seed);
    let (train, test) = data::digits().map_x(|x| x / 16.0).split_stratified(0.25, &mut rng);
    let (mut net, mut opt) = (Digits::init(&mut rng), Adam::new(2e-3));
    // Learned from, and held out.
    let (mut losses, mut accuracies) = ([vec![], vec![]], [vec![], vec![]]);
    for _ in 0..args.epochs {
        let (mut loss, mut accuracy) = (RunningMean::new(), RunningMean::new());
        for (x, y) in train.batches(32).shuffle(&mut rng) {
            let scores = net.forward(x.trace());
            let found = scores.cross_entropy(&y);
            loss.update_many(found.item(), y.shape()[0]);
            accuracy.update_many(scores.accuracy(&y), y.shape()[0]);
            opt.step(&mut net, found.backward());
        }
        let scores = net.forward(test.x.clone());
        losses[0].push(loss.value());
        losses[1].push(scores.cross_entropy(&test.y).item().into());
        accuracies[0].push(accuracy.value());
        accuracies[1].push(scores.accuracy(&test.y));
    }
    let least = |values: &[f64]| (0..values.len()).min_by(|&a, &b| values[a].total_cmp(&values[b])).map(|i| i + 1);
    let best = least(&losses[1]);
    let curves = |[train, test]: &[Vec<f64>; 2], title| {
        // Epochs are counted from 1.
        let plot = Plot::new().line("learned from", (1..).zip(train)).line("held out", (1..).zip(test));
        plot.vertical("least loss held out", best).title(title).x_label("epoch").size(520, 360)
    };
    let figure = [curves(&losses, "Cross-entropy").y_log(), curves(&accuracies, "Accuracy").y_range(0.8..=1.0)];
    args.save("curves", Figure::new(figure))?;

    let scores = net.forward(test.x.clone());
    let mut matrix = ConfusionMatrix::new(10);
    matrix.update(&scores, &test.y);
    let title = format!("Digits: {:.1} % of {} are right", 100.0 * matrix.accuracy(), matrix.total());
    args.save("confusion", Plot::new().confusion(&matrix).title(title).size(520, 480))?;

    let (guesses, labels) = (scores.argmax().to_vec(), test.y.to_vec());
    let wrong: Vec<usize> = (0..labels.len()).filter(|&i| guesses[i] != labels[i]).take(20).collect();
    if !wrong.is_empty() {
        let titles = wrong.iter().map(|&i| format!("{}, not {}", labels[i], guesses[i]));
        let images = test.select(&wrong).x.reshape::<shape![Dyn, 1, 8, 8]>();
        args.save("mistakes", Figure::images(&images).titles(titles).title("What it takes for another digit"))?;
    }
    Ok(())
}

/// Where a network tells two moons apart.
fn boundary(args: &Args) -> fusion::Result<()> {
    let mut rng = StdRng::seed_from_u64(args.seed);
    let moons = data::moons(300, 0.15, &mut rng);
    let labels: Vec<f32> = moons.y.to_vec().into_iter().map(|label| label as f32).collect();
    let targets = Tensor::<shape![Dyn, 1]>::from_vec_sized(labels, &[300, 1])?;
    let (mut net, mut opt) = (Moons::init(&mut rng), Adam::new(1e-2));
    for _ in 0..400 {
        let loss = net.forward(moons.x.trace()).bce_with_logits(&targets);
        opt.step(&mut net, loss.backward());
    }
    let plot = Plot::new().classes(&moons.x, &moons.y, moons.target_names()).regions(|x| net.forward(x));
    args.save("boundary", plot.title("Two moons").size(600, 420))
}

/// What a first convolution looks for.
fn filters(args: &Args) -> fusion::Result<()> {
    let mut rng = StdRng::seed_from_u64(args.seed);
    let digits = data::digits().map_x(|x| (x / 16.0).reshape::<shape![Dyn, 1, 8, 8]>());
    let (mut net, mut opt) = (Filters::init(&mut rng), AdamW::new(3e-3));
    for _ in 0..args.epochs.min(12) {
        for (x, y) in digits.batches(32).shuffle(&mut rng) {
            let loss = net.forward(x.trace()).cross_entropy(&y);
            opt.step(&mut net, loss.backward());
        }
    }
    let numbers = (0..16).map(|filter| format!("filter {filter}"));
    args.save("filters", Figure::filters(&net.conv1.weight).titles(numbers).title("conv1"))
}

/// A data set before training.
fn iris(args: &Args) -> fusion::Result<()> {
    let iris = data::iris();
    let (flowers, labels) = (iris.x.to_vec(), iris.y.to_vec());
    let names = iris.feature_names();
    let column = |feature: usize| flowers.iter().skip(feature).step_by(4).map(|&x| f64::from(x)).collect::<Vec<_>>();
    let of_species = |feature: usize, species: i64| {
        column(feature).into_iter().zip(&labels).filter(move |(_, label)| **label == species).map(|(x, _)| x).collect()
    };
    let (mut histogram, mut boxes) = (Plot::new().x_label(&names[2]), Plot::new().y_label(&names[1]));
    for (species, name) in iris.target_names().iter().enumerate() {
        let [widths, lengths]: [Vec<f64>; 2] = [1, 2].map(|feature| of_species(feature, species as i64));
        histogram = histogram.histogram(name, lengths);
        boxes = boxes.box_plot(name, widths);
    }
    let petals = iris.x.narrow::<dim!(2), _>(Axis::<1>, 2);
    let scatter = Plot::new().classes(&petals, &iris.y, iris.target_names()).x_label(&names[2]).y_label(&names[3]);
    let related = (0..16).map(|i| correlation(&column(i / 4), &column(i % 4)));
    let table = Plot::new().heat_map(names, names, related).title("Correlations");
    let plots = [
        scatter.title("Petals"),
        histogram.title("Lengths of petals").bins(30),
        boxes.title("Widths of sepals"),
        table,
    ];
    args.save("iris", Figure::new(plots.map(|plot| plot.size(520, 380))).title("Iris: 150 flowers"))
}

/// Pearson's correlation of two columns.
fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (mean_a, mean_b) = (mean(a), mean(b));
    let sum = |f: fn(f64, f64) -> f64| a.iter().zip(b).map(|(x, y)| f(x - mean_a, y - mean_b)).sum::<f64>();
    sum(|x, y| x * y) / (sum(|x, _| x * x) * sum(|_, y| y * y)).sqrt()
}
