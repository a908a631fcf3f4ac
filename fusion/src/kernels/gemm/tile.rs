//! The inner kernel: a strip of C, tile by tile, each tile held in registers for the whole of k.

use crate::kernels::activation::Activation;
use crate::kernels::simd::{Kernel, Vector};

/// What the accumulators of a tile start from.
#[derive(Clone, Copy)]
pub enum Start<T> {
    /// Zeros.
    Zero,
    /// A bias per column: `width` elements.
    Columns(*const T),
    /// A bias per row of the strip.
    Rows(*const T),
    /// What C holds.
    C,
}

/// `count` tiles of equal height, one below the other: `C = start + A * B`, then the activation.
///
/// B is `k` rows, `b_stride` apart, of as many elements as the tile has lanes: whole vectors, whatever `width` is.
pub struct Strip<T> {
    pub count: usize,
    pub k: usize,
    pub a: *const T,
    /// From a row of A to the next, where they are rows; unused otherwise.
    pub a_row: usize,
    /// From a column of A to the next, where they are columns; unused otherwise.
    pub a_col: usize,
    /// From a tile's A to the next tile's.
    pub a_next: usize,
    pub b: *const T,
    pub b_stride: usize,
    pub c: *mut T,
    pub c_stride: usize,
    /// Columns of C: more than the tile's vectors but the last have lanes, at most as many as all have.
    pub width: usize,
    pub start: Start<T>,
    pub activation: Activation,
}

/// Tiles of `M` rows and `V` vectors. `U` sets of accumulators take turns, so that small tiles do not wait for their
/// own sums. `ROWS`: rows of A are contiguous (columns otherwise).
pub struct Tiles<'a, T, const M: usize, const V: usize, const U: usize, const ROWS: bool>(pub &'a Strip<T>);

impl<T: Copy, const M: usize, const V: usize, const U: usize, const ROWS: bool> Kernel<T>
    for Tiles<'_, T, M, V, U, ROWS>
{
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Vector<Elem = T>>(self) {
        let t = self.0;
        // SAFETY: whoever fills in a `Strip` for this `M` and `V` promises that all its elements are there.
        unsafe {
            let mask = S::tail(t.width - (V - 1) * S::LANES);
            let whole = t.width == V * S::LANES;
            let (mut a, mut c, mut row) = (t.a, t.c, 0);
            for _ in 0..t.count {
                let mut acc = [[[S::zero(); V]; M]; U];
                match t.start {
                    Start::Zero => {}
                    Start::Columns(bias) => {
                        let first = load::<S, V>(bias, whole, mask);
                        acc[0] = [first; M];
                    }
                    Start::Rows(bias) => {
                        for (i, tile_row) in acc[0].iter_mut().enumerate() {
                            *tile_row = [S::splat(*bias.add(row + i)); V];
                        }
                    }
                    // Added at the end, when it has come.
                    Start::C => {
                        for i in 0..M {
                            S::prefetch(c.add(i * t.c_stride));
                            S::prefetch(c.add(i * t.c_stride + t.width - 1));
                        }
                    }
                }
                product::<S, M, V, U, ROWS>(t, a, &mut acc);
                let (sum, others) = acc.split_at_mut(1);
                for (i, sum) in sum[0].iter_mut().enumerate() {
                    if let Start::C = t.start {
                        let old = load::<S, V>(c.add(i * t.c_stride), whole, mask);
                        *sum = std::array::from_fn(|v| sum[v] + old[v]);
                    }
                    for v in 0..V {
                        let mut x = sum[v];
                        for set in &*others {
                            x = x + set[i][v];
                        }
                        x = t.activation.of(x);
                        let to = c.add(i * t.c_stride + v * S::LANES);
                        if v + 1 < V || whole { x.store(to) } else { x.store_tail(to, mask) }
                    }
                }
                a = a.wrapping_add(t.a_next);
                c = c.wrapping_add(M * t.c_stride);
                row += M;
            }
        }
    }
}

/// `V` vectors from `p` on, the last one by `mask` unless all are `whole`.
///
/// # Safety
/// The elements must be there, and the machine have the instructions of `S`.
#[inline(always)]
unsafe fn load<S: Vector, const V: usize>(p: *const S::Elem, whole: bool, mask: S::Tail) -> [S; V] {
    // SAFETY: the caller's promise.
    unsafe {
        let mut vectors = [S::zero(); V];
        for (v, vector) in vectors.iter_mut().enumerate() {
            let p = p.add(v * S::LANES);
            *vector = if v + 1 < V || whole { S::load(p) } else { S::load_tail(p, mask) };
        }
        vectors
    }
}

