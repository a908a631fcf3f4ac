//! The gradient of a convolution by its weights.
//!
//! It is a convolution as well: of the image, with the convolved image's gradient as the filter, 4x4 of it to a tile. So a
//! tile of the image is transformed as for the convolution, one of the gradient as a filter of four taps, and the products
//! of both, which are sums over tiles here, are transformed once, at the end, into 3x3 weights.

use super::common::{BLOCK, OFF, WORTH, for_isa};
use super::frame::Frame;
use super::passes::{Input, InputOf};
use super::product::Strips;
use super::tile::{Tile, is_for};
use super::transform::Points;
use crate::kernels::conv::sweep::Sweep;
use crate::kernels::memory::with_scratch;
use crate::kernels::parallel::{Apart, pieces, split};
use crate::kernels::simd::{self, Isa, Kernel, MAX_LANES, Vector};
use std::mem::MaybeUninit;
use std::ops::Range;

/// Products of a tile.
const POINTS: usize = 36;
/// The fewest tiles of a block, for each of which all sums come and go; and for how many bytes of sums, then from memory,
/// they are twice as many.
const LEAST: usize = 24;
const LARGE: usize = 6 << 20;

/// Writes to `w`, `[outputs, inputs, 3, 3]` in C order, the gradient by the weights of a convolution over `s` of the images
/// `x`, whose result has the gradient `y`; both are channels-last.
///
/// # Panics
/// If the window is not one of 3x3 that moves by 1, or the lengths of the slices do not fit.
pub fn weight_gradient(
    x: &[f32],
    y: &[f32],
    [outputs, inputs]: [usize; 2],
    s: &Sweep,
    images: usize,
    w: &mut [MaybeUninit<f32>],
) {
    assert!(is_for(s), "a window of 3x3 that moves by 1, not {:?}", s.window);
    let size = |[height, width]: [usize; 2], channels: usize| {
        [height, width, channels].iter().try_fold(images, |n, &m| n.checked_mul(m))
    };
    assert_eq!(Some(x.len()), size(s.image, inputs), "{images} images of {:?}, {inputs} channels", s.image);
    assert_eq!(Some(y.len()), size(s.places, outputs), "{images} results of {:?}, {outputs} channels", s.places);
    let weights = outputs.checked_mul(inputs).and_then(|n| n.checked_mul(9));
    assert_eq!(Some(w.len()), weights, "weights for {inputs} channels and {outputs}");
    if x.is_empty() || y.is_empty() {
        w.fill(MaybeUninit::new(0.0));
        return;
    }
    let isa = simd::isa();
    // SAFETY: `isa` tells what the machine has, and the slices are as long as that takes.
    for_isa!(isa, S => unsafe { run::<S>(x, y, [outputs, inputs], s, images, w) });
}

/// # Safety
/// The machine must have the instructions, and the slices the lengths.
pub unsafe fn run<S: Strips>(
    x: &[f32],
    y: &[f32],
    [outputs, inputs]: [usize; 2],
    s: &Sweep,
    images: usize,
    w: &mut [MaybeUninit<f32>],
) {
    let side = Tile::Four.side();
    let frame = Frame::new(s, false, side);
    // The gradient's own tiles lie in it without a border.
    let convolved = Frame { image: s.places, before: [0; 2], ..frame };
    let zeros = vec![0.0; inputs.max(outputs).next_multiple_of(MAX_LANES)];
    let vectors = S::vectors(outputs);
    let (v_slices, z_slices) = (inputs.div_ceil(S::LANES), outputs.div_ceil(S::LANES).next_multiple_of(vectors));
    let row = z_slices * S::LANES;
    let sums = v_slices * S::LANES * row + OFF;
    let tiles = images * frame.tiles_per_image();
    let parts = pieces(tiles, (WORTH / (POINTS * sums)).max(2 * LEAST));
    let block = (BLOCK / (POINTS * (v_slices + z_slices) * S::LANES * size_of::<f32>()))
        .max(if POINTS * sums * size_of::<f32>() > LARGE { 2 * LEAST } else { LEAST });
    let most = block.min(tiles.div_ceil(parts));
    let plane = |slices: usize| most * slices * S::LANES + OFF;
    let (v_plane, z_plane) = (plane(v_slices), plane(z_slices));
    let each = POINTS * (sums + v_plane + z_plane);
    let zeros = &zeros;
    with_scratch(parts * each, |scratch: *mut f32| {
        let scratch = Apart::new(scratch);
        split(tiles, tiles / parts, |part, tiles| {
            let d = scratch.at(part * each);
            let v = d.wrapping_add(POINTS * sums);
            let z = v.wrapping_add(POINTS * v_plane);
            let input = |frame, x, channels, slices, tiles: &Range<usize>, v, plane| Input {
                frame,
                x,
                channels,
                slices,
                zeros: zeros.as_ptr(),
                tiles: tiles.clone(),
                last: tiles.end,
                v,
                plane,
                slice: most * S::LANES,
            };
            let blocks = tiles.len().div_ceil(most);
            for i in 0..blocks {
                let at = |i: usize| tiles.start + tiles.len() * i / blocks;
                let tiles = at(i)..at(i + 1);
                // SAFETY: the caller's promise, and the room.
                unsafe {
                    S::enter(InputOf::<2, 6, 6>(&input(frame, x.as_ptr(), inputs, v_slices, &tiles, v, v_plane)));
                    S::enter(InputOf::<2, 6, 4>(&input(convolved, y.as_ptr(), outputs, z_slices, &tiles, z, z_plane)));
                    for point in 0..POINTS {
                        let sums = Sums {
                            tiles: tiles.len(),
                            v: v.wrapping_add(point * v_plane),
                            v_slices,
                            z: z.wrapping_add(point * z_plane),
                            z_slices,
                            slice: most * S::LANES,
                            d: d.wrapping_add(point * sums),
                            row,
                            add: i > 0,
                        };
                        match vectors {
                            1 => S::enter(SumsOf::<8, 1>(&sums)),
                            _ => S::enter(SumsOf::<4, 2>(&sums)),
                        }
                    }
                }
            }
        });
        let to = Apart::new(w.as_mut_ptr().cast::<f32>());
        split(outputs.div_ceil(S::LANES), (WORTH / 64).div_ceil(POINTS * inputs * S::LANES), |_, slices| {
            let result = Result { d: scratch.at(0), parts, each, sums, row, outputs, inputs, slices, w: to.at(0) };
            // SAFETY: the caller's promise; all sums are there, and no output belongs to two ranges.
            unsafe { S::enter(result) };
        });
    });
}

