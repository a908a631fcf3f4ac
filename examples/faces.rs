//! Faces in photographs: a small YOLOv3 trained from nothing, and a trained one that learns more.
//!
//! * `cargo run --release --example faces -- train --data FOLDER` trains [`Finder`], a small YOLOv3, on the 2,700 photographs of
//!   `faces-small`, and prints the average precision on its 300 test photographs.
//! * `.. tune --data FOLDER` loads the weights of `yoloface-500k`, which come with the examples, and trains them on the 160
//!   photographs of `faces-wider`: its heads first, then all of it. It prints the average precision on the 40 test photographs
//!   before and after.
//! * `.. test SET --data FOLDER` measures what a network finds in a folder of photographs with boxes.
//! * `.. predict IMAGE..` draws what a network finds.
//! * `.. anchors --data FOLDER` prints the sizes of boxes that `Finder` starts from.
//!
//! The guide's chapter `detection` says what the runs give.

use clap::{Args, Parser, Subcommand, ValueEnum};
use fusion::data::transforms::{ColorJitter, Map, ToFloat};
use fusion::data::{DataLoader, Draw, Transform, read_image, write_png};
use fusion::models::darknet;
use fusion::models::yolo::darknet53::Residual;
use fusion::models::yolo::tiny::Head;
use fusion::models::yolo::{Unit, YoloFace500k, YoloFace500kOutput};
use fusion::nn::{freeze, unfreeze};
use fusion::prelude::*;
use fusion::train::{Checkpoints, Fit};
use fusion::vision::{
    AveragePrecision, BoxedImages, Canvas, Detection, DetectionFolder, Labelled, Letterbox, Mosaic, Nms, Overlap,
    RandomFlip, RandomScaleShift, VocRule, YoloHead, YoloLoss, YoloParts, colour,
};
use fusion_examples::Folder;
use fusion_examples::training::Training;
use std::path::{Path, PathBuf};

/// Where the runs keep their files.
const TRAIN: &str = "faces";
const TUNE: &str = "faces_tuned";

/// Trained on WIDER FACE; the folder says whose they are.
const WEIGHTS: &[u8] = include_bytes!("webcam/weights/yoloface-500k.weights");

/// With which score a face counts as found.
const SURE: f32 = 0.5;

/// Finds faces in photographs, and learns to.
#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Train a small YOLOv3 from nothing on faces-small.
    Train(Train),
    /// Train yoloface-500k further on faces-wider.
    Tune(Tune),
    /// Measure what a network finds in a folder of photographs with boxes.
    Test {
        /// Which network looks for faces.
        #[arg(long, default_value = "yoloface")]
        network: Network,
        /// Its weights; by default those that come with the example, or that `train` has saved.
        #[arg(long)]
        model: Option<PathBuf>,
        /// The folder.
        set: PathBuf,
        /// Which of its photographs; by default all.
        #[arg(long)]
        split: Option<String>,
    },
    /// Draw the faces that a network finds.
    Predict {
        /// Which network looks for faces.
        #[arg(long, default_value = "yoloface")]
        network: Network,
        /// Its weights; by default those that come with the example, or that `train` has saved.
        #[arg(long)]
        model: Option<PathBuf>,
        /// PNG and JPEG files.
        #[arg(required = true)]
        images: Vec<PathBuf>,
        /// The folder for the drawings.
        #[arg(long, default_value = ".")]
        out: PathBuf,
    },
    /// Print the sizes of boxes that the small network starts from.
    Anchors(Folder),
}

#[derive(Clone, Copy, ValueEnum)]
enum Network {
    /// The small one.
    Finder,
    /// yoloface-500k.
    Yoloface,
}

#[derive(Args)]
struct Train {
    #[command(flatten)]
    training: Training,
    /// How often to go through the photographs.
    #[arg(long, default_value_t = 12)]
    epochs: usize,
    /// How many photographs a step learns from.
    #[arg(long, default_value_t = 16)]
    batch: usize,
    /// The learning rate at its highest.
    #[arg(long, default_value_t = 3e-3)]
    lr: f64,
}

