use super::*;
use crate::kernels::Array;
use crate::kernels::Dims;
use crate::kernels::testing::{close, dims, floats, laid, layouts, noise, shapes, sliced, with_each_isa};

/// Compares `op` on both float types, in every layout, in place and not, with `exact`.
#[track_caller]
fn check_unary(tolerance: f64, range: (f64, f64), op: impl Fn(Array) -> Array, exact: impl Fn(f64) -> f64) {
    let value = |i: usize| range.0 + (range.1 - range.0) * (0.5 + 0.5 * noise(i));
    for shape in shapes() {
        let single = layouts(&shape, f32::NAN, |i| value(i) as f32);
        let double = layouts(&shape, f64::NAN, value);
        for (a, tolerance) in single.into_iter().map(|a| (a, tolerance)).chain(double.into_iter().map(|a| (a, 1e-14))) {
            let (want, strides) = (floats(&a), *a.strides());
            let dense = a.is_dense();
            let kept = a.clone();
            let copied = op(a.clone());
            assert_eq!(floats(&kept), want, "the operand has changed");
            drop(kept);
            let unique = a.is_unique();
            let at = a.ptr_of();
            let result = op(a);
            assert_eq!(result.ptr_of() == at, unique && dense, "in place if unique and dense");
            for result in [copied, result] {
                assert_eq!(*result.strides(), if dense { strides } else { dims(&shape).row_major() });
                for (got, &x) in floats(&result).into_iter().zip(&want) {
                    close(got, exact(x), tolerance);
                }
            }
        }
    }
}

trait PtrOf {
    fn ptr_of(&self) -> usize;
}

impl PtrOf for Array {
    /// Where the elements lie; NaN-proof comparison of identity.
    fn ptr_of(&self) -> usize {
        match self.dtype() {
            crate::kernels::DType::F32 => self.elements::<f32>().as_ptr() as usize,
            _ => self.elements::<f64>().as_ptr() as usize,
        }
    }
}

#[test]
fn unary_operations() {
    with_each_isa(all_unary);
}

fn all_unary() {
    let all = (-3.0, 3.0);
    let positive = (0.01, 9.0);
    check_unary(1e-6, all, neg, |x| -x);
    check_unary(1e-6, (-20.0, 20.0), exp, f64::exp);
    check_unary(1e-6, positive, ln, f64::ln);
    check_unary(1e-6, all, sin, f64::sin);
    check_unary(1e-6, all, cos, f64::cos);
    check_unary(1e-6, positive, sqrt, f64::sqrt);
    check_unary(1e-6, all, square, |x| x * x);
    check_unary(1e-6, positive, recip, |x| 1.0 / x);
    check_unary(1e-6, all, |a| add_scalar(a, 0.25), |x| x + 0.25);
    check_unary(1e-6, all, |a| mul_scalar(a, 0.25), |x| x * 0.25);
    check_unary(1e-6, all, |a| rsub_scalar(a, 0.25), |x| 0.25 - x);
    check_unary(1e-6, all, |a| div_scalar(a, 3.0), |x| x / 3.0);
    check_unary(1e-6, positive, |a| rdiv_scalar(a, 0.25), |x| 0.25 / x);
    check_unary(1e-6, all, |a| clamp(a, -0.5, 1.25), |x| x.clamp(-0.5, 1.25));
    let functions: [(fn(Array) -> Array, fn(f64) -> f64, (f64, f64)); 19] = [
        (exp_m1, f64::exp_m1, all),
        (ln_1p, f64::ln_1p, positive),
        (log2, f64::log2, positive),
        (tan, f64::tan, (-1.2, 1.2)),
        (asin, f64::asin, (-1.0, 1.0)),
        (acos, f64::acos, (-1.0, 1.0)),
        (atan, f64::atan, all),
        (sinh, f64::sinh, all),
        (cosh, f64::cosh, all),
        (abs, f64::abs, all),
        (sign, f64::signum, positive),
        (floor, f64::floor, all),
        (ceil, f64::ceil, all),
        (trunc, f64::trunc, all),
        (round, f64::round_ties_even, all),
        (rsqrt, |x| 1.0 / x.sqrt(), (0.5, 9.0)),
        (finite_mask, |_| 1.0, all),
        (nan_mask, |_| 0.0, all),
        (|a| nan_to_num(a, 1.0, 2.0, 3.0), |x| x, all),
    ];
    for (op, exact, range) in functions {
        check_unary(1e-6, range, op, exact);
    }
    for s in [0.0, 2.0, 3.0, 4.0] {
        check_unary(1e-6, all, |a| pow_scalar(a, s), |x| x.powf(s));
    }
    for s in [-1.0, 0.5, -0.5, 1.7, -3.0] {
        check_unary(1e-6, positive, |a| pow_scalar(a, s), |x| x.powf(s));
    }
}

#[test]
fn special_values() {
    with_each_isa(all_special_values);
}

