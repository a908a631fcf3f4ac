//! Vectors of AVX-512 F.

use super::avx2::{F32x8, F64x4};
use super::math::{self, elementary};
use super::sums::sums_of_itself;
use super::unoptimised::product_rows;
use super::vector::{
    F32Vector, FloatVector, Kernel, MAX_LANES, Mask, ROOT_HALF, ROOT_HALF_64, ROUND, ROUND_64, Vector, Wide,
};
use super::x86::{
    TWO_52, Unaligned, in_halves, memory, one_intrinsic, operators, reduce_by, sums_of_halves, transpose_4, transpose_8,
};
use std::arch::x86_64::*;
use std::ops::Neg;

/// Sixteen `f32` in an AVX-512 register.
#[derive(Clone, Copy, Debug)]
pub struct F32x16(__m512);
/// Eight `f64` in an AVX-512 register.
#[derive(Clone, Copy, Debug)]
pub struct F64x8(__m512d);

/// Runs `kernel` compiled for AVX-512.
///
/// # Safety
/// The machine must have it.
#[target_feature(enable = "avx2,fma,avx512f")]
unsafe fn enter<V: Vector, K: Kernel<V::Elem>>(kernel: K) -> K::Output {
    // SAFETY: the caller has made sure of the instructions.
    unsafe { kernel.run::<V>() }
}

/// Signs; the bits of both types are those of integers.
macro_rules! signs {
    ($V:ident: $cast:ident, $back:ident, $set:ident) => {
        impl Neg for $V {
            type Output = Self;
            #[inline(always)]
            fn neg(self) -> Self {
                // SAFETY: vectors exist only where their instructions do.
                Self(unsafe { $back(_mm512_xor_si512($cast(self.0), $cast($set(-0.0)))) })
            }
        }
        impl $V {
            #[inline(always)]
            fn with_sign(self, sign: Self) -> Self {
                // Bit by bit: the sign's where the first is set, else the value's.
                // SAFETY: vectors exist only where their instructions do.
                Self(unsafe {
                    let (of, from) = ($cast(self.0), $cast(sign.0));
                    $back(_mm512_ternarylogic_epi32::<0b1100_1010>($cast($set(-0.0)), from, of))
                })
            }
        }
    };
}
signs!(F32x16: _mm512_castps_si512, _mm512_castsi512_ps, _mm512_set1_ps);
signs!(F64x8: _mm512_castpd_si512, _mm512_castsi512_pd, _mm512_set1_pd);

/// Masks and comparisons; a mask is a bit for each lane, and so is a tail.
macro_rules! mask {
    ($V:ident, $mask:ident: $blend:ident) => {
        impl Mask<$V> for $mask {
            #[inline(always)]
            fn and(self, other: Self) -> Self {
                self & other
            }
            #[inline(always)]
            fn or(self, other: Self) -> Self {
                self | other
            }
            #[inline(always)]
            fn not(self) -> Self {
                !self
            }
            #[inline(always)]
            fn any(self) -> bool {
                self != 0
            }
            #[inline(always)]
            fn select(self, a: $V, b: $V) -> $V {
                // SAFETY: vectors exist only where their instructions do.
                $V(unsafe { $blend(self, b.0, a.0) })
            }
        }
    };
}
mask!(F32x16, __mmask16: _mm512_mask_blend_ps);
mask!(F64x8, __mmask8: _mm512_mask_blend_pd);

/// The comparisons, and what masks and tails do.
macro_rules! compare {
    ($T:ident, $mask:ident: $cmp:ident, $load:ident, $store:ident) => {
        type Mask = $mask;
        type Tail = $mask;

        #[inline(always)]
        fn simd_lt(self, other: Self) -> $mask {
            // SAFETY: vectors exist only where their instructions do.
            unsafe { $cmp::<_CMP_LT_OQ>(self.0, other.0) }
        }
        #[inline(always)]
        fn simd_eq(self, other: Self) -> $mask {
            // SAFETY: vectors exist only where their instructions do.
            unsafe { $cmp::<_CMP_EQ_OQ>(self.0, other.0) }
        }
        #[inline(always)]
        fn is_nan(self) -> $mask {
            // SAFETY: vectors exist only where their instructions do.
            unsafe { $cmp::<_CMP_UNORD_Q>(self.0, self.0) }
        }
        #[inline(always)]
        fn first_n(self, n: usize) -> $mask {
            if n < Self::LANES { (1 << n) - 1 } else { !0 }
        }
        #[inline(always)]
        fn copysign(self, sign: Self) -> Self {
            self.with_sign(sign)
        }
        #[inline(always)]
        unsafe fn tail(n: usize) -> $mask {
            if n < Self::LANES { (1 << n) - 1 } else { !0 }
        }
        #[inline(always)]
        unsafe fn load_tail(p: *const $T, tail: $mask) -> Self {
            // SAFETY: the caller's promise.
            Self(unsafe { $load(tail, p) })
        }
        #[inline(always)]
        unsafe fn store_tail(self, p: *mut $T, tail: $mask) {
            // SAFETY: the caller's promise.
            unsafe { $store(p, tail, self.0) }
        }
    };
}

