use super::super::plain;
use super::*;
use crate::kernels::Array;
use crate::kernels::activation::Activation;
use crate::kernels::array::layout::Dims;
use crate::kernels::conv::Window;
use crate::kernels::testing::{close, noise, with_each_isa};

/// One convolution: the window, the image, channels out and in, and how many images.
type Case = (Window, [usize; 2], [usize; 2], usize);

fn sweep(window: Window, image: [usize; 2]) -> Sweep {
    let places = [0, 1].map(|axis| {
        let reach = window.dilation[axis] * (window.kernel[axis] - 1) + 1;
        (image[axis] + window.padding[axis].iter().sum::<usize>() - reach) / window.stride[axis] + 1
    });
    Sweep { window, image, places }
}

fn singles(count: usize, seed: usize) -> Vec<f32> {
    (0..count).map(|i| noise(i + seed) as f32).collect()
}

/// Elements `[N, C, H, W]` that lie channels-last, as `f64`.
fn array(x: &[f32], shape: Dims) -> Array {
    let flat = Array::from_fn(Dims::new(&[x.len()]), |i| f64::from(x[i]));
    flat.view(shape, shape.channels_last(), 0)
}

/// What comes of `x` and `w` under an epilogue.
fn run(
    s: &Sweep,
    channels: [usize; 2],
    transposed: bool,
    [x, w]: [&[f32]; 2],
    images: usize,
    e: &Epilogue<'_>,
) -> Vec<f32> {
    let direct = Direct::new(channels, s, transposed);
    let mut packed = vec![MaybeUninit::new(f32::NAN); direct.packed()];
    direct.pack(w, &mut packed);
    // SAFETY: they were initialised before they were packed.
    let packed: Vec<f32> = packed.into_iter().map(|x| unsafe { x.assume_init() }).collect();
    let (of, size) = if transposed { (channels[1], s.image) } else { (channels[0], s.places) };
    let mut y = vec![MaybeUninit::new(f32::NAN); images * of * size[0] * size[1]];
    direct.run(&packed, x, images, e, &mut y);
    // SAFETY: they were initialised before they were written.
    y.into_iter().map(|y| unsafe { y.assume_init() }).collect()
}

/// Compares both directions with the plain way in `f64`, with each epilogue in turn.
#[track_caller]
fn compare((window, image, [outputs, inputs], images): Case, turn: usize) {
    let s = sweep(window, image);
    let [high, wide] = window.kernel;
    let inputs_each = inputs / window.groups;
    let w = singles(outputs * inputs_each * high * wide, 500);
    let w64 = Array::from_fn(Dims::new(&[outputs, inputs_each, high, wide]), |i| f64::from(w[i]));
    for transposed in [false, true] {
        let (from, to) = match transposed {
            false => ([inputs, image[0], image[1]], [outputs, s.places[0], s.places[1]]),
            true => ([outputs, s.places[0], s.places[1]], [inputs, image[0], image[1]]),
        };
        // Sums of more terms lose more.
        let tolerance = 1e-5 + 1e-6 * ((from[0] / window.groups * high * wide) as f64).sqrt();
        let shape = |[channels, h, w]: [usize; 3]| Dims::new(&[images, channels, h, w]);
        let x = singles(shape(from).count(), 0);
        let (bias, residual) = (singles(to[0], 900), singles(shape(to).count(), 77));
        let e = Epilogue {
            bias: turn.is_multiple_of(2).then_some(&bias[..]),
            residual: turn.is_multiple_of(3).then_some(&residual[..]),
            activation: [Activation::Identity, Activation::Relu, Activation::LeakyRelu(0.1)][turn / 2 % 3],
        };
        let got = run(&s, [outputs, inputs], transposed, [&x, &w], images, &e);
        let x64 = array(&x, shape(from));
        let sums = if transposed {
            plain::conv_transpose2d(&x64, &w64, None, &s)
        } else {
            plain::conv2d(&x64, &w64, None, &s)
        };
        let sums = sums.channels_last();
        let sums = sums.dense::<f64>().expect("dense");
        for (i, (&got, &sum)) in got.iter().zip(sums).enumerate() {
            let bias = e.bias.map_or(0.0, |bias| f64::from(bias[i % to[0]]));
            let residual = e.residual.map_or(0.0, |residual| f64::from(residual[i]));
            close(f64::from(got), e.activation.of_one(sum + bias + residual), tolerance);
        }
    }
}

