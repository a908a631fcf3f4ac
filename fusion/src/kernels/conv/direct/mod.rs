//! The direct convolution, of any window: each result is summed up in a register, from a copy of the images' rows that has a
//! border of zeros and stays in a cache.
//!
//! From the ground up: `plan` (which inputs a result is the sum of), `strip` (the copies), `pack` (the weights), `tile` (the
//! sums), `pointwise` (the sums of single pixels of few channels). Where windows do not overlap and there is no border, the images
//! stand for the copies.

mod pack;
mod plan;
mod pointwise;
mod strip;
mod tile;

use super::epilogue::Epilogue;
use super::sweep::Sweep;
use crate::kernels::memory::with_scratch;
use crate::kernels::parallel::{self, Apart};
use crate::kernels::simd::{self, Isa, isa};
use pack::Pack;
use plan::{Axis, Line, STRIP, Stretches, block};
use pointwise::{Pixels, Pointwise};
use std::cell::Cell;
use std::mem::MaybeUninit;
use std::ops::Range;
use strip::Strip;
use tile::{Finish, Job, Tiling, Unit};

/// Floats of a panel of weights that are used for a strip one after the other: with what else the tiles read, part of the
/// second-level cache.
const PANEL: usize = 32 << 10;
/// Floats of weights that stay in the first-level cache while all pixels are multiplied with them.
const FEW: usize = 4 << 10;
/// Floating-point operations from which on another thread is worth waking.
const WORTH_A_THREAD: usize = 2 << 20;

/// The convolution under one window of images of one size, or its adjoint.
pub struct Direct {
    isa: Isa,
    groups: usize,
    /// Channels of the input and of the result, in each group.
    channels: [usize; 2],
    axes: [Axis; 2],
    /// The lines of both axes: what has the same taps.
    passes: Vec<Pass>,
    /// Where the panels of a group begin among its channels, and how many vectors wide they are.
    panels: Vec<(usize, usize)>,
    lanes: usize,
    /// How many results a tile has, and the last one where so many are left or fewer.
    pixels: [usize; 2],
    /// Lanes of all panels.
    width: usize,
    /// Elements of the window.
    window: usize,
    transposed: bool,
    /// Is the image read where it lies?
    bare: bool,
    /// Is each pixel of the result the product of one of the image with few weights?
    pointwise: bool,
    /// Channels of the input that are summed up at a time, and results along each axis.
    cut: usize,
    block: [usize; 2],
    /// What a block's strip holds of an image.
    stretches: [Stretches; 2],
}

/// Results that have the same taps: one line of each axis.
struct Pass {
    lines: [usize; 2],
    /// The elements of the window, row by row.
    elements: Vec<usize>,
    /// Where the taps of the passes before end.
    before: usize,
}

/// What one call is about, for all its threads.
struct Call<'a> {
    w: &'a [f32],
    x: &'a [f32],
    images: usize,
    /// How many images a strip has.
    chunk: usize,
    y: Apart<f32>,
    epilogue: &'a Epilogue<'a>,
}

/// What a strip's tiles are told, kept for the next strip.
#[derive(Default)]
struct Tables {
    taps: Vec<usize>,
    units: Vec<Unit>,
}

thread_local! {
    /// Those of this thread, so that only growing asks the system.
    static TABLES: Cell<Tables> = const { Cell::new(Tables { taps: Vec::new(), units: Vec::new() }) };
}

macro_rules! each_isa {
    ($isa:expr, $V:ident => $body:expr) => {
        match $isa {
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512 => {
                type $V = simd::F32x16;
                $body
            }
            #[cfg(target_arch = "x86_64")]
            Isa::Avx2 => {
                type $V = simd::F32x8;
                $body
            }
            _ => {
                type $V = simd::Portable<f32, 4>;
                $body
            }
        }
    };
}