/// Sums of all lanes, by way of the AVX2 vector of half as many.
macro_rules! reduce_sums_by_half {
    ($T:ident, $Half:ident) => {
        #[inline(always)]
        fn reduce_sum(self) -> $T {
            self.fold().reduce_sum()
        }
        #[inline(always)]
        fn reduce_sum_4([a, b, c, d]: [Self; 4]) -> [$T; 4] {
            // Without `map`, which is compiled without these instructions.
            $Half::reduce_sum_4([a.fold(), b.fold(), c.fold(), d.fold()])
        }
    };
}

operators!(F32x16: Add add = _mm512_add_ps, Sub sub = _mm512_sub_ps, Mul mul = _mm512_mul_ps, Div div = _mm512_div_ps);
operators!(F64x8: Add add = _mm512_add_pd, Sub sub = _mm512_sub_pd, Mul mul = _mm512_mul_pd, Div div = _mm512_div_pd);

impl Vector for F32x16 {
    type Elem = f32;
    const LANES: usize = 16;
    const BLOCK: usize = 8;

    memory!(f32, __m512: enter, _mm512_setzero_ps, _mm512_set1_ps, transpose_8);
    one_intrinsic!(1: sqrt = _mm512_sqrt_ps, abs = _mm512_abs_ps);
    one_intrinsic!(
        1: floor = _mm512_roundscale_ps::<{ _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC }>, ceil = _mm512_roundscale_ps::<{ _MM_FROUND_TO_POS_INF | _MM_FROUND_NO_EXC }>,
        trunc = _mm512_roundscale_ps::<{ _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC }>, round_ties_even = _mm512_roundscale_ps::<{ _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC }>
    );
    one_intrinsic!(2: simd_min = _mm512_min_ps, simd_max = _mm512_max_ps);
    one_intrinsic!(3: mul_add = _mm512_fmadd_ps);
    compare!(f32, __mmask16: _mm512_cmp_ps_mask, _mm512_maskz_loadu_ps, _mm512_mask_storeu_ps);
    reduce_by!(
        f32, __m512: |x| _mm512_shuffle_f32x4::<0b0100_1110>(x, x), |x| _mm512_shuffle_f32x4::<0b1011_0001>(x, x),
        |x| _mm512_permute_ps::<0b0100_1110>(x), |x| _mm512_permute_ps::<0b1011_0001>(x)
    );
    reduce_sums_by_half!(f32, F32x8);
    sums_of_halves!(F64x8);
    elementary!(f32);
    product_rows!(f32: "z", 64, "vmovups", "vbroadcastss", "vfmadd231ps");
}

impl F32x16 {
    /// The sums of lanes that are eight apart.
    #[inline(always)]
    fn fold(self) -> F32x8 {
        // SAFETY: vectors exist only where their instructions do, and such machines have AVX2.
        unsafe {
            let high = _mm512_extractf64x4_pd::<1>(_mm512_castps_pd(self.0));
            F32x8(_mm256_add_ps(_mm512_castps512_ps256(self.0), _mm256_castpd_ps(high)))
        }
    }

    /// The first and the last eight lanes.
    #[inline(always)]
    fn halves(self) -> [F64x8; 2] {
        // SAFETY: vectors exist only where their instructions do.
        unsafe {
            let low = _mm512_cvtps_pd(_mm512_castps512_ps256(self.0));
            let high = _mm512_extractf64x4_pd::<1>(_mm512_castps_pd(self.0));
            [F64x8(low), F64x8(_mm512_cvtps_pd(_mm256_castpd_ps(high)))]
        }
    }
}

impl FloatVector for F32x16 {
    const ROUND: f32 = ROUND;

    #[inline(always)]
    fn times_power_of_2(self, rounded: Self) -> Self {
        // SAFETY: vectors exist only where their instructions do.
        Self(unsafe { _mm512_scalef_ps(self.0, _mm512_sub_ps(rounded.0, _mm512_set1_ps(ROUND))) })
    }

