//! The inner kernel: a few pixels of the result times a few vectors of its channels, held in registers for all taps.

use crate::kernels::activation::Activation;
use crate::kernels::simd::{Kernel, Vector};

/// Where a pixel's numbers begin: under the window's first tap, and in the result.
#[derive(Clone, Copy)]
pub struct Unit {
    pub x: usize,
    pub y: usize,
}

/// What is done to sums before they are stored.
#[derive(Clone, Copy)]
pub struct Finish {
    /// A number for each column, or null.
    pub bias: *const f32,
    /// As `y` of the job, or null.
    pub residual: *const f32,
    pub activation: Activation,
}

/// Tiles of one height, of one panel of weights.
///
/// Each pixel's row of the result becomes the sum over all taps of `run` numbers from the unit's `x` plus the tap on, times
/// as many rows of `w`.
pub struct Job {
    /// How many tiles.
    pub tiles: usize,
    /// The pixels, as many as the tiles are high together.
    pub units: *const Unit,
    pub x: *const f32,
    /// How far each tap lies behind the first.
    pub taps: *const usize,
    pub tap_count: usize,
    pub run: usize,
    /// `tap_count * run` rows of as many elements as the tile has lanes.
    pub w: *const f32,
    pub y: *mut f32,
    /// Columns of the result: more than the tile's vectors but the last have lanes, at most as many as all have.
    pub width: usize,
    /// Is the sum added to what the result holds?
    pub add: bool,
    /// Nothing where more is to be added to the result.
    pub finish: Option<Finish>,
}

/// How many floats ahead weights are asked for.
const AHEAD: usize = 512;
/// Floats of a cache line.
const LINE: usize = 16;

/// Tiles of `P` pixels and `B` vectors. `SETS` sets of accumulators take turns, so that small tiles do not wait for their own
/// sums.
pub struct Tiles<'a, const P: usize, const B: usize, const SETS: usize>(pub &'a Job);

impl<const P: usize, const B: usize, const SETS: usize> Kernel<f32> for Tiles<'_, P, B, SETS> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Vector<Elem = f32>>(self) {
        let t = self.0;
        // SAFETY: whoever fills in a `Job` for this `P` and `B` promises that all its elements are there.
        unsafe {
            let mask = V::tail(t.width - (B - 1) * V::LANES);
            let whole = t.width == B * V::LANES;
            // The next panel, of which the first tiles ask for a line each four numbers, until they have asked for all.
            let next = t.w.wrapping_add(t.tap_count * t.run * B * V::LANES);
            for tile in 0..t.tiles {
                let units = t.units.add(tile * P);
                let places: [usize; P] = std::array::from_fn(|p| (*units.add(p)).y);
                let mut acc = [[[V::zero(); B]; P]; SETS];
                let from = next.wrapping_add(tile * t.tap_count * (t.run / 4) * LINE);
                let asked = if tile < B * V::LANES / 4 { LINE } else { 0 };
                sums::<V, P, B, SETS>(t, units, (from, asked), &mut acc);
                let (sum, others) = acc.split_at_mut(1);
                for (p, sum) in sum[0].iter_mut().enumerate() {
                    for (b, sum) in sum.iter_mut().enumerate() {
                        for set in &*others {
                            *sum = *sum + set[p][b];
                        }
                        if t.add {
                            *sum = *sum + load(t.y.add(places[p] + b * V::LANES), b + 1 < B || whole, mask);
                        }
                    }
                }
                let Some(finish) = &t.finish else {
                    for (p, sum) in sum[0].iter().enumerate() {
                        for (b, &sum) in sum.iter().enumerate() {
                            store(sum, t.y.add(places[p] + b * V::LANES), b + 1 < B || whole, mask);
                        }
                    }
                    continue;
                };
                for b in 0..B {
                    let (at, whole) = (b * V::LANES, b + 1 < B || whole);
                    let bias = if finish.bias.is_null() { V::zero() } else { load(finish.bias.add(at), whole, mask) };
                    for (p, sum) in sum[0].iter().enumerate() {
                        let mut x = sum[b] + bias;
                        if !finish.residual.is_null() {
                            x = x + load(finish.residual.add(places[p] + at), whole, mask);
                        }
                        store(finish.activation.of(x), t.y.add(places[p] + at), whole, mask);
                    }
                }
            }
        }
    }
}

