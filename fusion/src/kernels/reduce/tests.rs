use super::*;
use crate::kernels::DType;
use crate::kernels::array::copy::cast;
use crate::kernels::testing::{close, dims, floats, layouts, noise, shapes};

/// `fold` of the elements of `x` in C order over `axes`, by the definition.
fn naive(x: &[f64], shape: &[usize], axes: u8, start: f64, fold: impl Fn(f64, f64) -> f64) -> Vec<f64> {
    let kept = |axis: usize| axes >> axis & 1 == 0;
    let count = (0..shape.len()).filter(|&axis| kept(axis)).map(|axis| shape[axis]).product();
    let mut out = vec![start; count];
    for (i, &x) in x.iter().enumerate() {
        let (mut i, mut at, mut step) = (i, 0, 1);
        for axis in (0..shape.len()).rev() {
            if kept(axis) {
                at += i % shape[axis] * step;
                step *= shape[axis];
            }
            i /= shape[axis];
        }
        out[at] = fold(out[at], x);
    }
    out
}

fn check(a: &Array, axes: u8, tolerance: f64) {
    let shape: Vec<usize> = a.shape().iter().collect();
    let kept = |n: usize| {
        shape
            .iter()
            .enumerate()
            .filter_map(move |(axis, &m)| if axes >> axis & 1 == 0 { Some(m) } else { (n > 0).then_some(1) })
    };
    type Op = (fn(&Array, u8, bool) -> Array, f64, fn(f64, f64) -> f64);
    let ops: [Op; 3] = [(sum, 0.0, |a, b| a + b), (max, f64::NEG_INFINITY, f64::max), (min, f64::INFINITY, f64::min)];
    let x = floats(a);
    for (op, start, fold) in ops {
        if start != 0.0 && a.count() == 0 {
            // Of no elements there is a sum alone: see `no_elements`.
            continue;
        }
        let want = naive(&x, &shape, axes, start, fold);
        for keep in [false, true] {
            let got = op(a, axes, keep);
            assert!(got.shape().iter().eq(kept(usize::from(keep))), "{:?} of {shape:?}", got.shape());
            assert!(got.is_dense());
            for (got, &want) in floats(&got).into_iter().zip(&want) {
                close(got, want, tolerance);
            }
        }
    }
}

#[test]
fn over_any_axes_in_any_layout() {
    for shape in shapes() {
        for a in layouts(&shape, f32::NAN, |i| noise(i) as f32) {
            for axes in 0..1u8 << shape.len() {
                check(&a, axes, 2e-6);
            }
        }
        for a in layouts(&shape, f64::NAN, noise) {
            check(&a, (1 << shape.len()) - 1, 1e-13);
            check(&a, 1, 1e-13);
        }
    }
    for shape in [[5000, 3], [700, 40], [3, 5000], [70, 200]] {
        for a in layouts(&shape, f32::NAN, |i| noise(i) as f32) {
            // Rounding wanders with the root of the number of terms.
            let terms: usize = shape.iter().product();
            (0..4).for_each(|axes| check(&a, axes, f64::from(f32::EPSILON) * (terms as f64).sqrt()));
        }
    }
}

#[test]
fn stretched_axes_count_every_time() {
    let a = Array::from_fn(dims(&[3, 1, 17]), |i| i as f32).expand(&dims(&[3, 5, 17]));
    (0..8).for_each(|axes| check(&a, axes, 1e-6));
    check(&Array::full(2f32, dims(&[])).expand(&dims(&[7, 3])), 3, 0.0);
    check(&Array::full(2f32, dims(&[1])).expand(&dims(&[0])), 1, 0.0);
    let mean = mean(&Array::full(0.1f32, dims(&[])).expand(&dims(&[7, 3])), 3, false);
    assert_eq!(mean.to_vec::<f32>(), [0.1]);
}

#[test]
fn not_a_number_propagates() {
    for n in [1, 5, 16, 40, 1000] {
        for at in [0, n / 2, n - 1] {
            let row = Array::from_fn(dims(&[n, 1]), |i| if i == at { f32::NAN } else { i as f32 });
            let wide = row.expand(&dims(&[n, 20])).contiguous();
            for op in [sum, max, min] {
                assert!(floats(&op(&row, 3, false))[0].is_nan());
                assert!(floats(&op(&wide, 1, false)).iter().all(|x| x.is_nan()));
                assert_eq!(floats(&op(&wide, 2, false)).iter().filter(|x| x.is_nan()).count(), 1);
            }
        }
    }
    let inf = Array::from_slice(&[f32::INFINITY, 1.0, f32::NEG_INFINITY], dims(&[3]));
    assert_eq!(
        (floats(&max(&inf, 1, false)), floats(&min(&inf, 1, false))),
        (vec![f64::INFINITY], vec![f64::NEG_INFINITY])
    );
}

#[test]
fn a_long_sum_is_accurate() {
    let n = 10_000_000;
    let a = Array::from_fn(dims(&[n]), |i| (0.5 + 0.5 * noise(i)) as f32);
    let exact: f64 = a.dense::<f32>().unwrap().iter().map(|&x| f64::from(x)).sum();
    close(floats(&sum(&a, 1, false))[0], exact, 1e-7);
    for rows in [[n / 20, 20], [20, n / 20]] {
        let matrix = a.reshape(&dims(&rows));
        let total: f64 = floats(&sum(&matrix, 1, false)).iter().sum();
        close(total, exact, 1e-7);
    }
    let squares: f64 = a.dense::<f32>().unwrap().iter().map(|&x| f64::from(x) * f64::from(x)).sum();
    close(sum_squares(&a), squares, 1e-7);
}

