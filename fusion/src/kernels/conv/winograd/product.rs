//! The products: for each of a tile's points a matrix product over channels, of tiles by outputs.

use crate::kernels::simd::{Kernel, Vector};

/// Vectors of outputs side by side in a product, and in a panel of weights: one where all outputs fit it and a vector is
/// long, for the other would be waste.
const VECTORS: usize = 2;

/// How far ahead weights are asked for, in elements: they come from the second cache or beyond.
const AHEAD: usize = 512;

/// Strips of `rows` tiles times a panel of outputs, one strip below the other.
///
/// V lies in slices of as many channels as a vector has lanes, in each of them tile by tile: so every element that is
/// multiplied with a row of U lies at a constant distance. U has a row for each channel, M a row for each tile.
#[derive(Clone, Copy)]
pub struct Product {
    pub strips: usize,
    pub slices: usize,
    pub v: *const f32,
    /// From a slice of V to the next.
    pub slice: usize,
    pub u: *const f32,
    pub m: *mut f32,
}

/// A [`Product`] of `P` rows and `B` vectors of outputs.
struct Rows<'a, const P: usize, const B: usize>(&'a Product);

impl<const P: usize, const B: usize> Kernel<f32> for Rows<'_, P, B> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Vector<Elem = f32>>(self) {
        let t = self.0;
        let width = B * S::LANES;
        let (mut v, mut m) = (t.v, t.m);
        for _ in 0..t.strips {
            // SAFETY: whoever fills in a `Product` promises all its elements.
            unsafe {
                let mut acc = [[S::zero(); B]; P];
                let (mut rows, mut u) = (v, t.u);
                for _ in 0..t.slices {
                    slice::<S, P, B>(rows, rows.wrapping_add(t.slice), u, &mut acc);
                    u = u.wrapping_add(S::LANES * width);
                    rows = rows.wrapping_add(t.slice);
                }
                for row in acc {
                    for (b, x) in row.into_iter().enumerate() {
                        x.store(m.add(b * S::LANES));
                    }
                    m = m.wrapping_add(width);
                }
            }
            v = v.wrapping_add(P * S::LANES);
        }
    }
}

/// Adds the products of one slice of channels, while `next` is on its way.
///
/// # Safety
/// As for [`Rows`].
#[inline(always)]
unsafe fn slice<S: Vector<Elem = f32>, const P: usize, const B: usize>(
    v: *const f32,
    next: *const f32,
    u: *const f32,
    acc: &mut [[S; B]; P],
) {
    let width = B * S::LANES;
    if cfg!(debug_assertions) {
        // SAFETY: the caller's promise; the accumulators stand one behind the other.
        let done = unsafe { S::product_rows([P, B, S::LANES], (v, S::LANES, 1), (u, width), acc.as_mut_ptr().cast()) };
        if done {
            return;
        }
    }
    for c in 0..S::LANES {
        if c < P {
            S::prefetch(next.wrapping_add(c * S::LANES));
        }
        S::prefetch(u.wrapping_add(c * width + AHEAD));
        if width > 16 {
            S::prefetch(u.wrapping_add(c * width + AHEAD + 16));
        }
        // SAFETY: the caller's promise.
        unsafe {
            let mut row = [S::zero(); B];
            for b in 0..B {
                row[b] = S::load(u.add(c * width + b * S::LANES));
            }
            for p in 0..P {
                let x = S::splat(*v.add(p * S::LANES + c));
                for b in 0..B {
                    acc[p][b] = x.mul_add(row[b], acc[p][b]);
                }
            }
        }
    }
}

/// A vector type with its sizes of strips.
pub trait Strips: Vector<Elem = f32> {
    /// The heights of strips, smallest first.
    const ROWS: &'static [usize];
    /// The fewest vectors of outputs side by side.
    const LEAST_VECTORS: usize;

    /// How many vectors stand side by side in a panel, of so many outputs in all.
    fn vectors(outputs: usize) -> usize {
        outputs.div_ceil(Self::LANES).clamp(Self::LEAST_VECTORS, VECTORS)
    }

    /// Computes strips of `rows` tiles and so many vectors.
    ///
    /// # Safety
    /// The machine must have the instructions, and all elements that `product` names must be there.
    unsafe fn product(rows: usize, vectors: usize, product: &Product);
}

macro_rules! strips {
    ($(#[$attr:meta])* $S:ty: $($rows:literal)*; $least:literal: $($one:literal)*) => {
        $(#[$attr])*
        impl Strips for $S {
            const ROWS: &'static [usize] = &[$($rows),*];
            const LEAST_VECTORS: usize = $least;

            unsafe fn product(rows: usize, vectors: usize, product: &Product) {
                // SAFETY: the caller's promise.
                unsafe {
                    match (rows, vectors) {
                        $(($rows, VECTORS) => Self::enter(Rows::<$rows, VECTORS>(product)),)*
                        $(($one, 1) => Self::enter(Rows::<$one, 1>(product)),)*
                        _ => unreachable!("no strip of {rows} x {vectors}"),
                    }
                }
            }
        }
    };
}
// 12 accumulators in 16 registers, 28 in 32; behind them those of a single vector. Arrays are slow to compile: they have one.
strips!(crate::kernels::simd::Portable<f32, 4>: 6; 2:);
strips!(#[cfg(target_arch = "x86_64")] crate::kernels::simd::F32x8: 4 5 6; 2:);
strips!(#[cfg(target_arch = "x86_64")] crate::kernels::simd::F32x16: 4 8 10 12 14; 1: 4 8 10 12 14);
strips!(#[cfg(test)] crate::kernels::simd::Portable<f32, 16>: 4 8 10 12 14; 1: 4 8 10 12 14);

/// How `count` tiles are cut into strips: strips of one height, then of another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Cut {
    /// Height and number.
    pub strips: [[usize; 2]; 2],
    /// All rows: at least as many as tiles.
    pub rows: usize,
}

impl Cut {
    /// As even as can be: 16 tiles are 6 + 5 + 5, not 6 + 6 + 4.
    pub fn new<S: Strips>(count: usize) -> Self {
        let most = S::ROWS[S::ROWS.len() - 1];
        let strips = count.div_ceil(most).max(1);
        let (low, high) = (count / strips, count % strips);
        let fit = |rows: usize| *S::ROWS.iter().find(|&&fit| fit >= rows).expect("a strip that is high enough");
        let cut = [[fit(low + usize::from(high > 0)), high], [fit(low), strips - high]];
        Self { strips: cut, rows: cut.iter().map(|[rows, number]| rows * number).sum() }
    }
}
