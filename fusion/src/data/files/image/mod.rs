//! Images in files: PNG and JPEG, as three planes of bytes.

mod fit;
mod folder;
mod jpeg;
mod pixels;
mod png;

pub use folder::{ImageFolder, find_images};
pub use png::write_png;

use super::contents::{Contents, typed};
use crate::dim::{Dyn, Num};
use crate::tensor::Tensor;
use crate::{Error, Result};
use pixels::Pixels;
use std::path::Path;

/// The longest file that is read: more than an image of the most pixels needs.
const LONGEST: u64 = 1 << 30;

/// Reads an image file, PNG or JPEG by its content, as bytes of red, green and blue.
///
/// Grey becomes three equal planes, a palette its colours, 16 bits their upper 8; transparency is dropped, and CMYK
/// converted. An orientation that a camera noted is ignored. This is what PIL's `convert("RGB")` gives to torchvision's
/// `ImageFolder`.
///
/// # Errors
/// [`Error::File`](crate::Error::File) if the file cannot be read; [`Error::Format`](crate::Error::Format) if it is no image,
/// is damaged, though a viewer might show a part, or has more than 67,108,864 pixels.
///
/// ```
/// use fusion::data::{read_image, write_png};
/// use fusion::prelude::*;
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("red.png");
/// let red = Tensor::<shape![3, 2, 2], u8>::from([[[255; 2]; 2], [[0; 2]; 2], [[0; 2]; 2]]);
/// write_png(&path, &red)?;
/// let image: Tensor<shape![3, Dyn, Dyn], u8> = read_image(&path)?;
/// assert_eq!(image.to_vec(), red.to_vec());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[doc(alias = "imread")]
pub fn read_image(path: impl AsRef<Path>) -> Result<Tensor<(Num<3>, Dyn, Dyn), u8>> {
    let path = path.as_ref();
    typed(path, pixels(path)?.planes())
}

/// As [`read_image`], from the contents of a file.
///
/// # Errors
/// [`Error::Format`](crate::Error::Format), which calls the file `image`.
pub fn decode_image(bytes: &[u8]) -> Result<Tensor<(Num<3>, Dyn, Dyn), u8>> {
    let path = Path::new("image");
    typed(path, decode(path, bytes)?.planes())
}

/// The image of a file.
fn pixels(path: &Path) -> Result<Pixels> {
    decode(path, &Contents::plain(path)?.all(LONGEST, "an image")?)
}

fn decode(path: &Path, bytes: &[u8]) -> Result<Pixels> {
    let decoded = match bytes {
        [0x89, b'P', b'N', b'G', ..] => png::decode(bytes),
        [0xff, 0xd8, ..] => jpeg::decode(bytes),
        [] => Err("is empty, and no image".to_owned()),
        _ => {
            let start: Vec<String> = bytes.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
            Err(format!("begins with the bytes {}, and is neither a PNG nor a JPEG file", start.join(" ")))
        }
    };
    decoded.map_err(|problem| Error::format(path, problem))
}

/// The planes of an image, fitted into `height` rows of `width` pixels.
pub(super) fn fitted(path: &Path, bytes: &[u8], height: usize, width: usize) -> Result<Vec<u8>> {
    let mut planes = vec![0; 3 * height * width];
    fit::fit(&decode(path, bytes)?, height, width, &mut planes);
    Ok(planes)
}
