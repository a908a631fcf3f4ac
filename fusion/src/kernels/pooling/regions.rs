//! What the places of a pooled image are made of.

use crate::kernels::array::Array;
use crate::kernels::array::layout::Dims;
use crate::kernels::conv::Sweep;

/// The elements of an image that each place of the result is made of.
#[derive(Clone, Copy, Debug)]
pub struct Regions {
    pub(super) image: [usize; 2],
    pub(super) places: [usize; 2],
    /// None: as many regions of about one size as there are places, which cover the image.
    pub(super) window: Option<Sweep>,
}

/// One region along one axis: `from..to` in steps of `step`, the number of the first of these in the region, and how many elements
/// a mean counts.
#[derive(Clone, Copy)]
pub(super) struct Span {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) step: usize,
    pub(super) first: usize,
    pub(super) count: usize,
}

impl Regions {
    /// Those under a window.
    ///
    /// # Panics
    /// If no image has room for it.
    #[track_caller]
    pub fn under(sweep: Sweep) -> Self {
        sweep.check();
        Self { image: sweep.image, places: sweep.places, window: Some(sweep) }
    }

    /// As many as there are `places`: region i of n goes from `floor(i * size / n)` to `ceil((i + 1) * size / n)`.
    ///
    /// # Panics
    /// If their ends could not be numbered.
    #[track_caller]
    pub fn covering(image: [usize; 2], places: [usize; 2]) -> Self {
        let numbered =
            (0..2).all(|axis| places[axis].checked_add(1).and_then(|n| n.checked_mul(image[axis])).is_some());
        assert!(numbered, "no image has room for {places:?} regions of {image:?}");
        Self { image, places, window: None }
    }

    pub(super) fn span(&self, axis: usize, place: usize) -> Span {
        let (size, places) = (self.image[axis], self.places[axis]);
        let Some(Sweep { window, .. }) = &self.window else {
            let (from, to) = (place * size / places, ((place + 1) * size).div_ceil(places));
            return Span { from, to, step: 1, first: 0, count: to - from };
        };
        let (step, kernel, padding) = (window.dilation[axis], window.kernel[axis], window.padding[axis][0]);
        // Counted from the start of the padding.
        let (start, end) = (place * window.stride[axis], place * window.stride[axis] + (kernel - 1) * step + 1);
        let first = padding.saturating_sub(start).div_ceil(step);
        let from = start + first * step - padding;
        Span { from, to: end.saturating_sub(padding).min(size), step, first, count: kernel }
    }

    /// Calls `f` for each place of a plane, in C order.
    #[inline(always)]
    pub(super) fn each(&self, mut f: impl FnMut(usize, Span, Span)) {
        let mut at = 0;
        for y in 0..self.places[0] {
            let down = self.span(0, y);
            for x in 0..self.places[1] {
                f(at, down, self.span(1, x));
                at += 1;
            }
        }
    }

    /// Panics unless images of the shape `x` are those that it has regions of.
    #[track_caller]
    pub(super) fn check_images(&self, x: &Dims) {
        let fits = x.rank() == 4 && [x.get(2), x.get(3)] == self.image;
        assert!(fits, "images of {x:?} for regions of {:?}", self.image);
    }

    /// How many elements the largest region has along each axis, in the padding too.
    pub(super) fn taps(&self) -> [usize; 2] {
        match &self.window {
            Some(sweep) => sweep.window.kernel,
            // A region has at most two more than its share, which are cut in the middle.
            None => [0, 1].map(|axis| self.image[axis].min(self.image[axis] / self.places[axis].max(1) + 2)),
        }
    }

    pub(super) fn pixels(&self) -> usize {
        self.image[0] * self.image[1]
    }

    pub(super) fn count(&self) -> usize {
        self.places[0] * self.places[1]
    }

    /// The shape of a result for `images` of `channels`.
    pub(super) fn shape(&self, of: &Array) -> Dims {
        Dims::new(&[of.shape().get(0), of.shape().get(1), self.places[0], self.places[1]])
    }
}
