//! The convolution, and its adjoint by the image, which is the same with the window turned: one for each place that an element
//! of the image has between two strides.
//!
//! Where results that lie side by side have all their taps inside of the image, and those lie side by side too, they are one
//! run of numbers: a vector may begin and end inside of a pixel, so that none is in part empty, however few channels there are.

use super::super::epilogue::Epilogue;
use super::super::sweep::Sweep;
use super::{load, store};
use crate::kernels::activation::Activation;
use crate::kernels::memory::{Buffer, with_scratch};
use crate::kernels::parallel::{self, Apart};
use crate::kernels::simd::{Kernel, MAX_LANES, Vector, dispatch};
use std::mem::MaybeUninit;
use std::ops::Range;

/// Rows of the result that are computed at once, two vectors of each.
const ROWS: usize = 4;
/// Vectors of a row that is computed alone.
const VECTORS: usize = 4;
/// Below so many products a thread is not worth waking.
const SMALL: usize = 1 << 18;

/// Along one axis: some outputs, as far apart as strides are, and the taps of the window that reach them.
#[derive(Clone, Copy, Debug)]
struct Phase {
    /// The taps, in the order of what lies under them, and of the last and each one before it which one of the window it is.
    taps: usize,
    tap: usize,
    tap_step: isize,
    /// The element under the first tap for output 0, from one tap to the next, from one output to the next.
    first: isize,
    apart: usize,
    step: usize,
    /// How many elements there are.
    inputs: usize,
    /// How many outputs, which one is the first, and how far apart.
    outputs: usize,
    start: usize,
    every: usize,
}

impl Phase {
    /// Along `axis` of a convolution.
    fn forward(s: &Sweep, axis: usize) -> Vec<Self> {
        let w = &s.window;
        let (taps, first) = (w.kernel[axis], -(w.padding[axis][0] as isize));
        let (apart, step) = (w.dilation[axis], w.stride[axis]);
        let (inputs, outputs) = (s.image[axis], s.places[axis]);
        vec![Self { taps, tap: 0, tap_step: 1, first, apart, step, inputs, outputs, start: 0, every: 1 }]
    }

    /// Along `axis` of its adjoint: for each place that an element has between two strides.
    fn transposed(s: &Sweep, axis: usize) -> Vec<Self> {
        let (stride, dilation, behind) = (s.window.stride[axis], s.window.dilation[axis], s.window.padding[axis][0]);
        let phase = |start: usize| {
            // Place (start + behind - tap * dilation) / stride is over element `start` with this tap, if it is whole.
            let reaches = |tap: &usize| (start + behind).abs_diff(tap * dilation).is_multiple_of(stride);
            let mut all = (0..s.window.kernel[axis]).rev().filter(reaches);
            let (last, before, more) = (all.next(), all.next(), all.count());
            let tap = last.unwrap_or(0);
            let between = before.map_or(0, |before| tap - before);
            Self {
                taps: usize::from(last.is_some()) + usize::from(before.is_some()) + more,
                tap,
                tap_step: -(between as isize),
                first: ((start + behind) as isize - (tap * dilation) as isize) / stride as isize,
                apart: between * dilation / stride,
                step: 1,
                inputs: s.places[axis],
                outputs: (s.image[axis] - start).div_ceil(stride),
                start,
                every: stride,
            }
        };
        (0..stride.min(s.image[axis])).map(phase).collect()
    }

    /// The element under the first tap for output `j`.
    fn under(&self, j: usize) -> isize {
        self.first + (j * self.step) as isize
    }

    /// Which taps lie over elements for output `j`.
    #[inline(always)]
    fn inside(&self, j: usize) -> Range<usize> {
        let at = self.under(j);
        let apart = self.apart.max(1);
        let from = if at < 0 { at.unsigned_abs().div_ceil(apart) } else { 0 };
        let left = self.inputs as isize - at;
        let to = if left > 0 { left.unsigned_abs().div_ceil(apart) } else { 0 }.min(self.taps);
        from.min(to)..to
    }

    /// The outputs for which all taps do.
    fn interior(&self) -> Range<usize> {
        let from = if self.first < 0 { self.first.unsigned_abs().div_ceil(self.step) } else { 0 };
        let reach = self.first + (self.taps.saturating_sub(1) * self.apart) as isize;
        let left = self.inputs as isize - reach;
        let to = if left > 0 { left.unsigned_abs().div_ceil(self.step) } else { 0 }.min(self.outputs);
        from.min(to)..to
    }
}

