use super::*;
use crate::kernels::array::copy::cast;
use crate::kernels::testing::{close, dims, floats, layouts, noise};
use crate::kernels::{DType, reduce};

/// Windows of all kinds, with the number of channels in and out that they are tried with.
fn cases() -> Vec<(Window, [usize; 2], [usize; 2])> {
    let plain = Window::square(1);
    let three = Window::square(3);
    let windows = [
        (plain, [2, 3]),
        (Window { stride: [2, 3], ..plain }, [1, 2]),
        (Window { groups: 2, ..plain }, [4, 2]),
        (Window { padding: [[1, 0], [0, 2]], ..plain }, [2, 1]),
        (three, [2, 3]),
        (Window { padding: [[1; 2]; 2], ..three }, [3, 1]),
        (Window { padding: [[1; 2]; 2], stride: [2; 2], ..three }, [2, 2]),
        (Window { padding: [[0, 1], [2, 1]], stride: [1, 2], dilation: [2, 1], ..three }, [1, 2]),
        (Window { padding: [[2; 2]; 2], dilation: [2; 2], groups: 2, ..three }, [2, 4]),
        (Window { padding: [[1; 2]; 2], groups: 3, ..three }, [3, 3]),
        (Window { kernel: [2, 4], padding: [[1, 0], [1, 2]], stride: [4, 5], ..plain }, [2, 1]),
        (Window { kernel: [1, 5], padding: [[0; 2], [4; 2]], ..plain }, [1, 2]),
        (Window { kernel: [5, 1], padding: [[7; 2], [0; 2]], stride: [3, 1], ..plain }, [1, 1]),
    ];
    let images = [[5, 7], [6, 5], [9, 4]];
    windows.into_iter().flat_map(|(window, channels)| images.map(|image| (window, channels, image))).collect()
}

fn sweep(window: Window, image: [usize; 2]) -> Sweep {
    let places = std::array::from_fn(|axis| {
        let [before, after] = window.padding[axis];
        (image[axis] + before + after - window.dilation[axis] * (window.kernel[axis] - 1) - 1) / window.stride[axis] + 1
    });
    Sweep { window, image, places }
}

/// Element by element.
fn naive(x: &Array, w: &Array, bias: &Array, s: &Sweep) -> Vec<f64> {
    let (shape, window) = (x.shape(), &s.window);
    let (inputs, outputs) = (w.shape().get(1), w.shape().get(0) / window.groups);
    let mut y = vec![];
    for n in 0..shape.get(0) {
        for o in 0..w.shape().get(0) {
            for (py, px) in (0..s.places[0]).flat_map(|py| (0..s.places[1]).map(move |px| (py, px))) {
                let mut sum = bias.get::<f64>(&[o]).unwrap();
                for (i, ky, kx) in (0..inputs)
                    .flat_map(|i| (0..window.kernel[0]).map(move |ky| (i, ky)))
                    .flat_map(|(i, ky)| (0..window.kernel[1]).map(move |kx| (i, ky, kx)))
                {
                    let row = (py * window.stride[0] + ky * window.dilation[0]).checked_sub(window.padding[0][0]);
                    let col = (px * window.stride[1] + kx * window.dilation[1]).checked_sub(window.padding[1][0]);
                    let at = row.zip(col).and_then(|(row, col)| x.get::<f64>(&[n, o / outputs * inputs + i, row, col]));
                    sum += at.unwrap_or(0.0) * w.get::<f64>(&[o, i, ky, kx]).unwrap();
                }
                y.push(sum);
            }
        }
    }
    y
}

#[test]
fn as_element_by_element_in_any_layout() {
    for (window, [inputs, outputs], image) in cases() {
        let s = sweep(window, image);
        let xs = layouts(&[2, inputs, image[0], image[1]], f64::NAN, noise);
        let [high, wide] = window.kernel;
        let ws = layouts(&[outputs, inputs / window.groups, high, wide], f64::NAN, |i| noise(i + 500));
        let bias = Array::from_fn(dims(&[outputs]), |i| noise(i + 900));
        let want = naive(&xs[0], &ws[0], &bias, &s);
        for (x, w) in xs.iter().zip(&ws) {
            let y = conv2d(x, w, Some(&bias), &s);
            assert_eq!(*y.shape(), [2, outputs, s.places[0], s.places[1]][..]);
            let single = |x| cast(x, DType::F32);
            let y32 = conv2d(&single(x), &single(w), Some(&single(&bias)), &s);
            for ((got, got32), &want) in floats(&y).into_iter().zip(floats(&y32)).zip(&want) {
                close(got, want, 1e-13);
                close(got32, want, 1e-5);
            }
        }
    }
}

fn dot(a: &Array, b: &Array) -> f64 {
    let product = elementwise::mul(a.clone(), b);
    reduce::sum(&product, (1 << a.shape().rank()) - 1, false).to_vec::<f64>()[0]
}

/// What defines them: <y, conv(x, w)> = <transposed(y, w), x> = <weight(x, y), w>.
#[test]
fn the_other_two_are_adjoint() {
    for (window, [inputs, outputs], image) in cases() {
        let s = sweep(window, image);
        let xs = layouts(&[3, inputs, image[0], image[1]], f64::NAN, noise);
        let [high, wide] = window.kernel;
        let ws = layouts(&[outputs, inputs / window.groups, high, wide], f64::NAN, |i| noise(i + 500));
        let ys = layouts(&[3, outputs, s.places[0], s.places[1]], f64::NAN, |i| noise(i + 900));
        let want = dot(&conv2d(&xs[0], &ws[0], None, &s), &ys[0]);
        for ((x, w), y) in xs.iter().zip(&ws).zip(&ys) {
            let back = conv_transpose2d(y, w, None, &s);
            assert_eq!(back.shape(), x.shape());
            close(dot(&back, x), want, 1e-12);
            let weights = conv2d_weight(x, y, &s);
            assert_eq!(weights.shape(), w.shape());
            close(dot(&weights, w), want, 1e-12);
            let bias = Array::from_fn(dims(&[inputs]), |i| noise(i + 77));
            let shifted = conv_transpose2d(y, w, Some(&bias), &s);
            let stretched = bias.reshape(&dims(&[inputs, 1, 1]));
            for (got, want) in floats(&shifted).into_iter().zip(floats(&elementwise::add(back, &stretched))) {
                close(got, want, 1e-13);
            }
        }
    }
}

#[test]
fn no_images() {
    for (window, [inputs, outputs], image) in cases() {
        let s = sweep(window, image);
        let none = |channels, [h, w]: [usize; 2]| Array::full(0f32, dims(&[0, channels, h, w]));
        let [high, wide] = window.kernel;
        let w = Array::full(1f32, dims(&[outputs, inputs / window.groups, high, wide]));
        let (x, y) = (none(inputs, image), none(outputs, s.places));
        assert_eq!(conv2d(&x, &w, None, &s).shape(), y.shape());
        assert_eq!(conv_transpose2d(&y, &w, None, &s).shape(), x.shape());
        let weights = conv2d_weight(&x, &y, &s);
        assert!(weights.shape() == w.shape() && floats(&weights).iter().all(|&w| w == 0.0));
    }
}
