//! Readers of data sets that lie in files, and of the formats they are written in.
//!
//! A file may come from anybody. Whatever its bytes are, reading it gives an error that names the file, the place and the
//! fault, or what it holds; and takes no more memory than the file says and could hold.

mod cifar;
mod contents;
#[cfg(feature = "download")]
mod download;
mod idx;
mod image;
pub mod memory;
mod mnist;
mod numbers;
mod numpy;
mod published;
mod tar;
mod text;

pub use cifar::{Cifar10, Cifar100};
pub use contents::read_bytes;
#[cfg(feature = "download")]
pub use download::download;
pub use idx::read_idx;
pub use image::{ImageFolder, decode_image, find_images, read_image, write_png};
pub use mnist::{FashionMnist, Mnist};
pub use numpy::{Npz, read_npy, write_npy};
pub use text::{Sequences, Text, Vocabulary};

use super::Dataset;
use crate::dim::Dyn;
use crate::tensor::Tensor;

/// Images of bytes, of `C` planes of `H` rows of `W` pixels each, with the number of its class for each.
pub type Images<C, H, W> = Dataset<Tensor<(Dyn, C, H, W), u8>, Tensor<(Dyn,), i64>>;
