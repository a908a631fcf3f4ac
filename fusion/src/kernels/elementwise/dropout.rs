//! Dropout: which elements stay is a function of a seed and of where they stand.

use crate::kernels::array::Array;
use crate::kernels::array::walk::Walk;
use crate::kernels::dtype::float;
use crate::kernels::parallel::{Across, EXPONENTIALS};
use crate::kernels::simd::{Float, Kernel, MAX_LANES, Mask, Vector, dispatch};

/// Each element with probability `1 - p`, scaled by `1 / (1 - p)`, else 0. Which ones is a function of `seed` and the
/// element's index in C order alone, so the same call on the gradient, in whatever layout, is the gradient.
#[track_caller]
pub fn dropout(a: Array, p: f64, seed: u64) -> Array {
    float!(a.dtype(), T => typed_dropout::<T>(a, p, seed))
}

#[track_caller]
fn typed_dropout<T: Float>(a: Array, p: f64, seed: u64) -> Array {
    let mut a = if a.is_dense() { a } else { a.dense_copy() };
    let (shape, strides) = (*a.shape(), *a.strides());
    let index = shape.row_major();
    let walk = if a.is_contiguous() { Walk::flat(a.count()) } else { Walk::new(&shape, [&strides, &index]) };
    let (key, next) = keys(seed);
    // Of 2^31 hashes, this many drop their element.
    let drop = (p.clamp(0.0, 1.0) * 2f64.powi(31)).round() as i64;
    let scale = T::from_f64(if p < 1.0 { 1.0 / (1.0 - p) } else { 0.0 });
    let drop = drop.min(i64::from(i32::MAX)) as i32;
    let run = |out: *mut T, from: *const T| {
        // SAFETY: each part of the walk has elements of its own, of which `out` may be `from`.
        let both = unsafe { Across::new((out, from)) };
        walk.split(EXPONENTIALS, |walk, [at, first]| {
            let (out, a) = *both.get();
            let (out, a) = (out.wrapping_add(at), a.wrapping_add(at));
            dispatch(Dropout { out, a, walk, first, key, next, drop, scale });
        });
    };
    if let Some(x) = a.dense_mut::<T>() {
        let out = x.as_mut_ptr();
        run(out, out.cast_const());
        return a;
    }
    // SAFETY: the walk visits every element of the shape once.
    unsafe { Array::build_like::<T>(shape, strides, |out| run(out.as_mut_ptr().cast(), a.ptr::<T>())) }
}

/// Two independent 32-bit keys from a seed (SplitMix64's finaliser).
fn keys(seed: u64) -> (u32, u32) {
    let z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    let z = z ^ (z >> 31);
    (z as u32, (z >> 32) as u32)
}

/// A hash of 32 bits to 32 bits without a visible pattern: Wellons' `lowbias32` with two keys.
#[inline(always)]
fn hash(index: u32, key: u32, next: u32) -> u32 {
    let x = index ^ key;
    let x = (x ^ (x >> 16)).wrapping_mul(0x7feb_352d).wrapping_add(next);
    let x = (x ^ (x >> 15)).wrapping_mul(0x846c_a68b);
    x ^ (x >> 16)
}

/// Drops elements along a walk over the elements and their indices; `out` may be `a`.
struct Dropout<'w, T> {
    out: *mut T,
    a: *const T,
    walk: &'w Walk<2>,
    /// The index at the start of the walk.
    first: usize,
    key: u32,
    next: u32,
    /// Elements with a hash below this are dropped.
    drop: i32,
    scale: T,
}

impl<T: Float> Kernel<T> for Dropout<'_, T> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Vector<Elem = T>>(self) {
        let Self { out, a, walk, first, key, next, drop, scale } = self;
        let inner = walk.inner();
        let step = inner.step[1] as u32;
        for [at, index] in walk.rows() {
            for i in (0..inner.n).step_by(V::LANES) {
                let index = ((first + index) as u32).wrapping_add((i as u32).wrapping_mul(step));
                let mut factor = [T::ZERO; MAX_LANES];
                for (lane, factor) in factor[..V::LANES].iter_mut().enumerate() {
                    let hash = hash(index.wrapping_add((lane as u32).wrapping_mul(step)), key, next);
                    *factor = if ((hash >> 1) as i32) < drop { T::ZERO } else { scale };
                }
                // SAFETY: the walk stays inside the operands, which are contiguous along its inner axis.
                unsafe {
                    let mask = V::tail(inner.n - i);
                    let (x, factor) = (V::load_tail(a.add(at + i), mask), V::load(factor.as_ptr()));
                    let zero = x.splat_like(T::ZERO);
                    factor.simd_eq(zero).select(zero, x * factor).store_tail(out.add(at + i), mask);
                }
            }
        }
    }
}