impl Direct {
    /// For weights `[outputs, inputs / groups, KH, KW]`, all of them at least 1. The adjoint goes from images of
    /// `s.places` to images of `s.image`.
    pub fn new([outputs, inputs]: [usize; 2], s: &Sweep, transposed: bool) -> Self {
        let isa = isa();
        let groups = s.window.groups;
        let [outputs, inputs] = [outputs / groups, inputs / groups];
        let channels = if transposed { [outputs, inputs] } else { [inputs, outputs] };
        assert!(channels[0] > 0 && channels[1] > 0, "no channels to convolve");
        let axes = [0, 1].map(|axis| Axis::new(s, axis, transposed));
        let [high, wide] = s.window.kernel;
        let mut passes: Vec<Pass> = vec![];
        for (y, rows) in axes[0].lines.iter().enumerate() {
            for (x, columns) in axes[1].lines.iter().enumerate() {
                let rows = rows.taps.iter().map(|tap| tap.element * wide);
                let elements = rows.flat_map(|row| columns.taps.iter().map(move |tap| row + tap.element)).collect();
                let before = passes.last().map_or(0, |pass| pass.before + pass.elements.len());
                passes.push(Pass { lines: [y, x], elements, before });
            }
        }
        let bare = axes.iter().all(Axis::is_split);
        let (lanes, pixels, panels) =
            each_isa!(isa, V => (<V as simd::Vector>::LANES, [V::PIXELS, V::FEW_PIXELS], panels::<V>(channels[1])));
        let width = panels.iter().map(|(_, vectors)| vectors * lanes).sum();
        let taps = passes.iter().map(|pass| pass.elements.len()).max().unwrap_or(1);
        let most = panels.iter().map(|(_, vectors)| vectors * lanes).max().expect("a panel");
        let cuts = channels[0].div_ceil((PANEL / (taps * most)).max(16));
        let cut = if cuts == 1 { channels[0] } else { channels[0].div_ceil(cuts).next_multiple_of(16) };
        let pointwise = groups == 1 && s.is_identity() && channels[0] * width <= FEW;
        let block = block(&axes, cut);
        let stretches = [0, 1].map(|axis| axes[axis].stretches(block[axis]));
        Self {
            isa,
            groups,
            channels,
            axes,
            passes,
            panels,
            lanes,
            pixels,
            width,
            window: high * wide,
            transposed,
            bare,
            pointwise,
            cut,
            block,
            stretches,
        }
    }

    fn taps(&self) -> usize {
        self.passes.last().map_or(0, |pass| pass.before + pass.elements.len())
    }

    /// How many floats the packed weights are.
    pub fn packed(&self) -> usize {
        self.groups * self.width * self.taps() * self.channels[0]
    }

    /// Where the weights of a group, of channels of the input, of a pass and a panel begin.
    fn weights(&self, group: usize, cut: &Range<usize>, pass: &Pass, lanes_before: usize) -> usize {
        let before = (group * self.channels[0] + cut.start) * self.taps() + cut.len() * pass.before;
        before * self.width + lanes_before * pass.elements.len() * cut.len()
    }

    /// The channels of the input that are summed up at a time.
    fn cuts(&self) -> impl Iterator<Item = Range<usize>> + use<> {
        let (channels, cut) = (self.channels[0], self.cut);
        (0..channels).step_by(cut).map(move |first| first..channels.min(first + cut))
    }

    /// Writes the weights `w` as [`Direct::run`] takes them.
    pub fn pack(&self, w: &[f32], to: &mut [MaybeUninit<f32>]) {
        let [inputs, outputs] = self.channels;
        assert_eq!(w.len(), self.groups * inputs * outputs * self.window, "weights to pack");
        assert_eq!(to.len(), self.packed(), "room for packed weights");
        let window = self.window;
        let (channel, lane) = if self.transposed { (outputs * window, window) } else { (window, inputs * window) };
        let most = self.panels.iter().map(|(_, vectors)| vectors * self.lanes).max().expect("a panel");
        let len = Pack::room(window, most);
        with_scratch(len, |room: *mut f32| {
            // SAFETY: the scratch has as much room; zeros are floats.
            unsafe { room.write_bytes(0, len) };
            for group in 0..self.groups {
                for cut in self.cuts() {
                    for pass in &self.passes {
                        let mut before = 0;
                        for &(first, vectors) in &self.panels {
                            let width = vectors * self.lanes;
                            let src = group * inputs * outputs * window + cut.start * channel + first * lane;
                            let pack = Pack {
                                src: w[src..].as_ptr(),
                                channel,
                                lane,
                                window,
                                taps: &pass.elements,
                                channels: cut.len(),
                                lanes: width.min(outputs - first),
                                width,
                                dst: to[self.weights(group, &cut, pass, before)..].as_mut_ptr().cast(),
                                room,
                            };
                            // SAFETY: all channels of the cut, lanes of the panel and elements are among the weights, whose
                            // number is asserted; the panel lies inside of what is packed, and the room was asked for. The
                            // machine has the instructions by which the panels were chosen.
                            unsafe { each_isa!(self.isa, V => <V as simd::Vector>::enter(pack)) };
                            before += width;
                        }
                    }
                }
            }
        });
    }

