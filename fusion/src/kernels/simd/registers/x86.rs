//! The vectors of x86-64: AVX2 with FMA, and AVX-512.

use super::{Kernel, Simd};
use std::arch::x86_64::*;

/// Eight `f32` in an AVX2 register.
#[derive(Clone, Copy, Debug)]
pub struct F32x8(__m256);
/// Four `f64` in an AVX2 register.
#[derive(Clone, Copy, Debug)]
pub struct F64x4(__m256d);
/// Sixteen `f32` in an AVX-512 register.
#[derive(Clone, Copy, Debug)]
pub struct F32x16(__m512);
/// Eight `f64` in an AVX-512 register.
#[derive(Clone, Copy, Debug)]
pub struct F64x8(__m512d);

/// The lanes of an AVX2 mask, as a vector and as their number.
#[derive(Clone, Copy, Debug)]
pub struct Mask256 {
    bits: __m256i,
    lanes: usize,
}

#[target_feature(enable = "avx2,fma")]
unsafe fn enter_avx2<S: Simd, K: Kernel<S::Elem>>(kernel: K) -> K::Output {
    // SAFETY: the caller has made sure of the instructions.
    unsafe { kernel.run::<S>() }
}

#[target_feature(enable = "avx2,fma,avx512f")]
unsafe fn enter_avx512<S: Simd, K: Kernel<S::Elem>>(kernel: K) -> K::Output {
    // SAFETY: the caller has made sure of the instructions.
    unsafe { kernel.run::<S>() }
}

/// The methods that each are one intrinsic.
///
/// The intrinsics are unsafe only because the machine must have them. That is what the caller of a constructor
/// promises, and a vector in hand shows that somebody did.
macro_rules! one_intrinsic {
    ($T:ty, $lanes:literal, $enter:ident, $zero:ident, $splat:ident, $load:ident, $store:ident,
     $add:ident, $sub:ident, $mul:ident, $div:ident, $max:ident, $sqrt:ident, $fma:ident) => {
        type Elem = $T;
        const LANES: usize = $lanes;

        #[inline(always)]
        unsafe fn enter<K: Kernel<$T>>(kernel: K) -> K::Output {
            // SAFETY: the caller's promise.
            unsafe { $enter::<Self, K>(kernel) }
        }
        #[inline(always)]
        unsafe fn zero() -> Self {
            // SAFETY: the caller's promise.
            Self(unsafe { $zero() })
        }
        #[inline(always)]
        unsafe fn splat(x: $T) -> Self {
            // SAFETY: the caller's promise.
            Self(unsafe { $splat(x) })
        }
        #[inline(always)]
        unsafe fn load(p: *const $T) -> Self {
            // SAFETY: the caller's promise.
            Self(unsafe { $load(p) })
        }
        #[inline(always)]
        unsafe fn store(self, p: *mut $T) {
            // SAFETY: the caller's promise.
            unsafe { $store(p, self.0) }
        }
        #[inline(always)]
        fn prefetch(p: *const $T) {
            // SAFETY: every x86-64 has the instruction, and it takes any address.
            unsafe { _mm_prefetch::<_MM_HINT_T0>(p.cast()) }
        }
        #[inline(always)]
        fn add(self, other: Self) -> Self {
            // SAFETY: vectors exist only where their instructions do.
            Self(unsafe { $add(self.0, other.0) })
        }
        #[inline(always)]
        fn sub(self, other: Self) -> Self {
            // SAFETY: vectors exist only where their instructions do.
            Self(unsafe { $sub(self.0, other.0) })
        }
        #[inline(always)]
        fn mul(self, other: Self) -> Self {
            // SAFETY: vectors exist only where their instructions do.
            Self(unsafe { $mul(self.0, other.0) })
        }
        #[inline(always)]
        fn div(self, other: Self) -> Self {
            // SAFETY: vectors exist only where their instructions do.
            Self(unsafe { $div(self.0, other.0) })
        }
        #[inline(always)]
        fn simd_max(self, other: Self) -> Self {
            // SAFETY: vectors exist only where their instructions do.
            Self(unsafe { $max(self.0, other.0) })
        }
        #[inline(always)]
        fn sqrt(self) -> Self {
            // SAFETY: vectors exist only where their instructions do.
            Self(unsafe { $sqrt(self.0) })
        }
        #[inline(always)]
        fn mul_add(self, b: Self, c: Self) -> Self {
            // SAFETY: vectors exist only where their instructions do.
            Self(unsafe { $fma(self.0, b.0, c.0) })
        }
    };
}

