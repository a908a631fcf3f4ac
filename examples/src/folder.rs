//! Data sets that lie in files, for the examples that need them.

use clap::Parser;
use flate2::read::MultiGzDecoder;
use fusion::prelude::*;
use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;

/// An example that learns from data in files.
#[derive(Parser)]
pub struct Folder {
    /// The folder in which the data sets lie, each in a folder of its own.
    #[arg(long, env = "FUSION_DATA", default_value = "data")]
    data: PathBuf,
}

/// Images of bytes, a label for each.
pub type Images<C, H, W> = Dataset<Tensor<(Dyn, C, H, W), u8>, Tensor<(Dyn,), i64>>;

impl Folder {
    /// The first `count` digits of MNIST's `part`, which is `train` or `t10k`.
    pub fn mnist(&self, part: &str, count: usize) -> fusion::Result<Images<dim!(1), dim!(28), dim!(28)>> {
        let help = "MNIST (http://yann.lecun.com/exdb/mnist) is four files with these names, to be kept as they are";
        let pixels = self.read(&format!("mnist/{part}-images-idx3-ubyte.gz"), 16, count * 784, help);
        let labels = self.read(&format!("mnist/{part}-labels-idx1-ubyte.gz"), 8, count, help);
        Dataset::new(Tensor::from_vec_sized(pixels, &[count, 1, 28, 28])?, Tensor::from(labels).cast())
    }

    /// The first `count` photographs of CIFAR-10, at most 10,000.
    pub fn cifar10(&self, count: usize) -> fusion::Result<Images<dim!(3), dim!(32), dim!(32)>> {
        let help = "CIFAR-10 (https://www.cs.toronto.edu/~kriz/cifar.html) has this folder in its binary version";
        let bytes = self.read("cifar-10-batches-bin/data_batch_1.bin", 0, count * 3073, help);
        let records = Tensor::<shape![Dyn, 3073], u8>::from_vec_sized(bytes, &[count, 3073])?;
        let pixels = records.narrow::<dim!(3072), _>(Axis::<1>, 1).reshape();
        Dataset::new(pixels, records.select(Axis::<1>, 0).cast())
    }

    /// `count` bytes of a file, behind its header. Without them the program ends with a sentence.
    fn read(&self, file: &str, header: u64, count: usize, help: &str) -> Vec<u8> {
        let path = self.data.join(file);
        let read = || {
            let file: Box<dyn Read> = match file.ends_with(".gz") {
                true => Box::new(MultiGzDecoder::new(File::open(&path)?)),
                false => Box::new(File::open(&path)?),
            };
            let (mut file, mut bytes) = (file, vec![0; count]);
            io::copy(&mut file.by_ref().take(header), &mut io::sink())?;
            file.read_exact(&mut bytes)?;
            Ok(bytes)
        };
        read().unwrap_or_else(|error: io::Error| {
            eprintln!("{}: {error}\n{help}; say where with --data FOLDER or FUSION_DATA=FOLDER", path.display());
            std::process::exit(1)
        })
    }
}
