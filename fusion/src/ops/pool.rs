//! Pooling of images: the largest or the mean element under a window.

use super::conv::{Window, height_width, places};
use super::reduce;
use crate::graph::{Value, record, will_record};
use crate::kernels::conv::Sweep;
use crate::kernels::pooling::{self as kernel, Regions};
use crate::kernels::{Array, Dims};

/// The largest element under the window at each place, NaN where there is one; padding counts as negative infinity. Of
/// equal ones the first, row by row, has the gradient. `[N, C, H, W]` to `[N, C, H', W']`; PyTorch's `max_pool2d`.
#[track_caller]
pub fn max_pool2d(x: Value, window: Window) -> Value {
    let regions = under(&x, window);
    largest(["max_pool2d", "max_pool2d grad"], x, &regions)
}

/// The mean of the elements under the window at each place; padding counts as zeros. `[N, C, H, W]` to
/// `[N, C, H', W']`; PyTorch's `avg_pool2d`.
#[track_caller]
pub fn avg_pool2d(x: Value, window: Window) -> Value {
    let regions = under(&x, window);
    mean("avg_pool2d", x, regions)
}

/// The mean over regions of about one size that cover the image, `size` of them. `[N, C, H, W]` to
/// `[N, C, size[0], size[1]]`; PyTorch's `adaptive_avg_pool2d`.
#[track_caller]
pub fn adaptive_avg_pool2d(x: Value, size: [usize; 2]) -> Value {
    let image = height_width(&x);
    match size {
        [1, 1] => reduce::mean(&x, 0b1100, true),
        _ => mean("adaptive_avg_pool2d", x, Regions::covering(image, size)),
    }
}

/// The largest element of each of `size` regions of about one size that cover the image; as [`max_pool2d`] otherwise.
/// `[N, C, H, W]` to `[N, C, size[0], size[1]]`; PyTorch's `adaptive_max_pool2d`.
#[track_caller]
pub fn adaptive_max_pool2d(x: Value, size: [usize; 2]) -> Value {
    let regions = Regions::covering(height_width(&x), size);
    largest(["adaptive_max_pool2d", "adaptive_max_pool2d grad"], x, &regions)
}

#[track_caller]
fn under(x: &Value, window: Window) -> Regions {
    let image = height_width(x);
    Regions::under(Sweep { window, image, places: places(&window, image) })
}

#[track_caller]
fn largest(names: Names, x: Value, regions: &Regions) -> Value {
    if kernel::has_taps(x.array(), regions) {
        let (y, taps) = kernel::largest(x.array(), regions, will_record(&[x.link()]));
        let regions = *regions;
        return record(names[0], [x.link()], y, |_| {
            let taps = taps.expect("recorded");
            move |g, _| [Some(put_taps(names, g, taps.clone(), regions))]
        });
    }
    let index = kernel::argmax(x.array(), regions);
    take(names, x, index, f64::NEG_INFINITY)
}

