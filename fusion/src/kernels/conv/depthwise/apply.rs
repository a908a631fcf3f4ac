//! The convolution, and its adjoint by the image, which is the same with the window turned: one for each place that an element
//! of the image has between two strides.

use super::super::epilogue::Epilogue;
use super::super::sweep::Sweep;
use super::{blocks, load};
use crate::kernels::activation::Activation;
use crate::kernels::memory::Buffer;
use crate::kernels::parallel::{self, Apart};
use crate::kernels::simd::{Kernel, Vector, dispatch};
use std::mem::MaybeUninit;
use std::ops::Range;

/// Columns that are computed at once.
const COLUMNS: usize = 4;
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

/// A depthwise convolution, or its adjoint, with weights packed for it.
pub struct Depthwise {
    channels: usize,
    /// The sizes of the images taken and given.
    takes: [usize; 2],
    gives: [usize; 2],
    phases: [Vec<Phase>; 2],
    /// For each pair of phases its weights, `[tap, channel]`, and where they start.
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
        let phases = [0, 1].map(|axis| if transposed { Phase::transposed(s, axis) } else { Phase::forward(s, axis) });
        let bytes = size_of_val(w);
        let packed = Buffer::uninit(bytes).expect("memory for the weights of a convolution");
        let to = packed.as_ptr().cast_mut().cast::<f32>();
        let (mut starts, mut at) = (Vec::new(), 0);
        for down in &phases[0] {
            for across in &phases[1] {
                starts.push(at);
                for (ky, kx) in (0..down.taps).flat_map(|ky| (0..across.taps).map(move |kx| (ky, kx))) {
                    let tap = |phase: &Phase, k: usize| phase.tap.wrapping_add_signed(phase.tap_step * k as isize);
                    let tap = tap(down, ky) * wide + tap(across, kx);
                    for c in 0..channels {
                        // SAFETY: each pair of taps belongs to one pair of phases at most, so there is room for all.
                        unsafe { *to.add(at + c) = w[c * high * wide + tap] };
                    }
                    at += channels;
                }
            }
        }
        let (takes, gives) = if transposed { (s.places, s.image) } else { (s.image, s.places) };
        Self { channels, takes, gives, phases, w: packed, starts }
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
        let work = (self.gives[1] * self.w.bytes()) / size_of::<f32>();
        let to = Apart::new(y.as_mut_ptr().cast::<f32>());
        parallel::split(images * self.gives[0], (SMALL / work.max(1)).max(1), |_, rows| {
            dispatch(Rows { of: self, x, epilogue, rows, y: to.at(0) });
        });
    }
}

/// Some rows of all the images that are given, counted through.
struct Rows<'a> {
    of: &'a Depthwise,
    x: &'a [f32],
    epilogue: &'a Epilogue<'a>,
    rows: Range<usize>,
    y: *mut f32,
}

impl Kernel<f32> for Rows<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Vector<Elem = f32>>(self) {
        let of = self.of;
        let ([high, wide], [rows, cols]) = (of.takes, of.gives);
        let strides = of.phases[0].len();
        for number in self.rows.clone() {
            let (image, i) = (number / rows, number % rows);
            let (down, j) = (&of.phases[0][i % strides], i / strides);
            for (column, across) in of.phases[1].iter().enumerate() {
                let start = of.starts[i % strides * of.phases[1].len() + column];
                let row = Row {
                    x: self.x.as_ptr().wrapping_add(image * high * wide * of.channels),
                    w: of.w.as_ptr().cast::<f32>().wrapping_add(start),
                    at: number * cols * of.channels,
                    y: self.y,
                    width: wide,
                    channels: of.channels,
                    under: down.under(j),
                    apart: down.apart,
                    down: down.inside(j),
                    across,
                    bias: self.epilogue.bias.map(<[f32]>::as_ptr),
                    residual: self.epilogue.residual.map(<[f32]>::as_ptr),
                    activation: self.epilogue.activation,
                };
                // SAFETY: `run` has checked that the images are there; each phase names elements inside of them.
                unsafe { columns::<S>(&row) };
            }
        }
    }
}

/// A row of outputs of one phase.
struct Row<'a> {
    /// The image, and the weights of the phases.
    x: *const f32,
    w: *const f32,
    /// The results, and where the row begins there.
    y: *mut f32,
    at: usize,
    width: usize,
    channels: usize,
    /// The row of the image under the window's first, from one to the next, and which of them are inside.
    under: isize,
    apart: usize,
    down: Range<usize>,
    across: &'a Phase,
    bias: Option<*const f32>,
    residual: Option<*const f32>,
    activation: Activation,
}