/// Adds A * B to the accumulators.
///
/// # Safety
/// As for [`Tiles`].
#[inline(always)]
unsafe fn product<S: Vector, const M: usize, const V: usize, const U: usize, const ROWS: bool>(
    t: &Strip<S::Elem>,
    a: *const S::Elem,
    acc: &mut [[[S; V]; M]; U],
) {
    let (b_step, a_step) = (t.b_stride, if ROWS { 1 } else { t.a_col });
    if cfg!(debug_assertions) {
        let (a_row, to) = (if ROWS { t.a_row } else { 1 }, acc[0].as_mut_ptr().cast());
        // SAFETY: the caller's promise; the accumulators of a set stand one behind the other.
        if unsafe { S::product_rows([M, V, t.k], (a, a_row, a_step), (t.b, t.b_stride), to) } {
            return;
        }
    }
    let (mut a, mut b, mut left) = (a, t.b, t.k);
    // Spelled out: the optimiser keeps the accumulators in registers only where it sees all their indices early.
    // SAFETY: `left` counts the columns of A and rows of B that are still there.
    unsafe {
        macro_rules! steps {
            ($($s:literal)*) => {
                $(step::<S, M, V, ROWS>(t, a.add($s * a_step), b.add($s * b_step), &mut acc[$s % U]);)*
            };
        }
        if U <= 4 {
            while left >= 4 {
                steps!(0 1 2 3);
                (a, b, left) = (a.wrapping_add(4 * a_step), b.wrapping_add(4 * b_step), left - 4);
            }
        } else {
            while left >= 8 {
                steps!(0 1 2 3 4 5 6 7);
                (a, b, left) = (a.wrapping_add(8 * a_step), b.wrapping_add(8 * b_step), left - 8);
            }
        }
        while left > 0 {
            steps!(0);
            (a, b, left) = (a.wrapping_add(a_step), b.wrapping_add(b_step), left - 1);
        }
    }
}

/// Adds a column of A times a row of B to one set of accumulators.
///
/// # Safety
/// As for [`Tiles`].
#[inline(always)]
unsafe fn step<S: Vector, const M: usize, const V: usize, const ROWS: bool>(
    t: &Strip<S::Elem>,
    a: *const S::Elem,
    b: *const S::Elem,
    acc: &mut [[S; V]; M],
) {
    // SAFETY: the caller's promise.
    unsafe {
        let mut row = [S::zero(); V];
        for v in 0..V {
            row[v] = S::load(b.add(v * S::LANES));
        }
        for i in 0..M {
            let x = S::splat(*a.add(if ROWS { i * t.a_row } else { i }));
            for v in 0..V {
                acc[i][v] = x.mul_add(row[v], acc[i][v]);
            }
        }
    }
}

/// A strip row by row, with all of B in registers: for `K` up to 4, where tiles would be all start and end.
///
/// Here `count` counts rows, A may have any strides, and no element of B beyond `width` is read.
pub struct Thin<'a, T, const K: usize, const V: usize>(pub &'a Strip<T>);

impl<T: Copy, const K: usize, const V: usize> Kernel<T> for Thin<'_, T, K, V> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Vector<Elem = T>>(self) {
        let t = self.0;
        // SAFETY: whoever fills in a `Strip` for this `K` and `V` promises that all its elements are there.
        unsafe {
            let mask = S::tail(t.width - (V - 1) * S::LANES);
            let whole = t.width == V * S::LANES;
            let mut b = [[S::zero(); V]; K];
            for (p, row) in b.iter_mut().enumerate() {
                *row = load::<S, V>(t.b.add(p * t.b_stride), whole, mask);
            }
            let mut start = [S::zero(); V];
            if let Start::Columns(bias) = t.start {
                start = load::<S, V>(bias, whole, mask);
            }
            let (mut a, mut c) = (t.a, t.c);
            for i in 0..t.count {
                let mut acc = start;
                match t.start {
                    Start::Rows(bias) => acc = [S::splat(*bias.add(i)); V],
                    Start::C => acc = load::<S, V>(c, whole, mask),
                    Start::Zero | Start::Columns(_) => {}
                }
                for (p, row) in b.iter().enumerate() {
                    let x = S::splat(*a.add(p * t.a_col));
                    acc = std::array::from_fn(|v| x.mul_add(row[v], acc[v]));
                }
                for (v, mut x) in acc.into_iter().enumerate() {
                    x = t.activation.of(x);
                    let to = c.add(v * S::LANES);
                    if v + 1 < V || whole { x.store(to) } else { x.store_tail(to, mask) }
                }
                a = a.wrapping_add(t.a_row);
                c = c.wrapping_add(t.c_stride);
            }
        }
    }
}

