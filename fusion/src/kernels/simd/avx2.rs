//! Vectors of AVX2 with FMA.

use super::math::{self, elementary};
use super::sums::sums_of_itself;
use super::unoptimised::product_rows;
use super::vector::{
    F32Vector, FloatVector, Kernel, MAX_LANES, Mask, ROOT_HALF, ROOT_HALF_64, ROUND, ROUND_64, Vector, Wide,
};
use super::x86::{
    TWO_52, Unaligned, first_of_4, first_of_8, in_halves, memory, one_intrinsic, operators, reduce_by, sums_of_halves,
    transpose_4, transpose_8,
};
use std::arch::x86_64::*;
use std::ops::Neg;

/// Eight `f32` in an AVX2 register.
#[derive(Clone, Copy, Debug)]
pub struct F32x8(pub(super) __m256);
/// Four `f64` in an AVX2 register.
#[derive(Clone, Copy, Debug)]
pub struct F64x4(pub(super) __m256d);

/// The first lanes, as a mask and as their number.
#[derive(Clone, Copy, Debug)]
pub struct Tail256 {
    bits: __m256i,
    lanes: usize,
}

/// Runs `kernel` compiled for AVX2 and FMA.
///
/// # Safety
/// The machine must have them.
#[target_feature(enable = "avx2,fma")]
unsafe fn enter<V: Vector, K: Kernel<V::Elem>>(kernel: K) -> K::Output {
    // SAFETY: the caller has made sure of the instructions.
    unsafe { kernel.run::<V>() }
}

/// Masks, comparisons and signs; a mask is a register of all ones or zeros.
macro_rules! bits {
    ($V:ident, $raw:ident: $blend:ident, $and:ident, $andnot:ident, $or:ident, $xor:ident, $set:ident,
     $signs:ident, ones: $ones:expr) => {
        impl Mask<$V> for $raw {
            #[inline(always)]
            fn and(self, other: Self) -> Self {
                // SAFETY: masks exist only where their instructions do.
                unsafe { $and(self, other) }
            }
            #[inline(always)]
            fn or(self, other: Self) -> Self {
                // SAFETY: masks exist only where their instructions do.
                unsafe { $or(self, other) }
            }
            #[inline(always)]
            fn not(self) -> Self {
                // SAFETY: masks exist only where their instructions do.
                unsafe { $xor(self, $ones) }
            }
            #[inline(always)]
            fn any(self) -> bool {
                // SAFETY: masks exist only where their instructions do.
                unsafe { $signs(self) != 0 }
            }
            #[inline(always)]
            fn select(self, a: $V, b: $V) -> $V {
                // SAFETY: masks exist only where their instructions do.
                $V(unsafe { $blend(b.0, a.0, self) })
            }
        }
        impl Neg for $V {
            type Output = Self;
            #[inline(always)]
            fn neg(self) -> Self {
                // SAFETY: vectors exist only where their instructions do.
                Self(unsafe { $xor(self.0, $set(-0.0)) })
            }
        }
        impl $V {
            #[inline(always)]
            fn without_sign(self) -> Self {
                // SAFETY: vectors exist only where their instructions do.
                Self(unsafe { $andnot($set(-0.0), self.0) })
            }
            #[inline(always)]
            fn with_sign(self, sign: Self) -> Self {
                // SAFETY: vectors exist only where their instructions do.
                Self(unsafe { $or($andnot($set(-0.0), self.0), $and($set(-0.0), sign.0)) })
            }
        }
    };
}
bits!(F32x8, __m256: _mm256_blendv_ps, _mm256_and_ps, _mm256_andnot_ps, _mm256_or_ps, _mm256_xor_ps, _mm256_set1_ps,
    _mm256_movemask_ps, ones: _mm256_castsi256_ps(_mm256_set1_epi32(-1)));
bits!(F64x4, __m256d: _mm256_blendv_pd, _mm256_and_pd, _mm256_andnot_pd, _mm256_or_pd, _mm256_xor_pd, _mm256_set1_pd,
    _mm256_movemask_pd, ones: _mm256_castsi256_pd(_mm256_set1_epi32(-1)));

