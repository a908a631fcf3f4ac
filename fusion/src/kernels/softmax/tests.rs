use super::*;
use crate::kernels::testing::{close, dims, floats, layouts, noise, shapes};

/// `f` of every line along `axis` of the elements in C order.
fn lines_of(x: &[f64], g: &[f64], shape: &[usize], axis: usize, f: impl Fn(&[f64], &[f64]) -> Vec<f64>) -> Vec<f64> {
    let inner: usize = shape[axis + 1..].iter().product();
    let n = shape[axis];
    let mut out = vec![f64::NAN; x.len()];
    for start in (0..x.len()).filter(|i| (i / inner).is_multiple_of(n)) {
        let line = |x: &[f64]| (0..n).map(|i| x[start + i * inner]).collect::<Vec<_>>();
        for (i, y) in f(&line(x), &line(g)).into_iter().enumerate() {
            out[start + i * inner] = y;
        }
    }
    out
}

fn log_line(x: &[f64]) -> Vec<f64> {
    let max = x.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let log = x.iter().map(|x| (x - max).exp()).sum::<f64>().ln();
    x.iter().map(|x| x - max - log).collect()
}

#[track_caller]
fn compare(got: &Array, want: &[f64], tolerance: f64, scale: f64) {
    for (got, want) in floats(got).into_iter().zip(want) {
        close(got / scale, want / scale, tolerance);
    }
}

#[test]
fn along_any_axis_in_any_layout() {
    for shape in shapes() {
        for axis in 0..shape.len() {
            let single = layouts(&shape, f32::NAN, |i| 9.0 * noise(i) as f32);
            let double = layouts(&shape, f64::NAN, |i| 9.0 * noise(i));
            let other = layouts(&shape, f32::NAN, |i| noise(i + 777) as f32);
            let same = |a: &Array| crate::kernels::array::copy::cast(a, a.dtype());
            for (k, x) in single.iter().chain(&double).enumerate() {
                let (g, tolerance) = match x.dtype() {
                    crate::kernels::DType::F32 => (same(&other[(k + 1) % other.len()]), 3e-6),
                    _ => (crate::kernels::array::copy::cast(&other[k % other.len()], x.dtype()), 1e-13),
                };
                let (xs, gs) = (floats(x), floats(&g));
                let y = softmax(x, axis);
                assert_eq!(*y.strides(), if x.is_dense() { *x.strides() } else { x.shape().row_major() });
                compare(
                    &y,
                    &lines_of(&xs, &gs, &shape, axis, |x, _| log_line(x).iter().map(|x| x.exp()).collect()),
                    tolerance,
                    1.0,
                );
                let log = log_softmax(x, axis);
                compare(&log, &lines_of(&xs, &gs, &shape, axis, |x, _| log_line(x)), tolerance, 1.0);
                let want = lines_of(&floats(&y), &gs, &shape, axis, |y, g| {
                    let sum: f64 = y.iter().zip(g).map(|(y, g)| y * g).sum();
                    y.iter().zip(g).map(|(y, g)| y * (g - sum)).collect()
                });
                compare(&softmax_grad(&g, &y, axis), &want, tolerance, 1.0);
                let want = lines_of(&floats(&log), &gs, &shape, axis, |y, g| {
                    let sum: f64 = g.iter().sum();
                    y.iter().zip(g).map(|(y, g)| g - y.exp() * sum).collect()
                });
                compare(&log_softmax_grad(&g, &log, axis), &want, tolerance, 10.0);
            }
        }
    }
}

#[test]
fn stable_for_any_finite_input() {
    for n in [2, 16, 17, 40] {
        let edge = |i: usize| if i == 0 { f32::MAX } else { f32::MIN };
        let x = Array::from_fn(dims(&[1, n]), edge);
        let columns = Array::from_fn(dims(&[n, 20]), |i| edge(i / 20));
        for y in [softmax(&x, 1), softmax(&columns, 0)] {
            let y = floats(&y);
            assert_eq!((y[0], y[y.len() - 1]), (1.0, 0.0));
        }
        assert_eq!(floats(&log_softmax(&x, 1))[0], 0.0);
        let equal = Array::full(-1e30f32, dims(&[1, n]));
        compare(&softmax(&equal, 1), &vec![1.0 / n as f64; n], 1e-7, 1.0);
        let far = Array::from_fn(dims(&[1, n]), |i| 1e4 + (i % 2) as f32);
        let near = Array::from_fn(dims(&[1, n]), |i| (i % 2) as f32);
        assert_eq!(floats(&log_softmax(&far, 1)), floats(&log_softmax(&near, 1)));
        let mut bad = vec![0f32; n];
        bad[n - 1] = f32::NAN;
        assert!(floats(&softmax(&Array::from_slice(&bad, dims(&[1, n])), 1)).iter().all(|x| x.is_nan()));
        bad[n - 1] = f32::NEG_INFINITY;
        assert_eq!(floats(&softmax(&Array::from_slice(&bad, dims(&[1, n])), 1))[n - 1], 0.0);
    }
}

/// As precise as pairwise summation, along rows and across them.
#[test]
fn long_lines() {
    let n = 200_000;
    let row = Array::full(0.1f32, dims(&[1, n]));
    for (x, axis) in [(row.clone(), 1), (row.reshape(&dims(&[n / 20, 20])), 0)] {
        let n = x.shape().get(axis) as f64;
        for y in floats(&softmax(&x, axis)) {
            close(y * n, 1.0, 3e-7);
        }
        for y in floats(&log_softmax(&x, axis)) {
            close(y, -n.ln(), 1e-7);
        }
    }
}
