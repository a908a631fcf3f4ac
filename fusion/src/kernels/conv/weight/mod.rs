//! The gradient by the weights of a convolution of `f32` images that lie channels-last, for every window.
//!
//! `dw[tap, c, o]` is the sum over all places of `x[place moved by the tap, c] * dy[place, o]`. In registers lies a tile of
//! such sums, rows of inputs times vectors of outputs, over all places of a strip: some rows of an image, or a few small
//! images. The inputs of a strip are copied with zeros around (`pack`), so that the inputs under one row of the window,
//! `kx` and `c` alike, lie side by side for any stride and dilation: they are the rows of the tiles. A window with few
//! inputs is unfolded in whole, strip by strip. Windows of 1x1 are one product of matrices.
//!
//! The sums of a panel, so many inputs and outputs that they stay in the second-level cache, go over all strips; then they
//! are put in the order of the weights. Sums are added up on three levels (within a strip, over `FLUSH` strips, over
//! all), so the error does not grow with the number of places.

mod pack;
mod plan;
mod pointwise;
pub(super) mod sums;
mod tile;

use super::sweep::Sweep;
use crate::kernels::parallel::{self, Apart};
use crate::kernels::simd::{self, Isa, Kernel, Vector};
use pack::Rooms;
use plan::{Block, Plan};
use std::mem::MaybeUninit;
use std::ops::Range;
use sums::{FLUSH, fill, flush, room};

/// Below so many products a thread is not worth waking.
const SMALL: usize = 1 << 20;

/// Writes the gradient by the weights, `[outputs, inputs / groups, KH, KW]` in C order, of a convolution of `x`, `images` of
/// `s.image` with `inputs` channels, whose result has the gradient `dy`, images of `s.places` with `outputs` channels; all
/// lie channels-last.
///
/// Zeros around the image count as such: an infinite or NaN gradient makes NaN of what it meets there.
///
/// # Panics
/// If the lengths do not fit.
#[track_caller]
pub fn weight(
    x: &[f32],
    dy: &[f32],
    images: usize,
    inputs: usize,
    outputs: usize,
    s: &Sweep,
    dw: &mut [MaybeUninit<f32>],
) {
    let (sizes, threads) = ([images, inputs, outputs], parallel::num_threads());
    check(x, dy, sizes, s, dw);
    if dw.is_empty() || x.is_empty() || dy.is_empty() {
        dw.fill(MaybeUninit::new(0.0));
        return;
    }
    if pointwise::fits(s) {
        return pointwise::weight(x, dy, sizes, s, dw);
    }
    match simd::isa() {
        #[cfg(target_arch = "x86_64")]
        Isa::Avx512 => weight_by::<simd::F32x16>(x, dy, sizes, s, threads, dw),
        #[cfg(target_arch = "x86_64")]
        Isa::Avx2 => weight_by::<simd::F32x8>(x, dy, sizes, s, threads, dw),
        _ => weight_by::<simd::Portable<f32, 4>>(x, dy, sizes, s, threads, dw),
    }
}

/// Panics unless the lengths fit.
#[track_caller]
fn check(x: &[f32], dy: &[f32], [images, inputs, outputs]: [usize; 3], s: &Sweep, dw: &[MaybeUninit<f32>]) {
    s.check();
    let elements = |[high, wide]: [usize; 2], channels: usize| {
        images.checked_mul(high).and_then(|n| n.checked_mul(wide)).and_then(|n| n.checked_mul(channels))
    };
    assert_eq!(Some(x.len()), elements(s.image, inputs), "{images} images of {:?} x {inputs}", s.image);
    assert_eq!(Some(dy.len()), elements(s.places, outputs), "{images} images of {:?} x {outputs}", s.places);
    let groups = s.window.groups;
    let whole = groups > 0 && inputs.is_multiple_of(groups) && outputs.is_multiple_of(groups);
    assert!(whole, "{groups} groups of {inputs} and {outputs} channels");
    let taps = s.window.kernel[0].checked_mul(s.window.kernel[1]);
    let count = taps.and_then(|n| n.checked_mul(inputs / groups)).and_then(|n| n.checked_mul(outputs));
    assert_eq!(Some(dw.len()), count, "weights of {outputs} x {inputs} / {groups} channels for {:?}", s.window.kernel);
}

