//! Products with few rows or few columns, as dot products: nothing is copied.

use super::epilogue::{Bias, Epilogue};
use crate::kernels::simd::{Float, Kernel, Vector};

/// `C = A * B` where rows of A and columns of B are contiguous, then the epilogue.
#[derive(Clone, Copy)]
pub struct Dots<T> {
    pub m: usize,
    pub n: usize,
    pub k: usize,
    pub a: *const T,
    pub a_row: usize,
    pub b: *const T,
    pub b_col: usize,
    pub c: *mut T,
    pub c_row: usize,
    pub c_col: usize,
    pub epilogue: Epilogue<*const T>,
}

impl<T: Float> Kernel<T> for Dots<T> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Vector<Elem = T>>(self) {
        // SAFETY: whoever fills in `Dots` promises that all its elements are there.
        unsafe {
            let mut i = 0;
            while i + 3 <= self.m {
                rows::<S, 3, 4>(&self, i);
                i += 3;
            }
            match self.m - i {
                2 => rows::<S, 2, 4>(&self, i),
                1 => rows::<S, 1, 8>(&self, i),
                _ => {}
            }
        }
    }
}

/// `M` rows of C from row `i` on, `N` columns at a time.
#[inline(always)]
unsafe fn rows<S: Vector, const M: usize, const N: usize>(t: &Dots<S::Elem>, i: usize) {
    // SAFETY: `Dots`'s promise. Columns that are not there are read from the last one that is.
    unsafe {
        let a: [_; M] = std::array::from_fn(|r| t.a.add((i + r) * t.a_row));
        let mut j = 0;
        while j + N <= t.n {
            let b = t.b.add(j * t.b_col);
            tile::<S, M, N>(t, i, j, N, a, std::array::from_fn(|c| b.add(c * t.b_col)));
            j += N;
        }
        let (width, last) = (t.n - j, t.n.wrapping_sub(1));
        if width > 4 {
            tile::<S, M, N>(t, i, j, width, a, std::array::from_fn(|c| t.b.add((j + c).min(last) * t.b_col)));
        } else if width > 0 {
            tile::<S, M, 4>(t, i, j, width, a, std::array::from_fn(|c| t.b.add((j + c).min(last) * t.b_col)));
        }
    }
}

/// `M` x `N` elements of C from row `i` and column `j` on, of which `width` columns are there.
#[inline(always)]
unsafe fn tile<S: Vector, const M: usize, const N: usize>(
    t: &Dots<S::Elem>,
    i: usize,
    j: usize,
    width: usize,
    a: [*const S::Elem; M],
    b: [*const S::Elem; N],
) {
    // SAFETY: `Dots`'s promise.
    unsafe {
        let mut acc = [[S::zero(); N]; M];
        let mut p = 0;
        while p + S::LANES <= t.k {
            let row = a.map(|a| S::load(a.add(p)));
            for c in 0..N {
                let x = S::load(b[c].add(p));
                for r in 0..M {
                    acc[r][c] = row[r].mul_add(x, acc[r][c]);
                }
            }
            p += S::LANES;
        }
        if p < t.k {
            let mask = S::tail(t.k - p);
            let row = a.map(|a| S::load_tail(a.add(p), mask));
            for c in 0..N {
                let x = S::load_tail(b[c].add(p), mask);
                for r in 0..M {
                    acc[r][c] = row[r].mul_add(x, acc[r][c]);
                }
            }
        }
        for r in 0..M {
            for c in (0..N).step_by(4) {
                let sums = S::reduce_sum_4([acc[r][c], acc[r][c + 1], acc[r][c + 2], acc[r][c + 3]]);
                finish(t, i + r, j + c, width.saturating_sub(c).min(4), sums);
            }
        }
    }
}

/// Four elements of C from row `i` and column `j` on, of which `width` are there.
#[inline(always)]
unsafe fn finish<T: Float>(t: &Dots<T>, i: usize, j: usize, width: usize, mut x: [T; 4]) {
    // SAFETY: `Dots`'s promise.
    unsafe {
        let c = t.c.add(i * t.c_row + j * t.c_col);
        match t.epilogue.bias {
            None => {}
            Some(Bias::PerRow(bias)) => {
                let bias = *bias.add(i);
                x = x.map(|x| x + bias);
            }
            Some(Bias::PerColumn(bias)) => {
                let bias = bias.add(j);
                if width == 4 {
                    x = std::array::from_fn(|c| x[c] + *bias.add(c));
                } else {
                    for (c, x) in x.iter_mut().enumerate().take(width) {
                        *x = *x + *bias.add(c);
                    }
                }
            }
        }
        x = x.map(|x| t.epilogue.activation.of_one(x));
        if width == 4 && t.c_col == 1 {
            c.cast::<[T; 4]>().write_unaligned(x);
        } else {
            for (j, x) in x.into_iter().enumerate().take(width) {
                *c.add(j * t.c_col) = x;
            }
        }
    }
}
