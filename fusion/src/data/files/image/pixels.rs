//! An image in memory.

use crate::kernels::{Array, Dims};

/// A photograph of 8192 x 8192 has as many. What claims to have more is refused before anything is unpacked.
const MOST_PIXELS: u64 = 1 << 26;

/// An image as decoders give it: the rows one after another, of red, green and blue for each pixel.
pub(super) struct Pixels {
    pub height: usize,
    pub width: usize,
    pub rgb: Vec<u8>,
}

impl Pixels {
    /// Memory for an image of this size, unless it has too many pixels or none.
    pub fn new(height: u64, width: u64) -> Result<Self, String> {
        let pixels = height.checked_mul(width).filter(|&pixels| pixels <= MOST_PIXELS);
        let pixels =
            pixels.ok_or_else(|| format!("has {width} x {height} pixels, and may have {MOST_PIXELS} at most"))?;
        if pixels == 0 {
            return Err(format!("has {width} x {height} pixels, and is empty"));
        }
        let mut rgb = Vec::new();
        rgb.try_reserve_exact(pixels as usize * 3).map_err(|_| "there is no memory for it".to_owned())?;
        Ok(Self { height: height as usize, width: width as usize, rgb })
    }

    /// Plane after plane.
    pub fn planes(&self) -> Array {
        let (size, shape) = (self.height * self.width, Dims::new(&[3, self.height, self.width]));
        Array::from_fn(shape, |i| self.rgb[i % size * 3 + i / size])
    }
}