/// What [`take`] and its adjoint are called where they are recorded.
type Names = [&'static str; 2];

/// The elements of each plane with these indices, `none` where there is no index: the adjoint of [`put`].
#[track_caller]
pub(super) fn take(names: Names, x: Value, index: Array, none: f64) -> Value {
    let from = *x.shape();
    record(names[0], [x.link()], kernel::take(x.array(), &index, none), |_| {
        move |g, _| [Some(put(names, g, index.clone(), from))]
    })
}

/// Zeros, and at these indices the elements of `x`: the gradient of [`take`].
fn put(names: Names, x: Value, index: Array, to: Dims) -> Value {
    record(names[1], [x.link()], kernel::put(x.array(), &index, &to), |_| {
        move |g, _| [Some(take(names, g, index.clone(), 0.0))]
    })
}

/// Images that hold the elements of `x` where these numbers of [`kernel::largest`] say: the gradient of that.
fn put_taps(names: Names, x: Value, taps: Array, regions: Regions) -> Value {
    record(names[1], [x.link()], kernel::put_taps(x.array(), &taps, &regions), |_| {
        move |g, _| [Some(take_taps(names, g, taps.clone(), regions))]
    })
}

/// The elements where these numbers say: the gradient of [`put_taps`].
fn take_taps(names: Names, x: Value, taps: Array, regions: Regions) -> Value {
    record(names[0], [x.link()], kernel::take_taps(x.array(), &taps, &regions, 0.0), |_| {
        move |g, _| [Some(put_taps(names, g, taps.clone(), regions))]
    })
}

#[track_caller]
fn mean(name: &'static str, x: Value, regions: Regions) -> Value {
    let last = x.array().is_only_channels_last();
    record(name, [x.link()], kernel::mean(x.array(), &regions), |_| move |g, _| [Some(spread(g, regions, last))])
}

/// Each element shared out evenly over its region: the gradient of [`mean`].
fn spread(x: Value, regions: Regions, channels_last: bool) -> Value {
    record("avg_pool2d grad", [x.link()], kernel::spread(x.array(), &regions, channels_last), |_| {
        move |g, _| [Some(mean("avg_pool2d grad grad", g, regions))]
    })
}

#[cfg(test)]
mod tests {
    use super::super::derivatives::{any, distinct, first_and_second};
    use super::super::shape::{permute, reshape};
    use super::*;

    fn windows() -> [Window; 4] {
        let three = Window { padding: [[1; 2]; 2], ..Window::square(3) };
        [
            Window { stride: [2; 2], ..Window::square(2) },
            three,
            Window { stride: [2, 1], dilation: [1, 2], ..three },
            Window { stride: [3, 4], padding: [[1, 0], [0, 1]], ..Window::square(2) },
        ]
    }

    #[test]
    fn gradients() {
        let (x, y) = ([distinct(1, &[2, 2, 4, 5])], [any(2, &[1, 2, 4, 5])]);
        // In C order and channels-last.
        for last in [false, true] {
            let laid = |x: &Value| {
                let pixels = x.shape().permuted(&[0, 2, 3, 1]);
                let flat = reshape(permute(x.clone(), &[0, 2, 3, 1]), &Dims::new(&[pixels.count()]));
                if last { permute(reshape(flat, &pixels), &[0, 3, 1, 2]) } else { x.clone() }
            };
            for window in windows() {
                first_and_second(&x, |x| max_pool2d(laid(&x[0]), window));
                first_and_second(&y, |x| avg_pool2d(laid(&x[0]), window));
            }
            for size in [[1, 1], [2, 3], [4, 5], [3, 7]] {
                first_and_second(&x, |x| adaptive_max_pool2d(laid(&x[0]), size));
                first_and_second(&y, |x| adaptive_avg_pool2d(laid(&x[0]), size));
            }
        }
    }

    #[test]
    fn no_images() {
        let x = any(1, &[0, 3, 4, 5]);
        for window in windows() {
            assert_eq!(max_pool2d(x.clone(), window).shape(), avg_pool2d(x.clone(), window).shape());
        }
        for size in [[1, 1], [2, 3]] {
            assert_eq!(*adaptive_avg_pool2d(x.clone(), size).shape(), [0, 3, size[0], size[1]][..]);
            assert_eq!(*adaptive_max_pool2d(x.clone(), size).shape(), [0, 3, size[0], size[1]][..]);
        }
    }

    /// The gradients of input and result have the same sum, but for windows that lie in the padding alone.
    #[test]
    fn padding_has_no_gradient() {
        let x = any(1, &[1, 1, 1, 1]).watch();
        let window = Window { padding: [[2; 2]; 2], dilation: [3; 2], ..Window::square(2) };
        let y = max_pool2d(x.clone(), window);
        assert_eq!(y.array().to_vec::<f64>(), [f64::NEG_INFINITY; 4]);
        let grads = y.backward(any(2, &[1, 1, 2, 2]));
        assert_eq!(grads.get_value(x.link()).unwrap().item(), 0.0);
    }
}