/// The comparisons, and the methods of [`bits`].
macro_rules! compare {
    ($raw:ident: $cmp:ident, first: |$n:ident| $first:expr) => {
        type Mask = $raw;

        #[inline(always)]
        fn simd_lt(self, other: Self) -> $raw {
            // SAFETY: vectors exist only where their instructions do.
            unsafe { $cmp::<_CMP_LT_OQ>(self.0, other.0) }
        }
        #[inline(always)]
        fn simd_eq(self, other: Self) -> $raw {
            // SAFETY: vectors exist only where their instructions do.
            unsafe { $cmp::<_CMP_EQ_OQ>(self.0, other.0) }
        }
        #[inline(always)]
        fn is_nan(self) -> $raw {
            // SAFETY: vectors exist only where their instructions do.
            unsafe { $cmp::<_CMP_UNORD_Q>(self.0, self.0) }
        }
        #[inline(always)]
        fn first_n(self, $n: usize) -> $raw {
            // SAFETY: vectors exist only where their instructions do.
            unsafe { $first }
        }
        #[inline(always)]
        fn abs(self) -> Self {
            self.without_sign()
        }
        #[inline(always)]
        fn copysign(self, sign: Self) -> Self {
            self.with_sign(sign)
        }
    };
}

operators!(F32x8: Add add = _mm256_add_ps, Sub sub = _mm256_sub_ps, Mul mul = _mm256_mul_ps, Div div = _mm256_div_ps);
operators!(F64x4: Add add = _mm256_add_pd, Sub sub = _mm256_sub_pd, Mul mul = _mm256_mul_pd, Div div = _mm256_div_pd);

impl Vector for F32x8 {
    type Elem = f32;
    type Tail = Tail256;
    const LANES: usize = 8;
    const BLOCK: usize = 8;

    memory!(f32, __m256: enter, _mm256_setzero_ps, _mm256_set1_ps, transpose_8);
    one_intrinsic!(1: sqrt = _mm256_sqrt_ps, floor = _mm256_floor_ps, ceil = _mm256_ceil_ps);
    one_intrinsic!(
        1: trunc = _mm256_round_ps::<{ _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC }>,
        round_ties_even = _mm256_round_ps::<{ _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC }>
    );
    one_intrinsic!(2: simd_min = _mm256_min_ps, simd_max = _mm256_max_ps);
    one_intrinsic!(3: mul_add = _mm256_fmadd_ps);
    compare!(__m256: _mm256_cmp_ps, first: |n| {
        let lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
        _mm256_castsi256_ps(_mm256_cmpgt_epi32(_mm256_set1_epi32(n as i32), lanes))
    });
    reduce_by!(
        f32, __m256: |x| _mm256_permute2f128_ps::<1>(x, x), |x| _mm256_permute_ps::<0b0100_1110>(x),
        |x| _mm256_permute_ps::<0b1011_0001>(x)
    );
    sums_of_halves!(F64x4);
    elementary!(f32);
    product_rows!(f32: "y", 32, "vmovups", "vbroadcastss", "vfmadd231ps");

    #[inline(always)]
    unsafe fn tail(n: usize) -> Tail256 {
        // SAFETY: the caller's promise.
        Tail256 { bits: unsafe { first_of_8(n) }, lanes: n.min(8) }
    }
    #[inline(always)]
    unsafe fn load_tail(p: *const f32, tail: Tail256) -> Self {
        // SAFETY: the caller's promise.
        Self(unsafe { _mm256_maskload_ps(p, tail.bits) })
    }
    #[inline(always)]
    unsafe fn store_tail(self, mut p: *mut f32, tail: Tail256) {
        // In parts, because AMD's masked stores take dozens of cycles.
        // SAFETY: the caller's promise; the bits of `lanes` add up to it.
        unsafe {
            if tail.lanes >= 8 {
                return self.store(p);
            }
            let mut part = _mm256_castps256_ps128(self.0);
            if tail.lanes & 4 != 0 {
                _mm_storeu_ps(p, part);
                p = p.add(4);
                part = _mm256_extractf128_ps::<1>(self.0);
            }
            if tail.lanes & 2 != 0 {
                _mm_storel_pd(p.cast(), _mm_castps_pd(part));
                p = p.add(2);
                part = _mm_movehl_ps(part, part);
            }
            if tail.lanes & 1 != 0 {
                _mm_store_ss(p, part);
            }
        }
    }
    #[inline(always)]
    fn reduce_sum(self) -> f32 {
        // SAFETY: vectors exist only where their instructions do.
        unsafe {
            let x = _mm_add_ps(_mm256_castps256_ps128(self.0), _mm256_extractf128_ps::<1>(self.0));
            let x = _mm_add_ps(x, _mm_movehl_ps(x, x));
            _mm_cvtss_f32(_mm_add_ss(x, _mm_movehdup_ps(x)))
        }
    }
    #[inline(always)]
    fn reduce_sum_4([a, b, c, d]: [Self; 4]) -> [f32; 4] {
        // SAFETY: vectors exist only where their instructions do; four floats are one vector's worth.
        unsafe {
            let ab = _mm256_hadd_ps(a.0, b.0);
            let cd = _mm256_hadd_ps(c.0, d.0);
            let x = _mm256_hadd_ps(ab, cd);
            let x = _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps::<1>(x));
            std::mem::transmute::<__m128, [f32; 4]>(x)
        }
    }
    #[inline(always)]
    fn div_sqrt(self, v: Self, eps: Self) -> Self {
        // Estimates, each made good by a step of Newton's: a third of the time of a root and a division.
        let x = v.splat_like(1e-37).simd_max(v);
        // SAFETY: vectors exist only where their instructions do.
        let r = Self(unsafe { _mm256_rsqrt_ps(x.0) });
        let q = x * r;
        let root = ((-q).mul_add(q, x)).mul_add(r * r.splat_like(0.5), q);
        let d = root + eps;
        // SAFETY: vectors exist only where their instructions do.
        let r = Self(unsafe { _mm256_rcp_ps(d.0) });
        let q = self * r;
        (-d).mul_add(q, self).mul_add(r, q)
    }
}