/// How many floats a number for each channel takes if vectors may begin at any channel: the numbers are repeated behind
/// themselves.
fn repeated(channels: usize) -> usize {
    (channels + VECTORS * MAX_LANES - 1).next_multiple_of(MAX_LANES)
}

/// A depthwise convolution, or its adjoint, with weights packed for it.
pub struct Depthwise {
    channels: usize,
    /// Elements of the window.
    window: usize,
    /// The sizes of the images taken and given.
    takes: [usize; 2],
    gives: [usize; 2],
    phases: [Vec<Phase>; 2],
    /// For each pair of phases the weights of its taps, those of each [`repeated`], and where they start.
    w: Buffer,
    starts: Vec<usize>,
}

impl Depthwise {
    /// `w` is `[channels, 1, KH, KW]` in C order; `transposed`: the adjoint, from images of `s.places` to those of `s.image`.
    ///
    /// # Panics
    /// If there are not as many weights, or no image has room for the window.
    #[track_caller]
    pub fn new(w: &[f32], channels: usize, s: &Sweep, transposed: bool) -> Self {
        s.check();
        let [high, wide] = s.window.kernel;
        let count = high.checked_mul(wide).and_then(|n| n.checked_mul(channels));
        assert_eq!(Some(w.len()), count, "weights of {channels} channels for a window of {:?}", s.window.kernel);
        let (window, each) = (high * wide, repeated(channels));
        let phases = [0, 1].map(|axis| if transposed { Phase::transposed(s, axis) } else { Phase::forward(s, axis) });
        let bytes = window.checked_mul(each * size_of::<f32>());
        let packed = bytes.and_then(Buffer::uninit).expect("memory for the weights of a convolution");
        let to = packed.as_ptr().cast_mut().cast::<f32>();
        let (mut starts, mut at) = (Vec::new(), 0);
        for down in &phases[0] {
            for across in &phases[1] {
                starts.push(at);
                for (ky, kx) in (0..down.taps).flat_map(|ky| (0..across.taps).map(move |kx| (ky, kx))) {
                    let tap = |phase: &Phase, k: usize| phase.tap.wrapping_add_signed(phase.tap_step * k as isize);
                    let tap = tap(down, ky) * wide + tap(across, kx);
                    for (i, c) in (0..channels).cycle().take(each).enumerate() {
                        // SAFETY: each pair of taps belongs to one pair of phases at most, so there is room for all.
                        unsafe { *to.add(at + i) = w[c * window + tap] };
                    }
                    at += each;
                }
            }
        }
        let (takes, gives) = if transposed { (s.places, s.image) } else { (s.image, s.places) };
        Self { channels, window, takes, gives, phases, w: packed, starts }
    }

    /// Writes `y`, `images` of them, from `x`; both lie channels-last. What the window has outside of an image is left out of
    /// the sums.
    ///
    /// # Panics
    /// If the lengths do not fit.
    #[track_caller]
    pub fn run(&self, x: &[f32], images: usize, epilogue: &Epilogue<'_>, y: &mut [MaybeUninit<f32>]) {
        let elements = |[high, wide]: [usize; 2]| {
            images.checked_mul(high).and_then(|n| n.checked_mul(wide)).and_then(|n| n.checked_mul(self.channels))
        };
        assert_eq!(Some(x.len()), elements(self.takes), "{images} images of {:?} x {}", self.takes, self.channels);
        assert_eq!(Some(y.len()), elements(self.gives), "{images} images of {:?} x {}", self.gives, self.channels);
        assert!(epilogue.bias.is_none_or(|bias| bias.len() == self.channels), "a bias for each channel");
        assert!(
            epilogue.residual.is_none_or(|residual| residual.len() == y.len()),
            "a residual as large as the result"
        );
        if y.is_empty() {
            return;
        }
        let work = self.gives[1] * self.window * self.channels;
        let to = Apart::new(y.as_mut_ptr().cast::<f32>());
        let each = repeated(self.channels);
        with_scratch(each, |room: *mut MaybeUninit<f32>| {
            let bias = epilogue.bias.map(|bias| {
                // SAFETY: the room is for as many.
                let room = unsafe { std::slice::from_raw_parts_mut(room, each) };
                for room in room.chunks_mut(bias.len()) {
                    _ = room.write_copy_of_slice(&bias[..room.len()]);
                }
                // SAFETY: all were written.
                unsafe { room.assume_init_ref() }
            });
            parallel::split(images * self.gives[0], (SMALL / work.max(1)).max(ROWS), |_, rows| {
                dispatch(Rows { of: self, x, epilogue: Epilogue { bias, ..*epilogue }, rows, y: to.at(0) });
            });
        });
    }
}