/// Ones, then zeros: a window of it is a mask.
static WINDOW_32: [i32; 16] = [-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0];
static WINDOW_64: [i64; 8] = [-1, -1, -1, -1, 0, 0, 0, 0];

impl Simd for F32x8 {
    one_intrinsic!(
        f32,
        8,
        enter_avx2,
        _mm256_setzero_ps,
        _mm256_set1_ps,
        _mm256_loadu_ps,
        _mm256_storeu_ps,
        _mm256_add_ps,
        _mm256_sub_ps,
        _mm256_mul_ps,
        _mm256_div_ps,
        _mm256_max_ps,
        _mm256_sqrt_ps,
        _mm256_fmadd_ps
    );
    type Tail = Mask256;
    const BLOCK: usize = 8;

    #[inline(always)]
    unsafe fn tail(n: usize) -> Mask256 {
        let lanes = n.min(8);
        // SAFETY: the caller's promise; the window starts at 0 to 8 of 16 and is 8 wide.
        let bits = unsafe { _mm256_loadu_si256(WINDOW_32.as_ptr().add(8 - lanes).cast()) };
        Mask256 { bits, lanes }
    }
    #[inline(always)]
    unsafe fn load_tail(p: *const f32, mask: Mask256) -> Self {
        // SAFETY: the caller's promise.
        Self(unsafe { _mm256_maskload_ps(p, mask.bits) })
    }
    #[inline(always)]
    unsafe fn store_tail(self, mut p: *mut f32, mask: Mask256) {
        // In parts, because AMD's masked stores take dozens of cycles.
        // SAFETY: the caller's promise; the bits of `lanes` add up to it.
        unsafe {
            if mask.lanes >= 8 {
                return self.store(p);
            }
            let mut part = _mm256_castps256_ps128(self.0);
            if mask.lanes & 4 != 0 {
                _mm_storeu_ps(p, part);
                p = p.add(4);
                part = _mm256_extractf128_ps::<1>(self.0);
            }
            if mask.lanes & 2 != 0 {
                _mm_storel_pd(p.cast(), _mm_castps_pd(part));
                p = p.add(2);
                part = _mm_movehl_ps(part, part);
            }
            if mask.lanes & 1 != 0 {
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
    unsafe fn transpose(
        src: *const f32,
        src_stride: usize,
        rows: usize,
        cols: usize,
        dst: *mut f32,
        dst_stride: usize,
    ) {
        // SAFETY: the caller's promise.
        unsafe { transpose_8(src, src_stride, rows, cols, dst, dst_stride) }
    }
}

impl Simd for F64x4 {
    one_intrinsic!(
        f64,
        4,
        enter_avx2,
        _mm256_setzero_pd,
        _mm256_set1_pd,
        _mm256_loadu_pd,
        _mm256_storeu_pd,
        _mm256_add_pd,
        _mm256_sub_pd,
        _mm256_mul_pd,
        _mm256_div_pd,
        _mm256_max_pd,
        _mm256_sqrt_pd,
        _mm256_fmadd_pd
    );
    type Tail = Mask256;
    const BLOCK: usize = 4;

    #[inline(always)]
    unsafe fn tail(n: usize) -> Mask256 {
        let lanes = n.min(4);
        // SAFETY: the caller's promise; the window starts at 0 to 4 of 8 and is 4 wide.
        let bits = unsafe { _mm256_loadu_si256(WINDOW_64.as_ptr().add(4 - lanes).cast()) };
        Mask256 { bits, lanes }
    }
    #[inline(always)]
    unsafe fn load_tail(p: *const f64, mask: Mask256) -> Self {
        // SAFETY: the caller's promise.
        Self(unsafe { _mm256_maskload_pd(p, mask.bits) })
    }
    #[inline(always)]
    unsafe fn store_tail(self, mut p: *mut f64, mask: Mask256) {
        // SAFETY: the caller's promise; the bits of `lanes` add up to it.
        unsafe {
            if mask.lanes >= 4 {
                return self.store(p);
            }
            let mut part = _mm256_castpd256_pd128(self.0);
            if mask.lanes & 2 != 0 {
                _mm_storeu_pd(p, part);
                p = p.add(2);
                part = _mm256_extractf128_pd::<1>(self.0);
            }
            if mask.lanes & 1 != 0 {
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
    #[inline(always)]
    unsafe fn transpose(
        src: *const f64,
        src_stride: usize,
        rows: usize,
        cols: usize,
        dst: *mut f64,
        dst_stride: usize,
    ) {
        // SAFETY: the caller's promise.
        unsafe { transpose_4(src, src_stride, rows, cols, dst, dst_stride) }
    }
}

impl Simd for F32x16 {
    one_intrinsic!(
        f32,
        16,
        enter_avx512,
        _mm512_setzero_ps,
        _mm512_set1_ps,
        _mm512_loadu_ps,
        _mm512_storeu_ps,
        _mm512_add_ps,
        _mm512_sub_ps,
        _mm512_mul_ps,
        _mm512_div_ps,
        _mm512_max_ps,
        _mm512_sqrt_ps,
        _mm512_fmadd_ps
    );
    type Tail = __mmask16;
    const BLOCK: usize = 8;

    #[inline(always)]
    unsafe fn tail(n: usize) -> __mmask16 {
        if n < 16 { (1 << n) - 1 } else { !0 }
    }
    #[inline(always)]
    unsafe fn load_tail(p: *const f32, mask: __mmask16) -> Self {
        // SAFETY: the caller's promise.
        Self(unsafe { _mm512_maskz_loadu_ps(mask, p) })
    }
    #[inline(always)]
    unsafe fn store_tail(self, p: *mut f32, mask: __mmask16) {
        // SAFETY: the caller's promise.
        unsafe { _mm512_mask_storeu_ps(p, mask, self.0) }
    }
    #[inline(always)]
    fn reduce_sum(self) -> f32 {
        self.fold().reduce_sum()
    }
    #[inline(always)]
    fn reduce_sum_4([a, b, c, d]: [Self; 4]) -> [f32; 4] {
        // Without `map`, which is compiled without these instructions.
        F32x8::reduce_sum_4([a.fold(), b.fold(), c.fold(), d.fold()])
    }
    #[inline(always)]
    unsafe fn transpose(
        src: *const f32,
        src_stride: usize,
        rows: usize,
        cols: usize,
        dst: *mut f32,
        dst_stride: usize,
    ) {
        // SAFETY: the caller's promise; machines with AVX-512 have AVX2.
        unsafe { transpose_8(src, src_stride, rows, cols, dst, dst_stride) }
    }
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
}

impl Simd for F64x8 {
    one_intrinsic!(
        f64,
        8,
        enter_avx512,
        _mm512_setzero_pd,
        _mm512_set1_pd,
        _mm512_loadu_pd,
        _mm512_storeu_pd,
        _mm512_add_pd,
        _mm512_sub_pd,
        _mm512_mul_pd,
        _mm512_div_pd,
        _mm512_max_pd,
        _mm512_sqrt_pd,
        _mm512_fmadd_pd
    );
    type Tail = __mmask8;
    const BLOCK: usize = 4;

    #[inline(always)]
    unsafe fn tail(n: usize) -> __mmask8 {
        if n < 8 { (1 << n) - 1 } else { !0 }
    }
    #[inline(always)]
    unsafe fn load_tail(p: *const f64, mask: __mmask8) -> Self {
        // SAFETY: the caller's promise.
        Self(unsafe { _mm512_maskz_loadu_pd(mask, p) })
    }
    #[inline(always)]
    unsafe fn store_tail(self, p: *mut f64, mask: __mmask8) {
        // SAFETY: the caller's promise.
        unsafe { _mm512_mask_storeu_pd(p, mask, self.0) }
    }
    #[inline(always)]
    fn reduce_sum(self) -> f64 {
        self.fold().reduce_sum()
    }
    #[inline(always)]
    fn reduce_sum_4([a, b, c, d]: [Self; 4]) -> [f64; 4] {
        F64x4::reduce_sum_4([a.fold(), b.fold(), c.fold(), d.fold()])
    }
    #[inline(always)]
    unsafe fn transpose(
        src: *const f64,
        src_stride: usize,
        rows: usize,
        cols: usize,
        dst: *mut f64,
        dst_stride: usize,
    ) {
        // SAFETY: the caller's promise; machines with AVX-512 have AVX2.
        unsafe { transpose_4(src, src_stride, rows, cols, dst, dst_stride) }
    }
}

impl F64x8 {
    /// The sums of lanes that are four apart.
    #[inline(always)]
    fn fold(self) -> F64x4 {
        // SAFETY: vectors exist only where their instructions do, and such machines have AVX2.
        unsafe {
            let high = _mm512_extractf64x4_pd::<1>(self.0);
            F64x4(_mm256_add_pd(_mm512_castpd512_pd256(self.0), high))
        }
    }
}

/// [`Simd::transpose`] for up to 8 rows of `f32`.
///
/// # Safety
/// As there, and the machine must have AVX2.
#[inline(always)]
unsafe fn transpose_8(src: *const f32, src_stride: usize, rows: usize, cols: usize, dst: *mut f32, dst_stride: usize) {
    // SAFETY: the caller's promise: rows beyond `rows` are read from the last one, columns beyond `cols` not at all.
    unsafe {
        let row: [_; 8] = std::array::from_fn(|r| src.add(r.min(rows - 1) * src_stride));
        let mut dst = dst;
        let mut c = 0;
        while c + 4 <= cols {
            // Rows r and r + 4 side by side.
            let pair = |r: usize| {
                let low = _mm256_castps128_ps256(_mm_loadu_ps(row[r].add(c)));
                _mm256_insertf128_ps::<1>(low, _mm_loadu_ps(row[r + 4].add(c)))
            };
            for column in columns_of_4([pair(0), pair(1), pair(2), pair(3)]) {
                _mm256_storeu_ps(dst, column);
                dst = dst.wrapping_add(dst_stride);
            }
            c += 4;
        }
        if c < cols {
            let mask = _mm256_castsi256_si128(F32x8::tail(cols - c).bits);
            let pair = |r: usize| {
                let low = _mm256_castps128_ps256(_mm_maskload_ps(row[r].add(c), mask));
                _mm256_insertf128_ps::<1>(low, _mm_maskload_ps(row[r + 4].add(c), mask))
            };
            for column in columns_of_4([pair(0), pair(1), pair(2), pair(3)]).into_iter().take(cols - c) {
                _mm256_storeu_ps(dst, column);
                dst = dst.wrapping_add(dst_stride);
            }
        }
    }
}

/// The four columns of an 8 x 4 matrix whose rows r and r + 4 stand in vector r.
#[inline(always)]
unsafe fn columns_of_4([a, b, c, d]: [__m256; 4]) -> [__m256; 4] {
    // SAFETY: the caller has AVX2, having made the vectors.
    unsafe {
        let ab_low = _mm256_unpacklo_ps(a, b); // a0 b0 a1 b1 in each half
        let ab_high = _mm256_unpackhi_ps(a, b);
        let cd_low = _mm256_unpacklo_ps(c, d);
        let cd_high = _mm256_unpackhi_ps(c, d);
        [
            _mm256_shuffle_ps::<0x44>(ab_low, cd_low), // a0 b0 c0 d0
            _mm256_shuffle_ps::<0xee>(ab_low, cd_low),
            _mm256_shuffle_ps::<0x44>(ab_high, cd_high),
            _mm256_shuffle_ps::<0xee>(ab_high, cd_high),
        ]
    }
}

/// [`Simd::transpose`] for up to 4 rows of `f64`.
///
/// # Safety
/// As there, and the machine must have AVX2.
#[inline(always)]
unsafe fn transpose_4(src: *const f64, src_stride: usize, rows: usize, cols: usize, dst: *mut f64, dst_stride: usize) {
    // SAFETY: the caller's promise: rows beyond `rows` are read from the last one, columns beyond `cols` not at all.
    unsafe {
        let row: [_; 4] = std::array::from_fn(|r| src.add(r.min(rows - 1) * src_stride));
        let mut dst = dst;
        let mut c = 0;
        while c + 2 <= cols {
            // Rows r and r + 2 side by side.
            let pair = |r: usize| {
                let low = _mm256_castpd128_pd256(_mm_loadu_pd(row[r].add(c)));
                _mm256_insertf128_pd::<1>(low, _mm_loadu_pd(row[r + 2].add(c)))
            };
            let (a, b) = (pair(0), pair(1));
            _mm256_storeu_pd(dst, _mm256_unpacklo_pd(a, b));
            _mm256_storeu_pd(dst.wrapping_add(dst_stride), _mm256_unpackhi_pd(a, b));
            dst = dst.wrapping_add(2 * dst_stride);
            c += 2;
        }
        if c < cols {
            let column = _mm256_setr_pd(*row[0].add(c), *row[1].add(c), *row[2].add(c), *row[3].add(c));
            _mm256_storeu_pd(dst, column);
        }
    }
}
