//! Kernels give the same bits with any number of threads; sums, and what is made of them, with the same number.

use crate::kernels::activation::Activation;
use crate::kernels::array::{along, concat, gather};
use crate::kernels::elementwise::{self as e, Elementwise, Function};
use crate::kernels::gemm::{Bias, Epilogue, matmul::matmul};
use crate::kernels::loss;
use crate::kernels::optim::{Update, update};
use crate::kernels::simd::Vector;
use crate::kernels::testing::{close, dims, floats, layouts, noise, with_threads};
use crate::kernels::{Array, DType, reduce, softmax};

const NUMBERS: [usize; 3] = [2, 3, 8];

fn singles(shape: &[usize]) -> Vec<Array> {
    layouts(shape, f32::NAN, |i| noise(i) as f32)
}

/// What each array holds, bit by bit, and how it lies.
fn bits(arrays: &[Array]) -> Vec<(Vec<u64>, Vec<usize>)> {
    let of = |a: &Array| floats(a).into_iter().map(f64::to_bits).collect();
    arrays.iter().map(|a| (of(a), a.strides().iter().collect())).collect()
}

/// Asserts that `f` gives the same bits whatever the number of threads.
#[track_caller]
fn with_any(what: &str, f: impl Fn() -> Vec<Array>) {
    let alone = with_threads(1, || bits(&f()));
    for n in NUMBERS {
        assert!(with_threads(n, || bits(&f())) == alone, "{what} by {n} threads");
    }
}

/// Asserts that `f` gives the same bits each time with the same number of threads, and nearly so with others.
#[track_caller]
fn with_each(what: &str, tolerance: f64, f: impl Fn() -> Vec<Array>) {
    let alone = with_threads(1, &f);
    for n in NUMBERS {
        let all = with_threads(n, &f);
        for _ in 0..3 {
            assert!(with_threads(n, || bits(&f())) == bits(&all), "{what} by {n} threads");
        }
        for (x, y) in alone.iter().zip(&all) {
            assert_eq!(x.strides(), y.strides());
            floats(x).into_iter().zip(floats(y)).for_each(|(x, y)| close(y, x, tolerance));
        }
    }
}

struct Both;

impl Elementwise<2, 1, 2> for Both {
    #[inline(always)]
    fn map<V: Vector>([x, y]: [V; 2], [s]: [V; 1]) -> [V; 2] {
        [x * y + s, x.exp() - y]
    }
}

static BOTH: Function = Function::new::<Both, 2, 1, 2>();

#[test]
fn elementwise() {
    for shape in [&[5000][..], &[7, 900], &[2, 3, 20, 50], &[4000, 2], &[2, 4003]] {
        let last = shape[shape.len() - 1];
        let others = [dims(shape), dims(&[last]), dims(&[]), dims(&vec![1; shape.len()])];
        for x in singles(shape) {
            with_any("exp", || vec![e::exp(x.clone()), e::exp(x.dense_copy())]);
            with_any("dropout", || vec![e::dropout(x.clone(), 0.3, 7), e::dropout(x.dense_copy(), 0.3, 7)]);
            with_any("cast", || vec![e::cast(&x, DType::F64), e::cast(&e::cast(&x, DType::Bool), DType::F32)]);
            for y in others.iter().flat_map(|other| {
                let sizes: Vec<usize> = other.iter().collect();
                singles(&sizes)
            }) {
                with_any("sum", || vec![e::add(x.clone(), &y), e::add(x.dense_copy(), &y), e::sub(y.clone(), &x)]);
                with_any("two results", || {
                    let mut results = [None, None];
                    e::apply_several(&BOTH, x.dense_copy(), &[&y], &[0.5], 3, &mut results);
                    results.into_iter().flatten().collect()
                });
            }
        }
    }
}

#[test]
fn products() {
    let sizes = [
        [90, 3, 90],
        [2, 300, 200],
        [200, 300, 3],
        [300, 200, 1],
        [1, 200, 300],
        [100, 9, 2],
        [150, 70, 40],
        [40, 70, 150],
        [33, 300, 65],
        [260, 20, 17],
    ];
    for [m, k, n] in sizes {
        let bias = [Array::from_fn(dims(&[m]), |i| noise(i) as f32), Array::from_fn(dims(&[n]), |i| noise(i) as f32)];
        for (a, b) in singles(&[m, k]).iter().flat_map(|a| singles(&[k, n]).into_iter().map(move |b| (a.clone(), b))) {
            with_any(&format!("{m} x {k} x {n}"), || {
                let kinds = [None, Some(Bias::PerRow(&bias[0])), Some(Bias::PerColumn(&bias[1]))];
                kinds.map(|bias| matmul(&a, &b, Epilogue { bias, activation: Activation::Relu })).to_vec()
            });
        }
    }
    for [stack, m, k, n] in [[2, 40, 30, 40], [30, 7, 20, 9], [5, 1, 300, 60]] {
        let (a, b) = (singles(&[stack, m, k]), singles(&[stack, k, n]));
        for (a, b) in a.iter().zip(&b) {
            with_any("a stack", || vec![matmul(a, b, Epilogue::default())]);
        }
    }
}

#[test]
fn copies() {
    for shape in [&[9000][..], &[70, 130], &[3, 50, 60], &[2, 3, 40, 50], &[2, 64, 9, 9]] {
        for x in singles(shape) {
            let small = e::cast(&x, DType::Bool);
            with_any("copies", || {
                let reversed: Vec<usize> = (0..shape.len()).rev().collect();
                vec![
                    x.contiguous(),
                    x.permute(&reversed).contiguous(),
                    x.dense_copy(),
                    e::cast(&small.contiguous(), DType::F32),
                ]
            });
            with_any("joined", || (0..shape.len()).map(|axis| concat::concat([&x, &x, &x], axis)).collect());
            let index: Vec<usize> = (0..300).map(|i| i * 7 % shape[0]).collect();
            with_any("rows", || vec![gather::rows(&x, &index)]);
            let list = Array::from_fn(dims(&[300]), |i| index[i] as i64);
            with_any("picks", || vec![along::picks(&x, 0, &list)]);
        }
        with_any("made", || {
            let all: Vec<f32> = (0..dims(shape).count()).map(|i| noise(i) as f32).collect();
            vec![Array::full(3f32, dims(shape)), Array::from_slice(&all, dims(shape))]
        });
    }
}

