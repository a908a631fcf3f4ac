//! CIFAR-10 and CIFAR-100, in their binary versions.

use super::Images;
use super::contents::{Contents, typed};
use super::published::{Published, Set};
use crate::data::Dataset;
use crate::dim::Num;
use crate::kernels::{Array, Dims};
use crate::tensor::Tensor;
use crate::{Error, Result};
use std::path::{Path, PathBuf};

/// The planes of red, green and blue of an image.
const PIXELS: usize = 3 * 32 * 32;

/// So many records are read at a time.
const CHUNK: usize = 64;

/// Photographs of 32 x 32 pixels in ten classes: 50,000 to learn from and 10,000 for the test.
///
/// The binary version's files are looked for in the folder itself and in `cifar-10-batches-bin`: `data_batch_1.bin` to
/// `data_batch_5.bin` and `test_batch.bin`; or `train.bin` and `test.bin`, of however many records.
///
/// Source: [A. Krizhevsky, Learning multiple layers of features from tiny images](https://www.cs.toronto.edu/~kriz/cifar.html),
/// 2009. PyTorch: `torchvision.datasets.CIFAR10`.
///
/// ```no_run
/// use fusion::data::Cifar10;
/// use fusion::prelude::*;
///
/// let cifar = Cifar10::open("data")?;
/// let (train, test) = (cifar.train()?, cifar.test()?);
/// let _: Dataset<Tensor<shape![Dyn, 3, 32, 32], u8>, Tensor<shape![Dyn], i64>> = train;
/// println!("{:?}", test.class_counts());
/// # Ok::<(), fusion::Error>(())
/// ```
#[derive(Clone, Debug)]
#[doc(alias = "CIFAR10")]
pub struct Cifar10 {
    folder: PathBuf,
}

impl Cifar10 {
    /// The set in this folder. No file is read yet.
    ///
    /// # Errors
    /// [`Error::File`] if its files are not there; it says which belong where.
    pub fn open(folder: impl AsRef<Path>) -> Result<Self> {
        Ok(Self { folder: CIFAR10.folder(folder.as_ref())? })
    }

    /// As [`Cifar10::open`], after the archive was fetched and unpacked if its files are not there: see
    /// [`Mnist::download`](super::Mnist::download).
    ///
    /// # Errors
    /// [`Error::File`] if they cannot be had: what each server said, and which file belongs where.
    pub fn download(folder: impl AsRef<Path>) -> Result<Self> {
        CIFAR10.download(folder.as_ref())?;
        Self::open(folder)
    }

    /// The photographs to learn from.
    ///
    /// # Errors
    /// [`Error::File`] if a file cannot be read, [`Error::Format`] if it is not what it should be: it names the file, the place
    /// and the fault.
    pub fn train(&self) -> Result<Images<Num<3>, Num<32>, Num<32>>> {
        match self.has("train.bin") && !self.has("data_batch_1.bin") {
            true => self.read(&["train.bin"]),
            false => self.read(&[1, 2, 3, 4, 5].map(|i| format!("data_batch_{i}.bin"))),
        }
    }

    /// The photographs to be tested on. Fails as [`Cifar10::train`] does.
    pub fn test(&self) -> Result<Images<Num<3>, Num<32>, Num<32>>> {
        self.read(&[if self.has("test.bin") && !self.has("test_batch.bin") { "test.bin" } else { "test_batch.bin" }])
    }

    fn has(&self, name: &str) -> bool {
        self.folder.join(name).is_file()
    }

    fn read(&self, names: &[impl AsRef<str>]) -> Result<Images<Num<3>, Num<32>, Num<32>>> {
        images(&CIFAR10, &self.folder, names, TEN)
    }
}

