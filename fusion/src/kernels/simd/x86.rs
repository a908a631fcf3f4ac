//! What the vectors of AVX2 and of AVX-512 have in common.
//!
//! The intrinsics are unsafe only because the machine must have them. That is what the caller of a constructor promises,
//! and a vector in hand shows that somebody did.

use std::arch::x86_64::*;

/// A register in memory, wherever it lies: a read or write of one is one instruction in builds without optimisation too,
/// where the intrinsics for it are each four calls.
#[derive(Clone, Copy)]
#[repr(C, packed)]
pub(super) struct Unaligned<R>(pub R);

/// Methods that each are one intrinsic, by the number of vectors that they take.
macro_rules! one_intrinsic {
    (0: $($name:ident = $intrinsic:ident),*) => { $(
        #[inline(always)]
        unsafe fn $name() -> Self {
            // SAFETY: the machine has the instruction, as the caller promises.
            Self(unsafe { $intrinsic() })
        }
    )* };
    (1: $($name:ident = $intrinsic:expr),*) => { $(
        #[inline(always)]
        fn $name(self) -> Self {
            // SAFETY: vectors exist only where their instructions do.
            Self(unsafe { $intrinsic(self.0) })
        }
    )* };
    (2: $($name:ident = $intrinsic:ident),*) => { $(
        #[inline(always)]
        fn $name(self, other: Self) -> Self {
            // SAFETY: vectors exist only where their instructions do.
            Self(unsafe { $intrinsic(self.0, other.0) })
        }
    )* };
    (3: $($name:ident = $intrinsic:ident),*) => { $(
        #[inline(always)]
        fn $name(self, b: Self, c: Self) -> Self {
            // SAFETY: vectors exist only where their instructions do.
            Self(unsafe { $intrinsic(self.0, b.0, c.0) })
        }
    )* };
}
pub(super) use one_intrinsic;

/// The operators, each of them one intrinsic.
macro_rules! operators {
    ($V:ident: $($Trait:ident $name:ident = $intrinsic:ident),*) => { $(
        impl std::ops::$Trait for $V {
            type Output = Self;
            one_intrinsic!(2: $name = $intrinsic);
        }
    )* };
}
pub(super) use operators;

/// How vectors come and go, and what else takes an address.
macro_rules! memory {
    ($T:ident, $raw:ident: $enter:ident, $zero:ident, $splat:ident, $transpose:ident) => {
        #[inline(always)]
        unsafe fn enter<K: Kernel<$T>>(kernel: K) -> K::Output {
            // SAFETY: the caller's promise.
            unsafe { $enter::<Self, K>(kernel) }
        }
        one_intrinsic!(0: zero = $zero);
        #[inline(always)]
        unsafe fn splat(x: $T) -> Self {
            // SAFETY: the caller's promise.
            Self(unsafe { $splat(x) })
        }
        #[inline(always)]
        unsafe fn load(p: *const $T) -> Self {
            // SAFETY: the caller's promise.
            Self(unsafe { (*p.cast::<Unaligned<$raw>>()).0 })
        }
        #[inline(always)]
        unsafe fn store(self, p: *mut $T) {
            // SAFETY: the caller's promise.
            unsafe { (*p.cast::<Unaligned<$raw>>()).0 = self.0 }
        }
        #[inline(always)]
        fn prefetch(p: *const $T) {
            // SAFETY: every x86-64 has the instruction, and it takes any address.
            unsafe { _mm_prefetch::<_MM_HINT_T0>(p.cast()) }
        }
        #[inline(always)]
        unsafe fn transpose(src: *const $T, src_stride: usize, rows: usize, cols: usize, dst: *mut $T, dst_stride: usize) {
            // SAFETY: the caller's promise; machines with AVX-512 have AVX2.
            unsafe { $transpose(src, src_stride, rows, cols, dst, dst_stride) }
        }
    };
}
pub(super) use memory;