/// [`weight`] with the vectors `S`, which the machine must have, cut up for so many threads, by tiles for any window. The
/// lengths must fit, and not be 0.
fn weight_by<S: Vector<Elem = f32>>(
    x: &[f32],
    dy: &[f32],
    [images, inputs, outputs]: [usize; 3],
    s: &Sweep,
    threads: usize,
    dw: &mut [MaybeUninit<f32>],
) {
    let plan = Plan::new(images, inputs, outputs, s, S::LANES);
    // Threads take panels; where there are too few, also parts of the strips.
    let work = dw.len().saturating_mul(images * s.places[0] * s.places[1]);
    let threads = threads.min((work / SMALL).max(1));
    let chunks = if plan.panels >= threads { 1 } else { plan.strips.min(threads.div_ceil(plan.panels)) };
    let least = (plan.panels * chunks).div_ceil(threads);
    let sums = (chunks > 1).then(|| room(plan.panel_sums * plan.panels * chunks));
    let shared = sums.as_ref().map(|sums| Apart::new(sums.as_ptr().cast_mut().cast::<f32>()));
    let to = Apart::new(dw.as_mut_ptr().cast::<f32>());
    parallel::split(plan.panels * chunks, least, |_, tasks| {
        let rooms = Rooms::new(&plan);
        let own = shared.is_none().then(|| room(plan.panel_sums));
        for task in tasks {
            let (panel, chunk) = (task / chunks, task % chunks);
            let strips = plan.strips * chunk / chunks..plan.strips * (chunk + 1) / chunks;
            let sums = match (&own, &shared) {
                (Some(own), _) => own.as_ptr().cast_mut().cast(),
                (None, shared) => shared.expect("room for all").at(task * plan.panel_sums),
            };
            let sum = Sum { plan: &plan, x: x.as_ptr(), dy: dy.as_ptr(), panel, strips, sums, rooms: &rooms };
            // SAFETY: the caller has the instructions. The lengths of `x` and `dy` are those of the plan, the rooms are made
            // for it, and `sums` are this task's alone.
            unsafe {
                S::enter(sum);
                if chunks == 1 {
                    S::enter(Order { plan: &plan, panel, sums, chunks: 1, to: to.at(0) });
                }
            }
        }
    });
    if let Some(sums) = shared {
        for panel in 0..plan.panels {
            let sums = sums.at(panel * chunks * plan.panel_sums);
            // SAFETY: the caller has the instructions; all tasks have ended, and `dw` has room for all weights.
            unsafe { S::enter(Order { plan: &plan, panel, sums, chunks, to: to.at(0) }) };
        }
    }
}

/// A task: the sums of one panel over some strips.
struct Sum<'a> {
    plan: &'a Plan,
    x: *const f32,
    dy: *const f32,
    panel: usize,
    strips: Range<usize>,
    /// Room for the panel's sums.
    sums: *mut f32,
    rooms: &'a Rooms,
}

impl Kernel<f32> for Sum<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Vector<Elem = f32>>(self) {
        let Self { plan, sums, rooms, .. } = self;
        let count = plan.panel_sums;
        let many = self.strips.len() > FLUSH;
        let mut behind = 0;
        // SAFETY: whoever makes a task promises the images and the rooms for its plan; a panel's blocks have their sums one
        // behind the other.
        unsafe {
            fill::<S>(sums, count);
            let few = if many { rooms.few() } else { sums };
            if many {
                fill::<S>(few, count);
            }
            for strip in self.strips {
                let strip = plan.strip(strip);
                let mut to = few;
                for block in plan.blocks(self.panel) {
                    pack::pack::<S>(plan, &block, &strip, self.x, self.dy, rooms);
                    tile::block::<S>(plan, &block, &strip, self.dy, rooms, to);
                    to = to.wrapping_add(plan.sums(&block));
                }
                behind += 1;
                if many && behind == FLUSH {
                    flush::<S>(few, sums, count);
                    behind = 0;
                }
            }
            if many {
                flush::<S>(few, sums, count);
            }
        }
    }
}

/// Puts the sums of a panel, of each chunk of strips one panel behind the other, in the order of the weights.
struct Order<'a> {
    plan: &'a Plan,
    panel: usize,
    sums: *mut f32,
    chunks: usize,
    to: *mut f32,
}

/// How many inputs are ordered at once, so that their sums stay in the first-level cache.
const ORDERED: usize = 16;

impl Kernel<f32> for Order<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Vector<Elem = f32>>(self) {
        let Self { plan, sums, chunks, .. } = self;
        // SAFETY: whoever makes it promises the sums and the weights of the plan, of which each is written from its place.
        unsafe {
            for chunk in 1..chunks {
                let more = sums.add(chunk * plan.panel_sums);
                for i in (0..plan.panel_sums).step_by(S::LANES) {
                    (S::load(sums.add(i)) + S::load(more.add(i))).store(sums.add(i));
                }
            }
            let mut from = sums.cast_const();
            for block in plan.blocks(self.panel) {
                order(plan, &block, from, self.to);
                from = from.wrapping_add(plan.sums(&block));
            }
        }
    }
}

/// Puts the sums of a block in the order of the weights.
///
/// # Safety
/// As for [`Order`].
#[inline(always)]
unsafe fn order(plan: &Plan, block: &Block, from: *const f32, to: *mut f32) {
    let [high, wide] = plan.kernel();
    let taps = high * wide;
    let mut sums = from;
    for tile in plan.output_tiles(block) {
        let down = plan.rows_down(block, &tile);
        for first in (0..block.inputs).step_by(ORDERED) {
            let inputs = first..block.inputs.min(first + ORDERED);
            for lane in 0..tile.outputs {
                let output = block.group * plan.outputs_each + block.output + tile.at + lane;
                let mut at = (output * plan.inputs_each + block.input + first) * taps;
                for c in inputs.clone() {
                    for ky in 0..high {
                        for kx in 0..wide {
                            let row = ky * down + kx * block.inputs + c;
                            // SAFETY: the caller's promise.
                            unsafe { *to.add(at) = *sums.add(row * tile.lanes + lane) };
                            at += 1;
                        }
                    }
                }
            }
        }
        sums = sums.wrapping_add(plan.tile_sums(block, &tile));
    }
}

#[cfg(test)]
mod tests;
