//! Each reader on the contents of a file that lies in memory: what fuzzing calls.

use super::contents::Contents;
use super::{Npz, cifar, idx, image, mnist, numpy, tar, text};
use crate::Result;
use crate::kernels::DType;
use std::path::Path;

/// What messages call the file.
fn path() -> &'static Path {
    Path::new("file")
}

/// An IDX file, plain or packed, of each element type.
pub fn idx(bytes: &[u8]) -> Result<()> {
    DType::ALL.iter().try_for_each(|&to| idx::read(Contents::of_bytes(path(), bytes)?, to).map(drop))
}

/// The images of MNIST, of which there must be `count`.
pub fn mnist_images(bytes: &[u8], count: usize) -> Result<()> {
    mnist::images(Contents::of_bytes(path(), bytes)?, count).map(drop)
}

/// The labels of MNIST.
pub fn mnist_labels(bytes: &[u8]) -> Result<()> {
    mnist::labels(Contents::of_bytes(path(), bytes)?, 10).map(drop)
}

/// Records of CIFAR-10 and of CIFAR-100.
pub fn cifar(bytes: &[u8]) -> Result<()> {
    cifar::LABELS.iter().try_for_each(|&label| {
        let contents = Contents::of_plain_bytes(path(), bytes);
        cifar::read(path(), contents, bytes.len() as u64, label, &mut Vec::new(), &mut Vec::new())
    })
}

/// An NPY file, of each element type.
pub fn npy(bytes: &[u8]) -> Result<()> {
    DType::ALL.iter().try_for_each(|&to| numpy::read(Contents::of_plain_bytes(path(), bytes), to).map(drop))
}

/// All arrays of an NPZ file.
pub fn npz(bytes: &[u8]) -> Result<()> {
    let file = Npz::from_bytes(bytes)?;
    file.names().iter().try_for_each(|name| file.array(name, DType::F32).map(drop))
}

/// An image, fitted into another size.
pub fn image(bytes: &[u8]) -> Result<()> {
    image::fitted(path(), bytes, 7, 5).map(drop)
}

/// A text by words and by characters.
pub fn text(bytes: &[u8]) -> Result<()> {
    let text = text::text(Contents::of_bytes(path(), bytes)?)?;
    for vocabulary in [super::Vocabulary::words(&text, 50), super::Vocabulary::characters(&text)] {
        let numbers = vocabulary.encode(&text);
        vocabulary.decode(&numbers);
    }
    Ok(())
}

/// A TAR archive, plain or packed.
pub fn tar(bytes: &[u8]) -> Result<()> {
    tar::files(&mut Contents::of_bytes(path(), bytes)?, "set", |_, _| Ok(()))
}