    /// Writes to `y` what it makes of `images` images `x`, both channels-last, with packed weights.
    pub fn run(&self, w: &[f32], x: &[f32], images: usize, epilogue: &Epilogue<'_>, y: &mut [MaybeUninit<f32>]) {
        let size = |of: usize| self.groups * self.channels[of] * self.axes[0].sizes[of] * self.axes[1].sizes[of];
        assert_eq!(w.len(), self.packed(), "packed weights");
        assert_eq!(x.len(), images * size(0), "images to convolve");
        assert_eq!(y.len(), images * size(1), "room for convolved images");
        let channels = self.groups * self.channels[1];
        assert!(epilogue.bias.is_none_or(|bias| bias.len() == channels), "a bias for {channels} channels");
        assert!(
            epilogue.residual.is_none_or(|residual| residual.len() == y.len()),
            "a residual for {} elements",
            y.len()
        );
        if y.is_empty() {
            return;
        }
        if x.is_empty() || !self.axes.iter().all(Axis::is_covered) {
            epilogue.of(channels, |_| 0.0, y);
        }
        if x.is_empty() || self.passes.is_empty() {
            return;
        }
        let each = if self.transposed { x.len() * self.channels[1] } else { y.len() * self.channels[0] };
        let work = each.saturating_mul(2 * self.window);
        let threads = parallel::pieces(work / WORTH_A_THREAD, 1);
        let to = Apart::new(y.as_mut_ptr().cast());
        if self.pointwise {
            let pixels = images * self.axes[0].count * self.axes[1].count;
            return parallel::split(pixels, pixels.div_ceil(threads), |_, pixels| {
                self.pointwise(w, x, pixels, epilogue, to);
            });
        }
        let of_block = self.stretches.iter().map(|stretches| stretches.slots).product::<usize>() * self.cut;
        let whole = (0..2).all(|axis| self.block[axis] == self.axes[axis].count);
        let chunk = if whole { (STRIP / of_block).clamp(1, images.div_ceil(threads)) } else { 1 };
        let call = Call { w, x, images, chunk, y: to, epilogue };
        let blocks = [0, 1].map(|axis| self.axes[axis].count.div_ceil(self.block[axis]));
        let strips = self.groups * images.div_ceil(chunk) * blocks[0] * blocks[1];
        // With a few strips each is split by its panels.
        let parts = if strips >= 4 * threads || threads == 1 { 1 } else { threads.min(self.panels.len()) };
        let room = if self.bare { 0 } else { chunk * of_block };
        parallel::split(strips * parts, (strips * parts / threads).max(1), |_, range| {
            with_scratch(room, |room: *mut MaybeUninit<f32>| {
                // While the thread ends there is nowhere to keep them.
                let mut tables = TABLES.try_with(Cell::take).unwrap_or_default();
                for item in range {
                    let (part, at) = (item / strips, item % strips);
                    let (column, at) = (at % blocks[1], at / blocks[1]);
                    let (row, at) = (at % blocks[0], at / blocks[0]);
                    let (first, group) = (at % images.div_ceil(chunk), at / images.div_ceil(chunk));
                    let panels = self.panels.len() * part / parts..self.panels.len() * (part + 1) / parts;
                    let at = [first * chunk, row * self.block[0], column * self.block[1]];
                    self.strip(&call, group, at, panels, room, &mut tables);
                }
                let _ = TABLES.try_with(|kept| kept.set(tables));
            });
        });
    }