/// Photographs of 32 x 32 pixels in a hundred classes, of which five each make one of twenty: 50,000 to learn from and 10,000
/// for the test.
///
/// The binary version's files, `train.bin` and `test.bin`, are looked for in the folder itself and in `cifar-100-binary`.
///
/// Source: [A. Krizhevsky, Learning multiple layers of features from tiny images](https://www.cs.toronto.edu/~kriz/cifar.html),
/// 2009. PyTorch: `torchvision.datasets.CIFAR100`, which has the fine labels only.
#[derive(Clone, Debug)]
#[doc(alias = "CIFAR100")]
pub struct Cifar100 {
    folder: PathBuf,
    coarse: bool,
}

impl Cifar100 {
    /// The set in this folder, with the labels of its hundred classes. No file is read yet.
    ///
    /// # Errors
    /// [`Error::File`] if its files are not there; it says which belong where.
    pub fn open(folder: impl AsRef<Path>) -> Result<Self> {
        Ok(Self { folder: CIFAR100.folder(folder.as_ref())?, coarse: false })
    }

    /// As [`Cifar10::download`].
    pub fn download(folder: impl AsRef<Path>) -> Result<Self> {
        CIFAR100.download(folder.as_ref())?;
        Self::open(folder)
    }

    /// With the labels of the twenty large classes.
    #[must_use]
    pub fn coarse(mut self) -> Self {
        self.coarse = true;
        self
    }

    /// The photographs to learn from. Fails as [`Cifar10::train`] does.
    pub fn train(&self) -> Result<Images<Num<3>, Num<32>, Num<32>>> {
        self.read("train.bin")
    }

    /// The photographs to be tested on. Fails as [`Cifar10::train`] does.
    pub fn test(&self) -> Result<Images<Num<3>, Num<32>, Num<32>>> {
        self.read("test.bin")
    }

    fn read(&self, name: &str) -> Result<Images<Num<3>, Num<32>, Num<32>>> {
        images(&CIFAR100, &self.folder, &[name], if self.coarse { TWENTY } else { HUNDRED })
    }
}

/// Which of a record's labels is meant: each is a byte before the pixels.
#[derive(Clone, Copy)]
pub(super) struct Label {
    count: usize,
    at: usize,
    names: &'static [&'static str],
}

const TEN: Label = Label { count: 1, at: 0, names: &CLASSES };
const TWENTY: Label = Label { count: 2, at: 0, names: &COARSE };
const HUNDRED: Label = Label { count: 2, at: 1, names: &FINE };

/// Each kind of label.
pub(super) const LABELS: [Label; 3] = [TEN, TWENTY, HUNDRED];

/// The records of several files, one file after another.
fn images(
    set: &Set,
    folder: &Path,
    names: &[impl AsRef<str>],
    label: Label,
) -> Result<Images<Num<3>, Num<32>, Num<32>>> {
    let files = names.iter().map(|name| set.find(folder, name.as_ref())).collect::<Result<Vec<_>>>()?;
    let (mut pixels, mut labels) = (Vec::new(), Vec::new());
    for file in &files {
        let length = std::fs::metadata(file).map_err(|source| Error::file(file, source))?.len();
        read(file, Contents::open(file)?, length, label, &mut pixels, &mut labels)?;
    }
    let sizes = Dims::try_new(&[labels.len(), 3, 32, 32])?;
    let images = typed(folder, Array::from_slice(&pixels, sizes))?;
    Ok(Dataset::new(images, Tensor::from(labels))?
        .with_target_names(label.names.iter().copied())
        .with_description(format!("{}, {}, 32 x 32 pixels", set.name, names[0].as_ref())))
}

