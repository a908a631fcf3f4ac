//! MNIST, and sets of its shape.

use super::Images;
use super::contents::{Contents, typed};
use super::idx;
use super::numbers::Kind;
use super::published::{Published, Set};
use crate::Result;
use crate::data::Dataset;
use crate::dim::Num;
use crate::kernels::{Array, Dims};
use crate::tensor::Tensor;
use std::path::{Path, PathBuf};

/// Declares a set of MNIST's shape: its documentation, its classes, and how it is published.
macro_rules! sets {
    ($($(#[$doc:meta])* $Name:ident = $SET:ident, $classes:expr;)*) => { $(
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $Name {
            folder: PathBuf,
        }

        impl $Name {
            /// The set in this folder. No file is read yet.
            ///
            /// # Errors
            /// [`Error::File`](crate::Error::File) if its files are not there; it says which belong where.
            pub fn open(folder: impl AsRef<Path>) -> Result<Self> {
                Ok(Self { folder: $SET.folder(folder.as_ref())? })
            }

            /// The set in this folder, whose files are fetched from where they are published if they are not there: into the first of
            /// the set's own folders in it. What breaks off is resumed by the next call. It needs the feature `download`.
            ///
            /// # Errors
            /// [`Error::File`](crate::Error::File) if a file cannot be had: what each server said, and which file belongs where.
            pub fn download(folder: impl AsRef<Path>) -> Result<Self> {
                $SET.download(folder.as_ref())?;
                Self::open(folder)
            }

            /// The 60,000 images to learn from.
            ///
            /// # Errors
            /// [`Error::File`](crate::Error::File) if a file cannot be read, [`Error::Format`](crate::Error::Format) if it is
            /// not what it should be: it names the file, the place and the fault.
            pub fn train(&self) -> Result<Images<Num<1>, Num<28>, Num<28>>> {
                part(&$SET, &self.folder, "train", $classes)
            }

            /// The 10,000 images to be tested on. Fails as `train` does.
            pub fn test(&self) -> Result<Images<Num<1>, Num<28>, Num<28>>> {
                part(&$SET, &self.folder, "t10k", $classes)
            }
        }
    )* };
}

sets! {
    /// Handwritten digits, 28 x 28 pixels from 0 (paper) to 255 (ink): 60,000 to learn from and 10,000 for the test.
    ///
    /// The files are looked for in the folder itself, in `mnist` and in `MNIST/raw` (torchvision's place), packed with gzip or
    /// not, named with `-` or `.` (`train-images-idx3-ubyte`, `train-images.idx3-ubyte`). Any IDX files of this shape will do,
    /// of however many images.
    ///
    /// Source: [Y. LeCun, C. Cortes and C. Burges, MNIST](http://yann.lecun.com/exdb/mnist). PyTorch: `torchvision.datasets.MNIST`.
    ///
    /// ```no_run
    /// use fusion::data::Mnist;
    /// use fusion::prelude::*;
    ///
    /// let mnist = Mnist::open("data")?;
    /// let (train, test) = (mnist.train()?, mnist.test()?);
    /// let _: Dataset<Tensor<shape![Dyn, 1, 28, 28], u8>, Tensor<shape![Dyn], i64>> = train;
    /// println!("{} digits for the test", test.len());
    /// # Ok::<(), fusion::Error>(())
    /// ```
    Mnist = MNIST, ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];

    /// Photographs of clothes, 28 x 28 pixels from 0 (ground) to 255: ten classes, 60,000 to learn from and 10,000 for the
    /// test. Its files have MNIST's names and form, and are looked for in the folder itself, in `fashion-mnist` and in
    /// `FashionMNIST/raw`.
    ///
    /// Source: [H. Xiao, K. Rasul, R. Vollgraf, Fashion-MNIST](https://arxiv.org/abs/1708.07747), 2017. PyTorch:
    /// `torchvision.datasets.FashionMNIST`.
    FashionMnist = FASHION, [
        "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
    ];
}

