//! The passes around the products: tiles of the image to V, M to the result, weights to U.

use super::frame::Frame;
use super::transform::Points;
use crate::kernels::activation::Activation;
use crate::kernels::simd::{Kernel, MAX_LANES, Vector};
use std::ops::Range;

/// V from the image: tiles one after the other, in slices of channels, in a plane for each point.
#[derive(Clone)]
pub struct Input {
    pub frame: Frame,
    pub x: *const f32,
    pub channels: usize,
    /// How many slices are written; what is no channel is 0.
    pub slices: usize,
    /// As many zeros as there are channels, in whole vectors.
    pub zeros: *const f32,
    /// Which tiles; those from `last` on are zeros.
    pub tiles: Range<usize>,
    pub last: usize,
    /// Where the first tile goes.
    pub v: *mut f32,
    pub plane: usize,
    pub slice: usize,
}

/// [`Input`] for `K` pairs of points, `A` x `A` of them: tiles of `R` x `R` pixels. As many as points are taken as an input,
/// fewer as a filter, which is what the convolved image is for the gradient by the weights.
pub struct InputOf<'a, const K: usize, const A: usize, const R: usize>(pub &'a Input);

impl<const K: usize, const A: usize, const R: usize> Kernel<f32> for InputOf<'_, K, A, R> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Vector<Elem = f32>>(self) {
        let t = self.0;
        // The last channels, where they are no whole vector.
        let mut rest = [[[0.0; MAX_LANES]; R]; R];
        for (i, tile) in t.tiles.clone().enumerate() {
            let mut pixels = [[t.zeros; R]; R];
            if tile < t.last {
                t.frame.pixels(t.x, t.channels, t.zeros, tile, &mut pixels);
            }
            let mut v = t.v.wrapping_add(i * S::LANES);
            for slice in 0..t.slices {
                let mut at = slice * S::LANES;
                if at >= t.channels {
                    (pixels, at) = ([[t.zeros; R]; R], 0);
                } else if at + S::LANES > t.channels {
                    for (pixels, rest) in pixels.iter_mut().zip(&mut rest) {
                        for (pixel, rest) in pixels.iter_mut().zip(rest) {
                            for c in at..t.channels {
                                // SAFETY: a pixel has all channels.
                                rest[c - at] = unsafe { *pixel.add(c) };
                            }
                            *pixel = rest.as_ptr();
                        }
                    }
                    at = 0;
                }
                // SAFETY: each pixel has a whole vector of channels here, V room for all planes.
                unsafe { tile_to_planes::<S, K, A, R>(&pixels, at, v, t.plane) };
                v = v.wrapping_add(t.slice);
            }
        }
    }
}

/// The transform of a vector of channels of a tile.
///
/// # Safety
/// The machine must have the instructions; the pixels must have a vector of channels at `at`, and each plane room for one.
#[inline(always)]
unsafe fn tile_to_planes<S: Vector<Elem = f32>, const K: usize, const A: usize, const R: usize>(
    pixels: &[[*const f32; R]; R],
    at: usize,
    mut v: *mut f32,
    plane: usize,
) {
    // SAFETY: the caller's promise.
    unsafe {
        let mut turned = [[S::zero(); R]; A];
        for s in 0..R {
            let mut column = [S::zero(); R];
            for r in 0..R {
                column[r] = S::load(pixels[r][s].add(at));
            }
            let column: [S; A] = along::<S, K, A, R>(column);
            for r in 0..A {
                turned[r][s] = column[r];
            }
        }
        for row in turned {
            let row: [S; A] = along::<S, K, A, R>(row);
            for x in row {
                x.store(v);
                v = v.wrapping_add(plane);
            }
        }
    }
}

/// The transform along one axis: of an input, or of a filter.
#[inline(always)]
fn along<S: Vector<Elem = f32>, const K: usize, const A: usize, const R: usize>(x: [S; R]) -> [S; A] {
    if R < A {
        return Points::<K>::BEST.filter(x);
    }
    let mut all = [x[0]; A];
    all.copy_from_slice(&x);
    Points::<K>::BEST.input(all)
}

