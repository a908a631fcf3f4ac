use super::super::{epilogue::Epilogue, plain, sweep::Sweep, sweep::Window};
use super::*;
use crate::kernels::Array;
use crate::kernels::activation::Activation;
use crate::kernels::testing::{dims, noise, with_each_isa, with_threads};
use std::mem::MaybeUninit;

/// A number below `n` for each `i`.
fn pick(i: usize, n: usize) -> usize {
    ((noise(i) + 1.0) / 2.0 * n as f64) as usize
}

/// A window over an image, the number of images and of channels, all kinds of them.
fn case(i: usize) -> (Sweep, usize, usize) {
    let mut at = i * 100;
    let mut pick = |n: usize| {
        at += 1;
        pick(at, n)
    };
    let mut each = |n: usize| [pick(n) + 1, pick(n) + 1];
    let kernel = if i.is_multiple_of(3) { [3; 2] } else { each(7) };
    let stride = if i.is_multiple_of(2) { [1; 2] } else { each(5) };
    let dilation = if i.is_multiple_of(5) { each(6) } else { [1; 2] };
    let padding = [each(5), each(5)].map(|ends| ends.map(|n| n - 1));
    let image = each(17);
    let channels = pick(70) + 1;
    let window = Window { kernel, stride, padding, dilation, groups: channels };
    let places = std::array::from_fn(|axis| {
        let [before, after] = padding[axis];
        let room = image[axis] + before + after;
        room.checked_sub(dilation[axis] * (kernel[axis] - 1) + 1).map_or(0, |free| free / stride[axis] + 1)
    });
    (Sweep { window, image, places }, pick(4), channels)
}

fn elements(count: usize, from: usize) -> Vec<f32> {
    (from..from + count).map(|i| noise(i) as f32).collect()
}

/// Images whose elements are given as they lie, channels-last, in `f64`.
fn images(elements: &[f32], count: usize, channels: usize, [high, wide]: [usize; 2]) -> Array {
    let shape = dims(&[count, high, wide, channels]);
    Array::from_fn(shape, |i| f64::from(elements[i])).permute(&[0, 3, 1, 2])
}

/// The elements of an array of images as they would lie channels-last.
fn as_they_lie(array: &Array) -> Vec<f64> {
    array.permute(&[0, 2, 3, 1]).to_vec()
}

/// All of `count` elements that `f` writes, off any alignment, with NaN before and behind them.
#[track_caller]
fn written(count: usize, f: impl FnOnce(&mut [MaybeUninit<f32>])) -> Vec<f64> {
    let mut all = vec![MaybeUninit::new(f32::NAN); count + 2];
    f(&mut all[1..=count]);
    // SAFETY: all were written when they were made.
    let all: Vec<f64> = all.into_iter().map(|x| f64::from(unsafe { x.assume_init() })).collect();
    assert!(all[0].is_nan() && all[count + 1].is_nan(), "written before or behind");
    all[1..=count].to_vec()
}

#[track_caller]
fn near(got: &[f64], want: &[f64], error: f64, what: &dyn std::fmt::Debug) {
    assert_eq!(got.len(), want.len(), "{what:?}");
    for (i, (got, want)) in got.iter().zip(want).enumerate() {
        assert!((got - want).abs() <= error, "element {i} is {got}, not {want}: {what:?}");
    }
}

/// The convolution, its adjoint and the gradient by the weights, all three as the plain way has them.
#[track_caller]
fn as_the_plain_way(s: &Sweep, count: usize, channels: usize) {
    let [pixels, places] = [s.image, s.places].map(|[high, wide]| high * wide * channels * count);
    let taps = s.window.kernel[0] * s.window.kernel[1];
    let (x, dy, w) = (elements(pixels + 1, 0), elements(places + 1, 1 << 30), elements(channels * taps, 1 << 31));
    let (x, dy) = (&x[1..], &dy[1..]);
    let (bias, residual) = (elements(channels, 1 << 20), elements(pixels.max(places), 1 << 21));
    let w_array = Array::from_fn(dims(&[channels, 1, s.window.kernel[0], s.window.kernel[1]]), |i| f64::from(w[i]));
    let (x_array, dy_array) = (images(x, count, channels, s.image), images(dy, count, channels, s.places));
    let forward = as_they_lie(&plain::conv2d(&x_array, &w_array, None, s));
    let back = as_they_lie(&plain::conv_transpose2d(&dy_array, &w_array, None, s));
    let weights = plain::conv2d_weight(&x_array, &dy_array, s).to_vec::<f64>();
    with_each_isa(|| {
        for (transposed, x, want) in [(false, x, &forward), (true, dy, &back)] {
            let filter = Depthwise::new(&w, channels, s, transposed);
            let (bias, residual) = (Some(&*bias), Some(&residual[..want.len()]));
            for epilogue in [
                Epilogue::default(),
                Epilogue { bias, ..Epilogue::default() },
                Epilogue { residual, activation: Activation::Relu, ..Epilogue::default() },
                Epilogue { bias, residual, activation: Activation::LeakyRelu(0.5) },
            ] {
                let want = written(want.len(), |y| epilogue.of(channels, |place| want[place] as f32, y));
                let got = written(want.len(), |y| filter.run(x, count, &epilogue, y));
                near(&got, &want, 1e-6 * taps as f64, &(s, epilogue.activation));
            }
        }
        for threads in [1, 3] {
            let got = written(weights.len(), |dw| weight::weight_by(x, dy, [count, channels], s, threads, dw));
            near(&got, &weights, 2e-6 * ((places / channels) as f64).sqrt(), s);
        }
    });
}