#[derive(Args)]
struct Tune {
    #[command(flatten)]
    training: Training,
    /// How often to go through the photographs with all but the heads frozen.
    #[arg(long, default_value_t = 1)]
    head_epochs: usize,
    /// And how often with the whole network.
    #[arg(long, default_value_t = 6)]
    epochs: usize,
    /// How many photographs a step learns from.
    #[arg(long, default_value_t = 4)]
    batch: usize,
    /// The learning rate of the heads alone.
    #[arg(long, default_value_t = 1e-4)]
    head_lr: f64,
    /// The learning rate of the whole network at its highest.
    #[arg(long, default_value_t = 2e-4)]
    lr: f64,
    /// The weights to begin with; by default those that come with the example.
    #[arg(long)]
    model: Option<PathBuf>,
}

model! {
    /// A small YOLOv3: Darknet's blocks, and heads with strides 16 and 8.
    pub Finder: [3, H, W] -> { large, medium } {
        stem: Unit<3, 16, 3, 2, 1>,
        stage2: { Unit<16, 32, 3, 2, 1>, Residual<32, 16> },
        stage3: { Unit<32, 64, 3, 2, 1>, 2 * Residual<64, 32> },
        stage4: { Unit<64, 128, 3, 2, 1>, Residual<128, 64> },
        neck1: Unit<128, 64, 1, 1, 0>,
        large: Head<64, 128, 1>,
        @neck1,
        { Unit<64, 32, 1, 1, 0>, Upsample<2> } | @stage3,
        medium: Head<96, 64, 1>,
    }
}

/// Images, and an output for them: three boxes with an objectness and the probability of a face for each place.
type Images = Tensor<shape![Dyn, 3, Dyn, Dyn]>;
type Output = Tensor<shape![Dyn, 18, Dyn, Dyn]>;

/// Images with the faces in each.
type Faces = (Images, Vec<Vec<Labelled>>);

/// A network that looks for faces with `N` heads.
trait Detector<const N: usize>: Module + Init {
    /// The height and the width of its images.
    type Side: Nat;
    /// What its outputs mean.
    const HEADS: [YoloHead; N];
    /// What it learns from.
    const LOSS: YoloLoss<N>;

    fn outputs(&self, x: Images) -> [Output; N];

    /// The parts of the loss as one.
    fn weighted(parts: YoloParts) -> Tensor<()> {
        parts.total()
    }

    /// From a file, or from where it is by default.
    fn open(model: Option<&Path>) -> fusion::Result<Self>;
}

impl Detector<2> for Finder {
    type Side = dim!(128);

    /// Of `anchors`.
    const HEADS: [YoloHead; 2] = [
        YoloHead::new([(36.0, 50.0), (49.0, 62.0), (67.0, 87.0)], 16),
        YoloHead::new([(19.0, 23.0), (19.0, 45.0), (32.0, 33.0)], 8),
    ];

    const LOSS: YoloLoss<2> = YoloLoss::new(Self::HEADS);

    fn outputs(&self, x: Images) -> [Output; 2] {
        let FinderOutput { large, medium } = self.forward(x);
        [large, medium]
    }

    fn open(model: Option<&Path>) -> fusion::Result<Self> {
        Self::load(model.unwrap_or(Path::new("runs/faces/model.safetensors")))
    }
}

impl Detector<3> for YoloFace500k {
    type Side = dim!(640);

    const HEADS: [YoloHead; 3] = {
        let (anchors, strides) = (Self::ANCHORS, Self::STRIDES);
        [
            YoloHead::new(anchors[0], strides[0]),
            YoloHead::new(anchors[1], strides[1]),
            YoloHead::new(anchors[2], strides[2]),
        ]
    };

    /// As it was trained: several anchors answer for a face, and their boxes cover it. What is smaller than the smallest anchor
    /// is left out.
    const LOSS: YoloLoss<3> = YoloLoss::new(Self::HEADS).also(0.213).smallest(4.0).overlap(Overlap::Ciou);

    fn outputs(&self, x: Images) -> [Output; 3] {
        let YoloFace500kOutput { large, medium, small } = self.forward(x);
        [large, medium, small]
    }

    /// It has learned what a face is from many more photographs than there are here: what there is to learn is where it ends.
    fn weighted(parts: YoloParts) -> Tensor<()> {
        parts.boxes * 2.0 + parts.objectness * 0.1 + parts.classes
    }

