//! Reads `.weights` files.

use crate::kernels::{Array, DType, Dims};
use crate::nn::module::visit::{Argument, Layer, LayerKind, Visit};
use crate::nn::module::{Module, Path};
use crate::state;
use crate::{Error, Result};
use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, BufReader, Cursor, Read};
use std::path::Path as FilePath;

/// What a file says of itself before the weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Header {
    /// Major, minor and revision of the Darknet that wrote it.
    pub version: [u32; 3],
    /// How many images the network was trained with.
    pub seen: u64,
}

/// What Darknet adds to the standard deviation; PyTorch and this library add a number to the variance.
const DARKNET_EPS: f64 = 1e-6;

/// The number that batch norms add to the variance where they do not show theirs.
const EPS: f64 = 1e-5;

/// Reads the weights of Darknet's file `path` into a network.
///
/// A file is a list of numbers without names: three whole numbers, the version; the number of images seen, 4 bytes before version
/// 0.2 and 8 from then on; then, for each convolution in the order of the `.cfg`, four numbers for each channel and the weights,
/// `f32` in little-endian order. So a network that is to be read declares its layers in that order, as fields: the walk over its
/// tensors ([`Module::walk`]) is the order of the file. In it may stand
///
/// | in the network | in the file |
/// | --- | --- |
/// | a convolution without a bias, right behind it a batch norm | the norm's bias, its weight, running mean and running variance, then the weights |
/// | a convolution with a bias | the bias, then the weights |
///
/// and layers without tensors. Every number of the file is used, and every tensor of the network is read.
///
/// Darknet divides by `√variance + 1e-6`, a [`BatchNorm2d`](crate::nn::BatchNorm2d) by `√(variance + eps)`. The running variance is
/// read as `(√variance + 1e-6)² - eps`, so that in inference both compute the same.
///
/// # Errors
///
/// A file that cannot be read, is of another version, ends early or has more numbers, or has a negative variance: the error names the
/// tensor by its path and says how many numbers are missing or left. A network with other tensors than those above. After an error
/// the network is as it was.
///
/// ```
/// use fusion::models::{YoloFace500k, darknet};
/// use fusion::prelude::*;
///
/// let mut net = YoloFace500k::init(&mut StdRng::seed_from_u64(0));
/// let error = darknet::load(&mut net, "no/such.weights").unwrap_err();
/// assert!(error.to_string().starts_with("no/such.weights: "));
/// ```
pub fn load(network: &mut impl Module, path: impl AsRef<FilePath>) -> Result<Header> {
    let path = path.as_ref();
    let failed = |source| Error::file(path, source);
    // A pipe or a device would not tell its length.
    if !fs::metadata(path).map_err(failed)?.is_file() {
        return Err(failed(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file")));
    }
    let file = File::open(path).map_err(failed)?;
    let length = file.metadata().map_err(failed)?.len();
    read(network, path, BufReader::new(file), length)
}

/// As [`load`], for the contents of a file in memory, such as those that `include_bytes!` gives.
///
/// ```
/// use fusion::models::darknet;
/// use fusion::prelude::*;
///
/// model! { Net: [1, 4, 4] -> [2, 4, 4] { conv: Conv2d<_, 2, 1> } }
///
/// let mut net = Net::init(&mut StdRng::seed_from_u64(0));
/// let words = [0, 2, 5, 64, 0].map(u32::to_le_bytes); // version 0.2.5, 64 images
/// let numbers = [0.5f32, -0.5, 3.0, 4.0].map(f32::to_le_bytes);
/// let header = darknet::load_bytes(&mut net, &[words.concat(), numbers.concat()].concat())?;
/// assert_eq!((header.version, header.seen), ([0, 2, 5], 64));
/// assert_eq!(net.conv.weight.to_vec(), [3.0, 4.0]);
///
/// let error = darknet::load_bytes(&mut net, &words.concat()).unwrap_err();
/// assert_eq!(error.to_string(), "(bytes): the file has 0 of 4 numbers: 2 of 2 are missing of `conv.bias`, and all behind it");
/// # Ok::<(), fusion::Error>(())
/// ```
pub fn load_bytes(network: &mut impl Module, bytes: &[u8]) -> Result<Header> {
    read(network, FilePath::new("(bytes)"), Cursor::new(bytes), bytes.len() as u64)
}

/// A tensor of the network.
struct Tensor {
    path: String,
    shape: Dims,
    /// As it is, where the file has nothing for it.
    kept: Option<Array>,
}

/// What a run of numbers is.
#[derive(Clone, Copy)]
enum Kind {
    Plain,
    /// Of a norm that adds this number.
    Variance(f64),
}

/// A run of numbers in the file: the place of the tensor among those of the network.
struct Piece {
    at: usize,
    kind: Kind,
}

fn read(network: &mut impl Module, path: &FilePath, mut file: impl Read, length: u64) -> Result<Header> {
    let tensors = tensors(network);
    let pieces = pieces(&tensors, &epsilons(network))?;
    let failed = |source| Error::file(path, source);
    let mut word = |count: u64| {
        let mut bytes = [0; 8];
        file.read_exact(&mut bytes[..count as usize]).map(|()| u64::from_le_bytes(bytes))
    };
    if length < 16 {
        return Err(Error::format(
            path,
            format!("a file of Darknet begins with 16 bytes or 20, but this has {length}"),
        ));
    }
    let mut version = [0; 3];
    for part in &mut version {
        *part = word(4).map_err(failed)? as u32;
    }
    let [major, minor, _] = version;
    // From 1000 on Darknet wrote the weights of other layers in another order; nobody has seen such a file.
    if major >= 1000 || minor >= 1000 {
        let problem = format!("the file begins with version {major}.{minor}, which no Darknet has written");
        return Err(Error::format(path, problem));
    }
    let wide = major * 10 + minor >= 2;
    let header = if wide { 20 } else { 16 };
    if length < header {
        return Err(Error::format(
            path,
            format!("the head of version {major}.{minor} has 20 bytes, but the file {length}"),
        ));
    }
    let seen = word(header - 12).map_err(failed)?;
    check_length(path, length - header, &tensors, &pieces)?;
    let mut arrays: Vec<Option<Array>> = tensors.iter().map(|tensor| tensor.kept.clone()).collect();
    let mut bytes = Vec::new();
    for Piece { at, kind } in pieces {
        let tensor = &tensors[at];
        bytes.resize(tensor.shape.count() * 4, 0);
        file.read_exact(&mut bytes).map_err(failed)?;
        let (words, _) = bytes.as_chunks::<4>();
        let number = |i: usize| f32::from_le_bytes(words[i]);
        arrays[at] = Some(match kind {
            Kind::Plain => Array::from_fn(tensor.shape, number),
            Kind::Variance(eps) => {
                if let Some(i) = (0..words.len()).find(|&i| !(0.0..f32::INFINITY).contains(&number(i))) {
                    let problem = format!("number {i} of `{}` is {}, which is no variance", tensor.path, number(i));
                    return Err(Error::format(path, problem));
                }
                let as_here = |variance: f32| (f64::from(variance).sqrt() + DARKNET_EPS).powi(2) - eps;
                Array::from_fn(tensor.shape, |i| as_here(number(i)) as f32)
            }
        });
    }
    state::set(network, arrays);
    Ok(Header { version, seen })
}

/// The file has as many numbers as the network.
fn check_length(path: &FilePath, bytes: u64, tensors: &[Tensor], pieces: &[Piece]) -> Result<()> {
    let count = |piece: &Piece| tensors[piece.at].shape.count() as u64;
    let wanted: u64 = pieces.iter().map(count).sum();
    let (found, rest) = (bytes / 4, bytes % 4);
    let part = if rest == 0 { String::new() } else { format!(" and {rest} bytes of another") };
    if found > wanted || (found == wanted && rest > 0) {
        let last = pieces.last().map_or("", |piece| &tensors[piece.at].path);
        let left = found - wanted;
        let problem =
            format!("{left} numbers{part} are left behind `{last}`, the last of the {wanted} of this network");
        return Err(Error::format(path, problem));
    }
    let mut before = 0;
    for piece in pieces {
        let end = before + count(piece);
        if found < end {
            let (name, missing) = (&tensors[piece.at].path, end - found);
            let behind = if end == wanted { "" } else { ", and all behind it" };
            let problem = format!(
                "the file has {found} of {wanted} numbers{part}: {missing} of {} are missing of `{name}`{behind}",
                count(piece)
            );
            return Err(Error::format(path, problem));
        }
        before = end;
    }
    Ok(())
}

fn tensors(network: &impl Module) -> Vec<Tensor> {
    let mut all = Vec::new();
    network.walk(&Path::root(), &mut |path, value| {
        let kept = (value.dtype() != DType::F32).then(|| value.array().clone());
        all.push(Tensor { path: path.to_string(), shape: *value.shape(), kept });
    });
    all
}

/// What stands in front of the last point, and what behind it.
fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('.').unwrap_or(("", path))
}

/// The runs of numbers in the order of the file.
fn pieces(tensors: &[Tensor], epsilons: &HashMap<String, f64>) -> Result<Vec<Piece>> {
    let refused =
        |problem: String| Error::argument("network", format!("Darknet's files have no such network: {problem}"));
    // Counts of batches and the like.
    let mut left = (0..tensors.len()).filter(|&at| tensors[at].kept.is_none()).peekable();
    let mut pieces = Vec::new();
    while let Some(weight) = left.next() {
        let (layer, name) = split(&tensors[weight].path);
        if name != "weight" || tensors[weight].shape.rank() != 4 {
            return Err(refused(format!("`{}` is not the weight of a convolution", tensors[weight].path)));
        }
        let channels = tensors[weight].shape.get(0);
        let is = |at: usize, in_layer: &str, name: &str| {
            split(&tensors[at].path) == (in_layer, name)
                && tensors[at].shape.rank() == 1
                && tensors[at].shape.get(0) == channels
        };
        let plain = |at| Piece { at, kind: Kind::Plain };
        if let Some(bias) = left.next_if(|&at| is(at, layer, "bias")) {
            pieces.extend([plain(bias), plain(weight)]);
            continue;
        }
        let norm = left.peek().map_or("", |&at| split(&tensors[at].path).0);
        let [scale, bias, mean, variance] =
            ["weight", "bias", "running_mean", "running_var"].map(|name| left.next_if(|&at| is(at, norm, name)));
        let (Some(scale), Some(bias), Some(mean), Some(variance)) = (scale, bias, mean, variance) else {
            return Err(refused(format!("behind `{layer}`, a convolution without a bias, stands no batch norm")));
        };
        let eps = epsilons.get(norm).copied().unwrap_or(EPS);
        pieces.extend([bias, scale, mean].map(plain));
        pieces.extend([Piece { at: variance, kind: Kind::Variance(eps) }, plain(weight)]);
    }
    Ok(pieces)
}

/// What each batch norm adds to the variance, by its path, as far as the network shows its layers.
fn epsilons(network: &impl Module) -> HashMap<String, f64> {
    struct Norms(HashMap<String, f64>);

    impl Visit for Norms {
        fn layer(&mut self, layer: Layer<'_>) {
            if let Some(Argument::Number(eps)) = layer.argument("eps") {
                self.0.insert(layer.path.to_string(), eps);
            } else if layer.kind == LayerKind::Custom || layer.count.is_some() {
                layer.module.show_all(layer.path, layer.input, self);
            }
        }
    }

    let mut norms = Norms(HashMap::new());
    network.visit_all(&Path::root(), &[], &mut norms);
    norms.0
}
