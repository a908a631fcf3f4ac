//! Vectors of `f32` and `f64` for hand-written kernels: AVX-512, AVX2 with FMA, and arrays for any machine.
//!
//! A kernel is generic over [`Simd`], all of it `#[inline(always)]`, and wrapped in a [`Kernel`]; [`Simd::enter`]
//! compiles it for the instructions of its vector type. [`isa`] tells which types this machine can run.

/// A vector of [`LANES`](Simd::LANES) elements.
///
/// A vector is made by an unsafe function only, so whoever holds one is on a machine that has its instructions, and
/// the methods of a vector are safe.
pub trait Simd: Copy + 'static {
    /// The element type.
    type Elem: Copy + Send + Sync + 'static;
    /// Which lanes a masked load or store touches.
    type Tail: Copy;
    /// The number of elements.
    const LANES: usize;
    /// The number of elements, at most, along the short side of a [`transpose`](Simd::transpose).
    const BLOCK: usize;

    /// Runs `kernel` compiled for this vector's instructions.
    ///
    /// # Safety
    /// The machine must have these instructions.
    unsafe fn enter<K: Kernel<Self::Elem>>(kernel: K) -> K::Output;

    /// All lanes 0.
    ///
    /// # Safety
    /// The machine must have this vector's instructions.
    unsafe fn zero() -> Self;

    /// All lanes `x`.
    ///
    /// # Safety
    /// The machine must have this vector's instructions.
    unsafe fn splat(x: Self::Elem) -> Self;

    /// The elements from `p` on, which need not be aligned.
    ///
    /// # Safety
    /// The machine must have this vector's instructions; `p` must be valid for reading [`LANES`](Simd::LANES)
    /// elements.
    unsafe fn load(p: *const Self::Elem) -> Self;

    /// Writes the lanes from `p` on, which need not be aligned.
    ///
    /// # Safety
    /// `p` must be valid for writing [`LANES`](Simd::LANES) elements.
    unsafe fn store(self, p: *mut Self::Elem);

    /// The mask of the first `n` lanes, of all where `n` is larger.
    ///
    /// # Safety
    /// The machine must have this vector's instructions.
    unsafe fn tail(n: usize) -> Self::Tail;

    /// The elements from `p` on where the mask is set, 0 elsewhere.
    ///
    /// # Safety
    /// The machine must have this vector's instructions; `p` must be valid for reading as many elements as the mask
    /// has lanes.
    unsafe fn load_tail(p: *const Self::Elem, mask: Self::Tail) -> Self;

    /// Writes the lanes of the mask from `p` on.
    ///
    /// # Safety
    /// `p` must be valid for writing as many elements as the mask has lanes.
    unsafe fn store_tail(self, p: *mut Self::Elem, mask: Self::Tail);

    /// Asks for the cache line of `p`, which may be any address.
    fn prefetch(p: *const Self::Elem);

    /// `self + other`.
    fn add(self, other: Self) -> Self;
    /// `self - other`.
    fn sub(self, other: Self) -> Self;
    /// `self * other`.
    fn mul(self, other: Self) -> Self;
    /// `self / other`.
    fn div(self, other: Self) -> Self;
    /// The larger lanes; those of `other` where one of the two is NaN or both are zeros.
    fn simd_max(self, other: Self) -> Self;
    /// The square root.
    fn sqrt(self) -> Self;
    /// `self * b + c`, rounded once where the machine has an instruction for it.
    fn mul_add(self, b: Self, c: Self) -> Self;
    /// The sum of all lanes.
    fn reduce_sum(self) -> Self::Elem;
    /// The sums of the lanes of four vectors.
    fn reduce_sum_4(vectors: [Self; 4]) -> [Self::Elem; 4];

    /// Transposes a band of memory: element `c` of row `r` of `src` becomes element `r` of row `c` of `dst`, for `rows`
    /// up to [`BLOCK`](Simd::BLOCK) and any number of `cols`. Rows of `dst` are written [`BLOCK`](Simd::BLOCK) wide;
    /// what stands beyond `rows` is some element of `src`. They are written in order, so a `dst_stride` below that
    /// width is fine: each row stands but for what the next one overwrites.
    ///
    /// # Safety
    /// The machine must have this vector's instructions; `rows` must be 1 to [`BLOCK`](Simd::BLOCK), the named elements
    /// of `src` valid for reading and `cols` rows of [`BLOCK`](Simd::BLOCK) elements of `dst` valid for writing.
    unsafe fn transpose(
        src: *const Self::Elem,
        src_stride: usize,
        rows: usize,
        cols: usize,
        dst: *mut Self::Elem,
        dst_stride: usize,
    );
}

/// Code to be compiled for one kind of vector by [`Simd::enter`].
pub trait Kernel<T> {
    /// What it gives.
    type Output;

    /// The code: `#[inline(always)]`, and so is all it calls.
    ///
    /// # Safety
    /// The machine must have the instructions of `S`.
    unsafe fn run<S: Simd<Elem = T>>(self) -> Self::Output;
}

