//! A frame's bytes as a picture, within limits.

use crate::{Fault, Result};
use fusion::data::decode_image;
use fusion::prelude::*;
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::options::DecoderOptions;

/// Red, green and blue of a frame, plane after plane.
pub type Picture = Tensor<shape![3, Dyn, Dyn], u8>;

/// The longest frame, in bytes.
pub const MOST_BYTES: usize = 2 << 20;
/// The longest side of a frame, in pixels.
pub const MOST_SIDE: usize = 4096;
/// The most pixels of a frame: a little more than 4K has. Unpacked they take no more than about 100 MB.
pub const MOST_PIXELS: usize = 9 << 20;

/// Unpacks a JPEG frame.
///
/// # Errors
/// What is no JPEG image, is damaged, or has more bytes or pixels than a frame may have; the size is looked at before anything is
/// unpacked.
pub fn picture(bytes: &[u8]) -> Result<Picture> {
    if bytes.len() > MOST_BYTES {
        return Err(Fault::new(format_args!("the frame has {} bytes, and may have {MOST_BYTES}", bytes.len())));
    }
    let [width, height] = size(bytes)?;
    if width > MOST_SIDE || height > MOST_SIDE || width * height > MOST_PIXELS {
        return Err(Fault::new(format_args!(
            "the frame has {width} x {height} pixels, and may have {MOST_SIDE} on a side and {MOST_PIXELS} in all"
        )));
    }
    decode_image(bytes).map_err(|error| Fault::new(format_args!("the frame is damaged: {error}")))
}

/// The width and the height that a JPEG image says it has.
///
/// # Errors
/// If it is none.
pub fn size(bytes: &[u8]) -> Result<[usize; 2]> {
    if !bytes.starts_with(&[0xff, 0xd8]) {
        return Err(Fault::new("the frame is no JPEG image"));
    }
    let options = DecoderOptions::default().set_max_width(u16::MAX.into()).set_max_height(u16::MAX.into());
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(|error| Fault::new(format_args!("the frame is no JPEG image: {error}")))?;
    let about = decoder.info().ok_or_else(|| Fault::new("the frame is a JPEG image without a size"))?;
    Ok([about.width.into(), about.height.into()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use jpeg_encoder::{ColorType, Encoder};

    fn jpeg(width: u16, height: u16) -> Vec<u8> {
        let (mut bytes, grey) = (Vec::new(), vec![90; usize::from(width) * usize::from(height)]);
        Encoder::new(&mut bytes, 80).encode(&grey, width, height, ColorType::Luma).expect("an image");
        bytes
    }

    /// The image with another size in its header.
    fn claiming(mut bytes: Vec<u8>, width: u16, height: u16) -> Vec<u8> {
        let at = bytes.windows(2).position(|mark| mark == [0xff, 0xc0]).expect("a frame header");
        bytes[at + 5..at + 7].copy_from_slice(&height.to_be_bytes());
        bytes[at + 7..at + 9].copy_from_slice(&width.to_be_bytes());
        bytes
    }

    #[test]
    fn sizes_within_limits() {
        assert_eq!(picture(&jpeg(33, 17)).expect("a picture").shape(), [3, 17, 33]);
        assert_eq!(picture(&jpeg(1, 1)).expect("a picture").shape(), [3, 1, 1]);
        let says = |bytes: &[u8]| picture(bytes).expect_err("no frame").to_string();
        assert!(says(&claiming(jpeg(8, 8), 20_000, 20_000)).starts_with("the frame has 20000 x 20000 pixels"));
        assert!(says(&claiming(jpeg(8, 8), 4096, 4096)).starts_with("the frame has 4096 x 4096 pixels"));
        assert!(says(&claiming(jpeg(8, 8), 4096, 2160)).starts_with("the frame is damaged"));
        assert!(says(&vec![0xff; MOST_BYTES + 1]).starts_with("the frame has 2097153 bytes"));
        assert_eq!(says(b"GIF89a"), "the frame is no JPEG image");
        assert!(says(&[0xff, 0xd8]).starts_with("the frame is no JPEG image: "));
        let whole = jpeg(64, 64);
        for end in 0..whole.len() - 1 {
            says(&whole[..end]);
        }
    }
}