const MNIST: Set = Set {
    name: "Mnist",
    folders: &["mnist", "MNIST/raw", "MNIST"],
    known_by: &["train-images-idx3-ubyte", "t10k-images-idx3-ubyte"],
    published: &[
        Published { name: "train-images-idx3-ubyte.gz", bytes: 9_912_422, md5: "f68b3c2dcbeaaa9fbdd348bbdeb94873" },
        Published { name: "train-labels-idx1-ubyte.gz", bytes: 28_881, md5: "d53e105ee54ea40749a09fcbcd1e9432" },
        Published { name: "t10k-images-idx3-ubyte.gz", bytes: 1_648_877, md5: "9fb629c4189551a2d022fa330f9573f3" },
        Published { name: "t10k-labels-idx1-ubyte.gz", bytes: 4_542, md5: "ec29112dd5afa0611ce80d1b7f02629c" },
    ],
    mirrors: &[
        "https://ossci-datasets.s3.amazonaws.com/mnist",
        "https://storage.googleapis.com/cvdf-datasets/mnist",
        "http://yann.lecun.com/exdb/mnist",
    ],
};

const FASHION: Set = Set {
    name: "FashionMnist",
    folders: &["fashion-mnist", "FashionMNIST/raw", "FashionMNIST"],
    known_by: &["train-images-idx3-ubyte", "t10k-images-idx3-ubyte"],
    published: &[
        Published { name: "train-images-idx3-ubyte.gz", bytes: 26_421_880, md5: "8d4fb7e6c68d591d4c3dfef9ec88bf0d" },
        Published { name: "train-labels-idx1-ubyte.gz", bytes: 29_515, md5: "25c81989df183df01b3e8a0aad5dffbe" },
        Published { name: "t10k-images-idx3-ubyte.gz", bytes: 4_422_102, md5: "bef4ecab320f06d8554ea6380940ec79" },
        Published { name: "t10k-labels-idx1-ubyte.gz", bytes: 5_148, md5: "bb300cfdad3c16e7a12a480ee83cd310" },
    ],
    mirrors: &[
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com",
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion",
    ],
};

/// The images and labels of one part.
fn part(set: &Set, folder: &Path, part: &str, classes: [&'static str; 10]) -> Result<Images<Num<1>, Num<28>, Num<28>>> {
    let file = set.find(folder, &format!("{part}-labels-idx1-ubyte"))?;
    let labels = labels(Contents::open(&file)?, classes.len())?;
    let file = set.find(folder, &format!("{part}-images-idx3-ubyte"))?;
    let pixels = images(Contents::open(&file)?, labels.len())?;
    let images = Array::from_slice(&pixels, Dims::new(&[labels.len(), 1, 28, 28]));
    Ok(Dataset::new(typed(&file, images)?, Tensor::from(labels))?
        .with_target_names(classes)
        .with_description(format!("{}, {part}, 28 x 28 pixels", set.name)))
}

/// The labels of an IDX file, each below `classes`.
pub(super) fn labels(mut contents: Contents<'_>, classes: usize) -> Result<Vec<i64>> {
    let header = idx::header(&mut contents)?;
    if header.kind != Kind::U8 || header.sizes.len() != 1 {
        let sizes = header.sizes;
        return Err(contents.wrong(format_args!("labels are a list of bytes, and not {:?} of {sizes:?}", header.kind)));
    }
    let labels = idx::rest(&mut contents, &header)?;
    match labels.iter().position(|&label| usize::from(label) >= classes) {
        None => Ok(labels.into_iter().map(i64::from).collect()),
        Some(i) => {
            let (label, last) = (labels[i], classes - 1);
            Err(contents
                .wrong(format_args!("label {i}, at byte {}, is {label}, and the classes are 0 to {last}", i + 8)))
        }
    }
}

/// The pixels of an IDX file that must have `count` images.
pub(super) fn images(mut contents: Contents<'_>, count: usize) -> Result<Vec<u8>> {
    let header = idx::header(&mut contents)?;
    // Before anything is read: what the labels' file does not know of needs no memory.
    if header.kind != Kind::U8 || header.sizes != [count, 28, 28] {
        let sizes = header.sizes;
        return Err(contents.wrong(format_args!(
            "has {:?} of the sizes {sizes:?}, and there are labels for bytes of the sizes [{count}, 28, 28]",
            header.kind
        )));
    }
    idx::rest(&mut contents, &header)
}