/// The result from M, tile by tile, in it the panels of outputs.
#[derive(Clone)]
pub struct Output<'a> {
    pub frame: Frame,
    /// Where the first tile's first product of the first panel lies.
    pub m: *const f32,
    /// From a point to the next, and from a panel to the next.
    pub plane: usize,
    pub panel: usize,
    pub tiles: Range<usize>,
    pub panels: Range<usize>,
    /// Of a panel.
    pub vectors: usize,
    pub outputs: usize,
    pub y: *mut f32,
    pub bias: Option<&'a [f32]>,
    /// Laid out as `y`; null for none.
    pub residual: *const f32,
    pub activation: Activation,
}

/// [`Output`] for `K` pairs of points: tiles of `A` x `A` products and `M` x `M` places.
pub struct OutputOf<'a, const K: usize, const A: usize, const M: usize>(pub &'a Output<'a>);

/// Where places of a result lie: the first, how far the next row, and the next in a row.
#[derive(Clone, Copy)]
struct Places {
    y: *mut f32,
    residual: *const f32,
    row: usize,
    col: usize,
}

impl<const K: usize, const A: usize, const M: usize> Kernel<f32> for OutputOf<'_, K, A, M> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Vector<Elem = f32>>(self) {
        let t = self.0;
        let [height, width] = t.frame.places;
        // The last outputs, where they are no whole vector.
        let (mut rest, mut rest_residual, mut rest_bias) =
            ([[[0.0; MAX_LANES]; M]; M], [[[0.0; MAX_LANES]; M]; M], [0.0; MAX_LANES]);
        for (i, tile) in t.tiles.clone().enumerate() {
            let (image, place) = t.frame.first_place(tile);
            let (high, wide) = ((height - place[0]).min(M), (width - place[1]).min(M));
            let first = ((image * height + place[0]) * width + place[1]) * t.outputs;
            for (p, panel) in t.panels.clone().enumerate() {
                for b in 0..t.vectors {
                    let o = (panel * t.vectors + b) * S::LANES;
                    if o >= t.outputs {
                        break;
                    }
                    let m = t.m.wrapping_add(p * t.panel + (i * t.vectors + b) * S::LANES);
                    let lanes = (t.outputs - o).min(S::LANES);
                    let whole = lanes == S::LANES;
                    let at = first + o;
                    let mut residual = t.residual;
                    if !residual.is_null() {
                        residual = residual.wrapping_add(at);
                    }
                    let mut to = Places { y: t.y.wrapping_add(at), residual, row: width * t.outputs, col: t.outputs };
                    let mut bias = t.bias.map_or(std::ptr::null(), |bias| bias[o..].as_ptr());
                    if !whole {
                        // SAFETY: `lanes` outputs are left, of the bias and of each place.
                        unsafe {
                            if !bias.is_null() {
                                rest_bias.as_mut_ptr().copy_from_nonoverlapping(bias, lanes);
                                bias = rest_bias.as_ptr();
                            }
                            if !residual.is_null() {
                                for (r, s) in cells(high, wide) {
                                    let from = residual.add(r * to.row + s * to.col);
                                    rest_residual[r][s].as_mut_ptr().copy_from_nonoverlapping(from, lanes);
                                }
                                residual = rest_residual.as_ptr().cast();
                            }
                        }
                        to = Places { y: rest.as_mut_ptr().cast(), residual, row: M * MAX_LANES, col: MAX_LANES };
                    }
                    // SAFETY: M has all planes, and each of `high` x `wide` places a whole vector of outputs here.
                    unsafe { planes_to_places::<S, K, A, M>(m, t.plane, bias, t.activation, to, high, wide) };
                    if !whole {
                        for (r, s) in cells(high, wide) {
                            let to = t.y.wrapping_add(at + (r * width + s) * t.outputs);
                            // SAFETY: `lanes` outputs are left of each place.
                            unsafe { to.copy_from_nonoverlapping(rest[r][s].as_ptr(), lanes) };
                        }
                    }
                }
            }
        }
    }
}

/// All pairs of numbers below the two.
#[inline(always)]
fn cells(high: usize, wide: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..high).flat_map(move |r| (0..wide).map(move |s| (r, s)))
}