/// Appends what a file of `length` bytes holds.
pub(super) fn read(
    path: &Path,
    mut contents: Contents<'_>,
    length: u64,
    label: Label,
    pixels: &mut Vec<u8>,
    labels: &mut Vec<i64>,
) -> Result<()> {
    let record = label.count + PIXELS;
    if length == 0 || !length.is_multiple_of(record as u64) {
        let whole = length / record as u64;
        return Err(Error::format(
            path,
            format_args!("has {length} bytes, and is no file of records of {record}: its record {whole} would be cut"),
        ));
    }
    let count = usize::try_from(length / record as u64).unwrap_or(usize::MAX);
    let room = count.checked_mul(PIXELS).ok_or(()).and_then(|bytes| pixels.try_reserve_exact(bytes).map_err(|_| ()));
    room.map_err(|()| Error::TooLarge { problem: format!("{}: no memory for {count} images", path.display()) })?;
    let mut chunk = vec![0; CHUNK * record];
    for start in (0..count).step_by(CHUNK) {
        let chunk = &mut chunk[..CHUNK.min(count - start) * record];
        contents.fill(chunk, "the records")?;
        for (i, record_bytes) in chunk.chunks_exact(record).enumerate() {
            let (of, image) = record_bytes.split_at(label.count);
            let class = of[label.at];
            if usize::from(class) >= label.names.len() {
                let (i, last) = (start + i, label.names.len() - 1);
                let at = i * record + label.at;
                return Err(contents.wrong(format_args!(
                    "the label of record {i}, at byte {at}, is {class}, and the classes are 0 to {last}"
                )));
            }
            labels.push(class.into());
            pixels.extend_from_slice(image);
        }
    }
    contents.end("the last record")
}

const CIFAR10: Set = Set {
    name: "Cifar10",
    folders: &["cifar-10-batches-bin"],
    known_by: &["data_batch_1.bin", "train.bin", "test_batch.bin", "test.bin"],
    published: &[Published {
        name: "cifar-10-binary.tar.gz",
        bytes: 170_052_171,
        md5: "c32a1d4ab5d03f1284b67883e8d87530",
    }],
    mirrors: &[
        "https://www.cs.toronto.edu/~kriz",
        "https://storage.googleapis.com/s4tf-hosted-binaries/datasets/CIFAR10",
    ],
};

const CIFAR100: Set = Set {
    name: "Cifar100",
    folders: &["cifar-100-binary"],
    known_by: &["train.bin", "test.bin"],
    published: &[Published {
        name: "cifar-100-binary.tar.gz",
        bytes: 168_513_733,
        md5: "03b5dce01913d631647c71ecec9e9cb8",
    }],
    mirrors: &["https://www.cs.toronto.edu/~kriz", "http://www.cs.toronto.edu/~kriz"],
};

const CLASSES: [&str; 10] = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

#[rustfmt::skip]
const COARSE: [&str; 20] = [
    "aquatic_mammals", "fish", "flowers", "food_containers", "fruit_and_vegetables", "household_electrical_devices",
    "household_furniture", "insects", "large_carnivores", "large_man-made_outdoor_things",
    "large_natural_outdoor_scenes", "large_omnivores_and_herbivores", "medium_mammals", "non-insect_invertebrates",
    "people", "reptiles", "small_mammals", "trees", "vehicles_1", "vehicles_2",
];

#[rustfmt::skip]
const FINE: [&str; 100] = [
    "apple", "aquarium_fish", "baby", "bear", "beaver", "bed", "bee", "beetle", "bicycle", "bottle",
    "bowl", "boy", "bridge", "bus", "butterfly", "camel", "can", "castle", "caterpillar", "cattle",
    "chair", "chimpanzee", "clock", "cloud", "cockroach", "couch", "crab", "crocodile", "cup", "dinosaur",
    "dolphin", "elephant", "flatfish", "forest", "fox", "girl", "hamster", "house", "kangaroo", "keyboard",
    "lamp", "lawn_mower", "leopard", "lion", "lizard", "lobster", "man", "maple_tree", "motorcycle", "mountain",
    "mouse", "mushroom", "oak_tree", "orange", "orchid", "otter", "palm_tree", "pear", "pickup_truck", "pine_tree",
    "plain", "plate", "poppy", "porcupine", "possum", "rabbit", "raccoon", "ray", "road", "rocket",
    "rose", "sea", "seal", "shark", "shrew", "skunk", "skyscraper", "snail", "snake", "spider",
    "squirrel", "streetcar", "sunflower", "sweet_pepper", "table", "tank", "telephone", "television", "tiger", "tractor",
    "train", "trout", "tulip", "turtle", "wardrobe", "whale", "willow_tree", "wolf", "woman", "worm",
];