/// A vector from `p` on, of which `mask` is there unless it is `whole`.
///
/// # Safety
/// The elements must be there, and the machine have the instructions of `V`.
#[inline(always)]
pub unsafe fn load<V: Vector<Elem = f32>>(p: *const f32, whole: bool, mask: V::Tail) -> V {
    // SAFETY: the caller's promise.
    unsafe { if whole { V::load(p) } else { V::load_tail(p, mask) } }
}

/// Writes a vector from `p` on, the lanes of `mask` unless it is `whole`.
///
/// # Safety
/// The elements must be there.
#[inline(always)]
pub unsafe fn store<V: Vector<Elem = f32>>(x: V, p: *mut f32, whole: bool, mask: V::Tail) {
    // SAFETY: the caller's promise.
    unsafe { if whole { x.store(p) } else { x.store_tail(p, mask) } }
}

/// Adds the products of one tile to the accumulators. Each four numbers `ask` moves on by a step, and its line is asked for.
///
/// # Safety
/// As for [`Tiles`].
#[inline(always)]
unsafe fn sums<V: Vector<Elem = f32>, const P: usize, const B: usize, const SETS: usize>(
    t: &Job,
    units: *const Unit,
    (mut ask, by): (*const f32, usize),
    acc: &mut [[[V; B]; P]; SETS],
) {
    // SAFETY: the caller's promise: the taps lie inside, and `w` has a row for each number of each tap's run.
    unsafe {
        let x: [*const f32; P] = std::array::from_fn(|p| t.x.add((*units.add(p)).x));
        let mut w = t.w;
        for tap in 0..t.tap_count {
            let tap = *t.taps.add(tap);
            let mut x = x.map(|x| x.wrapping_add(tap));
            if cfg!(debug_assertions) {
                for p in 0..P {
                    let to = acc[0][p].as_mut_ptr();
                    if !V::product_rows([1, B, t.run], (x[p], 0, 1), (w, B * V::LANES), to) {
                        plain::<V, B>(t.run, x[p], w, &mut acc[0][p]);
                    }
                }
                w = w.wrapping_add(t.run * B * V::LANES);
                continue;
            }
            let mut left = t.run;
            // Spelled out: the optimiser keeps the accumulators in registers only where it sees all their indices early.
            macro_rules! steps {
                ($($s:literal)*) => {
                    $(step::<V, P, B>(&x, $s, w.wrapping_add($s * B * V::LANES), &mut acc[$s % SETS]);)*
                };
            }
            while left >= 4 {
                steps!(0 1 2 3);
                V::prefetch(ask);
                ask = ask.wrapping_add(by);
                (x, w, left) = (x.map(|x| x.wrapping_add(4)), w.wrapping_add(4 * B * V::LANES), left - 4);
            }
            while left > 0 {
                steps!(0);
                (x, w, left) = (x.map(|x| x.wrapping_add(1)), w.wrapping_add(B * V::LANES), left - 1);
            }
        }
    }
}

