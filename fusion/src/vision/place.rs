//! Images brought into others: larger or smaller, and moved.

use super::{BBox, Detection};
use crate::dim::{Dim, Nat, Num};
use crate::kernels::images::{Filter, Rect, resize};
use crate::kernels::{Array, Dims};
use crate::tensor::Tensor;
use std::fmt;
use std::marker::PhantomData;

/// Where an image lies in another one, the canvas: each of its places is multiplied by a factor and moved.
///
/// ```
/// use fusion::vision::{BBox, Placement};
///
/// let half = Placement::new([640, 480], [320, 240], [0, 88]);
/// let face = BBox::new(100.0, 50.0, 200.0, 150.0);
/// assert_eq!(half.to_canvas(face), BBox::new(50.0, 113.0, 100.0, 163.0));
/// assert_eq!(half.to_image(half.to_canvas(face)), face);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Placement {
    /// The image's width and height.
    size: [usize; 2],
    /// Those that it has in the canvas.
    inner: [usize; 2],
    /// Where its upper left corner lies in the canvas, x and y.
    at: [i64; 2],
}

impl Placement {
    /// Of an image of this width and height, brought to another one, with its upper left corner at `at`, x and y, of
    /// the canvas.
    pub const fn new(size: [usize; 2], inner: [usize; 2], at: [i64; 2]) -> Self {
        Self { size, inner, at }
    }

    fn map(&self, axis: usize) -> (f32, f32) {
        (self.inner[axis] as f32 / self.size[axis].max(1) as f32, self.at[axis] as f32)
    }

    /// The box of the canvas that lies where this one of the image does.
    pub fn to_canvas(&self, bbox: BBox) -> BBox {
        let ((w, x), (h, y)) = (self.map(0), self.map(1));
        BBox::new(bbox.x1 * w + x, bbox.y1 * h + y, bbox.x2 * w + x, bbox.y2 * h + y)
    }

    /// The box of the image that lies where this one of the canvas does.
    pub fn to_image(&self, bbox: BBox) -> BBox {
        let ((w, x), (h, y)) = (self.map(0), self.map(1));
        BBox::new((bbox.x1 - x) / w, (bbox.y1 - y) / h, (bbox.x2 - x) / w, (bbox.y2 - y) / h)
    }

    /// Brings detections in the canvas to where they are in the image, and cuts off what lies outside of it.
    pub fn restore(&self, detections: &mut [Detection]) {
        let [width, height] = self.size.map(|n| n as f32);
        detections.iter_mut().for_each(|found| found.bbox = self.to_image(found.bbox).clip(width, height));
    }

    /// Draws the image, three planes of bytes, into those of a canvas, as far as a window of it goes: its columns and
    /// its rows, from and to.
    pub(super) fn draw(&self, image: &Array, canvas: &mut [u8], [height, width]: [usize; 2], window: [[usize; 2]; 2]) {
        let [rows, columns] = [1, 2].map(|axis| image.shape().get(axis));
        let inner = [self.inner[1], self.inner[0]];
        let image = if [rows, columns] == inner {
            image.contiguous()
        } else {
            let whole = Rect { top: 0, left: 0, height: rows, width: columns };
            resize(&image.reshape(&Dims::new(&[1, 3, rows, columns])), &[whole], inner, Filter::Antialiased)
        };
        // The first and the last pixel of the canvas that are seen, along one axis.
        let seen = |axis: usize, n: usize| {
            let [from, to] = window[axis].map(|x| x.min(n) as i64);
            let end = to.min(self.at[axis].saturating_add(self.inner[axis] as i64));
            let start = from.max(self.at[axis]);
            start as usize..end.max(start) as usize
        };
        let (across, down) = (seen(0, width), seen(1, height));
        if across.is_empty() || down.is_empty() {
            return;
        }
        let from = image.as_slice::<u8>().expect("contiguous");
        let left = (across.start as i64 - self.at[0]) as usize;
        for (from, to) in from.chunks_exact(inner[0] * inner[1]).zip(canvas.chunks_exact_mut(height * width)) {
            for row in down.clone() {
                let line = &from[(row as i64 - self.at[1]) as usize * inner[1]..][left..left + across.len()];
                to[row * width..][across.clone()].copy_from_slice(line);
            }
        }
    }
}

