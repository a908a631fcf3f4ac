//! Depthwise convolutions of `f32` images that lie channels-last: each channel has a window of its own. Vectors run along the
//! channels, of one pixel or on into the next, and there is nothing to pack but the weights.

mod apply;
#[cfg(test)]
mod tests;
mod weight;

pub use apply::Depthwise;
pub use weight::weight;

use crate::kernels::simd::Vector;

/// `V` vectors, of which the last has no more lanes than a tail.
///
/// # Safety
/// The elements must be there, and the machine have the instructions.
#[inline(always)]
unsafe fn load<S: Vector<Elem = f32>, const V: usize>(from: *const f32, tail: Option<S::Tail>) -> [S; V] {
    // SAFETY: the caller's promise.
    unsafe {
        let mut vectors = [S::zero(); V];
        for v in 0..V {
            let from = from.add(v * S::LANES);
            vectors[v] = match tail {
                Some(tail) if v + 1 == V => S::load_tail(from, tail),
                _ => S::load(from),
            };
        }
        vectors
    }
}

/// Writes `V` vectors, of the last no more lanes than a tail.
///
/// # Safety
/// There must be as many elements.
#[inline(always)]
unsafe fn store<S: Vector<Elem = f32>, const V: usize>(vectors: [S; V], to: *mut f32, tail: Option<S::Tail>) {
    // SAFETY: the caller's promise.
    unsafe {
        for v in 0..V {
            let to = to.add(v * S::LANES);
            match tail {
                Some(tail) if v + 1 == V => vectors[v].store_tail(to, tail),
                _ => vectors[v].store(to),
            }
        }
    }
}
