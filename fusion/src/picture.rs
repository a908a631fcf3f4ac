//! Images as PNG files.

use crate::{Error, Result};
use png::{BitDepth, ColorType, Encoder};

/// The file of an image of so many planes, rows and columns: one plane is grey, three are red, green and blue. The samples of a
/// pixel stand side by side.
pub(crate) fn png([planes, height, width]: [usize; 3], samples: &[u8]) -> Result<Vec<u8>> {
    let color = match planes {
        1 => ColorType::Grayscale,
        3 => ColorType::Rgb,
        _ => return Err(Error::argument("image", format!("a PNG file has 1 or 3 planes, and the image has {planes}"))),
    };
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, width as u32, height as u32);
    encoder.set_color(color);
    encoder.set_depth(BitDepth::Eight);
    let written = encoder.write_header().and_then(|mut writer| writer.write_image_data(samples));
    written.map_err(|error| Error::argument("image", format!("no PNG file has {width} x {height} pixels: {error}")))?;
    Ok(bytes)
}