impl F32x8 {
    /// The first and the last four lanes.
    #[inline(always)]
    fn halves(self) -> [F64x4; 2] {
        // SAFETY: vectors exist only where their instructions do.
        unsafe {
            let low = _mm256_cvtps_pd(_mm256_castps256_ps128(self.0));
            let high = _mm256_cvtps_pd(_mm256_extractf128_ps::<1>(self.0));
            [F64x4(low), F64x4(high)]
        }
    }
}

impl FloatVector for F32x8 {
    const ROUND: f32 = ROUND;

    #[inline(always)]
    fn times_power_of_2(self, rounded: Self) -> Self {
        // SAFETY: vectors exist only where their instructions do.
        let (half, rest) = unsafe {
            let exponents = _mm256_castps_si256(rounded.0);
            let half = _mm256_srli_epi32::<1>(exponents);
            let rest = _mm256_sub_epi32(exponents, half);
            (_mm256_slli_epi32::<23>(half), _mm256_slli_epi32::<23>(rest))
        };
        // SAFETY: vectors exist only where their instructions do.
        unsafe { self * Self(_mm256_castsi256_ps(half)) * Self(_mm256_castsi256_ps(rest)) }
    }

    #[inline(always)]
    fn mantissa_exponent(self) -> (Self, Self) {
        // SAFETY: vectors exist only where their instructions do.
        unsafe {
            let root = _mm256_set1_epi32(ROOT_HALF as i32);
            let bits = _mm256_sub_epi32(_mm256_castps_si256(self.0), root);
            let m = _mm256_add_epi32(_mm256_and_si256(bits, _mm256_set1_epi32(0x007f_ffff)), root);
            let m = _mm256_sub_ps(_mm256_castsi256_ps(m), _mm256_set1_ps(1.0));
            (Self(m), Self(_mm256_cvtepi32_ps(_mm256_srai_epi32::<23>(bits))))
        }
    }
}

impl F32Vector for F32x8 {
    in_halves!(F64x4: |low, high| _mm256_set_m128(_mm256_cvtpd_ps(high.0), _mm256_cvtpd_ps(low.0)));
}

impl FloatVector for F64x4 {
    const ROUND: f64 = ROUND_64;

    #[inline(always)]
    fn times_power_of_2(self, rounded: Self) -> Self {
        // SAFETY: vectors exist only where their instructions do.
        let (half, rest) = unsafe {
            let exponents = _mm256_castpd_si256(rounded.0);
            let half = _mm256_srli_epi64::<1>(exponents);
            let rest = _mm256_sub_epi64(exponents, half);
            (_mm256_slli_epi64::<52>(half), _mm256_slli_epi64::<52>(rest))
        };
        // SAFETY: vectors exist only where their instructions do.
        unsafe { self * Self(_mm256_castsi256_pd(half)) * Self(_mm256_castsi256_pd(rest)) }
    }

