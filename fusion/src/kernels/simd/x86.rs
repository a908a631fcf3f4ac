//! The vectors of x86-64: AVX2 with FMA, and AVX-512.

// Each goes between one vector type and the same bits as another; their sizes are checked by the compiler.
#![allow(clippy::missing_transmute_annotations)]

use super::{F32Vector, Kernel, Mask, ROOT_HALF, ROUND, Vector};
use crate::kernels::simd::math;
use crate::kernels::simd::registers::{F32x8, F32x16, F64x4, F64x8, Simd};
use std::arch::x86_64::*;
use std::mem::transmute;

/// Runs `kernel` compiled for AVX2 and FMA.
///
/// # Safety
/// The machine must have them, and `V`'s instructions must be among them.
#[target_feature(enable = "avx2,fma")]
pub unsafe fn avx2<V: Vector, K: Kernel<V::Elem>>(kernel: K) -> K::Output {
    // SAFETY: the caller's promise.
    unsafe { kernel.run::<V>() }
}

/// Runs `kernel` compiled for AVX-512.
///
/// # Safety
/// The machine must have it, and `V`'s instructions must be among them.
#[target_feature(enable = "avx2,fma,avx512f")]
pub unsafe fn avx512<V: Vector, K: Kernel<V::Elem>>(kernel: K) -> K::Output {
    // SAFETY: the caller's promise.
    unsafe { kernel.run::<V>() }
}

/// Intrinsics on vectors and registers.
macro_rules! on {
    ($e:expr) => {
        // SAFETY: vectors exist only on machines that have their instructions, and a vector is just its register.
        unsafe { $e }
    };
}

/// The elementary functions of `f32` vectors, and of `f64` vectors.
macro_rules! elementary {
    (f32) => {
        #[inline(always)]
        fn exp(self) -> Self {
            math::exp(self)
        }
        #[inline(always)]
        fn ln(self) -> Self {
            math::ln(self)
        }
        #[inline(always)]
        fn ln_1p_unit(self) -> Self {
            math::ln_1p_unit(self)
        }
        #[inline(always)]
        fn tanh(self) -> Self {
            math::tanh(self)
        }
    };
    (f64) => {
        #[inline(always)]
        fn exp(self) -> Self {
            self.map_lanes(f64::exp)
        }
        #[inline(always)]
        fn ln(self) -> Self {
            self.map_lanes(f64::ln)
        }
        #[inline(always)]
        fn ln_1p_unit(self) -> Self {
            self.map_lanes(f64::ln_1p)
        }
        #[inline(always)]
        fn tanh(self) -> Self {
            self.map_lanes(f64::tanh)
        }
    };
}

/// The methods of AVX2 vectors; a truth is a register of all ones or zeros.
macro_rules! avx2 {
    ($V:ident, $T:ident, $raw:ident, $cmp:ident, $blend:ident, $and:ident, $andnot:ident, $or:ident, $xor:ident, $min:ident, $set:ident,
     first: |$n:ident| $first:expr, swap: $(|$x:ident| $swap:expr),*; $($more:tt)*) => {
        impl Mask<$V> for $raw {
            #[inline(always)]
            fn or(self, other: Self) -> Self {
                on!($or(self, other))
            }
            #[inline(always)]
            fn select(self, a: $V, b: $V) -> $V {
                on!(transmute($blend(transmute(b), transmute(a), self)))
            }
        }

        impl Vector for $V {
            type Mask = $raw;

            #[inline(always)]
            fn simd_lt(self, other: Self) -> $raw {
                on!($cmp::<_CMP_LT_OQ>(transmute(self), transmute(other)))
            }
            #[inline(always)]
            fn simd_eq(self, other: Self) -> $raw {
                on!($cmp::<_CMP_EQ_OQ>(transmute(self), transmute(other)))
            }
            #[inline(always)]
            fn is_nan(self) -> $raw {
                on!($cmp::<_CMP_UNORD_Q>(transmute(self), transmute(self)))
            }
            #[inline(always)]
            fn first_n(self, $n: usize) -> $raw {
                on!($first)
            }
            #[inline(always)]
            fn simd_min(self, other: Self) -> Self {
                on!(transmute($min(transmute(self), transmute(other))))
            }
            #[inline(always)]
            fn flip(self) -> Self {
                on!(transmute($xor(transmute(self), $set(-0.0))))
            }
            #[inline(always)]
            fn abs(self) -> Self {
                on!(transmute($andnot($set(-0.0), transmute(self))))
            }
            #[inline(always)]
            fn copysign(self, sign: Self) -> Self {
                on!(transmute($or($andnot($set(-0.0), transmute(self)), $and($set(-0.0), transmute(sign)))))
            }
            #[inline(always)]
            fn reduce(self, f: impl Fn(Self, Self) -> Self) -> $T {
                let x = on!(transmute::<Self, $raw>(self));
                $(let x = {
                    let $x = x;
                    on!(transmute::<Self, $raw>(f(transmute($x), transmute($swap))))
                };)*
                on!(transmute::<$raw, [$T; Self::LANES]>(x))[0]
            }
            elementary!($T);
            $($more)*
        }
    };
}