/// How all lanes are joined: by swaps of halves, of quarters, and so on.
macro_rules! reduce_by {
    ($T:ident, $raw:ident: $(|$x:ident| $swap:expr),*) => {
        #[inline(always)]
        fn reduce(self, f: impl Fn(Self, Self) -> Self) -> $T {
            let x = self;
            $(let x = {
                let $x = x.0;
                // SAFETY: vectors exist only where their instructions do.
                f(x, Self(unsafe { $swap }))
            };)*
            // SAFETY: a register is its lanes.
            let lanes = unsafe { std::mem::transmute::<$raw, [$T; Self::LANES]>(x.0) };
            lanes[0]
        }
    };
}
pub(super) use reduce_by;

/// Sums of `f32`: vectors of `f64` for each half.
macro_rules! sums_of_halves {
    ($D:ident) => {
        type Sums = [$D; 2];

        #[inline(always)]
        unsafe fn sums() -> [$D; 2] {
            // SAFETY: the machine has the instructions of the `f32` vector, which are those of its halves.
            unsafe { [$D::zero(); 2] }
        }
        #[inline(always)]
        fn add_to(self, [low, high]: [$D; 2]) -> [$D; 2] {
            let halves = self.halves();
            [low + halves[0], high + halves[1]]
        }
        #[inline(always)]
        fn add_square_to(self, [low, high]: [$D; 2]) -> [$D; 2] {
            let halves = self.halves();
            [halves[0].mul_add(halves[0], low), halves[1].mul_add(halves[1], high)]
        }
        #[inline(always)]
        fn join(a: [$D; 2], b: [$D; 2]) -> [$D; 2] {
            [a[0] + b[0], a[1] + b[1]]
        }
        #[inline(always)]
        fn total([low, high]: [$D; 2]) -> f64 {
            (low + high).reduce_sum()
        }
        #[inline(always)]
        fn each_sum([low, high]: [$D; 2]) -> [f64; MAX_LANES] {
            let mut each = [0.0; MAX_LANES];
            // SAFETY: the array holds as many elements as the widest vector of `f32`, two of its halves.
            unsafe {
                low.store(each.as_mut_ptr());
                high.store(each.as_mut_ptr().add($D::LANES));
            }
            each
        }
    };
}
pub(super) use sums_of_halves;

/// 2 to the power of 52: beside this exponent a mantissa is an integer.
pub(super) const TWO_52: f64 = 4_503_599_627_370_496.0;

/// Functions of `f32` that are computed in the two vectors of `f64` of their halves, which `$join` rounds and joins.
macro_rules! in_halves {
    ($D:ident: |$low:ident, $high:ident| $join:expr) => {
        #[inline(always)]
        fn in_f64<F: Wide<N>, const N: usize>(x: [Self; N]) -> Self {
            // SAFETY: vectors exist only where their instructions do, and there is at least one.
            unsafe {
                let (mut $low, mut $high) = ([$D::zero(); N], [$D::zero(); N]);
                for k in 0..N {
                    [$low[k], $high[k]] = x[k].halves();
                }
                let ($low, $high) = (F::map($low), F::map($high));
                Self($join)
            }
        }
    };
}
pub(super) use in_halves;

/// Ones, then zeros: a window of it is a mask of the first lanes.
static WINDOW_32: [i32; 16] = [-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0];
static WINDOW_64: [i64; 8] = [-1, -1, -1, -1, 0, 0, 0, 0];

/// The mask of the first `n` of eight lanes.
///
/// # Safety
/// The machine must have AVX2.
#[inline(always)]
pub(super) unsafe fn first_of_8(n: usize) -> __m256i {
    // SAFETY: the caller's promise; the window starts at 0 to 8 of 16 and is 8 wide.
    unsafe { _mm256_loadu_si256(WINDOW_32.as_ptr().add(8 - n.min(8)).cast()) }
}

