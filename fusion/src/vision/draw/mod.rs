//! Boxes and letters drawn into images.

mod font;

use super::BBox;
use crate::dim::{Dim, Num};
use crate::kernels::Array;
use crate::tensor::Tensor;
use font::{COLUMNS, ROWS, glyph};
use std::fmt;
use std::marker::PhantomData;

/// Red, green and blue.
pub type Colour = [u8; 3];

/// An image of bytes to draw into: `[3, H, W]`, red, green and blue.
///
/// What lies outside of the image is left out. torchvision's `draw_bounding_boxes`.
///
/// ```
/// use fusion::prelude::*;
/// use fusion::vision::{BBox, Canvas, colour};
///
/// let image = Tensor::<shape![3, Dyn, Dyn], u8>::zeros_sized(&[3, 60, 80])?;
/// let mut canvas = Canvas::new(&image);
/// canvas.labelled(BBox::new(10.0, 20.0, 50.0, 50.0), "face 0.98", colour(7), 2);
/// let drawn: Tensor<shape![3, Dyn, Dyn], u8> = canvas.into_image();
/// assert_eq!(drawn.get(&[0, 30, 11]), Some(colour(7)[0]));
/// # Ok::<(), fusion::Error>(())
/// ```
#[doc(alias = "draw_bounding_boxes")]
pub struct Canvas<H, W> {
    image: Array,
    size: PhantomData<fn() -> (H, W)>,
}

impl<H: Dim, W: Dim> Canvas<H, W> {
    /// A copy of the image to draw into.
    pub fn new(image: &Tensor<(Num<3>, H, W), u8>) -> Self {
        Self { image: image.value().array().contiguous(), size: PhantomData }
    }

    /// The image with what was drawn.
    pub fn into_image(self) -> Tensor<(Num<3>, H, W), u8> {
        Tensor::wrap(self.image.into())
    }

    /// Fills a box; its edges are rounded to whole pixels.
    pub fn fill(&mut self, bbox: BBox, colour: Colour) {
        let [x1, y1, x2, y2] = edges(bbox);
        self.block([x1, x2], [y1, y2], colour);
    }

    /// Draws the frame of a box, so many pixels thick to the inside.
    pub fn rectangle(&mut self, bbox: BBox, colour: Colour, thickness: usize) {
        let [x1, y1, x2, y2] = edges(bbox);
        let t = i64::try_from(thickness).unwrap_or(i64::MAX);
        let inner = |low: i64, high: i64| (low.saturating_add(t).min(high), high.saturating_sub(t).max(low));
        let ((left, right), (top, bottom)) = (inner(x1, x2), inner(y1, y2));
        for (across, down) in
            [([x1, x2], [y1, top]), ([x1, x2], [bottom, y2]), ([x1, left], [y1, y2]), ([right, x2], [y1, y2])]
        {
            self.block(across, down, colour);
        }
    }

    /// Writes a line of text from the upper left corner `at`, x and y, on; a letter has 5 x 8 pixels, each a square of
    /// `scale` pixels, and one more column between them. Letters, digits and punctuation of ASCII are known; others are
    /// a frame.
    pub fn text(&mut self, at: [f32; 2], text: &str, colour: Colour, scale: usize) {
        let (scale, [left, top]) = (scale as i64, at.map(|x| x.round() as i64));
        for (number, letter) in text.chars().enumerate() {
            let left = left.saturating_add(number as i64 * (COLUMNS as i64 + 1) * scale);
            for (row, bits) in glyph(letter).into_iter().enumerate() {
                for column in (0..COLUMNS).filter(|column| bits >> (COLUMNS - 1 - column) & 1 == 1) {
                    let (x, y) = (left.saturating_add(column as i64 * scale), top.saturating_add(row as i64 * scale));
                    self.block([x, x.saturating_add(scale)], [y, y.saturating_add(scale)], colour);
                }
            }
        }
    }

    /// Draws the frame of a box and, on its upper edge, a sign with a text: above the edge where there is room, else
    /// below it.
    pub fn labelled(&mut self, bbox: BBox, text: &str, colour: Colour, thickness: usize) {
        self.rectangle(bbox, colour, thickness);
        if text.is_empty() {
            return;
        }
        let scale = thickness.div_ceil(2).max(1);
        let [width, height] = [text.chars().count() * (COLUMNS + 1) + 1, ROWS + 2].map(|n| (n * scale) as f32);
        let most = self.image.shape().get(2) as f32 - width;
        let (x, y) = (bbox.x1.min(most).max(0.0), if bbox.y1 >= height { bbox.y1 - height } else { bbox.y1.max(0.0) });
        self.fill(BBox::from_xywh(x, y, width, height), colour);
        // Black on light colours, white on dark ones: by the brightness of Rec. 601.
        let light = 299 * u32::from(colour[0]) + 587 * u32::from(colour[1]) + 114 * u32::from(colour[2]) > 128_000;
        self.text([x + scale as f32, y + scale as f32], text, if light { [0; 3] } else { [255; 3] }, scale);
    }

    /// Fills columns and rows, as far as they lie inside.
    fn block(&mut self, across: [i64; 2], down: [i64; 2], colour: Colour) {
        let [height, width] = [1, 2].map(|axis| self.image.shape().get(axis));
        let inside = |range: [i64; 2], n: usize| {
            let [from, to] = range.map(|x| x.clamp(0, n as i64) as usize);
            from..to.max(from)
        };
        let (columns, rows) = (inside(across, width), inside(down, height));
        if columns.is_empty() || rows.is_empty() {
            return;
        }
        for (plane, colour) in self.image.make_mut::<u8>().chunks_exact_mut(height * width).zip(colour) {
            rows.clone().for_each(|row| plane[row * width..][columns.clone()].fill(colour));
        }
    }
}

impl<H, W> fmt::Debug for Canvas<H, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Canvas").field("size", self.image.shape()).finish()
    }
}

/// The edges as whole pixels: left, upper, right, lower. What is not a number is 0, what is too large the largest.
fn edges(bbox: BBox) -> [i64; 4] {
    [bbox.x1, bbox.y1, bbox.x2, bbox.y2].map(|x| x.round() as i64)
}

/// A bright colour for a number, a class or a track: far from those of the numbers beside it, and always the same.
///
/// ```
/// use fusion::vision::colour;
///
/// assert_eq!(colour(3), colour(3));
/// assert_ne!(colour(3), colour(4));
/// ```
pub fn colour(number: u64) -> Colour {
    // Hues a golden section of the circle apart.
    let hue = (number as f64 * 0.618_033_988_749_895).fract() * 6.0;
    [5.0, 3.0, 1.0].map(|n: f64| {
        let k = (n + hue) % 6.0;
        (255.0 * (1.0 - 0.85 * k.min(4.0 - k).clamp(0.0, 1.0))) as u8
    })
}
