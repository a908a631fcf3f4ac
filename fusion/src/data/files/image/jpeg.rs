//! JPEG files.

use super::pixels::Pixels;
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

/// Each block of 8 x 8 samples takes at least one bit, so that a byte describes no more pixels than this, with room to spare.
const PIXELS_OF_A_BYTE: u64 = 1024;

/// The image, or what is wrong with it.
pub(super) fn decode(bytes: &[u8]) -> Result<Pixels, String> {
    // What is damaged is an error here, and no image with a grey part.
    let options = DecoderOptions::default().set_strict_mode(true).set_max_width(u16::MAX.into());
    let options = options.set_max_height(u16::MAX.into()).jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    let damaged = |error: &dyn std::fmt::Display| format!("is no JPEG file that can be read: {error}");
    decoder.decode_headers().map_err(|error| damaged(&error))?;
    let about = decoder.info().ok_or("has no header of a JPEG file")?;
    if !ends(bytes) {
        return Err("ends before its image does".to_owned());
    }
    let mut pixels = Pixels::new(about.height.into(), about.width.into())?;
    let (count, length) = (pixels.height as u64 * pixels.width as u64, bytes.len() as u64);
    if count > length.saturating_mul(PIXELS_OF_A_BYTE) {
        return Err(format!("claims {} x {} pixels in {length} bytes", pixels.width, pixels.height));
    }
    pixels.rgb = decoder.decode().map_err(|error| damaged(&error))?;
    match pixels.rgb.len() == count as usize * 3 {
        true => Ok(pixels),
        false => Err(format!("has {} samples for {count} pixels of red, green and blue", pixels.rgb.len())),
    }
}

/// Does the mark of an end follow the last scan? The decoder makes up for the last missing bytes of one.
fn ends(bytes: &[u8]) -> bool {
    let last = |mark: [u8; 2]| bytes.windows(2).rposition(|bytes| bytes == mark);
    last([0xff, 0xd9]) > last([0xff, 0xda])
}