#[derive(Clone, Copy)]
struct Momentum;

impl Update<1, 2> for Momentum {
    #[inline(always)]
    fn next<V: Vector>(self, [rate]: [V; 1], [p, m]: [V; 2], g: V) -> [V; 2] {
        let m = m * rate + g;
        [p - rate * m, m]
    }
}

#[test]
fn optimizers() {
    for g in singles(&[3, 41, 50]) {
        for p in singles(&[3, 41, 50]).into_iter().filter(Array::is_dense) {
            with_any("a step", || {
                let (mut p, mut m) = (p.clone(), Array::full(0.5f32, *p.shape()));
                update([&mut p, &mut m], &g, [0.1], Momentum);
                update([&mut p, &mut m], &g, [0.1], Momentum);
                vec![p, m]
            });
        }
    }
}

#[test]
fn reductions() {
    for shape in [&[9001][..], &[5000, 3], &[3, 5000], &[40, 250], &[2, 3, 30, 40], &[20, 1, 500]] {
        for x in singles(shape).into_iter().chain(layouts(shape, f64::NAN, noise)) {
            let tolerance = if x.dtype() == DType::F32 { 3e-6 } else { 1e-13 };
            for axes in 1..1 << shape.len() {
                with_each("sum and mean", tolerance, || {
                    vec![reduce::sum(&x, axes, true), reduce::mean(&x, axes, false)]
                });
                with_any("largest and smallest", || vec![reduce::max(&x, axes, true), reduce::min(&x, axes, false)]);
            }
            let squares = |n| with_threads(n, || reduce::sum_squares(&x));
            for n in NUMBERS {
                assert_eq!(squares(n).to_bits(), squares(n).to_bits());
                close(squares(n), squares(1), 1e-13);
            }
        }
    }
    // Of results that stand side by side each is found by one thread alone.
    for shape in [[40, 3000], [64, 1030]] {
        for x in layouts(&shape, f64::NAN, noise).into_iter().filter(Array::is_contiguous) {
            for axes in [1, 2] {
                with_any("many sums", || vec![reduce::sum(&x, axes, false)]);
            }
        }
    }
    // A stretched axis counts as often as it is long.
    let stretched = Array::from_fn(dims(&[5000]), noise).view(dims(&[3, 5000]), dims(&[0, 1]), 0);
    with_each("a stretched sum", 1e-13, || (1..4).map(|axes| reduce::sum(&stretched, axes, false)).collect());
    for n in NUMBERS {
        let third = Array::full(1.0 / 3.0, dims(&[3, 4001]));
        with_threads(n, || close(floats(&reduce::mean(&third, 3, false))[0], 1.0 / 3.0, 1e-15));
        let single = Array::full(0.1f32, dims(&[12_345]));
        with_threads(n, || assert_eq!(reduce::mean(&single, 1, false).to_vec::<f32>(), [0.1]));
        let nan = Array::from_fn(dims(&[9000]), |i| if i == 5000 { f64::NAN } else { noise(i) });
        with_threads(n, || {
            assert!([reduce::max, reduce::min, reduce::sum].iter().all(|f| floats(&f(&nan, 1, false))[0].is_nan()))
        });
        let far = Array::from_fn(dims(&[30_000]), |i| {
            [1e100, 1.0, -1e100][i / 10_000] * f64::from(u8::from(i % 10_000 == 7))
        });
        with_threads(n, || assert_eq!(floats(&reduce::sum(&far, 1, false)), [1.0]));
    }
}

#[test]
fn softmaxes_and_losses() {
    for shape in [&[300, 10][..], &[10, 300], &[40, 100], &[2, 7, 300], &[5, 40, 3, 5], &[1, 3, 700]] {
        for x in singles(shape) {
            for axis in 0..shape.len() {
                with_any("softmax", || {
                    let (y, z) = (softmax::softmax(&x, axis), softmax::log_softmax(&x, axis));
                    vec![softmax::softmax_grad(&x, &y, axis), softmax::log_softmax_grad(&x, &z, axis), y, z]
                });
            }
        }
    }
    for [n, c] in [[500, 10], [40, 100], [9, 1000]] {
        let labels = Array::from_fn(dims(&[n]), |i| ((i * 7) % c) as i64);
        let factors = Array::from_fn(dims(&[n]), |i| [1.0, 0.0, 0.5][i % 3]);
        for x in layouts(&[n, c], f64::NAN, noise) {
            let run = |each| {
                let (sum, gradient) = loss::cross_entropy(&x, &labels, Some(&factors), 0.1, each, true);
                vec![gradient.expect("asked for"), sum]
            };
            with_each("cross-entropy", 1e-13, || run(false));
            with_any("the gradient of cross-entropy, and each loss", || run(true));
            with_each("cross-entropy alone", 1e-13, || {
                vec![loss::cross_entropy(&x, &labels, None, 0.1, false, false).0]
            });
        }
    }
    for x in layouts(&[70, 90], f64::NAN, noise) {
        let y = e::square(x.clone());
        with_each("pairs", 1e-13, || vec![loss::bce_with_logits(&x, &y, 0.1), loss::squared_error(&x, &y, 0.1)]);
    }
}
