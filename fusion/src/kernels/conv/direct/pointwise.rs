//! Windows of one element that show each pixel: pixels lie one behind the other, here and in the result, so that tiles need no
//! tables; and of few channels the weights stay in the first-level cache, so that they need not be asked for.

use super::tile::{Finish, load, store};
use crate::kernels::activation::Activation;
use crate::kernels::simd::{self, Kernel, Vector};

/// Pixels, each of which becomes the product of its `inputs` numbers with the rows of a panel of weights.
#[derive(Clone, Copy)]
pub struct Pixels {
    pub count: usize,
    pub x: *const f32,
    pub inputs: usize,
    /// `inputs` rows of as many elements as the panel has lanes.
    pub w: *const f32,
    pub y: *mut f32,
    /// From one pixel of the result to the next.
    pub outputs: usize,
    /// Columns of the result: more than the panel's vectors but the last have lanes, at most as many as all have.
    pub width: usize,
    pub finish: Finish,
}

/// Tiles of `P` pixels, and of one for the last ones, and `B` vectors.
struct Tiles<'a, const P: usize, const B: usize>(&'a Pixels);

impl<const P: usize, const B: usize> Kernel<f32> for Tiles<'_, P, B> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Vector<Elem = f32>>(self) {
        let count = self.0.count;
        let many = count - count % P;
        // SAFETY: whoever fills in `Pixels` for this `B` promises that all its elements are there.
        unsafe {
            let mask = V::tail(self.0.width - (B - 1) * V::LANES);
            for first in (0..many).step_by(P) {
                tile::<V, P, B>(self.0, first, mask);
            }
            for first in many..count {
                tile::<V, 1, B>(self.0, first, mask);
            }
        }
    }
}

/// `P` pixels from `first` on. `mask`: the lanes of the last vector.
///
/// # Safety
/// As for [`Tiles`].
#[inline(always)]
unsafe fn tile<V: Vector<Elem = f32>, const P: usize, const B: usize>(t: &Pixels, first: usize, mask: V::Tail) {
    // SAFETY: the caller's promise.
    unsafe {
        let mut acc = [[V::zero(); B]; P];
        let mut x = t.x.add(first * t.inputs);
        let rows = (t.w, B * V::LANES);
        if !(cfg!(debug_assertions)
            && V::product_rows([P, B, t.inputs], (x, t.inputs, 1), rows, acc.as_mut_ptr().cast::<V>()))
        {
            let mut w = t.w;
            for _ in 0..t.inputs {
                let mut row = [V::zero(); B];
                for b in 0..B {
                    row[b] = V::load(w.add(b * V::LANES));
                }
                for p in 0..P {
                    let x = V::splat(*x.add(p * t.inputs));
                    for b in 0..B {
                        acc[p][b] = x.mul_add(row[b], acc[p][b]);
                    }
                }
                (x, w) = (x.wrapping_add(1), w.wrapping_add(B * V::LANES));
            }
        }
        // Each loop by itself and short, so that the optimiser sees all indices and keeps the accumulators in registers.
        let Finish { bias, residual, activation } = t.finish;
        if !bias.is_null() {
            for b in 0..B {
                let bias = load(bias.add(b * V::LANES), b + 1 < B, mask);
                for p in 0..P {
                    acc[p][b] = acc[p][b] + bias;
                }
            }
        }
        let place = |p: usize, b: usize| (first + p) * t.outputs + b * V::LANES;
        if !residual.is_null() {
            for p in 0..P {
                for b in 0..B {
                    acc[p][b] = acc[p][b] + load(residual.add(place(p, b)), b + 1 < B, mask);
                }
            }
        }
        match activation {
            Activation::Identity => {}
            Activation::Relu => {
                for p in 0..P {
                    for b in 0..B {
                        acc[p][b] = Activation::Relu.of(acc[p][b]);
                    }
                }
            }
            Activation::LeakyRelu(slope) => {
                for p in 0..P {
                    for b in 0..B {
                        acc[p][b] = Activation::LeakyRelu(slope).of(acc[p][b]);
                    }
                }
            }
        }
        if t.width == B * V::LANES {
            for p in 0..P {
                for b in 0..B {
                    acc[p][b].store(t.y.add(place(p, b)));
                }
            }
        } else {
            let sums = acc;
            for p in 0..P {
                for b in 0..B {
                    store(sums[p][b], t.y.add(place(p, b)), b + 1 < B, mask);
                }
            }
        }
    }
}

/// A vector type with its tiles of pixels.
pub trait Pointwise: Vector<Elem = f32> {
    /// Computes pixels of a panel of so many vectors.
    ///
    /// # Safety
    /// The machine must have the instructions, and all elements that the pixels name must be there.
    unsafe fn pixels(vectors: usize, of: &Pixels);
}

macro_rules! pointwise {
    ($(#[$attr:meta])* $V:ty, [$(($P:literal, $B:literal))*]) => {
        $(#[$attr])*
        impl Pointwise for $V {
            unsafe fn pixels(vectors: usize, of: &Pixels) {
                // SAFETY: the caller's promise.
                unsafe {
                    match vectors {
                        $($B => Self::enter(Tiles::<$P, $B>(of)),)*
                        _ => unreachable!("no tile of {vectors} vectors"),
                    }
                }
            }
        }
    };
}

pointwise!(
    #[cfg(target_arch = "x86_64")]
    simd::F32x16,
    [(12, 1)(12, 2)(8, 3)(6, 4)]
);
pointwise!(
    #[cfg(target_arch = "x86_64")]
    simd::F32x8,
    [(12, 1)(6, 2)(4, 3)]
);
pointwise!(simd::Portable<f32, 4>, [(6, 1) (4, 2)]);