    /// The results of some pixels of all images.
    fn pointwise(&self, w: &[f32], x: &[f32], pixels: Range<usize>, epilogue: &Epilogue<'_>, y: Apart<f32>) {
        let [inputs, outputs] = self.channels;
        let from = |of: Option<&[f32]>, at: usize| of.map_or(std::ptr::null(), |of| of[at..].as_ptr());
        let mut before = 0;
        for &(first, vectors) in &self.panels {
            let at = pixels.start * outputs + first;
            let panel = Pixels {
                count: pixels.len(),
                x: x[pixels.start * inputs..].as_ptr(),
                inputs,
                w: w[before..].as_ptr(),
                y: y.at(at),
                outputs,
                width: (vectors * self.lanes).min(outputs - first),
                finish: Finish {
                    bias: from(epilogue.bias, first),
                    residual: from(epilogue.residual, at),
                    activation: epilogue.activation,
                },
            };
            // SAFETY: the pixels lie inside the images, whose sizes are asserted, and the weights have a row for each input. No
            // other thread writes these results; the instructions are those by which the panels were chosen.
            unsafe { each_isa!(self.isa, V => <V as Pointwise>::pixels(vectors, &panel)) };
            before += vectors * self.lanes * inputs;
        }
    }

    /// The results of some images, a block of rows and a block of columns, in some panels of a group.
    fn strip(
        &self,
        call: &Call<'_>,
        group: usize,
        [image, row, column]: [usize; 3],
        panels: Range<usize>,
        room: *mut MaybeUninit<f32>,
        tables: &mut Tables,
    ) {
        let [height, width] = [0, 1].map(|axis| self.axes[axis].sizes[0]);
        let channels = self.groups * self.channels[0];
        let images = call.chunk.min(call.images - image);
        let origin = [0, 1].map(|axis| [row, column][axis] * self.axes[axis].stride);
        let x = &call.x[image * height * width * channels..][..images * height * width * channels];
        for cut in self.cuts() {
            let from = group * self.channels[0] + cut.start;
            let (x, pitch, row_step, image_step) = if self.bare {
                let at = (origin[0] * width + origin[1]) * channels + from;
                (x[at..].as_ptr(), channels, width * channels, height * width * channels)
            } else {
                let strip = Strip {
                    x,
                    size: [height, width],
                    channels,
                    from,
                    pitch: cut.len(),
                    at: origin,
                    stretches: &self.stretches,
                };
                // SAFETY: the caller's room is for as many images of a block's slots and channels.
                strip.copy(images, unsafe { std::slice::from_raw_parts_mut(room, images * strip.len()) });
                (room.cast_const().cast(), cut.len(), self.stretches[1].slots * cut.len(), strip.len())
            };
            for pass in &self.passes {
                let lines = [0, 1].map(|axis| &self.axes[axis].lines[pass.lines[axis]]);
                let run = self.tap(lines, row_step, [pitch, cut.len()], &mut tables.taps);
                let steps = [image_step, row_step * self.axes[0].stride, pitch * self.axes[1].stride];
                let count = self.units(images, lines, [row, column], steps, &mut tables.units);
                if count == 0 {
                    continue;
                }
                let mut before = self.panels[..panels.start].iter().map(|(_, vectors)| vectors * self.lanes).sum();
                for &(first, vectors) in &self.panels[panels.clone()] {
                    let lane = group * self.channels[1] + first;
                    let from = |of: Option<&[f32]>, at: usize| of.map_or(std::ptr::null(), |of| of[at..].as_ptr());
                    let places = self.axes[0].sizes[1] * self.axes[1].sizes[1];
                    let y = image * places * self.groups * self.channels[1] + lane;
                    let job = Job {
                        tiles: 0,
                        units: tables.units.as_ptr(),
                        x,
                        taps: tables.taps.as_ptr(),
                        tap_count: tables.taps.len(),
                        run,
                        w: call.w[self.weights(group, &cut, pass, before)..].as_ptr(),
                        y: call.y.at(y),
                        width: (vectors * self.lanes).min(self.channels[1] - first),
                        add: cut.start > 0,
                        finish: (cut.end == self.channels[0]).then_some(Finish {
                            bias: from(call.epilogue.bias, lane),
                            residual: from(call.epilogue.residual, y),
                            activation: call.epilogue.activation,
                        }),
                    };
                    // SAFETY: the units lie inside the images, the taps inside the strip around them, and the weights have a
                    // row for each tap's channels. No other thread writes these results.
                    unsafe { self.tiles(count, vectors, job) };
                    before += vectors * self.lanes;
                }
            }
        }
    }