avx2!(
    F32x8, f32, __m256, _mm256_cmp_ps, _mm256_blendv_ps, _mm256_and_ps, _mm256_andnot_ps, _mm256_or_ps, _mm256_xor_ps,
    _mm256_min_ps, _mm256_set1_ps,
    first: |n| {
        let lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
        _mm256_castsi256_ps(_mm256_cmpgt_epi32(_mm256_set1_epi32(n as i32), lanes))
    },
    swap: |x| _mm256_permute2f128_ps::<1>(x, x), |x| _mm256_permute_ps::<0b0100_1110>(x), |x| _mm256_permute_ps::<0b1011_0001>(x);
            #[inline(always)]
            fn div_sqrt(self, v: Self, eps: Self) -> Self {
                let x = v.splat_like(1e-37).simd_max(v);
                let r = on!(transmute::<__m256, Self>(_mm256_rsqrt_ps(transmute(x))));
                // Newton for the root
                let q = x * r;
                let root = ((-q).mul_add(q, x)).mul_add(r * r.splat_like(0.5), q);
                let d = root + eps;
                let r = on!(transmute::<__m256, Self>(_mm256_rcp_ps(transmute(d))));
                let q = self * r;
                (-d).mul_add(q, self).mul_add(r, q)
            }
);

avx2!(
    F64x4, f64, __m256d, _mm256_cmp_pd, _mm256_blendv_pd, _mm256_and_pd, _mm256_andnot_pd, _mm256_or_pd, _mm256_xor_pd,
    _mm256_min_pd, _mm256_set1_pd,
    first: |n| _mm256_castsi256_pd(_mm256_cmpgt_epi64(_mm256_set1_epi64x(n as i64), _mm256_setr_epi64x(0, 1, 2, 3))),
    swap: |x| _mm256_permute2f128_pd::<1>(x, x), |x| _mm256_permute_pd::<0b0101>(x);
);

/// The methods of AVX-512 vectors; a truth is a bit for each lane.
macro_rules! avx512 {
    ($V:ident, $T:ident, $raw:ident, $mask:ident, $cmp:ident, $blend:ident, $abs:ident, $min:ident, $set:ident,
     swap: $(|$x:ident| $swap:expr),*) => {
        impl Mask<$V> for $mask {
            #[inline(always)]
            fn or(self, other: Self) -> Self {
                self | other
            }
            #[inline(always)]
            fn select(self, a: $V, b: $V) -> $V {
                on!(transmute($blend(self, transmute(b), transmute(a))))
            }
        }

        impl Vector for $V {
            type Mask = $mask;

            #[inline(always)]
            fn simd_lt(self, other: Self) -> $mask {
                on!($cmp::<_CMP_LT_OQ>(transmute(self), transmute(other)))
            }
            #[inline(always)]
            fn simd_eq(self, other: Self) -> $mask {
                on!($cmp::<_CMP_EQ_OQ>(transmute(self), transmute(other)))
            }
            #[inline(always)]
            fn is_nan(self) -> $mask {
                on!($cmp::<_CMP_UNORD_Q>(transmute(self), transmute(self)))
            }
            #[inline(always)]
            fn first_n(self, n: usize) -> $mask {
                if n < Self::LANES { (1 << n) - 1 } else { !0 }
            }
            #[inline(always)]
            fn simd_min(self, other: Self) -> Self {
                on!(transmute($min(transmute(self), transmute(other))))
            }
            #[inline(always)]
            fn flip(self) -> Self {
                on!(transmute(_mm512_xor_si512(transmute(self), transmute($set(-0.0)))))
            }
            #[inline(always)]
            fn abs(self) -> Self {
                on!(transmute($abs(transmute(self))))
            }
            #[inline(always)]
            fn copysign(self, sign: Self) -> Self {
                // Bit by bit: the sign's where the first is set, else the value's.
                on!(transmute(_mm512_ternarylogic_epi32::<0b1100_1010>(transmute($set(-0.0)), transmute(sign), transmute(self))))
            }
            #[inline(always)]
            fn reduce(self, f: impl Fn(Self, Self) -> Self) -> $T {
                let x = on!(transmute::<Self, $raw>(self));
                $(let x = {
                    let $x = x;
                    on!(transmute::<Self, $raw>(f(transmute($x), transmute($swap))))
                };)*
                on!(transmute::<$raw, [$T; Self::LANES]>(x))[0]
            }
            elementary!($T);
        }
    };
}