/// Adds number `c` of each pixel times a row of the weights to one set of accumulators.
///
/// # Safety
/// As for [`Tiles`].
#[inline(always)]
unsafe fn step<V: Vector<Elem = f32>, const P: usize, const B: usize>(
    x: &[*const f32; P],
    c: usize,
    w: *const f32,
    acc: &mut [[V; B]; P],
) {
    // SAFETY: the caller's promise.
    unsafe {
        let mut row = [V::zero(); B];
        for b in 0..B {
            row[b] = V::load(w.add(b * V::LANES));
        }
        for line in (0..B * V::LANES).step_by(LINE) {
            V::prefetch(w.wrapping_add(AHEAD + line));
        }
        for p in 0..P {
            let x = V::splat(*x[p].add(c));
            for b in 0..B {
                acc[p][b] = x.mul_add(row[b], acc[p][b]);
            }
        }
    }
}

/// Adds the products of `run` numbers of a pixel, in builds without optimisation of machines whose vectors have no code of
/// their own for that.
///
/// # Safety
/// As for [`Tiles`].
#[inline(always)]
unsafe fn plain<V: Vector<Elem = f32>, const B: usize>(run: usize, x: *const f32, w: *const f32, acc: &mut [V; B]) {
    for c in 0..run {
        for (b, acc) in acc.iter_mut().enumerate() {
            // SAFETY: the caller's promise.
            unsafe { *acc = V::splat(*x.add(c)).mul_add(V::load(w.add((c * B + b) * V::LANES)), *acc) };
        }
    }
}

/// A vector type with its choice of tiles.
pub trait Tiling: Vector<Elem = f32> {
    /// How many vectors wide a panel of weights is.
    const VECTORS: usize;
    /// How many vectors wide the last panel may be at most, so that none is a single vector unless it is all.
    const MOST_VECTORS: usize;
    /// How many pixels a tile has.
    const PIXELS: usize;
    /// How many the last tile has where so many are left or fewer.
    const FEW_PIXELS: usize;

    /// Computes tiles of `pixels` ([`PIXELS`](Self::PIXELS) or [`FEW_PIXELS`](Self::FEW_PIXELS)) by `vectors` (1 to
    /// [`MOST_VECTORS`](Self::MOST_VECTORS)).
    ///
    /// # Safety
    /// The machine must have the instructions, and all elements that the job names must be there.
    unsafe fn tiles(pixels: usize, vectors: usize, job: &Job);
}

macro_rules! tiling {
    ($(#[$attr:meta])* $V:ty, $vectors:literal to $most:literal, $pixels:literal or $few:literal,
     [$(($P:literal, $B:literal, $SETS:literal))*]) => {
        $(#[$attr])*
        impl Tiling for $V {
            const VECTORS: usize = $vectors;
            const MOST_VECTORS: usize = $most;
            const PIXELS: usize = $pixels;
            const FEW_PIXELS: usize = $few;

            unsafe fn tiles(pixels: usize, vectors: usize, job: &Job) {
                // SAFETY: the caller's promise.
                unsafe {
                    match (pixels, vectors) {
                        $(($P, $B) => Self::enter(Tiles::<$P, $B, $SETS>(job)),)*
                        _ => unreachable!("no tile of {pixels} x {vectors}"),
                    }
                }
            }
        }
    };
}

// 16 registers: more than 8 accumulators, which is what two units of a latency of four keep busy, make no tile faster, and tiles
// of 6 pixels keep too many pointers.
tiling!(
    #[cfg(target_arch = "x86_64")]
    crate::kernels::simd::F32x8, 2 to 3, 4 or 2, [(4, 3, 1) (4, 2, 1) (4, 1, 2) (2, 3, 2) (2, 2, 2) (2, 1, 4)]
);
// 32 registers.
tiling!(
    #[cfg(target_arch = "x86_64")]
    crate::kernels::simd::F32x16, 4 to 4, 6 or 2,
    [(6, 4, 1) (6, 3, 1) (6, 2, 1) (6, 1, 2) (2, 4, 2) (2, 3, 2) (2, 2, 2) (2, 1, 4)]
);
tiling!(crate::kernels::simd::Portable<f32, 4>, 2 to 2, 4 or 1, [(4, 2, 1) (4, 1, 1) (1, 2, 1) (1, 1, 1)]);
