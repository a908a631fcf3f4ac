//! Products against the plain triple loop.

use super::drive::{self, Problem};
use super::*;
use crate::kernels::activation::Activation;
use crate::kernels::simd::Portable;
use crate::kernels::testing::with_threads;

/// A small generator of numbers, so that the tests are the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    fn below(&mut self, n: usize) -> usize {
        self.next() as usize % n
    }

    /// -1 to 1 in steps of 1/32: sums of products of these are exact in `f32`.
    fn number(&mut self) -> f64 {
        self.below(65) as f64 / 32.0 - 1.0
    }
}

trait Ways: GemmElement {
    /// Every way of computing a problem on this machine, by name.
    fn ways() -> Vec<(&'static str, unsafe fn(&Problem<Self>))>;
}

macro_rules! ways {
    ($T:ty, $wide:literal) => {
        impl Ways for $T {
            fn ways() -> Vec<(&'static str, unsafe fn(&Problem<Self>))> {
                let mut ways: Vec<(_, unsafe fn(&Problem<Self>))> = vec![
                    // SAFETY: `p` is a problem of whole slices, and the machine has the instructions.
                    ("portable", |p| unsafe { <$T>::run(Isa::Portable, p) }),
                    // SAFETY: `p` is a problem of whole slices, and the machine has the instructions.
                    ("wide", |p| unsafe { drive::run::<Portable<$T, $wide>>(p) }),
                ];
                if simd::isa() != Isa::Portable {
                    // SAFETY: `p` is a problem of whole slices, and the machine has the instructions.
                    ways.push(("AVX2", |p| unsafe { <$T>::run(Isa::Avx2, p) }));
                }
                if simd::isa() == Isa::Avx512 {
                    // SAFETY: `p` is a problem of whole slices, and the machine has the instructions.
                    ways.push(("AVX-512", |p| unsafe { <$T>::run(Isa::Avx512, p) }));
                }
                ways
            }
        }
    };
}
ways!(f32, 16);
ways!(f64, 8);

/// A matrix with its elements in some order in a slice that starts somewhere.
struct Sample<T> {
    data: Vec<T>,
    offset: usize,
    rows: usize,
    cols: usize,
    row: usize,
    col: usize,
}

impl<T: Ways> Sample<T> {
    fn new(random: &mut Random, rows: usize, cols: usize) -> Self {
        let offset = random.below(9);
        let pad = random.below(5);
        let (row, col) = match random.below(6) {
            0 => (cols, 1),
            1 => (1, rows),
            2 => (cols + pad, 1),
            3 => (1, rows + pad),
            4 => (2 * cols + pad, 2),
            _ => (3, 3 * rows + pad),
        };
        let len = offset + if rows * cols == 0 { 0 } else { (rows - 1) * row + (cols - 1) * col + 1 };
        // What no element names is NaN: it must not leak into the result.
        let mut data = vec![T::from_f64(f64::NAN); len];
        for i in 0..rows {
            for j in 0..cols {
                data[offset + i * row + j * col] = T::from_f64(random.number());
            }
        }
        Self { data, offset, rows, cols, row, col }
    }

    fn mat(&self) -> Mat<'_, T> {
        Mat::new(&self.data[self.offset..], self.rows, self.cols, self.row, self.col)
    }
}

fn naive<T: Ways + Into<f64>>(a: &Sample<T>, b: &Sample<T>, bias: impl Fn(usize, usize) -> f64, relu: bool) -> Vec<T> {
    let mut c = Vec::new();
    for i in 0..a.rows {
        for j in 0..b.cols {
            let mut x = bias(i, j);
            for p in 0..a.cols {
                let left: f64 = a.data[a.offset + i * a.row + p * a.col].into();
                x += left * b.data[b.offset + p * b.row + j * b.col].into();
            }
            c.push(T::from_f64(if relu && x < 0.0 { 0.0 } else { x }));
        }
    }
    c
}