/// The largest k for [`Tiling::thin`].
pub const THIN: usize = 4;

/// Up to this k, smaller tiles are faster: more of the next one overlaps with the end of the one before.
pub const SHORT: usize = 96;

/// A vector type with its choice of tiles.
pub trait Tiling: Vector {
    /// The most rows of a tile.
    const ROWS: usize;
    /// The rows of a tile where k is at most [`SHORT`].
    const SHORT_ROWS: usize;
    /// The most vectors of a tile.
    const VECTORS: usize = 2;

    /// Computes a strip of tiles of `rows` (1 to [`ROWS`](Self::ROWS)) times `vectors` (1 to
    /// [`VECTORS`](Self::VECTORS)).
    ///
    /// # Safety
    /// The machine must have the instructions; all elements that the strip names must be there, A in contiguous rows
    /// if `contiguous_rows`, in contiguous columns otherwise.
    unsafe fn strip(rows: usize, vectors: usize, contiguous_rows: bool, strip: &Strip<Self::Elem>);

    /// Computes a strip for k up to [`THIN`] row by row.
    ///
    /// # Safety
    /// The machine must have the instructions; all elements that the strip names must be there.
    unsafe fn thin(vectors: usize, strip: &Strip<Self::Elem>) {
        // SAFETY: the caller's promise.
        unsafe {
            match (strip.k, vectors) {
                (0, 1) => Self::enter(Thin::<_, 0, 1>(strip)),
                (0, 2) => Self::enter(Thin::<_, 0, 2>(strip)),
                (1, 1) => Self::enter(Thin::<_, 1, 1>(strip)),
                (1, 2) => Self::enter(Thin::<_, 1, 2>(strip)),
                (2, 1) => Self::enter(Thin::<_, 2, 1>(strip)),
                (2, 2) => Self::enter(Thin::<_, 2, 2>(strip)),
                (3, 1) => Self::enter(Thin::<_, 3, 1>(strip)),
                (3, 2) => Self::enter(Thin::<_, 3, 2>(strip)),
                (4, 1) => Self::enter(Thin::<_, 4, 1>(strip)),
                (4, 2) => Self::enter(Thin::<_, 4, 2>(strip)),
                (k, _) => unreachable!("no thin strip of {k} x {vectors}"),
            }
        }
    }
}

/// A last tile of a height that none has, as two: each tile more is as much code as a hundred operations.
///
/// # Safety
/// As for [`Tiling::strip`].
unsafe fn in_two<S: Tiling>(rows: usize, vectors: usize, contiguous_rows: bool, strip: &Strip<S::Elem>) {
    assert!(strip.count == 1 && rows > 1 && rows < S::ROWS, "no tiles of {rows} x {vectors}");
    let first = if rows > 8 { 8 } else { rows - 1 };
    let below = Strip {
        a: strip.a.wrapping_add(first * if contiguous_rows { strip.a_row } else { 1 }),
        c: strip.c.wrapping_add(first * strip.c_stride),
        start: match strip.start {
            Start::Rows(bias) => Start::Rows(bias.wrapping_add(first)),
            start => start,
        },
        ..*strip
    };
    // SAFETY: the caller's promise.
    unsafe {
        S::strip(first, vectors, contiguous_rows, strip);
        S::strip(rows - first, vectors, contiguous_rows, &below);
    }
}