/// Images of any size as `H` x `W`, whole and in their proportions, in the middle of a grey canvas: what a detector takes.
///
/// They are resized as by [`Resize`](crate::data::transforms::Resize): bilinear, antialiased.
///
/// ```
/// use fusion::prelude::*;
/// use fusion::vision::{BBox, Letterbox};
///
/// let photo = Tensor::<shape![3, Dyn, Dyn], u8>::zeros_sized(&[3, 100, 200])?;
/// let (x, placement) = Letterbox::<dim!(64), dim!(64)>::new().apply(&photo);
/// let _: Tensor<shape![1, 3, 64, 64], u8> = x;
/// assert_eq!(placement.to_image(BBox::new(0.0, 16.0, 64.0, 48.0)), BBox::new(0.0, 0.0, 200.0, 100.0));
/// # Ok::<(), fusion::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq)]
pub struct Letterbox<H, W> {
    fill: u8,
    stretch: bool,
    size: PhantomData<fn() -> (H, W)>,
}

impl<H: Nat, W: Nat> Letterbox<H, W> {
    /// On grey, 128.
    #[allow(clippy::new_without_default, reason = "without a size there is none")]
    pub const fn new() -> Self {
        Self { fill: 128, stretch: false, size: PhantomData }
    }

    /// With this byte around the image.
    #[must_use]
    pub const fn fill(self, fill: u8) -> Self {
        Self { fill, ..self }
    }

    /// Fills all of the canvas, whatever becomes of proportions.
    #[must_use]
    pub const fn stretch(self) -> Self {
        Self { stretch: true, ..self }
    }

    /// Where an image of this width and height lies.
    ///
    /// # Panics
    /// If it has no pixels.
    #[track_caller]
    pub fn placement(&self, size: [usize; 2]) -> Placement {
        let [width, height] = size;
        assert!(width > 0 && height > 0, "Letterbox: an image of {height} x {width} has no pixels");
        if self.stretch {
            return Placement::new(size, [W::N, H::N], [0, 0]);
        }
        let scale = (W::N as f64 / width as f64).min(H::N as f64 / height as f64);
        let side = |n: usize, most: usize| ((n as f64 * scale).round() as usize).clamp(1, most.max(1));
        let inner = [side(width, W::N), side(height, H::N)];
        let middle = |most: usize, n: usize| (most.saturating_sub(n) / 2) as i64;
        Placement::new(size, inner, [middle(W::N, inner[0]), middle(H::N, inner[1])])
    }

    /// The image on its canvas, a batch of one, and where it lies there.
    ///
    /// # Panics
    /// If it has no pixels.
    #[track_caller]
    pub fn apply<A: Dim, B: Dim>(
        &self,
        image: &Tensor<(Num<3>, A, B), u8>,
    ) -> (Tensor<(Num<1>, Num<3>, H, W), u8>, Placement) {
        let mut canvas = Array::full(self.fill, Dims::new(&[1, 3, H::N, W::N]));
        let placement = self.draw(image.value().array(), canvas.make_mut());
        (Tensor::wrap(canvas.into()), placement)
    }

    /// Draws an image into a canvas of the right size.
    #[track_caller]
    pub(super) fn draw(&self, image: &Array, canvas: &mut [u8]) -> Placement {
        let placement = self.placement([image.shape().get(2), image.shape().get(1)]);
        canvas.fill(self.fill);
        placement.draw(image, canvas, [H::N, W::N], [[0, W::N], [0, H::N]]);
        placement
    }
}

impl<H: Nat, W: Nat> fmt::Debug for Letterbox<H, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let how = if self.stretch { ", stretched" } else { "" };
        write!(f, "Letterbox({} x {}, on {}{how})", H::N, W::N, self.fill)
    }
}