/// Some rows of all the images that are given, counted through. The bias is [`repeated`].
struct Rows<'a> {
    of: &'a Depthwise,
    x: &'a [f32],
    epilogue: Epilogue<'a>,
    rows: Range<usize>,
    y: *mut f32,
}

impl Kernel<f32> for Rows<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Vector<Elem = f32>>(self) {
        let of = self.of;
        let ([high, wide], [rows, cols]) = (of.takes, of.gives);
        let (strides, each) = (of.phases[0].len(), repeated(of.channels));
        for number in self.rows.clone() {
            let (image, i) = (number / rows, number % rows);
            let (down, j) = (&of.phases[0][i % strides], i / strides);
            // The rows that have all taps are computed together, but for the last ones; who has the first of them computes
            // all, so that the result has the same bits whatever the number of threads.
            let interior = down.interior();
            let together = interior.start..interior.start + interior.len() / ROWS * ROWS;
            let many = together.contains(&j);
            if many && !(j - together.start).is_multiple_of(ROWS) {
                continue;
            }
            let taps = down.inside(j);
            let row = down.under(j) + (taps.start * down.apart) as isize;
            for (column, across) in of.phases[1].iter().enumerate() {
                let w = of.starts[i % strides * of.phases[1].len() + column] + taps.start * across.taps * each;
                let at = (image * rows + i) * cols * of.channels;
                let image = self.x.as_ptr().wrapping_add(image * high * wide * of.channels);
                let band = Band {
                    channels: of.channels,
                    each,
                    across,
                    high: taps.len(),
                    x: image.wrapping_offset(row * (wide * of.channels) as isize),
                    tap_down: down.apart * wide * of.channels,
                    row_down: down.step * wide * of.channels,
                    w: of.w.as_ptr().cast::<f32>().wrapping_add(w),
                    y: self.y,
                    at,
                    y_down: down.every * cols * of.channels,
                    bias: self.epilogue.bias.map(<[f32]>::as_ptr),
                    residual: self.epilogue.residual.map(<[f32]>::as_ptr),
                    activation: self.epilogue.activation,
                };
                // SAFETY: `run` has checked that the images are there; each phase names elements inside of them. No other thread
                // writes these rows.
                unsafe {
                    match many {
                        true if band.high == 3 && band.tap_down == band.row_down => band.columns::<S, ROWS, 3, 2>(),
                        true => band.columns::<S, ROWS, 1, 2>(),
                        false => band.columns::<S, 1, 1, VECTORS>(),
                    }
                }
            }
        }
    }
}

/// Rows of results of one phase that have the same taps.
struct Band<'a> {
    channels: usize,
    /// The floats of a tap's weights.
    each: usize,
    across: &'a Phase,
    /// Rows of taps.
    high: usize,
    /// The row of the image under the first taps, from there to that under the next ones, and to that of the next results.
    x: *const f32,
    tap_down: usize,
    row_down: usize,
    /// The weights of the first tap.
    w: *const f32,
    /// The results, where the first row begins there, and how far on the next.
    y: *mut f32,
    at: usize,
    y_down: usize,
    bias: Option<*const f32>,
    residual: Option<*const f32>,
    activation: Activation,
}

impl Band<'_> {
    /// All outputs of `R` rows, `V` vectors at once. So are `H` rows of taps: if more than one, they must be as far apart as the
    /// rows of results.
    ///
    /// # Safety
    /// All that is named must be there, and the machine have the instructions.
    #[inline(always)]
    unsafe fn columns<S: Vector<Elem = f32>, const R: usize, const H: usize, const V: usize>(&self) {
        let (across, interior) = (self.across, self.across.interior());
        let side_by_side = [across.step, across.every] == [1, 1];
        let mut j = 0;
        while j < across.outputs {
            let whole = interior.contains(&j);
            let taps = if whole { 0..across.taps } else { across.inside(j) };
            let pixels = if whole && side_by_side { interior.end - j } else { 1 };
            let place = across.under(j) + (taps.start * across.apart) as isize;
            let run = Run {
                band: self,
                wide: taps.len(),
                x: self.x.wrapping_offset(place * self.channels as isize),
                tap_across: across.apart * self.channels,
                w: self.w.wrapping_add(taps.start * self.each),
                at: self.at + (across.start + j * across.every) * self.channels,
                len: pixels * self.channels,
            };
            // SAFETY: the caller's promise; the taps inside of the image are so for all columns of the interior.
            unsafe { run.tiles::<S, R, H, V>() };
            j += pixels;
        }
    }
}