    fn open(model: Option<&Path>) -> fusion::Result<Self> {
        let mut net = Self::init(&mut StdRng::seed_from_u64(0));
        match model {
            None => darknet::load_bytes(&mut net, WEIGHTS)?,
            Some(path) if path.extension().is_some_and(|extension| extension == "weights") => {
                darknet::load(&mut net, path)?
            }
            Some(path) => return Self::load(path),
        };
        Ok(net)
    }
}

/// What the network has to learn from a batch.
fn loss<const N: usize, D: Detector<N>>(net: &D, x: Images, faces: &[Vec<Labelled>]) -> Tensor<()> {
    let outputs = net.outputs(x);
    let parts = outputs.iter().enumerate().map(|(head, output)| D::weighted(D::LOSS.forward(head, output, faces)));
    parts.reduce(|sum, part| sum + part).expect("a detector has a head")
}

/// What is found in an image of a batch, with at least this score.
fn found<const N: usize, D: Detector<N>>(outputs: &[Output; N], image: usize, least: f32) -> Vec<Detection> {
    let mut found = Vec::new();
    D::HEADS.iter().zip(outputs).for_each(|(head, output)| head.decode(output, image, least, &mut found));
    Nms::new().score_threshold(least).apply(&mut found);
    found
}

/// How well the network finds faces.
fn measure<const N: usize, D: Detector<N>>(net: &D, test: &DataLoader<Faces>) -> fusion::Result<AveragePrecision> {
    let mut scores = AveragePrecision::new();
    for batch in test.epoch(0) {
        let (x, faces) = batch?;
        let outputs = net.outputs(x);
        faces.iter().enumerate().for_each(|(image, faces)| scores.add(&found::<N, D>(&outputs, image, 0.01), faces));
    }
    Ok(scores)
}

/// The area under the curve of precision and recall, where a face is found by an IoU of at least 0.5.
fn average_precision(scores: &AveragePrecision) -> f64 {
    scores.voc(0.5, VocRule::AllPoint)
}

/// Photographs with boxes, as the detector takes them.
fn photographs<const N: usize, D: Detector<N>>(
    folder: &Path,
    split: Option<&str>,
) -> fusion::Result<DetectionFolder<D::Side, D::Side>> {
    DetectionFolder::from_csv(folder, split)
}

/// Batches for training: changed by chance in each epoch, their colours by up to this part.
fn learning<N: Nat>(
    images: DetectionFolder<N, N>,
    batch: usize,
    seed: u64,
    colours: f64,
    changes: impl Transform<BoxedImages<Dyn, N, N>, Output = BoxedImages<Dyn, N, N>> + Send + Sync + 'static,
) -> fusion::Result<DataLoader<BoxedImages<Dyn, N, N>>> {
    let colours = ColorJitter::new().brightness(colours).contrast(colours).saturation(colours).hue(0.02);
    let loader = DataLoader::new(images.load()?, batch).shuffle(seed).drop_last().workers(1);
    Ok(loader.transform((changes, RandomFlip::new(0.5), colours)))
}

/// As numbers, of any size.
fn numbers<N: Nat>(loader: DataLoader<BoxedImages<Dyn, N, N>>) -> DataLoader<Faces> {
    loader.transform((ToFloat, Map(|(x, faces): (Tensor<(Dyn, dim!(3), N, N)>, _)| (x.to_dynamic(), faces))))
}

/// What trains a network: it says after each epoch what it finds in the test photographs.
fn fit<'a, const N: usize, D: Detector<N>>(
    epochs: usize,
    test: &'a DataLoader<Faces>,
    checkpoints: &'a Checkpoints,
) -> Fit<'a, D> {
    Fit::new(epochs).checkpoints(checkpoints).clip_norm(20.0).progress().validate(|net: &D| {
        let found = average_precision(&measure(net, test)?);
        println!("average precision {found:.4}");
        Ok([("average_precision", found)])
    })
}