macro_rules! tiling {
    ($(#[$attr:meta])* $S:ty, $rows:literal, $short_rows:literal, [$(($M:literal, $V:literal, $U:literal))*]) => {
        $(#[$attr])*
        impl Tiling for $S {
            const ROWS: usize = $rows;
            const SHORT_ROWS: usize = $short_rows;

            unsafe fn strip(rows: usize, vectors: usize, contiguous_rows: bool, strip: &Strip<Self::Elem>) {
                // SAFETY: the caller's promise.
                unsafe {
                    match (rows, vectors, contiguous_rows) {
                        $(($M, $V, true) => Self::enter(Tiles::<_, $M, $V, $U, true>(strip)),
                          ($M, $V, false) => Self::enter(Tiles::<_, $M, $V, $U, false>(strip)),)*
                        _ => in_two::<Self>(rows, vectors, contiguous_rows, strip),
                    }
                }
            }
        }
    };
}

/// For 16 registers: up to 12 accumulators.
macro_rules! small_tiling {
    ($(#[$attr:meta])* $S:ty) => {
        tiling!($(#[$attr])* $S, 6, 4, [
            (1, 1, 8) (2, 1, 4) (3, 1, 4) (4, 1, 2) (6, 1, 2)
            (1, 2, 4) (2, 2, 2) (3, 2, 2) (4, 2, 1) (6, 2, 1)
        ]);
    };
}

/// For 32 registers: up to 24 accumulators.
macro_rules! large_tiling {
    ($(#[$attr:meta])* $S:ty) => {
        tiling!($(#[$attr])* $S, 12, 8, [
            (1, 1, 8) (2, 1, 4) (3, 1, 4) (4, 1, 4) (6, 1, 2) (8, 1, 2) (12, 1, 2)
            (1, 2, 4) (2, 2, 4) (3, 2, 4) (4, 2, 2) (6, 2, 2) (8, 2, 1) (12, 2, 1)
        ]);
    };
}

/// For x86-64 without AVX2, of before 2013: whole tiles, and what is left row by row. Arrays are slow to compile, and each
/// tile more is as much code as a hundred operations.
#[cfg(target_arch = "x86_64")]
macro_rules! fewest_tiling {
    ($S:ty) => {
        impl Tiling for $S {
            const ROWS: usize = 6;
            const SHORT_ROWS: usize = 6;

            unsafe fn strip(rows: usize, vectors: usize, contiguous_rows: bool, strip: &Strip<Self::Elem>) {
                // SAFETY: the caller's promise. A tile of other rows stands alone, and its rows are tiles of one row: in
                // contiguous rows of A a row apart, in columns an element.
                unsafe {
                    if rows != Self::ROWS {
                        debug_assert_eq!(strip.count, 1, "only the last tile is lower");
                        let (a_next, a_col) = if contiguous_rows { (strip.a_row, 1) } else { (1, strip.a_col) };
                        let rows = Strip { count: rows, a_next, a_col, ..*strip };
                        return match vectors {
                            1 => Self::enter(Tiles::<_, 1, 1, 8, false>(&rows)),
                            _ => Self::enter(Tiles::<_, 1, 2, 4, false>(&rows)),
                        };
                    }
                    match (vectors, contiguous_rows) {
                        (1, true) => Self::enter(Tiles::<_, 6, 1, 2, true>(strip)),
                        (1, false) => Self::enter(Tiles::<_, 6, 1, 2, false>(strip)),
                        (_, true) => Self::enter(Tiles::<_, 6, 2, 1, true>(strip)),
                        (_, false) => Self::enter(Tiles::<_, 6, 2, 1, false>(strip)),
                    }
                }
            }
        }
    };
}

#[cfg(target_arch = "x86_64")]
fewest_tiling!(crate::kernels::simd::Portable<f32, 4>);
#[cfg(target_arch = "x86_64")]
fewest_tiling!(crate::kernels::simd::Portable<f64, 2>);
small_tiling!(
    #[cfg(not(target_arch = "x86_64"))]
    crate::kernels::simd::Portable<f32, 4>
);
small_tiling!(
    #[cfg(not(target_arch = "x86_64"))]
    crate::kernels::simd::Portable<f64, 2>
);
small_tiling!(
    #[cfg(target_arch = "x86_64")]
    crate::kernels::simd::F32x8
);
small_tiling!(
    #[cfg(target_arch = "x86_64")]
    crate::kernels::simd::F64x4
);
large_tiling!(
    #[cfg(target_arch = "x86_64")]
    crate::kernels::simd::F32x16
);
large_tiling!(
    #[cfg(target_arch = "x86_64")]
    crate::kernels::simd::F64x8
);
large_tiling!(#[cfg(test)] crate::kernels::simd::Portable<f32, 16>);
large_tiling!(#[cfg(test)] crate::kernels::simd::Portable<f64, 8>);