/// Some numbers of each row of a band that lie side by side, as what is under each tap.
struct Run<'a> {
    band: &'a Band<'a>,
    /// Taps of a row.
    wide: usize,
    /// What lies under the first tap, and from there to the next.
    x: *const f32,
    tap_across: usize,
    /// The weights of the first tap.
    w: *const f32,
    /// Where the first result goes, and how many there are in each row.
    at: usize,
    len: usize,
}

impl Run<'_> {
    /// All of them, `V` vectors at once while there are as many.
    ///
    /// # Safety
    /// As for [`Band::columns`].
    #[inline(always)]
    unsafe fn tiles<S: Vector<Elem = f32>, const R: usize, const H: usize, const V: usize>(&self) {
        let channels = self.band.channels;
        let (mut at, mut channel) = (0, 0);
        while at < self.len {
            let left = self.len - at;
            // SAFETY: the caller's promise; a tail has no more lanes than there are numbers left.
            let vectors = unsafe {
                if left >= V * S::LANES {
                    self.tile::<S, R, H, V>(at, channel, None);
                    V
                } else if left > S::LANES {
                    self.tile::<S, R, H, 2>(at, channel, Some(S::tail(left - S::LANES)));
                    2
                } else {
                    self.tile::<S, R, H, 1>(at, channel, Some(S::tail(left)));
                    1
                }
            };
            (at, channel) = (at + vectors * S::LANES, channel + vectors * S::LANES);
            if channel >= channels {
                channel %= channels;
            }
        }
    }

    /// `V` vectors of each row from number `at` on, which is one of this channel; the last may have a tail's lanes only.
    ///
    /// # Safety
    /// As for [`Band::columns`].
    #[inline(always)]
    unsafe fn tile<S: Vector<Elem = f32>, const R: usize, const H: usize, const V: usize>(
        &self,
        at: usize,
        channel: usize,
        tail: Option<S::Tail>,
    ) {
        let band = self.band;
        // SAFETY: the caller's promise; weights and biases are repeated for as many vectors from any channel on.
        unsafe {
            let mut acc = [[S::zero(); V]; R];
            if let Some(bias) = band.bias {
                acc = [load::<S, V>(bias.add(channel), None); R];
            }
            let (mut x_row, mut w_row) = (self.x.wrapping_add(at), self.w.wrapping_add(channel));
            let w_down = band.across.taps * band.each;
            for _ in 0..band.high / H {
                let (mut x, mut w) = (x_row, w_row);
                for _ in 0..self.wide {
                    let mut weights = [[S::zero(); V]; H];
                    for h in 0..H {
                        weights[h] = load::<S, V>(w.add(h * w_down), None);
                    }
                    // Each row of the image counts for all the results that have a tap there.
                    for row in 0..R + H - 1 {
                        let x = load::<S, V>(x.add(row * band.row_down), tail);
                        for r in 0..R {
                            if r <= row && row < r + H {
                                for v in 0..V {
                                    acc[r][v] = x[v].mul_add(weights[row - r][v], acc[r][v]);
                                }
                            }
                        }
                    }
                    (x, w) = (x.wrapping_add(self.tap_across), w.wrapping_add(band.each));
                }
                (x_row, w_row) = (x_row.wrapping_add(H * band.tap_down), w_row.wrapping_add(H * w_down));
            }
            let at = self.at + at;
            if band.residual.is_some() || band.activation != Activation::Identity {
                for r in 0..R {
                    if let Some(residual) = band.residual {
                        let residual = load::<S, V>(residual.add(at + r * band.y_down), tail);
                        for v in 0..V {
                            acc[r][v] = acc[r][v] + residual[v];
                        }
                    }
                    for v in 0..V {
                        acc[r][v] = band.activation.of(acc[r][v]);
                    }
                }
            }
            for r in 0..R {
                store(acc[r], band.y.add(at + r * band.y_down), tail);
            }
        }
    }
}