/// Trains [`Finder`] from nothing.
fn train(args: &Train) -> fusion::Result<()> {
    let Train { training, epochs, batch, lr } = args;
    let mut rng = training.begin();
    let faces = training.folder.path.join("faces-small");
    let train = numbers(small(&faces, *batch, training.seed)?);
    let test = numbers(DataLoader::new(photographs::<2, Finder>(&faces, Some("test"))?.load()?, 50));
    let checkpoints = training.checkpoints(TRAIN)?;
    let mut net = Finder::init(&mut rng);
    println!("{} parameters, {} batches an epoch", net.num_parameters(), train.len());
    let history = fit(*epochs, &test, &checkpoints)
        .schedule(schedule::OneCycle::new(*lr, epochs * train.len()).pct_start(0.2))
        .run(
            &mut net,
            &mut AdamW::new(*lr).weight_decay(5e-4),
            |epoch| train.epoch(epoch as u64),
            |net, (x, faces)| loss(net, x.trace(), &faces),
        )?;
    println!("{history}");
    net.save(training.model(TRAIN))
}

/// The photographs of `faces-small` for training, their faces in new places and sizes.
fn small(folder: &Path, batch: usize, seed: u64) -> fusion::Result<DataLoader<BoxedImages<Dyn, dim!(128), dim!(128)>>> {
    let changes = (RandomScaleShift::new(0.6..=1.2, 0.3), Mosaic::new(0.5, 0.5..=1.0));
    learning(photographs::<2, Finder>(folder, Some("train"))?, batch, seed, 0.3, changes)
}

/// Trains `yoloface-500k` further.
fn tune(args: &Tune) -> fusion::Result<()> {
    let Tune { training, head_epochs, epochs, batch, head_lr, lr, model } = args;
    training.begin();
    let faces = training.folder.path.join("faces-wider");
    // Windows of 416 x 416 of photographs about as large as for the test, 640 x 640: they cost less, and differ each time.
    let images = DetectionFolder::<dim!(416), dim!(416)>::from_csv(&faces, Some("train"))?;
    let train = numbers(learning(images, *batch, training.seed, 0.2, RandomScaleShift::new(1.4..=1.7, 0.25))?);
    let test = numbers(DataLoader::new(photographs::<3, YoloFace500k>(&faces, Some("test"))?.load()?, 8));
    let mut net = YoloFace500k::open(model.as_deref())?;
    println!("average precision {:.4} as loaded", average_precision(&measure(&net, &test)?));

    // Batch norms keep the means of the many photographs that they have seen.
    let step = |net: &YoloFace500k, (x, faces): Faces| loss(net, x.trace_with(Trace::evaluation()), &faces);
    let first = training.checkpoints(TUNE)?;
    freeze(&mut net);
    unfreeze(&mut net.large);
    unfreeze(&mut net.medium);
    unfreeze(&mut net.small);
    let mut opt = AdamW::new(*head_lr);
    let history = fit(*head_epochs, &test, &first).run(&mut net, &mut opt, |epoch| train.epoch(epoch as u64), step)?;
    println!("the heads:\n{history}");

    unfreeze(&mut net);
    let mut opt = AdamW::new(*lr).weight_decay(0.0);
    let mut mean = Averaged::ema(&net, 0.98);
    let second = Checkpoints::new(first.folder().join("whole"));
    let history = fit(*epochs, &test, &second)
        .average(&mut mean)
        .schedule(schedule::CosineAnnealing::new(*lr, epochs * train.len()).linear_warmup(train.len(), 0.1))
        .run(&mut net, &mut opt, |epoch| train.epoch((head_epochs + epoch) as u64), step)?;
    println!("the whole:\n{history}");
    mean.network().save(training.model(TUNE))
}

/// Says how well a network finds the faces in a folder.
fn test<const N: usize, D: Detector<N>>(model: Option<&Path>, set: &Path, split: Option<&str>) -> fusion::Result<()> {
    let images = photographs::<N, D>(set, split)?;
    let (photographs, faces) = (images.files().len(), images.num_objects());
    let scores = measure(&D::open(model)?, &numbers(DataLoader::new(images, 8)))?;
    let curve = scores.curve(0, 0.5);
    let sure = curve.iter().rfind(|point| point.score >= SURE);
    let (recall, precision) = sure.map_or((0.0, 1.0), |point| (point.recall, point.precision));
    println!("{photographs} photographs with {faces} faces");
    println!("average precision {:.4} at an IoU of 0.5", average_precision(&scores));
    println!("recall {recall:.4}, precision {precision:.4} of what is found with a score of at least {SURE}");
    Ok(())
}