fn check<T: Ways + Into<f64>>(random: &mut Random, m: usize, k: usize, n: usize) {
    let a = Sample::<T>::new(random, m, k);
    let b = Sample::<T>::new(random, k, n);
    let relu = random.below(2) == 1;
    let kind = random.below(3);
    let bias_rows = kind == 2;
    let bias: Vec<T> = (0..if bias_rows { m } else { n }).map(|_| T::from_f64(random.number())).collect();
    let c_row = n + random.below(2) * random.below(4);
    let expected = naive(
        &a,
        &b,
        |i, j| {
            if kind == 0 { 0.0 } else { bias[if bias_rows { i } else { j }].into() }
        },
        relu,
    );
    for (name, way) in T::ways() {
        let offset = random.below(4);
        let unset = T::from_f64(77.0);
        let mut c = vec![unset; offset + m * c_row + 20];
        let at = match kind {
            0 => None,
            1 => Some(Bias::PerColumn(bias.as_ptr())),
            _ => Some(Bias::PerRow(bias.as_ptr())),
        };
        let activation = if relu { Activation::Relu } else { Activation::Identity };
        let problem = Problem {
            m,
            k,
            n,
            a: a.mat().operand(),
            b: b.mat().operand(),
            c: c[offset..].as_mut_ptr(),
            c_row,
            epilogue: Epilogue { bias: at, activation },
            all_rows: m,
        };
        // SAFETY: the operands are checked, `c` has room, `bias` an element for each row or column.
        unsafe { way(&problem) };
        let case = || {
            format!(
                "{name}: {m} x {k} x {n}, strides of A {} {}, of B {} {}, of C {c_row}, bias {kind}, relu {relu}",
                a.row, a.col, b.row, b.col
            )
        };
        for i in 0..m {
            assert_eq!(c[offset + i * c_row..][..n], expected[i * n..][..n], "row {i} of {}", case());
            assert!(c[offset + i * c_row + n..offset + (i + 1) * c_row].iter().all(|x| *x == unset), "{}", case());
        }
        assert!(c[..offset].iter().chain(&c[offset + m * c_row..]).all(|x| *x == unset), "{}", case());
    }
}

fn check_many<T: Ways + Into<f64>>() {
    let mut random = Random(1);
    for _ in 0..if cfg!(miri) { 20 } else { 4000 } {
        let [m, k, n] = [0; 3].map(|_| 1 + random.below(40));
        check::<T>(&mut random, m, k, n);
    }
    for (m, k, n) in [(0, 3, 4), (3, 0, 4), (1, 0, 5), (5, 0, 1), (3, 4, 0), (0, 0, 0), (1, 1, 1)] {
        check::<T>(&mut random, m, k, n);
    }
    // Vectors and slim matrices.
    for _ in 0..if cfg!(miri) { 0 } else { 2000 } {
        let mut size = [0; 3].map(|_| 1 + random.below(90));
        size[random.below(3)] = 1 + random.below(4);
        check::<T>(&mut random, size[0], size[1], size[2]);
    }
    // Sizes that are cut into several blocks; behind them rows of B or C that lie pages apart.
    if !cfg!(miri) {
        for (m, k, n) in [(70, 800, 90), (300, 400, 70), (13, 1201, 19), (600, 33, 50), (2, 900, 301), (1, 900, 300)] {
            for _ in 0..12 {
                check::<T>(&mut random, m, k, n);
            }
        }
        for (m, k, n) in
            [(16, 150, 1030), (25, 65, 1100), (5, 200, 1024), (70, 7, 1050), (133, 40, 1300), (70, 96, 3100)]
        {
            for _ in 0..3 {
                check::<T>(&mut random, m, k, n);
            }
        }
    }
}

#[test]
fn f32_products() {
    check_many::<f32>();
}

#[test]
fn f64_products() {
    check_many::<f64>();
}

/// Parts of columns so narrow that each is one strip, of rows of B that lie pages apart.
#[test]
fn sums_are_cut_alike_by_any_number_of_threads() {
    let (m, k, n, row) = (6, 4096, 64, 1200);
    let mut random = Random(2);
    let mut numbers = |count: usize| -> Vec<f32> { (0..count).map(|_| random.number() as f32 / 3.0).collect() };
    let (a, b) = (numbers(m * k), numbers(k * row));
    let product = |threads: usize| {
        let mut c = vec![MaybeUninit::new(0f32); m * n];
        with_threads(threads, || {
            gemm(Mat::new(&a, m, k, k, 1), Mat::new(&b, k, n, row, 1), &mut c, Epilogue::default())
        });
        // SAFETY: all were written.
        c.into_iter().map(|x| unsafe { x.assume_init() }).collect::<Vec<f32>>()
    };
    assert!(product(1) == product(4), "other bits by more threads");
}
