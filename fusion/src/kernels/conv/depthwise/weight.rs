//! The gradient by the weights: vectors of channels, one sum for each tap, over strips of places.

use super::super::sweep::Sweep;
use super::super::weight::sums::{FLUSH, fill, flush, room};
use super::{load, store};
use crate::kernels::parallel::{self, Apart};
use crate::kernels::simd::{Kernel, MAX_LANES, Vector, dispatch};
use std::mem::MaybeUninit;
use std::ops::Range;

/// Places of a strip, at most where a row is shorter, and elements.
const PLACES: usize = 256;
const ELEMENTS: usize = 32 << 10;
/// Taps whose sums are in registers at once.
const TAPS: usize = 4;
/// Below so many products a thread is not worth waking.
const SMALL: usize = 1 << 18;

/// What a tap has under it outside of the image.
static ZEROS: [f32; 2 * MAX_LANES] = [0.0; 2 * MAX_LANES];

/// Writes the gradient by the weights, `[channels, 1, KH, KW]` in C order, of the depthwise convolution of `x`, `images` of
/// `s.image`, whose result has the gradient `dy`, images of `s.places`; both lie channels-last.
///
/// # Panics
/// If the lengths do not fit.
#[track_caller]
pub fn weight(x: &[f32], dy: &[f32], images: usize, channels: usize, s: &Sweep, dw: &mut [MaybeUninit<f32>]) {
    weight_by(x, dy, [images, channels], s, parallel::num_threads(), dw);
}

/// [`weight`], cut up for so many threads.
#[track_caller]
pub fn weight_by(
    x: &[f32],
    dy: &[f32],
    [images, channels]: [usize; 2],
    s: &Sweep,
    threads: usize,
    dw: &mut [MaybeUninit<f32>],
) {
    s.check();
    let elements = |[high, wide]: [usize; 2]| {
        images.checked_mul(high).and_then(|n| n.checked_mul(wide)).and_then(|n| n.checked_mul(channels))
    };
    assert_eq!(Some(x.len()), elements(s.image), "{images} images of {:?} x {channels}", s.image);
    assert_eq!(Some(dy.len()), elements(s.places), "{images} images of {:?} x {channels}", s.places);
    let taps = s.window.kernel[0].checked_mul(s.window.kernel[1]);
    let count = taps.and_then(|n| n.checked_mul(channels));
    assert_eq!(Some(dw.len()), count, "weights of {channels} channels for a window of {:?}", s.window.kernel);
    if dw.is_empty() || x.is_empty() || dy.is_empty() {
        dw.fill(MaybeUninit::new(0.0));
        return;
    }

    let places = PLACES.min(ELEMENTS / channels);
    let rows = (places / s.places[1]).clamp(1, s.places[0]);
    let strips = images * s.places[0].div_ceil(rows);
    let parts = (dw.len().saturating_mul(images * s.places[0] * s.places[1]) / SMALL).clamp(1, threads.min(strips));
    // The sums of each part, and of few strips.
    let size = dw.len().next_multiple_of(MAX_LANES);
    let sums = room(size * 2 * parts);
    let shared = Apart::new(sums.as_ptr().cast_mut().cast::<f32>());
    parallel::split(parts, 1, |_, range| {
        for part in range {
            let strips = strips * part / parts..strips * (part + 1) / parts;
            dispatch(Strips { x, dy, channels, s, rows, strips, sums: shared.at(part * 2 * size), size });
        }
    });
    let taps = s.window.kernel[0] * s.window.kernel[1];
    for (tap, c) in (0..taps).flat_map(|tap| (0..channels).map(move |c| (tap, c))) {
        // SAFETY: all parts have ended, and wrote their sums.
        let sum = (0..parts).map(|part| unsafe { *shared.at(part * 2 * size + tap * channels + c) }).sum::<f32>();
        dw[c * taps + tap].write(sum);
    }
}

/// The sums `[tap, channel]` of some strips.
struct Strips<'a> {
    x: &'a [f32],
    dy: &'a [f32],
    channels: usize,
    s: &'a Sweep,
    /// Rows of a strip.
    rows: usize,
    strips: Range<usize>,
    /// Room for the sums and behind them for those of few strips, each of this size.
    sums: *mut f32,
    size: usize,
}

impl Kernel<f32> for Strips<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Vector<Elem = f32>>(self) {
        let (sums, few, s) = (self.sums, self.sums.wrapping_add(self.size), self.s);
        let each = s.places[0].div_ceil(self.rows);
        // SAFETY: `weight_by` has checked that the images are there, and made the room.
        unsafe {
            fill::<S>(sums, self.size);
            fill::<S>(few, self.size);
            for (done, number) in self.strips.clone().enumerate() {
                let (image, first) = (number / each, number % each * self.rows);
                let rows = first..s.places[0].min(first + self.rows);
                self.ask::<S>(image, &rows);
                for (c, rest) in blocks::<S>(self.channels) {
                    match rest {
                        None => strip::<S, 2>(&self, image, &rows, c, None, few),
                        Some(lanes) => strip::<S, 1>(&self, image, &rows, c, Some(S::tail(lanes)), few),
                    }
                }
                if done % FLUSH == FLUSH - 1 {
                    flush::<S>(few, sums, self.size);
                }
            }
            flush::<S>(few, sums, self.size);
        }
    }
}

