//! Code that is compiled once for each instruction set and reached through a pointer, so that whatever calls it need not
//! be compiled for each of them, nor for each such code.

use super::isa::isa;
use super::{Float, Vector};
use crate::kernels::DType;

/// Code to be compiled for every kind of vector, which is told all it needs by its arguments.
pub trait Routine<T> {
    /// What it is told.
    type Args;
    /// What it gives.
    type Output;

    /// The code. It and all it calls must be `#[inline(always)]`.
    ///
    /// # Safety
    /// The machine must have the instructions of `V`; the arguments must be what the routine says.
    unsafe fn run<V: Vector<Elem = T>>(args: &Self::Args) -> Self::Output;
}

/// The pointers to a [`Routine`]'s code for each floating-point type and instruction set.
pub struct Table<A, R> {
    single: [unsafe fn(&A) -> R; 3],
    double: [unsafe fn(&A) -> R; 3],
}

impl<A, R> Table<A, R> {
    /// Those of the routine `C`.
    pub const fn of<C>() -> Self
    where
        C: Routine<f32, Args = A, Output = R> + Routine<f64, Args = A, Output = R>,
    {
        Self { single: each::<f32, C>(), double: each::<f64, C>() }
    }

    /// The code for elements of a type and the best instruction set of this machine.
    ///
    /// # Panics
    /// If the type is none of the floating-point types.
    #[track_caller]
    #[inline]
    pub fn best(&self, dtype: DType) -> unsafe fn(&A) -> R {
        match dtype {
            DType::F32 => self.single[isa() as usize],
            DType::F64 => self.double[isa() as usize],
            other => panic!("{other} elements have no arithmetic: cast them to a float first"),
        }
    }
}

/// The code for each instruction set, in the order of [`Isa`](super::isa::Isa).
const fn each<T: Float, C: Routine<T>>() -> [unsafe fn(&C::Args) -> C::Output; 3] {
    #[cfg(target_arch = "x86_64")]
    return if T::Avx512::LANES == T::Avx2::LANES {
        [portable::<T, C>, avx2::<T, C>, avx2::<T, C>]
    } else {
        [portable::<T, C>, avx2::<T, C>, avx512::<T, C>]
    };
    #[cfg(not(target_arch = "x86_64"))]
    return [portable::<T, C>; 3];
}

/// # Safety
/// That of the routine.
unsafe fn portable<T: Float, C: Routine<T>>(args: &C::Args) -> C::Output {
    // SAFETY: the caller's promise; arrays need no special instructions.
    unsafe { C::run::<T::Portable>(args) }
}

/// # Safety
/// That of the routine, on a machine with AVX2 and FMA.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe fn avx2<T: Float, C: Routine<T>>(args: &C::Args) -> C::Output {
    // SAFETY: the caller's promise.
    unsafe { C::run::<T::Avx2>(args) }
}

/// # Safety
/// That of the routine, on a machine with AVX-512.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma,avx512f")]
unsafe fn avx512<T: Float, C: Routine<T>>(args: &C::Args) -> C::Output {
    // SAFETY: the caller's promise.
    unsafe { C::run::<T::Avx512>(args) }
}
