//! IDX, the format of MNIST: a type, the sizes of up to 255 axes, and the elements, with the most significant byte first.

use super::contents::{Contents, typed};
use super::numbers::{Kind, elements};
use crate::Result;
use crate::dim::Shape;
use crate::kernels::{Array, DType, Element};
use crate::tensor::Tensor;
use std::path::Path;

/// As many axes as a tensor may have.
const MOST_AXES: usize = 6;

/// What the header of an IDX file says.
pub(super) struct Header {
    pub kind: Kind,
    pub sizes: Vec<usize>,
}

impl Header {
    /// How many bytes follow.
    fn length(&self) -> Option<u64> {
        let count = self.sizes.iter().try_fold(1u64, |count, &size| count.checked_mul(size as u64));
        count?.checked_mul(self.kind.size() as u64)
    }
}

/// Reads the tensor of an IDX file, plain or packed with gzip, whatever its name.
///
/// Files may hold `u8`, `i8`, `i16`, `i32`, `f32` and `f64`. Each number becomes the element of type `T` that equals it, of
/// floating-point types the nearest.
///
/// # Errors
/// [`Error::File`](crate::Error::File) if the file cannot be read; [`Error::Format`](crate::Error::Format) if it is no IDX file, has too few or too many bytes,
/// another shape than `S`, or a number that no `T` is.
///
/// Source: [Y. LeCun and others, the MNIST database](http://yann.lecun.com/exdb/mnist), "the IDX file format".
///
/// ```
/// use fusion::data::read_idx;
/// use fusion::prelude::*;
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("four-by-two");
/// let header = [0, 0, 8, 2, 0, 0, 0, 4, 0, 0, 0, 2];
/// std::fs::write(&path, [&header[..], &[1, 2, 3, 4, 5, 6, 7, 8]].concat())?;
/// let x: Tensor<shape![Dyn, 2], u8> = read_idx(&path)?;
/// assert_eq!(x.shape(), [4, 2]);
/// let error = read_idx::<shape![Dyn, 3], u8>(&path).unwrap_err().to_string();
/// assert!(error.ends_with("four-by-two: expected a tensor of shape [Dyn, 3], found [4, 2]"), "{error}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn read_idx<S: Shape, T: Element>(path: impl AsRef<Path>) -> Result<Tensor<S, T>> {
    let path = path.as_ref();
    typed(path, read(Contents::open(path)?, T::DTYPE)?)
}

/// The whole file.
pub(super) fn read(mut contents: Contents<'_>, to: DType) -> Result<Array> {
    let header = header(&mut contents)?;
    let bytes = rest(&mut contents, &header)?;
    elements(&bytes, header.kind, true, to, &header.sizes).map_err(|problem| contents.wrong(problem))
}

/// The elements' bytes, after the header.
pub(super) fn rest(contents: &mut Contents<'_>, header: &Header) -> Result<Vec<u8>> {
    let sizes = &header.sizes;
    let count = header.length().ok_or_else(|| contents.wrong(format_args!("no memory holds the sizes {sizes:?}")))?;
    let what = format!("the data of the sizes {sizes:?}");
    let bytes = contents.bytes(count, &what)?;
    contents.end(&what)?;
    Ok(bytes)
}

pub(super) fn header(contents: &mut Contents<'_>) -> Result<Header> {
    let [zero, zeros, kind, axes] = contents.array("the header of an IDX file")?;
    let kind = match ([zero, zeros], kind) {
        ([0, 0], 0x08) => Kind::U8,
        ([0, 0], 0x09) => Kind::I8,
        ([0, 0], 0x0b) => Kind::I16,
        ([0, 0], 0x0c) => Kind::I32,
        ([0, 0], 0x0d) => Kind::F32,
        ([0, 0], 0x0e) => Kind::F64,
        _ => {
            return Err(contents.wrong(format_args!(
                "begins with the bytes {zero:02x} {zeros:02x} {kind:02x}, and is no IDX file: these begin with 00 00 and a type"
            )));
        }
    };
    if usize::from(axes) > MOST_AXES {
        return Err(contents.wrong(format_args!("has {axes} axes, and a tensor at most {MOST_AXES}")));
    }
    let mut sizes = Vec::new();
    for _ in 0..axes {
        sizes.push(u32::from_be_bytes(contents.array("the sizes of an IDX file")?) as usize);
    }
    Ok(Header { kind, sizes })
}