/// All outputs of a row: some columns after the other, so that memory is read and written as it lies.
///
/// # Safety
/// All that the row names must be there, and the machine have the instructions.
#[inline(always)]
unsafe fn columns<S: Vector<Elem = f32>>(row: &Row<'_>) {
    let (across, interior) = (row.across, row.across.interior());
    let mut j = 0;
    while j < across.outputs {
        let many = j >= interior.start && j < interior.end && interior.len() >= COLUMNS;
        // The last columns are computed again where they are no multiple.
        let first = if many { j.min(interior.end - COLUMNS) } else { j };
        let inside = across.inside(first);
        let place = row.under * row.width as isize + across.under(first) + (inside.start * across.apart) as isize;
        let place = place + (row.down.start * row.apart * row.width) as isize;
        let tiles = Tiles {
            row,
            x: row.x.wrapping_offset(place * row.channels as isize),
            w: row.w.wrapping_add((row.down.start * across.taps + inside.start) * row.channels),
            at: row.at + (across.start + first * across.every) * row.channels,
            high: row.down.len(),
            wide: inside.len(),
            down: row.apart * row.width * row.channels,
            across: across.apart * row.channels,
            w_down: (across.taps - inside.len()) * row.channels,
        };
        // SAFETY: the caller's promise; the taps inside of the image are so for all columns of the interior.
        unsafe {
            match (many, tiles.wide) {
                (true, 3) => tiles.run::<S, COLUMNS, 3>(),
                (true, _) => tiles.run::<S, COLUMNS, 0>(),
                (false, _) => tiles.run::<S, 1, 0>(),
            }
        }
        j = first + if many { COLUMNS } else { 1 };
    }
}

/// Some columns of a row, and the taps that lie over elements for all of them.
struct Tiles<'a> {
    row: &'a Row<'a>,
    /// What lies under the first of these taps, and its weights.
    x: *const f32,
    w: *const f32,
    /// Where the first result goes.
    at: usize,
    high: usize,
    wide: usize,
    /// From one tap to the next.
    down: usize,
    across: usize,
    /// From the end of a row of weights to the next.
    w_down: usize,
}

impl Tiles<'_> {
    /// `N` columns, all channels; `T` is how many taps there are in a row, or 0.
    ///
    /// # Safety
    /// As for [`columns`].
    #[inline(always)]
    unsafe fn run<S: Vector<Elem = f32>, const N: usize, const T: usize>(&self) {
        for (c, rest) in blocks::<S>(self.row.channels) {
            // SAFETY: the caller's promise.
            unsafe {
                match rest {
                    None => self.tile::<S, N, T, 2>(c, S::tail(S::LANES)),
                    Some(lanes) => self.tile::<S, N, 0, 1>(c, S::tail(lanes)),
                }
            }
        }
    }

    /// One block of channels, from `c` on.
    ///
    /// # Safety
    /// As for [`columns`].
    #[inline(always)]
    unsafe fn tile<S: Vector<Elem = f32>, const N: usize, const T: usize, const V: usize>(
        &self,
        c: usize,
        tail: S::Tail,
    ) {
        let row = self.row;
        let (channels, step) = (row.channels, row.across.step * row.channels);
        // SAFETY: the caller's promise.
        unsafe {
            let mut acc = [[S::zero(); V]; N];
            if let Some(bias) = row.bias {
                acc = [load::<S, V>(bias.add(c), tail); N];
            }
            let (mut x_row, mut w) = (self.x.wrapping_add(c), self.w.wrapping_add(c));
            for _ in 0..self.high {
                let mut x = x_row;
                for _ in 0..if T > 0 { T } else { self.wide } {
                    let weights = load::<S, V>(w, tail);
                    for n in 0..N {
                        let x = load::<S, V>(x.add(n * step), tail);
                        for v in 0..V {
                            acc[n][v] = x[v].mul_add(weights[v], acc[n][v]);
                        }
                    }
                    (x, w) = (x.wrapping_add(self.across), w.wrapping_add(channels));
                }
                (x_row, w) = (x_row.wrapping_add(self.down), w.wrapping_add(self.w_down));
            }
            let (at, every) = (self.at + c, row.across.every * channels);
            if row.residual.is_some() || row.activation != Activation::Identity {
                for n in 0..N {
                    if let Some(residual) = row.residual {
                        let residual = load::<S, V>(residual.add(at + n * every), tail);
                        for v in 0..V {
                            acc[n][v] = acc[n][v] + residual[v];
                        }
                    }
                    for v in 0..V {
                        acc[n][v] = row.activation.of(acc[n][v]);
                    }
                }
            }
            for n in 0..N {
                let y = row.y.add(at + n * every);
                for v in 0..V {
                    if V > 1 { acc[n][v].store(y.add(v * S::LANES)) } else { acc[n][v].store_tail(y, tail) }
                }
            }
        }
    }
}