#[test]
fn the_order_of_the_axes_stays() {
    let a = Array::full(1f32, dims(&[2, 3, 4, 5])).permute(&[0, 3, 1, 2]);
    assert_eq!(sum(&a, 1, false).strides(), &dims(&[1, 20, 5]));
    assert_eq!(sum(&a, 2, true).strides().get(2), 4);
}

#[test]
fn undoing_broadcasts() {
    for a in layouts(&[2, 3, 4], f32::NAN, |i| i as f32) {
        let all = floats(&a);
        for shape in [
            vec![2, 3, 4],
            vec![4],
            vec![1, 4],
            vec![3, 1],
            vec![2, 1, 1],
            vec![1, 3, 4],
            vec![],
            vec![1, 1, 1, 4][1..].to_vec(),
        ] {
            let got = sum_to(&a, &dims(&shape));
            assert_eq!(got.shape(), &dims(&shape));
            let lead = 3 - shape.len();
            let axes =
                (0..3).filter(|&axis| axis < lead || shape[axis - lead] == 1).fold(0, |axes, axis| axes | 1 << axis);
            assert_eq!(floats(&got), naive(&all, &[2, 3, 4], axes, 0.0, |a, b| a + b));
        }
    }
}

#[test]
fn the_largest() {
    for a in layouts(&[3, 4], 99.0, |i| [1.0, 3.0, 3.0, 2.0, -1.0, -2.0, -1.0, -5.0, 0.0, f64::NAN, 9.0, f64::NAN][i]) {
        assert_eq!(argmax(&a, 1).to_vec::<i64>(), [1, 0, 1]);
        assert_eq!(argmax(&a, 0).to_vec::<i64>(), [0, 2, 2, 2]);
        assert_eq!(argmax(&cast(&a, DType::F32), 1).to_vec::<i64>(), [1, 0, 1]);
    }
}

#[test]
fn no_elements() {
    let empty = Array::full(0f32, dims(&[2, 0, 3]));
    assert_eq!(floats(&sum(&empty, 0b010, false)), [0.0; 6]);
    assert!(floats(&mean(&empty, 0b010, false)).iter().all(|x| x.is_nan()));
    for op in [max, min] {
        for axes in [0b010, 0b111, 0b011] {
            let panic = std::panic::catch_unwind(|| op(&empty, axes, false)).expect_err("an element of none");
            let said = panic.downcast::<String>().expect("a sentence");
            assert!(said.ends_with("of no elements: axis 1 of [2, 0, 3] has size 0"), "{said}");
        }
        // Nothing is asked for.
        assert_eq!(*op(&empty, 0b101, false).shape(), [0][..]);
        assert_eq!(*op(&empty, 0, false).shape(), [2, 0, 3][..]);
    }
}

/// A mean divides once, and what it divides is exact.
#[test]
fn means_of_equal_numbers() {
    for n in (1..100).chain([128, 1000, 4097, 70_001]) {
        for c in [0.1f32, 3.0, 100.0, 1001.0, 10_001.0, 1_000_001.0, 1e7, 16_777_213.0, 1e37, f32::MIN_POSITIVE] {
            let row = Array::full(c, dims(&[1, n]));
            assert_eq!(floats(&mean(&row, 0b10, false)), [f64::from(c)], "{n} times {c}");
            // Columns, and rows that lie apart.
            let columns = Array::full(c, dims(&[n.min(300), 3]));
            assert_eq!(floats(&mean(&columns, 0b01, false)), [f64::from(c); 3], "{n} times {c}");
            assert_eq!(floats(&mean(&columns.swap(0, 1), 0b01, false)), vec![f64::from(c); n.min(300)]);
            let wide = Array::full(c, dims(&[5, n.min(300), 4])).swap(1, 2);
            assert_eq!(floats(&mean(&wide, 0b100, false)), [f64::from(c); 20], "{n} times {c}");
        }
        for c in [1.0, 3.0, 1001.0, 123_456_789.0] {
            assert_eq!(floats(&mean(&Array::full(c, dims(&[n])), 1, false)), [c], "{n} times {c}");
        }
    }
}

/// As precise as pairwise summation, or more.
#[test]
fn long_sums_of_equal_numbers() {
    let n = 1_000_000;
    for (rows, columns) in [(1, n), (n, 1), (n / 10, 10), (n / 100, 100), (10, n / 10)] {
        let a = Array::full(0.1f32, dims(&[rows, columns]));
        for (a, down) in [(a.clone(), 0b01), (a.swap(0, 1), 0b10)] {
            let of = |sums: Array, n: usize| {
                let exact = n as f64 * f64::from(0.1f32);
                floats(&sums).into_iter().for_each(|sum| close(sum / exact, 1.0, 1e-7));
            };
            of(sum(&a, down, false), rows);
            of(sum(&a, 0b11 - down, false), columns);
            of(sum(&a, 0b11, false), n);
        }
        let squares = n as f64 * f64::from(0.1f32) * f64::from(0.1f32);
        close(sum_squares(&a) / squares, 1.0, 1e-12);
    }
    let double = Array::full(0.1f64, dims(&[n]));
    close(floats(&sum(&double, 1, false))[0] / (0.1 * n as f64), 1.0, 1e-15);
    close(floats(&sum(&double.reshape(&dims(&[n / 4, 4])), 1, false))[0] / (0.1 * (n / 4) as f64), 1.0, 1e-15);
    close(sum_squares(&double) / (0.1 * 0.1 * n as f64), 1.0, 1e-15);
}