/// Draws the faces that a network finds in images.
fn predict<const N: usize, D: Detector<N>>(
    model: Option<&Path>,
    images: &[PathBuf],
    folder: &Path,
) -> fusion::Result<()> {
    let net = D::open(model)?;
    let letterbox = Letterbox::<D::Side, D::Side>::new();
    for path in images {
        let photo = read_image(path)?;
        let (x, placement) = letterbox.apply(&photo);
        let x = ToFloat.apply(x, &mut Draw::new(0, 0, 0, &[0]));
        let mut found = found::<N, D>(&net.outputs(x.to_dynamic()), 0, SURE);
        placement.restore(&mut found);
        let mut canvas = Canvas::new(&photo);
        for (number, face) in found.iter().enumerate() {
            canvas.labelled(face.bbox, &format!("{:.2}", face.score), colour(number as u64), 2);
        }
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let to = folder.join(format!("{name}-faces.png"));
        write_png(&to, &canvas.into_image())?;
        println!("{}: {} faces, drawn in {}", path.display(), found.len(), to.display());
    }
    Ok(())
}

/// Prints the sizes of boxes that are the most like those of the photographs for training.
fn anchors(folder: &Folder) -> fusion::Result<()> {
    let mut sizes = Vec::new();
    for batch in small(&folder.path.join("faces-small"), 50, 0)?.epoch(0) {
        sizes.extend(batch?.1.iter().flatten().map(|face| [face.bbox.width(), face.bbox.height()]));
    }
    let (centres, mean) = clusters(&sizes, 6);
    centres.iter().for_each(|[width, height]| println!("{width:.0} x {height:.0}"));
    println!("{} boxes, whose IoU with the nearest is {mean:.3} in the mean", sizes.len());
    Ok(())
}

/// k-means by `1 - IoU` of boxes with one centre: Redmon and Farhadi, [YOLO9000](https://arxiv.org/abs/1612.08242), 2016. Gives
/// the sizes, the smallest first, and the mean IoU.
fn clusters(sizes: &[[f32; 2]], k: usize) -> (Vec<[f32; 2]>, f32) {
    let area = |size: &[f32; 2]| size[0] * size[1];
    let iou = |a: &[f32; 2], b: &[f32; 2]| {
        let shared = a[0].min(b[0]) * a[1].min(b[1]);
        shared / (area(a) + area(b) - shared)
    };
    let mut sizes = sizes.to_vec();
    sizes.sort_by(|a, b| area(a).total_cmp(&area(b)));
    let mut centres: Vec<[f32; 2]> = (0..k).map(|i| sizes[(2 * i + 1) * sizes.len() / (2 * k)]).collect();
    let mut mean = 0.0;
    for _ in 0..50 {
        let (mut sums, mut total) = (vec![[0.0; 3]; k], 0.0);
        for size in &sizes {
            let ious = centres.iter().map(|centre| iou(size, centre)).enumerate();
            let (nearest, most) = ious.fold((0, 0.0), |best, now| if now.1 > best.1 { now } else { best });
            total += most;
            sums[nearest] = [sums[nearest][0] + size[0], sums[nearest][1] + size[1], sums[nearest][2] + 1.0];
        }
        for (centre, [width, height, n]) in centres.iter_mut().zip(sums).filter(|(_, sum)| sum[2] > 0.0) {
            *centre = [width / n, height / n];
        }
        mean = total / sizes.len() as f32;
    }
    centres.sort_by(|a, b| area(a).total_cmp(&area(b)));
    (centres, mean)
}

fn main() -> fusion::Result<()> {
    match Cli::parse().task {
        Task::Train(args) => train(&args),
        Task::Tune(args) => tune(&args),
        Task::Anchors(folder) => anchors(&folder),
        Task::Test { network, model, set, split } => match network {
            Network::Finder => test::<2, Finder>(model.as_deref(), &set, split.as_deref()),
            Network::Yoloface => test::<3, YoloFace500k>(model.as_deref(), &set, split.as_deref()),
        },
        Task::Predict { network, model, images, out } => match network {
            Network::Finder => predict::<2, Finder>(model.as_deref(), &images, &out),
            Network::Yoloface => predict::<3, YoloFace500k>(model.as_deref(), &images, &out),
        },
    }
}