fn all_special_values() {
    let (nan, inf) = (f32::NAN, f32::INFINITY);
    let x = |values: &[f32]| Array::from_slice(values, dims(&[values.len()]));
    assert_eq!(ln(x(&[0.0, -0.0, inf])).to_vec::<f32>(), [-inf, -inf, inf]);
    assert!(ln(x(&[-1.0])).to_vec::<f32>()[0].is_nan());
    assert_eq!(pow_scalar(x(&[-2.0, -2.0, nan]), 0.0).to_vec::<f32>(), [1.0; 3]);
    assert_eq!(pow_scalar(x(&[-2.0, 0.0]), -1.0).to_vec::<f32>(), [-0.5, inf]);
    assert_eq!(pow_scalar(x(&[-2.0, 3.0]), 5.0).to_vec::<f32>(), [-32.0, 243.0]);
    assert_eq!(pow_scalar(x(&[-2.0]), -3.0).to_vec::<f32>(), [-0.125]);
    assert!(pow_scalar(x(&[-2.0]), 1.5).to_vec::<f32>()[0].is_nan());
    let clamped = clamp(x(&[nan, -inf, inf]), -1.0, 1.0).to_vec::<f32>();
    assert!(clamped[0].is_nan() && clamped[1..] == [-1.0, 1.0]);
    assert_eq!(eq_mask(x(&[nan, 1.0, 0.0]), &x(&[nan, 1.0, -0.0])).to_vec::<f32>(), [0.0, 1.0, 1.0]);
    assert_eq!(relu_grad(x(&[1.0, 2.0, 3.0]), &x(&[0.0, 1.0, nan])).to_vec::<f32>(), [0.0, 2.0, 3.0]);
    assert_eq!(relu_grad(x(&[1.0, 2.0]), &x(&[-0.0, inf])).to_vec::<f32>(), [0.0, 2.0]);
}

/// Element `i` (C order) of `shape` of an operand broadcast from `of`.
fn source(i: usize, shape: &Dims, of: &Dims) -> usize {
    let (mut i, mut at, mut step) = (i, 0, 1);
    for axis in (0..shape.rank()).rev() {
        let index = i % shape.get(axis);
        i /= shape.get(axis);
        if axis + of.rank() >= shape.rank() {
            let n = of.get(axis + of.rank() - shape.rank());
            at += if n == 1 { 0 } else { index * step };
            step *= n;
        }
    }
    at
}

type Exact = fn(f64, f64) -> f64;

const BINARY: [(fn(Array, &Array) -> Array, Exact); 16] = [
    (add, |x, y| x + y),
    (sub, |x, y| x - y),
    (mul, |x, y| x * y),
    (div, |x, y| x / y),
    (relu_grad, |g, y| if y > 0.0 { g } else { 0.0 }),
    (eq_mask, |x, y| f64::from(u8::from(x == y))),
    (lt_mask, |x, y| f64::from(u8::from(x < y))),
    (le_mask, |x, y| f64::from(u8::from(x <= y))),
    (maximum, f64::max),
    (minimum, f64::min),
    (atan2, f64::atan2),
    (hypot, f64::hypot),
    (|g, x| clamp_grad(g, x, -0.5, 0.5), |g, x| if -0.5 < x && x < 0.5 { g } else { 0.0 }),
    (|g, y| leaky_relu_grad(g, y, 0.25), |g, y| if y > 0.0 { g } else { 0.25 * g }),
    (|x, y| fmod(add_scalar(x, 0.5), y), |x, y| (x + 0.5) % y),
    (|x, y| remainder(x, y), |x, y| if y == 0.0 { f64::NAN } else { (x % y + y) % y }),
];

#[track_caller]
fn check_binary(a: &Array, b: &Array, shape: &Dims, tolerance: f64, ops: &[(fn(Array, &Array) -> Array, Exact)]) {
    let (x, y) = (floats(a), floats(b));
    for (op, exact) in ops {
        let shared = op(a.clone(), b);
        let own = if a.is_dense() { a.dense_copy() } else { a.clone() };
        let at = own.ptr_of();
        let place = own.is_unique() && own.shape() == shape;
        let result = op(own, b);
        assert!(!place || result.ptr_of() == at, "not in place");
        for result in [shared, result] {
            assert_eq!(result.shape(), shape);
            let full = |x: &&Array| x.shape() == shape && x.is_dense();
            assert_eq!(*result.strides(), [a, b].into_iter().find(full).map_or(shape.row_major(), |x| *x.strides()));
            for (i, got) in floats(&result).into_iter().enumerate() {
                close(got, exact(x[source(i, shape, a.shape())], y[source(i, shape, b.shape())]), tolerance);
            }
        }
    }
    assert_eq!((floats(a), floats(b)), (x, y), "an operand has changed");
}

#[test]
fn binary_operations_in_any_two_layouts() {
    with_each_isa(all_binary);
}

fn all_binary() {
    for shape in shapes() {
        let d = dims(&shape);
        let a = layouts(&shape, f32::NAN, |i| noise(i) as f32);
        let b = layouts(&shape, f32::NAN, |i| if i % 3 == 0 { noise(i) } else { noise(i + 7777) } as f32);
        for (i, (a, b)) in a.iter().flat_map(|a| b.iter().map(move |b| (a, b))).enumerate() {
            check_binary(a, b, &d, 1e-6, if i == 0 { &BINARY } else { &BINARY[1..2] });
        }
        let a = layouts(&shape, f64::NAN, noise);
        for b in layouts(&shape, f64::NAN, |i| noise(i + 7777)) {
            check_binary(&a[0], &b, &d, 1e-14, &BINARY);
        }
    }
}