/// The sets of instructions that have code of their own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Isa {
    /// Whatever the compiler makes of arrays.
    Portable,
    /// AVX2 and FMA.
    Avx2,
    /// AVX-512 F.
    Avx512,
}

/// The best set of instructions that this machine has.
#[inline]
pub fn isa() -> Isa {
    #[cfg(test)]
    if let Some(isa) = crate::kernels::testing::chosen_isa() {
        return isa;
    }
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
        return if is_x86_feature_detected!("avx512f") { Isa::Avx512 } else { Isa::Avx2 };
    }
    Isa::Portable
}

/// Vectors as arrays, for machines without vectors of their own here; wide ones stand in for AVX-512 in tests.
#[derive(Clone, Copy, Debug)]
pub struct Array<T, const N: usize>([T; N]);

macro_rules! array_lanes {
    ($T:ty) => {
        impl<const N: usize> Simd for Array<$T, N> {
            type Elem = $T;
            type Tail = usize;
            const LANES: usize = N;
            const BLOCK: usize = if N < 8 { N } else { 8 };

            #[inline(always)]
            unsafe fn enter<K: Kernel<$T>>(kernel: K) -> K::Output {
                // SAFETY: arrays need no special instructions.
                unsafe { kernel.run::<Self>() }
            }
            #[inline(always)]
            unsafe fn zero() -> Self {
                Self([0.0; N])
            }
            #[inline(always)]
            unsafe fn splat(x: $T) -> Self {
                Self([x; N])
            }
            #[inline(always)]
            unsafe fn load(p: *const $T) -> Self {
                // SAFETY: the caller's promise.
                Self(unsafe { p.cast::<[$T; N]>().read_unaligned() })
            }
            #[inline(always)]
            unsafe fn store(self, p: *mut $T) {
                // SAFETY: the caller's promise.
                unsafe { p.cast::<[$T; N]>().write_unaligned(self.0) }
            }
            #[inline(always)]
            unsafe fn tail(n: usize) -> usize {
                n.min(N)
            }
            #[inline(always)]
            unsafe fn load_tail(p: *const $T, mask: usize) -> Self {
                let mut lanes = [0.0; N];
                for (i, lane) in lanes.iter_mut().enumerate().take(mask) {
                    // SAFETY: the caller's promise.
                    *lane = unsafe { *p.add(i) };
                }
                Self(lanes)
            }
            #[inline(always)]
            unsafe fn store_tail(self, p: *mut $T, mask: usize) {
                for (i, lane) in self.0.into_iter().enumerate().take(mask) {
                    // SAFETY: the caller's promise.
                    unsafe { *p.add(i) = lane };
                }
            }
            #[inline(always)]
            fn prefetch(_: *const $T) {}
            #[inline(always)]
            fn add(self, other: Self) -> Self {
                Self(std::array::from_fn(|i| self.0[i] + other.0[i]))
            }
            #[inline(always)]
            fn sub(self, other: Self) -> Self {
                Self(std::array::from_fn(|i| self.0[i] - other.0[i]))
            }
            #[inline(always)]
            fn mul(self, other: Self) -> Self {
                Self(std::array::from_fn(|i| self.0[i] * other.0[i]))
            }
            #[inline(always)]
            fn div(self, other: Self) -> Self {
                Self(std::array::from_fn(|i| self.0[i] / other.0[i]))
            }
            #[inline(always)]
            fn simd_max(self, other: Self) -> Self {
                Self(std::array::from_fn(|i| if self.0[i] > other.0[i] { self.0[i] } else { other.0[i] }))
            }
            #[inline(always)]
            fn sqrt(self) -> Self {
                Self(self.0.map(<$T>::sqrt))
            }
            #[inline(always)]
            fn mul_add(self, b: Self, c: Self) -> Self {
                Self(std::array::from_fn(|i| {
                    // Elsewhere `mul_add` would be a call.
                    if cfg!(any(target_feature = "fma", target_arch = "aarch64")) {
                        self.0[i].mul_add(b.0[i], c.0[i])
                    } else {
                        self.0[i] * b.0[i] + c.0[i]
                    }
                }))
            }
            #[inline(always)]
            fn reduce_sum(self) -> $T {
                self.0.into_iter().sum()
            }
            #[inline(always)]
            fn reduce_sum_4(vectors: [Self; 4]) -> [$T; 4] {
                vectors.map(Self::reduce_sum)
            }
            #[inline(always)]
            unsafe fn transpose(
                src: *const $T,
                src_stride: usize,
                rows: usize,
                cols: usize,
                dst: *mut $T,
                dst_stride: usize,
            ) {
                for c in 0..cols {
                    for r in 0..Self::BLOCK {
                        // SAFETY: the caller's promise.
                        unsafe { *dst.add(c * dst_stride + r) = *src.add(r.min(rows - 1) * src_stride + c) };
                    }
                }
            }
        }
    };
}
array_lanes!(f32);
array_lanes!(f64);

#[cfg(target_arch = "x86_64")]
pub use x86::{F32x8, F32x16, F64x4, F64x8};

#[cfg(target_arch = "x86_64")]
mod x86;
