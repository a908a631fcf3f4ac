//! What the examples that learn to tell images apart share: their arguments, where a run keeps its files, training, prediction.

use clap::Subcommand;
use fusion::data::{DataLoader, Draw, Transform, read_image};
use fusion::prelude::*;
use fusion::train::metrics::Accuracy;
use fusion::train::{Checkpoints, Fit};
use std::path::PathBuf;

/// MNIST's classes.
pub const DIGITS: [&str; 10] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];

/// CIFAR-10's classes.
pub const CIFAR10: [&str; 10] =
    ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

/// Batches of images with their labels.
pub type Batches<X> = DataLoader<(X, Tensor<shape![Dyn], i64>)>;

/// An example that trains a network, and goes on with it later.
#[derive(clap::Args)]
pub struct Training {
    /// Where the data sets lie.
    #[command(flatten)]
    pub folder: crate::Folder,
    /// What the starting values, the order of the images and their changes follow from.
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
    /// How many threads compute; 0 is as many as the machine has.
    #[arg(long, default_value_t = 0)]
    pub threads: usize,
    /// Go on with the run that was ended.
    #[arg(long)]
    pub resume: bool,
    /// The folder of the run: its checkpoints, and the network in the end. By default `runs/` and the example's name.
    #[arg(long)]
    out: Option<PathBuf>,
}

/// What else an example can do.
#[derive(Subcommand)]
pub enum Task {
    /// Say what image files show.
    Predict {
        /// PNG and JPEG files.
        #[arg(required = true)]
        images: Vec<PathBuf>,
    },
}

impl Training {
    /// The generator of the run. Sets the number of threads.
    pub fn begin(&self) -> StdRng {
        fusion::set_num_threads(self.threads);
        StdRng::seed_from_u64(self.seed)
    }

    /// The folder of the run.
    fn folder(&self, example: &str) -> PathBuf {
        self.out.clone().unwrap_or_else(|| PathBuf::from("runs").join(example))
    }

    /// Where the network is, in the end.
    pub fn model(&self, example: &str) -> PathBuf {
        self.folder(example).join("model.safetensors")
    }

    /// The checkpoints of the run. Ends the program if there is a run that this one would be mixed with.
    pub fn checkpoints(&self, example: &str) -> fusion::Result<Checkpoints> {
        let folder = self.folder(example);
        let checkpoints = Checkpoints::new(&folder);
        if !self.resume && checkpoints.latest()?.is_some() {
            let folder = folder.display();
            eprintln!(
                "{folder} has a run: go on with it by --resume, delete it, or say another folder with --out FOLDER"
            );
            std::process::exit(1);
        }
        Ok(checkpoints)
    }

    /// Trains `net` as `fit` says, by the cross-entropy of `train`'s batches. After each epoch it saves a checkpoint and prints the
    /// accuracy on `test`, in the end the network.
    pub fn train<M, S: Shape + 'static, K: Dim>(
        &self,
        example: &str,
        fit: Fit<'_, M>,
        (net, opt): (&mut M, &mut dyn Optimizer),
        [train, test]: [&Batches<Tensor<S>>; 2],
    ) -> fusion::Result<()>
    where
        M: Module + Forward<Tensor<S>, Output = Tensor<shape![Dyn, K]>>,
    {
        let checkpoints = self.checkpoints(example)?;
        let history = fit
            .checkpoints(&checkpoints)
            .progress()
            .validate(|net| {
                let found = accuracy(test, |x| net.forward(x))?;
                println!("accuracy {found:.4}");
                Ok([("accuracy", found)])
            })
            .run(net, opt, |epoch| train.epoch(epoch as u64), |net, (x, y)| net.forward(x.trace()).cross_entropy(&y))?;
        println!("{history}");
        net.save(self.model(example))
    }
}

/// The share of the samples whose largest score, of those that `look` gives, is at their label.
pub fn accuracy<X: Send + 'static, K: Dim>(
    test: &Batches<X>,
    look: impl Fn(X) -> Tensor<shape![Dyn, K]>,
) -> fusion::Result<f64> {
    let mut accuracy = Accuracy::new();
    for batch in test.epoch(0) {
        let (x, y) = batch?;
        accuracy.update(&look(x), &y);
    }
    Ok(accuracy.value())
}

/// Prints the three likeliest classes of each image, by the scores that `look` gives it once it is transformed.
pub fn predict<T: Transform<Tensor<shape![1, 3, Dyn, Dyn], u8>>, K: Dim>(
    images: &[PathBuf],
    classes: &[&str],
    transform: &T,
    look: impl Fn(T::Output) -> Tensor<shape![1, K]>,
) -> fusion::Result<()> {
    for path in images {
        let image = transform.apply(read_image(path)?.unsqueeze(Axis::<0>), &mut Draw::new(0, 0, 0, &[0]));
        let shares = look(image).softmax(Axis::<1>).to_vec();
        let mut order: Vec<usize> = (0..shares.len()).collect();
        order.sort_by(|&a, &b| shares[b].total_cmp(&shares[a]));
        let best: Vec<_> = order[..3].iter().map(|&k| format!("{} {:.1}%", classes[k], 100.0 * shares[k])).collect();
        println!("{}: {}", path.display(), best.join(", "));
    }
    Ok(())
}
