//! NumPy's files: an array each (NPY), or several by name in an archive (NPZ).

mod header;
mod npz;
mod zip;

pub use npz::Npz;

use super::contents::{Contents, typed};
use super::numbers::elements;
use crate::Result;
use crate::dim::Shape;
use crate::kernels::{Array, DType, Element};
use crate::state::write_whole;
use crate::tensor::Tensor;
use header::Header;
use std::path::Path;

/// Reads the array of an NPY file: NumPy's `np.load`.
///
/// Files may hold truth values, integers and floating-point numbers of 8 to 64 bits, in either byte order, in C or Fortran
/// order. Each number becomes the element of type `T` that equals it, of floating-point types the nearest.
///
/// # Errors
/// [`Error::File`](crate::Error::File) if the file cannot be read; [`Error::Format`](crate::Error::Format) if it is no NPY
/// file, has too few or too many bytes, another shape than `S`, elements that are no numbers, or a number that no `T` is.
///
/// Source: [the NPY format](https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html), versions 1 to 3.
///
/// ```
/// use fusion::data::{read_npy, write_npy};
/// use fusion::prelude::*;
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("x.npy");
/// write_npy(&path, &Tensor::<shape![2, 3]>::from([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]))?;
/// let x: Tensor<shape![Dyn, 3]> = read_npy(&path)?;
/// assert_eq!(x.get(&[1, 0]), Some(4.0));
/// let whole: Tensor<shape![2, 3], i64> = read_npy(&path)?;
/// assert_eq!(whole.to_vec(), [1, 2, 3, 4, 5, 6]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[doc(alias = "load")]
pub fn read_npy<S: Shape, T: Element>(path: impl AsRef<Path>) -> Result<Tensor<S, T>> {
    let path = path.as_ref();
    typed(path, read(Contents::plain(path)?, T::DTYPE)?)
}

/// Writes a tensor as an NPY file, whole or not at all: NumPy's `np.save`.
///
/// # Errors
/// [`Error::File`](crate::Error::File) if the file cannot be written.
#[doc(alias = "save")]
pub fn write_npy<S: Shape, T: Element>(path: impl AsRef<Path>, x: &Tensor<S, T>) -> Result<()> {
    write_whole(path.as_ref(), &to_bytes(x.value().array()))
}

/// The whole of an NPY file.
pub(super) fn read(mut contents: Contents<'_>, to: DType) -> Result<Array> {
    let header = Header::read(&mut contents)?;
    let Header { kind, big_endian, fortran, sizes } = &header;
    let count = sizes.iter().try_fold(kind.size() as u64, |count, &size| count.checked_mul(size as u64));
    let count = count.ok_or_else(|| contents.wrong(format_args!("no memory holds an array of shape {sizes:?}")))?;
    let bytes = contents.bytes(count, "the array")?;
    contents.end("the array")?;
    let array =
        |sizes: &[usize]| elements(&bytes, *kind, *big_endian, to, sizes).map_err(|problem| contents.wrong(problem));
    match fortran {
        false => array(sizes),
        true => {
            let order: Vec<usize> = (0..sizes.len()).rev().collect();
            let turned: Vec<usize> = sizes.iter().rev().copied().collect();
            Ok(array(&turned)?.permute(&order).contiguous())
        }
    }
}

/// The contents of an NPY file.
fn to_bytes(array: &Array) -> Vec<u8> {
    let array = array.contiguous();
    let sizes: Vec<usize> = array.shape().iter().collect();
    let mut bytes = header::write(array.dtype(), &sizes);
    match array.dtype() {
        DType::F32 => array.elements::<f32>().iter().for_each(|x| bytes.extend(x.to_le_bytes())),
        DType::F64 => array.elements::<f64>().iter().for_each(|x| bytes.extend(x.to_le_bytes())),
        DType::I64 => array.elements::<i64>().iter().for_each(|x| bytes.extend(x.to_le_bytes())),
        DType::U8 => bytes.extend(array.elements::<u8>()),
        DType::Bool => bytes.extend(array.elements::<bool>().iter().map(|&x| u8::from(x))),
    }
    bytes
}