#[test]
fn any_window_as_the_plain_way() {
    let (plain, three) = (Window::square(1), Window { padding: [[1; 2]; 2], ..Window::square(3) });
    let windows = [
        plain,
        three,
        Window { stride: [2; 2], ..three },
        Window { stride: [2; 2], ..plain },
        Window { stride: [3, 4], padding: [[1, 0], [0, 2]], ..plain },
        Window { kernel: [2; 2], stride: [2; 2], ..plain },
        Window { kernel: [5; 2], padding: [[2; 2]; 2], stride: [2, 1], ..plain },
        Window { kernel: [7, 3], padding: [[3; 2], [0, 1]], stride: [2, 3], ..plain },
        Window { dilation: [2, 3], padding: [[2; 2], [3, 4]], ..three },
        Window { dilation: [4, 1], padding: [[4, 5], [1, 0]], stride: [1, 2], ..three },
        Window { kernel: [1, 4], padding: [[0; 2], [5, 0]], stride: [2, 4], ..plain },
        Window { kernel: [4, 1], padding: [[6; 2], [0; 2]], stride: [4, 1], dilation: [3, 2], ..plain },
    ];
    let channels = [[1, 1], [3, 16], [16, 3], [24, 17], [33, 5], [8, 8], [70, 2], [2, 70], [41, 33], [5, 4]];
    let images = [[5, 7], [13, 6], [1, 1], [7, 7], [2, 19]];
    with_each_isa(|| {
        let mut turn = 0;
        for window in windows {
            for image in images {
                let reach = |axis: usize| window.dilation[axis] * (window.kernel[axis] - 1) + 1;
                if (0..2).any(|axis| image[axis] + window.padding[axis].iter().sum::<usize>() < reach(axis)) {
                    continue;
                }
                for groups in [1, 2] {
                    let channels = channels[turn % channels.len()].map(|n| n * groups);
                    compare((Window { groups, ..window }, image, channels, turn % 4), turn);
                    turn += 1;
                }
            }
        }
    });
}

/// More channels, rows and columns than a strip has, and enough of all for several threads.
#[test]
fn in_parts() {
    let three = Window { padding: [[1; 2]; 2], ..Window::square(3) };
    let cases: [Case; 7] = [
        (three, [3, 4], [9, 530], 2),
        (three, [40, 40], [17, 40], 2),
        (three, [3, 300], [2, 70], 1),
        (three, [8, 8], [64, 32], 9),
        (Window::square(1), [9, 9], [40, 4300], 1),
        (Window { stride: [2; 2], ..three }, [41, 40], [40, 40], 1),
        (Window { dilation: [50; 2], padding: [[50; 2]; 2], ..Window::square(3) }, [60, 9], [8, 16], 1),
    ];
    for (turn, case) in cases.into_iter().enumerate() {
        compare(case, turn);
    }
    let direct = |(window, image, channels, _): Case| Direct::new(channels, &sweep(window, image), false);
    assert!(direct(cases[0]).cuts().count() > 1 && direct(cases[4]).cuts().count() > 1);
    let parts = |case: Case| [0, 1].map(|axis| direct(case).axes[axis].count.div_ceil(direct(case).block[axis]));
    assert!(parts(cases[1])[0] > 1 && parts(cases[2])[1] > 1);
}

/// They reach the results whose windows they lie under, and no others.
#[test]
fn nan_and_infinity_come_through() {
    let s = sweep(Window { padding: [[1; 2]; 2], ..Window::square(3) }, [6, 6]);
    let w = vec![1.0; 5 * 3 * 9];
    with_each_isa(|| {
        let mut x = vec![1.0; 36 * 3];
        (x[0], x[35 * 3 + 1]) = (f32::NAN, f32::INFINITY);
        let y = run(&s, [5, 3], false, [&x, &w], 1, &Epilogue::default());
        for (i, y) in y.iter().enumerate() {
            let (row, column) = (i / 5 / 6, i / 5 % 6);
            assert_eq!(y.is_nan(), row < 2 && column < 2, "{row}, {column}");
            assert_eq!(*y == f32::INFINITY, row > 3 && column > 3, "{row}, {column}");
        }
    });
}

/// Asserts before any pointer is used.
#[test]
fn what_does_not_fit_is_refused() {
    let s = sweep(Window::square(2), [4, 5]);
    let direct = Direct::new([3, 2], &s, false);
    let mut packed = vec![MaybeUninit::new(0.0); direct.packed()];
    direct.pack(&[1.0; 24], &mut packed);
    let (w, x, y) = (vec![1.0; direct.packed()], vec![1.0; 40], 36);
    let refused = |w: &[f32], x: &[f32], y: usize, e: Epilogue<'_>| {
        let mut y = vec![MaybeUninit::new(0.0); y];
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| direct.run(w, x, 1, &e, &mut y))).is_err()
    };
    assert!(!refused(&w, &x, y, Epilogue::default()));
    assert!(refused(&w[1..], &x, y, Epilogue::default()));
    assert!(refused(&w, &x[1..], y, Epilogue::default()));
    assert!(refused(&w, &x, y - 1, Epilogue::default()));
    assert!(refused(&w, &x, y, Epilogue { bias: Some(&[0.0; 2]), ..Epilogue::default() }));
    assert!(refused(&w, &x, y, Epilogue { residual: Some(&[0.0; 35]), ..Epilogue::default() }));
    let pack = |w: &[f32], len: usize| {
        let mut to = vec![MaybeUninit::new(0.0); len];
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| direct.pack(w, &mut to))).is_err()
    };
    assert!(pack(&[1.0; 23], direct.packed()) && pack(&[1.0; 24], direct.packed() - 1));
}