#[test]
fn broadcasting() {
    with_each_isa(all_broadcasts);
}

fn all_broadcasts() {
    let cases: [(&[usize], &[usize], &[usize]); 16] = [
        (&[100, 16], &[16], &[100, 16]),
        (&[37, 10], &[10], &[37, 10]),
        (&[37, 10], &[1, 10], &[37, 10]),
        (&[5, 130], &[130], &[5, 130]),
        (&[300, 3], &[3], &[300, 3]),
        (&[16], &[9, 16], &[9, 16]),
        (&[20, 17], &[20, 1], &[20, 17]),
        (&[20, 1], &[1, 17], &[20, 17]),
        (&[20, 17], &[], &[20, 17]),
        (&[], &[20, 17], &[20, 17]),
        (&[1], &[1, 1, 1], &[1, 1, 1]),
        (&[2, 3, 4, 5], &[3, 1, 1], &[2, 3, 4, 5]),
        (&[2, 3, 4, 5], &[2, 1, 4, 1], &[2, 3, 4, 5]),
        (&[3, 1, 5], &[2, 3, 4, 5], &[2, 3, 4, 5]),
        (&[0, 3], &[3], &[0, 3]),
        (&[4, 1], &[1, 0], &[4, 0]),
    ];
    for (a, b, shape) in cases {
        for x in layouts(a, f32::NAN, |i| noise(i) as f32) {
            for y in layouts(b, f32::NAN, |i| noise(i + 999) as f32) {
                check_binary(&x, &y, &dims(shape), 1e-6, &BINARY[1..4]);
            }
        }
        let x = laid(a, &(0..a.len()).collect::<Vec<_>>(), noise);
        check_binary(&x, &sliced(b, f64::NAN, |i| noise(i + 999)), &dims(shape), 1e-14, &BINARY[..4]);
    }
    // A stretched view as an operand.
    let row = Array::from_fn(dims(&[1, 5]), |i| i as f32).expand(&dims(&[4, 5]));
    check_binary(&row, &row, &dims(&[4, 5]), 0.0, &BINARY[..1]);
    assert_eq!(floats(&neg(row)), [[0.0, -1.0, -2.0, -3.0, -4.0]; 4].concat());
}

#[test]
fn accumulating() {
    for b in layouts(&[7, 18], f32::NAN, |i| i as f32) {
        let mut a = Array::full(1f32, dims(&[7, 18]));
        let at = a.ptr_of();
        add_assign(&mut a, &b);
        assert_eq!(a.ptr_of(), at);
        let kept = a.clone();
        add_assign(&mut a, &b);
        assert_eq!(a.to_vec::<f32>()[5], 11.0);
        assert_eq!(kept.to_vec::<f32>()[5], 6.0);
    }
}

#[test]
fn dropout_is_a_function_of_seed_and_index() {
    let n = 200_000;
    for p in [0.0, 0.1, 0.5, 0.9] {
        let y = dropout(Array::full(1f32, dims(&[n])), p, 42).to_vec::<f32>();
        let kept = y.iter().filter(|&&y| y != 0.0).count() as f64 / n as f64;
        assert!((kept - (1.0 - p)).abs() < 4.0 * (p * (1.0 - p) / n as f64).sqrt() + 1e-12, "{kept} kept of {p}");
        assert!(y.iter().all(|&y| y == 0.0 || (f64::from(y) - 1.0 / (1.0 - p)).abs() < 1e-6));
        // Neighbours, and the same elements under the next seed, are independent.
        let pairs = y.windows(2).filter(|w| w[0] != 0.0 && w[1] != 0.0).count() as f64 / n as f64;
        assert!((pairs - (1.0 - p) * (1.0 - p)).abs() < 0.006);
        let other = dropout(Array::full(1f32, dims(&[n])), p, 43).to_vec::<f32>();
        let both = y.iter().zip(&other).filter(|(a, b)| **a != 0.0 && **b != 0.0).count() as f64 / n as f64;
        assert!((both - (1.0 - p) * (1.0 - p)).abs() < 0.006);
    }
    assert_eq!(dropout(Array::full(f32::NAN, dims(&[50])), 1.0, 1).to_vec::<f32>(), [0.0; 50]);
    for shape in [vec![21, 34], vec![3, 5, 7], vec![1000]] {
        let want = dropout(layouts(&shape, 0.0, |i| i as f64)[0].clone(), 0.3, 7).to_vec::<f64>();
        for x in layouts(&shape, f64::NAN, |i| i as f64) {
            assert_eq!(dropout(x, 0.3, 7).to_vec::<f64>(), want);
        }
        for x in layouts(&shape, f32::NAN, |i| i as f32) {
            for (got, want) in floats(&dropout(x, 0.3, 7)).into_iter().zip(&want) {
                close(got, *want, 1e-6);
            }
        }
    }
}
