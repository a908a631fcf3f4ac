//! PNG files.

use super::pixels::Pixels;
use crate::Result;
use crate::dim::Dim;
use crate::kernels::Array;
use crate::picture::png;
use crate::state::write_whole;
use crate::tensor::Tensor;
use ::png::{ColorType, Decoder, DecodingError, Transformations};
use std::io::Cursor;
use std::path::Path;

/// A byte unpacks to no more than this many.
const BYTES_OF_A_BYTE: u64 = 1032;

/// The image, or what is wrong with it.
pub(super) fn decode(bytes: &[u8]) -> Result<Pixels, String> {
    let damaged = |error: DecodingError| format!("is no PNG file that can be read: {error}");
    let mut decoder = Decoder::new(Cursor::new(bytes));
    decoder.set_transformations(Transformations::normalize_to_color8());
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    decoder.ignore_checksums(false);
    let about = decoder.read_header_info().map_err(damaged)?;
    let mut pixels = Pixels::new(about.height.into(), about.width.into())?;
    let rows = (about.raw_row_length() as u64).saturating_mul(about.height.into());
    if rows > (bytes.len() as u64).saturating_mul(BYTES_OF_A_BYTE) {
        return Err(format!("claims {} x {} pixels in {} bytes", pixels.width, pixels.height, bytes.len()));
    }
    let mut reader = decoder.read_info().map_err(damaged)?;
    let mut samples = vec![0; reader.output_buffer_size().ok_or("is too large")?];
    let frame = reader.next_frame(&mut samples).map_err(damaged)?;
    reader.finish().map_err(damaged)?;
    if (frame.height as usize, frame.width as usize) != (pixels.height, pixels.width) {
        return Err(format!(
            "has a first frame of {} x {} pixels, which is not the image's size",
            frame.width, frame.height
        ));
    }
    pixels.rgb = match frame.color_type {
        ColorType::Rgb => samples,
        ColorType::Rgba => samples.chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect(),
        ColorType::Grayscale => samples.iter().flat_map(|&grey| [grey; 3]).collect(),
        ColorType::GrayscaleAlpha => samples.chunks_exact(2).flat_map(|pixel| [pixel[0]; 3]).collect(),
        ColorType::Indexed => return Err("has colours by number, and no palette".to_owned()),
    };
    match pixels.rgb.len() == pixels.height * pixels.width * 3 {
        true => Ok(pixels),
        false => Err("has too few samples".to_owned()),
    }
}

/// Writes an image of bytes as a PNG file, whole or not at all: one plane as grey, three as red, green and blue.
///
/// # Errors
/// [`Error::Argument`](crate::Error::Argument) if it has another number of planes, or no pixels; [`Error::File`](crate::Error::File) if the file cannot be written.
///
/// ```
/// use fusion::prelude::*;
///
/// let folder = tempfile::tempdir()?;
/// let grey = Tensor::<shape![1, 2, 3], u8>::from([[[0, 100, 200], [50, 150, 250]]]);
/// fusion::data::write_png(folder.path().join("grey.png"), &grey)?;
/// let image = fusion::data::read_image(folder.path().join("grey.png"))?;
/// assert_eq!(image.get(&[2, 1, 0]), Some(50));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[doc(alias = "imsave")]
#[doc(alias = "imwrite")]
pub fn write_png<C: Dim, H: Dim, W: Dim>(path: impl AsRef<Path>, image: &Tensor<(C, H, W), u8>) -> Result<()> {
    write(path.as_ref(), image.value().array())
}

fn write(path: &Path, image: &Array) -> Result<()> {
    let [planes, height, width] = [0, 1, 2].map(|axis| image.shape().get(axis));
    write_whole(path, &png([planes, height, width], &image.permute(&[1, 2, 0]).to_vec::<u8>())?)
}
