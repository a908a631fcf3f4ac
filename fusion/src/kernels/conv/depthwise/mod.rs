//! Depthwise convolutions of `f32` images that lie channels-last: each channel has a window of its own. Vectors run along the
//! channels, and there is nothing to pack but the weights.

mod apply;
#[cfg(test)]
mod tests;
mod weight;

pub use apply::Depthwise;
pub use weight::weight;

use crate::kernels::simd::Vector;

/// The blocks of channels that are taken at once: the first, and for the last ones, fewer than two vectors, how many there
/// are in the one vector.
fn blocks<S: Vector<Elem = f32>>(channels: usize) -> impl Iterator<Item = (usize, Option<usize>)> {
    let whole = channels / (2 * S::LANES);
    let rest = (whole * 2 * S::LANES..channels).step_by(S::LANES);
    let pairs = (0..whole).map(|i| (i * 2 * S::LANES, None));
    pairs.chain(rest.map(move |c| (c, Some(S::LANES.min(channels - c)))))
}

/// `V` vectors: two whole ones, or the first lanes of one.
///
/// # Safety
/// The elements must be there, and the machine have the instructions.
#[inline(always)]
unsafe fn load<S: Vector<Elem = f32>, const V: usize>(from: *const f32, tail: S::Tail) -> [S; V] {
    // SAFETY: the caller's promise.
    unsafe {
        let mut vectors = [S::zero(); V];
        for v in 0..V {
            vectors[v] = if V > 1 { S::load(from.add(v * S::LANES)) } else { S::load_tail(from, tail) };
        }
        vectors
    }
}