    #[inline(always)]
    fn mantissa_exponent(self) -> (Self, Self) {
        // SAFETY: vectors exist only where their instructions do.
        unsafe {
            let root = _mm512_set1_epi32(ROOT_HALF as i32);
            let bits = _mm512_sub_epi32(_mm512_castps_si512(self.0), root);
            let m = _mm512_add_epi32(_mm512_and_si512(bits, _mm512_set1_epi32(0x007f_ffff)), root);
            let m = _mm512_sub_ps(_mm512_castsi512_ps(m), _mm512_set1_ps(1.0));
            (Self(m), Self(_mm512_cvtepi32_ps(_mm512_srai_epi32::<23>(bits))))
        }
    }
}

impl F32Vector for F32x16 {
    in_halves!(F64x8: |low, high| {
        let (low, high) = (_mm512_cvtpd_ps(low.0), _mm512_cvtpd_ps(high.0));
        let low = _mm512_castps_pd(_mm512_castps256_ps512(low));
        _mm512_castpd_ps(_mm512_insertf64x4::<1>(low, _mm256_castps_pd(high)))
    });
}

impl FloatVector for F64x8 {
    const ROUND: f64 = ROUND_64;

    #[inline(always)]
    fn times_power_of_2(self, rounded: Self) -> Self {
        // SAFETY: vectors exist only where their instructions do.
        Self(unsafe { _mm512_scalef_pd(self.0, _mm512_sub_pd(rounded.0, _mm512_set1_pd(ROUND_64))) })
    }

    #[inline(always)]
    fn mantissa_exponent(self) -> (Self, Self) {
        // SAFETY: vectors exist only where their instructions do.
        unsafe {
            let root = _mm512_set1_epi64(ROOT_HALF_64 as i64);
            let bits = _mm512_sub_epi64(_mm512_castpd_si512(self.0), root);
            let m = _mm512_add_epi64(_mm512_and_si512(bits, _mm512_set1_epi64((1 << 52) - 1)), root);
            let m = _mm512_sub_pd(_mm512_castsi512_pd(m), _mm512_set1_pd(1.0));
            let e = _mm512_srli_epi64::<52>(_mm512_add_epi64(bits, _mm512_set1_epi64(1023 << 52)));
            let e = _mm512_castsi512_pd(_mm512_or_si512(e, _mm512_set1_epi64(TWO_52.to_bits() as i64)));
            (Self(m), Self(_mm512_sub_pd(e, _mm512_set1_pd(TWO_52 + 1023.0))))
        }
    }
}

impl Vector for F64x8 {
    type Elem = f64;
    const LANES: usize = 8;
    const BLOCK: usize = 4;

    memory!(f64, __m512d: enter, _mm512_setzero_pd, _mm512_set1_pd, transpose_4);
    one_intrinsic!(1: sqrt = _mm512_sqrt_pd, abs = _mm512_abs_pd);
    one_intrinsic!(
        1: floor = _mm512_roundscale_pd::<{ _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC }>, ceil = _mm512_roundscale_pd::<{ _MM_FROUND_TO_POS_INF | _MM_FROUND_NO_EXC }>,
        trunc = _mm512_roundscale_pd::<{ _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC }>, round_ties_even = _mm512_roundscale_pd::<{ _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC }>
    );
    one_intrinsic!(2: simd_min = _mm512_min_pd, simd_max = _mm512_max_pd);
    one_intrinsic!(3: mul_add = _mm512_fmadd_pd);
    compare!(f64, __mmask8: _mm512_cmp_pd_mask, _mm512_maskz_loadu_pd, _mm512_mask_storeu_pd);
    reduce_by!(
        f64, __m512d: |x| _mm512_shuffle_f64x2::<0b0100_1110>(x, x), |x| _mm512_shuffle_f64x2::<0b1011_0001>(x, x),
        |x| _mm512_permute_pd::<0b0101_0101>(x)
    );
    reduce_sums_by_half!(f64, F64x4);
    sums_of_itself!();
    elementary!(f64);
    product_rows!(f64: "z", 64, "vmovupd", "vbroadcastsd", "vfmadd231pd");
}

impl F64x8 {
    /// The sums of lanes that are four apart.
    #[inline(always)]
    fn fold(self) -> F64x4 {
        // SAFETY: vectors exist only where their instructions do, and such machines have AVX2.
        unsafe { F64x4(_mm256_add_pd(_mm512_castpd512_pd256(self.0), _mm512_extractf64x4_pd::<1>(self.0))) }
    }
}