#[test]
fn all_kinds_of_windows() {
    let mut some = 0;
    for (s, count, channels) in (0..300).map(case) {
        as_the_plain_way(&s, count, channels);
        some += usize::from(count * s.places[0] * s.places[1] > 0);
    }
    assert!(some > 150, "only {some} cases have places");
}

/// Vectors that end inside of a pixel, in rows of any length.
#[test]
fn any_number_of_channels() {
    for channels in 1..=70 {
        for (width, stride) in [(channels % 5 + 1, 1), (channels % 7 + 5, 1), (channels % 7 + 5, 2)] {
            let padding = if width < 3 { channels % 2 + 1 } else { channels % 3 };
            let window =
                Window { groups: channels, stride: [stride; 2], padding: [[padding; 2]; 2], ..Window::square(3) };
            let image = [9, width];
            let places = image.map(|n| (n + 2 * padding - 3) / stride + 1);
            as_the_plain_way(&Sweep { window, image, places }, 1, channels);
        }
    }
}

/// Each thread has rows of its own, which begin and end anywhere in an image.
#[test]
fn rows_of_several_threads() {
    for stride in [1, 2] {
        let window = Window { groups: 36, stride: [stride; 2], padding: [[1; 2]; 2], ..Window::square(3) };
        let s = Sweep { window, image: [40 * stride; 2], places: [40; 2] };
        as_the_plain_way(&s, 4, 36);
        let w = elements(36 * 9, 1 << 31);
        for (transposed, takes, gives) in [(false, s.image, s.places), (true, s.places, s.image)] {
            let filter = Depthwise::new(&w, 36, &s, transposed);
            let [x, count] = [takes, gives].map(|[high, wide]| 4 * 36 * high * wide);
            let x = elements(x, 0);
            let result = |threads: usize| {
                with_threads(threads, || written(count, |y| filter.run(&x, 4, &Epilogue::default(), y)))
            };
            assert!(result(1) == result(3), "other bits by more threads: {s:?}");
        }
    }
}

#[test]
fn long_sums_stay_exact() {
    let s = Sweep { window: Window { groups: 9, ..Window::square(1) }, image: [100, 100], places: [100, 100] };
    let count = 20 * 100 * 100;
    let (x, dy) = (vec![0.1f32; count * 9], vec![1f32; count * 9]);
    with_each_isa(|| {
        for got in written(9, |dw| weight(&x, &dy, 20, 9, &s, dw)) {
            let error = (got / (f64::from(0.1f32) * count as f64) - 1.0).abs();
            assert!(error < 5e-6, "{error:e}");
        }
    });
}

/// What lies outside of an image takes no part in its sums.
#[test]
fn infinite_weights_meet_no_border() {
    let s = Sweep {
        window: Window { groups: 16, padding: [[1; 2]; 2], ..Window::square(3) },
        image: [2, 2],
        places: [2, 2],
    };
    let mut w = vec![1f32; 16 * 9];
    for w in w.iter_mut().step_by(9) {
        *w = f32::INFINITY;
    }
    let filter = Depthwise::new(&w, 16, &s, false);
    let y = written(4 * 16, |y| filter.run(&[1.0; 4 * 16], 1, &Epilogue::default(), y));
    assert!(y[..3 * 16].iter().all(|&y| y == 4.0) && y[3 * 16..].iter().all(|&y| y == f64::INFINITY), "{y:?}");
}