/// The transform of a vector of outputs of a tile, and the epilogue.
///
/// # Safety
/// The machine must have the instructions, each plane a vector of products, each place within `high` and `wide` room for
/// one, and one of addends where there is a residual; so must `bias` unless it is null.
#[inline(always)]
unsafe fn planes_to_places<S: Vector<Elem = f32>, const K: usize, const A: usize, const M: usize>(
    m: *const f32,
    plane: usize,
    bias: *const f32,
    activation: Activation,
    to: Places,
    high: usize,
    wide: usize,
) {
    // SAFETY: the caller's promise.
    unsafe {
        let mut turned = [[S::zero(); A]; M];
        for s in 0..A {
            let mut column = [S::zero(); A];
            let mut from = m.wrapping_add(s * plane);
            for x in &mut column {
                *x = S::load(from);
                from = from.wrapping_add(A * plane);
            }
            let column: [S; M] = Points::<K>::BEST.output(column);
            for r in 0..M {
                turned[r][s] = column[r];
            }
        }
        let shift = if bias.is_null() { S::zero() } else { S::load(bias) };
        for (r, row) in turned.into_iter().enumerate().take(high) {
            let row: [S; M] = Points::<K>::BEST.output(row);
            for (s, x) in row.into_iter().enumerate() {
                if s < wide {
                    let at = r * to.row + s * to.col;
                    let mut x = x + shift;
                    if !to.residual.is_null() {
                        x = x + S::load(to.residual.add(at));
                    }
                    activation.of(x).store(to.y.add(at));
                }
            }
        }
    }
}

/// Panels of U from weights: in each a plane for every point, in it a row of outputs for every channel.
#[derive(Clone)]
pub struct Weights {
    pub w: *const f32,
    /// From an output's nine weights to the next output's, and from a channel's to the next channel's.
    pub output: usize,
    pub channel: usize,
    /// Are the nine taken in reverse?
    pub turned: bool,
    pub outputs: usize,
    pub channels: usize,
    pub panels: Range<usize>,
    /// Of a panel.
    pub vectors: usize,
    /// Where the first of all panels lies.
    pub u: *mut f32,
    pub panel: usize,
    pub plane: usize,
}

/// [`Weights`] for `K` pairs of points.
pub struct WeightsOf<'a, const K: usize, const A: usize>(pub &'a Weights);

impl<const K: usize, const A: usize> Kernel<f32> for WeightsOf<'_, K, A> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Vector<Elem = f32>>(self) {
        let t = self.0;
        let mut taps = [[0.0; MAX_LANES]; 9];
        for panel in t.panels.clone() {
            for c in 0..t.channels.next_multiple_of(S::LANES) {
                for b in 0..t.vectors {
                    let o = (panel * t.vectors + b) * S::LANES;
                    let u = t.u.wrapping_add(panel * t.panel + (c * t.vectors + b) * S::LANES);
                    let lanes = t.outputs.saturating_sub(o).min(S::LANES);
                    // Outputs beyond the last are whatever they are: nobody stores their sums. Channels are summed, so those
                    // beyond the last are zeros.
                    if c >= t.channels {
                        taps = [[0.0; MAX_LANES]; 9];
                    } else {
                        for first in (0..lanes).step_by(S::BLOCK) {
                            let w = t.w.wrapping_add((o + first) * t.output + c * t.channel);
                            let to = taps.as_mut_ptr().cast::<f32>().wrapping_add(first);
                            // SAFETY: these outputs have nine weights each; `taps` has nine rows.
                            unsafe {
                                S::transpose(w, t.output, (lanes - first).min(S::BLOCK), 9, to, MAX_LANES);
                            }
                        }
                    }
                    let mut at = [[taps[0].as_ptr(); 3]; 3];
                    for (tap, row) in taps.iter().enumerate() {
                        let tap = if t.turned { 8 - tap } else { tap };
                        at[tap / 3][tap % 3] = row.as_ptr();
                    }
                    // SAFETY: U has room for every panel, and each row of `taps` is a vector.
                    unsafe { tile_to_planes::<S, K, A, 3>(&at, 0, u, t.plane) };
                }
            }
        }
    }
}