avx512!(
    F32x16, f32, __m512, __mmask16, _mm512_cmp_ps_mask, _mm512_mask_blend_ps, _mm512_abs_ps, _mm512_min_ps, _mm512_set1_ps,
    swap: |x| _mm512_shuffle_f32x4::<0b0100_1110>(x, x), |x| _mm512_shuffle_f32x4::<0b1011_0001>(x, x),
    |x| _mm512_permute_ps::<0b0100_1110>(x), |x| _mm512_permute_ps::<0b1011_0001>(x)
);

avx512!(
    F64x8, f64, __m512d, __mmask8, _mm512_cmp_pd_mask, _mm512_mask_blend_pd, _mm512_abs_pd, _mm512_min_pd, _mm512_set1_pd,
    swap: |x| _mm512_shuffle_f64x2::<0b0100_1110>(x, x), |x| _mm512_shuffle_f64x2::<0b1011_0001>(x, x),
    |x| _mm512_permute_pd::<0b0101_0101>(x)
);

/// The first and the last four lanes.
#[inline(always)]
pub(super) fn halves_of_8(x: F32x8) -> [F64x4; 2] {
    on!({
        let x = transmute::<F32x8, __m256>(x);
        let low = _mm256_cvtps_pd(_mm256_castps256_ps128(x));
        let high = _mm256_cvtps_pd(_mm256_extractf128_ps::<1>(x));
        [transmute(low), transmute(high)]
    })
}

/// The first and the last eight lanes.
#[inline(always)]
pub(super) fn halves_of_16(x: F32x16) -> [F64x8; 2] {
    on!({
        let x = transmute::<F32x16, __m512>(x);
        let low = _mm512_cvtps_pd(_mm512_castps512_ps256(x));
        let high = _mm512_cvtps_pd(transmute(_mm512_extractf64x4_pd::<1>(transmute(x))));
        [transmute(low), transmute(high)]
    })
}

impl F32Vector for F32x8 {
    #[inline(always)]
    fn times_power_of_2(self, rounded: Self) -> Self {
        on!({
            let exponents = transmute::<Self, __m256i>(rounded);
            let half = _mm256_srli_epi32::<1>(exponents);
            let rest = _mm256_sub_epi32(exponents, half);
            let (half, rest) = (_mm256_slli_epi32::<23>(half), _mm256_slli_epi32::<23>(rest));
            self * transmute::<__m256i, Self>(half) * transmute::<__m256i, Self>(rest)
        })
    }

    #[inline(always)]
    fn mantissa_exponent(self) -> (Self, Self) {
        on!({
            let root = _mm256_set1_epi32(ROOT_HALF as i32);
            let bits = _mm256_sub_epi32(transmute(self), root);
            let m = _mm256_add_epi32(_mm256_and_si256(bits, _mm256_set1_epi32(0x007f_ffff)), root);
            let m = _mm256_sub_ps(_mm256_castsi256_ps(m), _mm256_set1_ps(1.0));
            (transmute::<__m256, Self>(m), transmute::<__m256, Self>(_mm256_cvtepi32_ps(_mm256_srai_epi32::<23>(bits))))
        })
    }
}

impl F32Vector for F32x16 {
    #[inline(always)]
    fn times_power_of_2(self, rounded: Self) -> Self {
        on!({
            let n = _mm512_sub_ps(transmute(rounded), _mm512_set1_ps(ROUND));
            transmute(_mm512_scalef_ps(transmute(self), n))
        })
    }

    #[inline(always)]
    fn mantissa_exponent(self) -> (Self, Self) {
        on!({
            let root = _mm512_set1_epi32(ROOT_HALF as i32);
            let bits = _mm512_sub_epi32(transmute(self), root);
            let m = _mm512_add_epi32(_mm512_and_si512(bits, _mm512_set1_epi32(0x007f_ffff)), root);
            let m = _mm512_sub_ps(_mm512_castsi512_ps(m), _mm512_set1_ps(1.0));
            (transmute::<__m512, Self>(m), transmute::<__m512, Self>(_mm512_cvtepi32_ps(_mm512_srai_epi32::<23>(bits))))
        })
    }
}