impl Strips<'_> {
    /// Asks for the memory of a strip in the order in which it lies, which is not that in which it is read.
    #[inline(always)]
    fn ask<S: Vector<Elem = f32>>(&self, image: usize, rows: &Range<usize>) {
        let (s, window) = (self.s, self.s.window);
        let first = (rows.start * window.stride[0]).saturating_sub(window.padding[0][0]).min(s.image[0]);
        let reach = (rows.end - 1) * window.stride[0] + (window.kernel[0] - 1) * window.dilation[0] + 1;
        let end = reach.saturating_sub(window.padding[0][0]).clamp(first, s.image[0]);
        for (from, row, rows, height) in [
            (self.x, s.image[1] * self.channels, first..end, s.image[0]),
            (self.dy, s.places[1] * self.channels, rows.clone(), s.places[0]),
        ] {
            let from = from.as_ptr().wrapping_add((image * height + rows.start) * row);
            for i in (0..rows.len() * row).step_by(16) {
                S::prefetch(from.wrapping_add(i));
            }
        }
    }
}

/// Adds what some rows of places have for a block of channels, from `c` on.
///
/// # Safety
/// As for [`Strips`].
#[inline(always)]
unsafe fn strip<S: Vector<Elem = f32>, const V: usize>(
    of: &Strips<'_>,
    image: usize,
    rows: &Range<usize>,
    c: usize,
    tail: Option<S::Tail>,
    sums: *mut f32,
) {
    let (s, channels) = (of.s, of.channels);
    let ([high, wide], [height, width]) = (s.window.kernel, s.image);
    for ky in 0..high {
        let down = s.inside(0, ky);
        let (from, to) = (rows.start.max(down.from), rows.end.min(down.to));
        if from >= to {
            continue;
        }
        let row = image * height + down.start + (from - down.from) * s.window.stride[0];
        let pieces = wide.div_ceil(TAPS);
        for piece in 0..pieces {
            let (kx, end) = (wide * piece / pieces, wide * (piece + 1) / pieces);
            let walk = Walk {
                s,
                channels,
                rows: to - from,
                kx,
                x: of.x.as_ptr().wrapping_add(row * width * channels + c),
                dy: of.dy.as_ptr().wrapping_add((image * s.places[0] + from) * s.places[1] * channels + c),
                sums: sums.wrapping_add((ky * wide + kx) * channels + c),
            };
            // SAFETY: the caller's promise.
            unsafe {
                match end - kx {
                    1 => taps::<S, 1, V>(&walk, tail),
                    2 => taps::<S, 2, V>(&walk, tail),
                    3 => taps::<S, 3, V>(&walk, tail),
                    _ => taps::<S, TAPS, V>(&walk, tail),
                }
            }
        }
    }
}

/// Some taps of a row of the window, over rows of places.
struct Walk<'a> {
    s: &'a Sweep,
    channels: usize,
    rows: usize,
    /// The first tap.
    kx: usize,
    /// The first row of the image and of the places, and the first tap's sums.
    x: *const f32,
    dy: *const f32,
    sums: *mut f32,
}

/// Adds to the sums of `T` taps and `V` vectors of channels.
///
/// # Safety
/// As for [`Strips`].
#[inline(always)]
unsafe fn taps<S: Vector<Elem = f32>, const T: usize, const V: usize>(walk: &Walk<'_>, tail: Option<S::Tail>) {
    let Walk { s, channels, .. } = *walk;
    let (stride, dilation, width) = (s.window.stride[1], s.window.dilation[1], s.image[1]);
    let behind = s.window.padding[1][0];
    // The places that have all these taps inside of the image, and the element under the first tap there.
    let (first, last) = (s.inside(1, walk.kx), s.inside(1, walk.kx + T - 1));
    let from = first.from.max(last.from).min(s.places[1]);
    let to = first.to.min(last.to).max(from);
    let under = |place: usize, tap: usize| place * stride + (walk.kx + tap) * dilation;
    // SAFETY: the caller's promise: what is inside of the image is there, and zeros are for what is outside.
    unsafe {
        let mut acc = [[S::zero(); V]; T];
        for row in 0..walk.rows {
            let x = walk.x.wrapping_add(row * s.window.stride[0] * width * channels);
            let dy = walk.dy.wrapping_add(row * s.places[1] * channels);
            for place in (0..from).chain(to..s.places[1]) {
                let g = load::<S, V>(dy.add(place * channels), tail);
                for t in 0..T {
                    let inside = under(place, t).checked_sub(behind).filter(|&at| at < width);
                    let x = inside.map_or(ZEROS.as_ptr(), |at| x.wrapping_add(at * channels));
                    let x = load::<S, V>(x, tail);
                    for v in 0..V {
                        acc[t][v] = x[v].mul_add(g[v], acc[t][v]);
                    }
                }
            }
            if from < to {
                let mut x = x.wrapping_add((under(from, 0) - behind) * channels);
                let mut dy = dy.wrapping_add(from * channels);
                for _ in from..to {
                    let g = load::<S, V>(dy, tail);
                    for t in 0..T {
                        let x = load::<S, V>(x.add(t * dilation * channels), tail);
                        for v in 0..V {
                            acc[t][v] = x[v].mul_add(g[v], acc[t][v]);
                        }
                    }
                    (x, dy) = (x.wrapping_add(stride * channels), dy.wrapping_add(channels));
                }
            }
        }
        for t in 0..T {
            let to = walk.sums.add(t * channels);
            let mut sums = load::<S, V>(to, tail);
            for v in 0..V {
                sums[v] = sums[v] + acc[t][v];
            }
            store(sums, to, tail);
        }
    }
}

/// The blocks of channels that are taken at once: two whole vectors, and for the last ones one, which has so many lanes.
fn blocks<S: Vector<Elem = f32>>(channels: usize) -> impl Iterator<Item = (usize, Option<usize>)> {
    let whole = channels / (2 * S::LANES);
    let rest = (whole * 2 * S::LANES..channels).step_by(S::LANES);
    let pairs = (0..whole).map(|i| (i * 2 * S::LANES, None));
    pairs.chain(rest.map(move |c| (c, Some(S::LANES.min(channels - c)))))
}