/// The sums over a block's tiles of the products of one point: a row for each channel, an element for each output.
struct Sums {
    tiles: usize,
    v: *const f32,
    v_slices: usize,
    z: *const f32,
    z_slices: usize,
    /// From a slice to the next, of both.
    slice: usize,
    d: *mut f32,
    row: usize,
    /// To what is there?
    add: bool,
}

/// [`Sums`] of `C` channels and `B` vectors of outputs at a time: 8 accumulators, which two multiplications a cycle, each of
/// four cycles, need. 12 were slower.
struct SumsOf<'a, const C: usize, const B: usize>(&'a Sums);

impl<const C: usize, const B: usize> Kernel<f32> for SumsOf<'_, C, B> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Vector<Elem = f32>>(self) {
        let t = self.0;
        for o in (0..t.z_slices).step_by(B) {
            for c in (0..t.v_slices * S::LANES).step_by(C) {
                let mut v = t.v.wrapping_add(c / S::LANES * t.slice + c % S::LANES);
                let mut z = t.z.wrapping_add(o * t.slice);
                let d = t.d.wrapping_add(c * t.row + o * S::LANES);
                // SAFETY: whoever fills it in promises all elements.
                unsafe {
                    let mut acc = [[S::zero(); B]; C];
                    for _ in 0..t.tiles {
                        let outputs: [S; B] = std::array::from_fn(|b| S::load(z.add(b * t.slice)));
                        for p in 0..C {
                            let x = S::splat(*v.add(p));
                            for b in 0..B {
                                acc[p][b] = x.mul_add(outputs[b], acc[p][b]);
                            }
                        }
                        v = v.wrapping_add(S::LANES);
                        z = z.wrapping_add(S::LANES);
                    }
                    for (p, acc) in acc.into_iter().enumerate() {
                        for (b, mut x) in acc.into_iter().enumerate() {
                            let d = d.wrapping_add(p * t.row + b * S::LANES);
                            if t.add {
                                x = x + S::load(d);
                            }
                            x.store(d);
                        }
                    }
                }
            }
        }
    }
}

/// The weights from the sums of all parts.
struct Result {
    d: *const f32,
    parts: usize,
    /// From a part's sums to the next part's.
    each: usize,
    /// From a point's sums to the next point's.
    sums: usize,
    row: usize,
    outputs: usize,
    inputs: usize,
    /// Which vectors of outputs.
    slices: Range<usize>,
    w: *mut f32,
}

impl Kernel<f32> for Result {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Vector<Elem = f32>>(self) {
        for slice in self.slices {
            for c in 0..self.inputs {
                let o = slice * S::LANES;
                // SAFETY: the sums of all parts are there; each output has nine weights for a channel.
                unsafe {
                    let mut turned = [[S::zero(); 6]; 3];
                    for s in 0..6 {
                        let mut column = [S::zero(); 6];
                        for r in 0..6 {
                            let mut d = self.d.wrapping_add((r * 6 + s) * self.sums + c * self.row + o);
                            column[r] = S::load(d);
                            for _ in 1..self.parts {
                                d = d.wrapping_add(self.each);
                                column[r] = column[r] + S::load(d);
                            }
                        }
                        let column: [S; 3] = Points::<2>::BEST.output(column);
                        for r in 0..3 {
                            turned[r][s] = column[r];
                        }
                    }
                    let mut taps = [[0.0; MAX_LANES]; 9];
                    for (r, row) in turned.into_iter().enumerate() {
                        let row: [S; 3] = Points::<2>::BEST.output(row);
                        for (s, x) in row.into_iter().enumerate() {
                            x.store(taps[r * 3 + s].as_mut_ptr());
                        }
                    }
                    for lane in 0..(self.outputs - o).min(S::LANES) {
                        let w = self.w.wrapping_add(((o + lane) * self.inputs + c) * 9);
                        for (tap, lanes) in taps.iter().enumerate() {
                            *w.add(tap) = lanes[lane];
                        }
                    }
                }
            }
        }
    }
}