    #[inline(always)]
    fn mantissa_exponent(self) -> (Self, Self) {
        // SAFETY: vectors exist only where their instructions do.
        unsafe {
            let root = _mm256_set1_epi64x(ROOT_HALF_64 as i64);
            let bits = _mm256_sub_epi64(_mm256_castpd_si256(self.0), root);
            let m = _mm256_add_epi64(_mm256_and_si256(bits, _mm256_set1_epi64x((1 << 52) - 1)), root);
            let m = _mm256_sub_pd(_mm256_castsi256_pd(m), _mm256_set1_pd(1.0));
            let e = _mm256_srli_epi64::<52>(_mm256_add_epi64(bits, _mm256_set1_epi64x(1023 << 52)));
            let e = _mm256_castsi256_pd(_mm256_or_si256(e, _mm256_set1_epi64x(TWO_52.to_bits() as i64)));
            (Self(m), Self(_mm256_sub_pd(e, _mm256_set1_pd(TWO_52 + 1023.0))))
        }
    }
}

impl Vector for F64x4 {
    type Elem = f64;
    type Tail = Tail256;
    const LANES: usize = 4;
    const BLOCK: usize = 4;

    memory!(f64, __m256d: enter, _mm256_setzero_pd, _mm256_set1_pd, transpose_4);
    one_intrinsic!(1: sqrt = _mm256_sqrt_pd, floor = _mm256_floor_pd, ceil = _mm256_ceil_pd);
    one_intrinsic!(
        1: trunc = _mm256_round_pd::<{ _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC }>,
        round_ties_even = _mm256_round_pd::<{ _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC }>
    );
    one_intrinsic!(2: simd_min = _mm256_min_pd, simd_max = _mm256_max_pd);
    one_intrinsic!(3: mul_add = _mm256_fmadd_pd);
    compare!(__m256d: _mm256_cmp_pd, first: |n| {
        _mm256_castsi256_pd(_mm256_cmpgt_epi64(_mm256_set1_epi64x(n as i64), _mm256_setr_epi64x(0, 1, 2, 3)))
    });
    reduce_by!(f64, __m256d: |x| _mm256_permute2f128_pd::<1>(x, x), |x| _mm256_permute_pd::<0b0101>(x));
    sums_of_itself!();
    elementary!(f64);
    product_rows!(f64: "y", 32, "vmovupd", "vbroadcastsd", "vfmadd231pd");

    #[inline(always)]
    unsafe fn tail(n: usize) -> Tail256 {
        // SAFETY: the caller's promise.
        Tail256 { bits: unsafe { first_of_4(n) }, lanes: n.min(4) }
    }
    #[inline(always)]
    unsafe fn load_tail(p: *const f64, tail: Tail256) -> Self {
        // SAFETY: the caller's promise.
        Self(unsafe { _mm256_maskload_pd(p, tail.bits) })
    }
    #[inline(always)]
    unsafe fn store_tail(self, mut p: *mut f64, tail: Tail256) {
        // SAFETY: the caller's promise; the bits of `lanes` add up to it.
        unsafe {
            if tail.lanes >= 4 {
                return self.store(p);
            }
            let mut part = _mm256_castpd256_pd128(self.0);
            if tail.lanes & 2 != 0 {
                _mm_storeu_pd(p, part);
                p = p.add(2);
                part = _mm256_extractf128_pd::<1>(self.0);
            }
            if tail.lanes & 1 != 0 {
                _mm_store_sd(p, part);
            }
        }
    }
    #[inline(always)]
    fn reduce_sum(self) -> f64 {
        // SAFETY: vectors exist only where their instructions do.
        unsafe {
            let x = _mm_add_pd(_mm256_castpd256_pd128(self.0), _mm256_extractf128_pd::<1>(self.0));
            _mm_cvtsd_f64(_mm_add_sd(x, _mm_unpackhi_pd(x, x)))
        }
    }
    #[inline(always)]
    fn reduce_sum_4([a, b, c, d]: [Self; 4]) -> [f64; 4] {
        // SAFETY: vectors exist only where their instructions do; four doubles are one vector's worth.
        unsafe {
            let ab = _mm256_hadd_pd(a.0, b.0); // a01 b01 a23 b23
            let cd = _mm256_hadd_pd(c.0, d.0);
            let low = _mm256_permute2f128_pd::<0x20>(ab, cd); // a01 b01 c01 d01
            let high = _mm256_permute2f128_pd::<0x31>(ab, cd);
            std::mem::transmute::<__m256d, [f64; 4]>(_mm256_add_pd(low, high))
        }
    }
}
