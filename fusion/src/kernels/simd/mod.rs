//! Vectors of `f32` and `f64` in the words of `std::simd`: AVX-512, AVX2 with FMA, and arrays for any machine.
//!
//! A loop is a [`Kernel`]: generic over [`Vector`], all of it `#[inline(always)]`. [`dispatch`] picks the vectors of this
//! machine, and [`Vector::enter`] compiles the loop for their instructions. Another set of instructions is a file like
//! `avx2.rs` and a line in `float.rs`.
//!
//! From the ground up: `isa`, `vector` (the traits), `math` and `sums` (what is made of their methods), `x86`, the
//! vectors themselves, `float`.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod float;
mod isa;
pub mod math;
mod portable;
mod sums;
mod table;
#[cfg(target_arch = "x86_64")]
mod unoptimised;
mod vector;
#[cfg(target_arch = "x86_64")]
mod x86;

#[cfg(target_arch = "x86_64")]
pub use avx2::{F32x8, F64x4};
#[cfg(target_arch = "x86_64")]
pub use avx512::{F32x16, F64x8};
pub use isa::{Isa, isa};
pub use portable::Portable;
pub use sums::Total;
pub use table::{Routine, Table};
pub use vector::{Float, Kernel, MAX_LANES, Mask, Vector, dispatch};

/// Asks for the memory of an element, which need not be there.
#[inline(always)]
pub fn prefetch<T>(of: &[T], place: usize) {
    let at = of.as_ptr().wrapping_add(place);
    // SAFETY: every x86-64 has the instruction, and it takes any address.
    #[cfg(target_arch = "x86_64")]
    unsafe {
        std::arch::x86_64::_mm_prefetch::<{ std::arch::x86_64::_MM_HINT_T0 }>(at.cast())
    };
    #[cfg(not(target_arch = "x86_64"))]
    let _ = at;
}
