//! Which vectors an element type has on which machine.

use super::isa::{Isa, isa};
use super::portable::Portable;
use super::vector::{Float, Kernel, Vector};
#[cfg(target_arch = "x86_64")]
use super::{
    avx2::{F32x8, F64x4},
    avx512::F32x16,
};

macro_rules! float {
    ($T:ident, $portable:ty, $avx2:ident, $avx512:ident) => {
        impl Float for $T {
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;
            const INFINITY: Self = $T::INFINITY;

            type Portable = $portable;
            #[cfg(target_arch = "x86_64")]
            type Avx2 = $avx2;
            #[cfg(target_arch = "x86_64")]
            type Avx512 = $avx512;

            #[inline(always)]
            fn from_f64(x: f64) -> Self {
                x as $T
            }
            #[inline(always)]
            fn fmod(self, y: Self) -> Self {
                self % y
            }

            #[inline]
            fn dispatch<K: Kernel<Self>>(kernel: K) -> K::Output {
                match isa() {
                    // SAFETY: `isa` says that the machine has AVX-512.
                    #[cfg(target_arch = "x86_64")]
                    Isa::Avx512 => unsafe { $avx512::enter(kernel) },
                    // SAFETY: `isa` says that the machine has AVX2 and FMA.
                    #[cfg(target_arch = "x86_64")]
                    Isa::Avx2 => unsafe { $avx2::enter(kernel) },
                    // SAFETY: arrays need no special instructions.
                    _ => unsafe { <$portable>::enter(kernel) },
                }
            }

            #[cfg(test)]
            fn on_each<K: Kernel<Self> + Clone>(kernel: &K) -> Vec<K::Output> {
                // SAFETY: arrays need no special instructions.
                let mut out = vec![unsafe { <$portable>::enter(kernel.clone()) }];
                #[cfg(target_arch = "x86_64")]
                if isa() != Isa::Portable {
                    // SAFETY: the machine has at least AVX2.
                    out.push(unsafe { $avx2::enter(kernel.clone()) });
                }
                if isa() == Isa::Avx512 {
                    out.push(Self::dispatch(kernel.clone()));
                }
                out
            }
        }
    };
}
// As wide as the vectors that every x86-64 and every 64-bit ARM has. `f64` has vectors of AVX-512 in products alone: each loop
// more is compiled, and few train in it.
float!(f32, Portable<f32, 4>, F32x8, F32x16);
float!(f64, Portable<f64, 2>, F64x4, F64x4);