/// The mask of the first `n` of four lanes.
///
/// # Safety
/// The machine must have AVX2.
#[inline(always)]
pub(super) unsafe fn first_of_4(n: usize) -> __m256i {
    // SAFETY: the caller's promise; the window starts at 0 to 4 of 8 and is 4 wide.
    unsafe { _mm256_loadu_si256(WINDOW_64.as_ptr().add(4 - n.min(4)).cast()) }
}

/// [`Vector::transpose`] for up to 8 rows of `f32`.
///
/// # Safety
/// As there, and the machine must have AVX2.
#[inline(always)]
pub(super) unsafe fn transpose_8(
    src: *const f32,
    src_stride: usize,
    rows: usize,
    cols: usize,
    dst: *mut f32,
    dst_stride: usize,
) {
    // SAFETY: the caller's promise: rows beyond `rows` are read from the last one, columns beyond `cols` not at all.
    unsafe {
        let row: [_; 8] = std::array::from_fn(|r| src.add(r.min(rows - 1) * src_stride));
        let mut dst = dst;
        let mut c = 0;
        while c + 4 <= cols {
            // Rows r and r + 4 side by side.
            let pair = |r: usize| {
                let low = _mm256_castps128_ps256((*row[r].add(c).cast::<Unaligned<__m128>>()).0);
                _mm256_insertf128_ps::<1>(low, (*row[r + 4].add(c).cast::<Unaligned<__m128>>()).0)
            };
            for column in columns_of_4([pair(0), pair(1), pair(2), pair(3)]) {
                (*dst.cast::<Unaligned<__m256>>()).0 = column;
                dst = dst.wrapping_add(dst_stride);
            }
            c += 4;
        }
        if c < cols {
            let mask = _mm256_castsi256_si128(first_of_8(cols - c));
            let pair = |r: usize| {
                let low = _mm256_castps128_ps256(_mm_maskload_ps(row[r].add(c), mask));
                _mm256_insertf128_ps::<1>(low, _mm_maskload_ps(row[r + 4].add(c), mask))
            };
            for column in columns_of_4([pair(0), pair(1), pair(2), pair(3)]).into_iter().take(cols - c) {
                (*dst.cast::<Unaligned<__m256>>()).0 = column;
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

/// [`Vector::transpose`] for up to 4 rows of `f64`.
///
/// # Safety
/// As there, and the machine must have AVX2.
#[inline(always)]
pub(super) unsafe fn transpose_4(
    src: *const f64,
    src_stride: usize,
    rows: usize,
    cols: usize,
    dst: *mut f64,
    dst_stride: usize,
) {
    // SAFETY: the caller's promise: rows beyond `rows` are read from the last one, columns beyond `cols` not at all.
    unsafe {
        let row: [_; 4] = std::array::from_fn(|r| src.add(r.min(rows - 1) * src_stride));
        let mut dst = dst;
        let mut c = 0;
        while c + 2 <= cols {
            // Rows r and r + 2 side by side.
            let pair = |r: usize| {
                let low = _mm256_castpd128_pd256((*row[r].add(c).cast::<Unaligned<__m128d>>()).0);
                _mm256_insertf128_pd::<1>(low, (*row[r + 2].add(c).cast::<Unaligned<__m128d>>()).0)
            };
            let (a, b) = (pair(0), pair(1));
            (*dst.cast::<Unaligned<__m256d>>()).0 = _mm256_unpacklo_pd(a, b);
            (*dst.wrapping_add(dst_stride).cast::<Unaligned<__m256d>>()).0 = _mm256_unpackhi_pd(a, b);
            dst = dst.wrapping_add(2 * dst_stride);
            c += 2;
        }
        if c < cols {
            let column = _mm256_setr_pd(*row[0].add(c), *row[1].add(c), *row[2].add(c), *row[3].add(c));
            (*dst.cast::<Unaligned<__m256d>>()).0 = column;
        }
    }
}