    /// How far the taps of a pass lie behind the first slot, and how many numbers from each on count.
    fn tap(
        &self,
        [rows, columns]: [&Line; 2],
        row_step: usize,
        [pitch, channels]: [usize; 2],
        taps: &mut Vec<usize>,
    ) -> usize {
        let slot =
            |axis: usize, offset: isize| if self.bare { offset as usize } else { self.stretches[axis].slot(offset) };
        // Numbers of neighbouring taps that lie side by side are one run.
        let joined = columns.is_dense() && pitch == channels;
        let count = if joined { 1 } else { columns.taps.len() };
        taps.clear();
        for row in &rows.taps {
            let row = slot(0, row.offset) * row_step;
            taps.extend(columns.taps[..count].iter().map(|tap| row + slot(1, tap.offset) * pitch));
        }
        if joined { columns.taps.len() * channels } else { channels }
    }

    /// Lists the results of a pass in a block, with the last one repeated until tiles are full; gives how many there are.
    fn units(
        &self,
        images: usize,
        lines: [&Line; 2],
        at: [usize; 2],
        steps: [usize; 3],
        units: &mut Vec<Unit>,
    ) -> usize {
        let counts = [0, 1].map(|axis| lines[axis].count.saturating_sub(at[axis]).min(self.block[axis]));
        let [height, width] = [0, 1].map(|axis| self.axes[axis].sizes[1]);
        let channels = self.groups * self.channels[1];
        units.clear();
        for image in 0..images {
            for row in 0..counts[0] {
                let x = image * steps[0] + row * steps[1];
                let y = image * height + lines[0].from + (at[0] + row) * lines[0].step;
                for column in 0..counts[1] {
                    let y = y * width + lines[1].from + (at[1] + column) * lines[1].step;
                    units.push(Unit { x: x + column * steps[2], y: y * channels });
                }
            }
        }
        let count = units.len();
        if let Some(&last) = units.last() {
            units.resize(count.next_multiple_of(self.pixels[0]), last);
        }
        count
    }

    /// Computes the first `count` units of a job, behind which the last one is repeated until tiles are full.
    ///
    /// # Safety
    /// As for [`Tiling::tiles`].
    unsafe fn tiles(&self, count: usize, vectors: usize, job: Job) {
        let [pixels, few] = self.pixels;
        let (whole, rest) = (count / pixels, count % pixels);
        let rest_is_few = (1..=few).contains(&rest);
        let first = Job { tiles: whole + usize::from(rest > few), ..job };
        // SAFETY: the caller's promise; the instructions are those by which the panels were chosen.
        unsafe {
            each_isa!(self.isa, V => <V as Tiling>::tiles(pixels, vectors, &first));
            if rest_is_few {
                let units = first.units.add(whole * pixels);
                each_isa!(self.isa, V => <V as Tiling>::tiles(few, vectors, &Job { tiles: 1, units, ..first }));
            }
        }
    }
}

/// Where the panels for a number of channels begin, and how many vectors wide they are.
fn panels<V: Tiling>(channels: usize) -> Vec<(usize, usize)> {
    let (mut panels, mut first, mut left) = (vec![], 0, channels.div_ceil(V::LANES));
    while left > 0 {
        let vectors = if left <= V::MOST_VECTORS { left } else { V::VECTORS };
        panels.push((first, vectors));
        (first, left) = (first + vectors * V::LANES, left - vectors);
    }
    panels
}

#[cfg(test)]
mod tests;
