//! Images made larger, each new element between old ones.

use super::conv::height_width;
use crate::graph::{Value, record};
use crate::kernels::Array;
use crate::kernels::resize::{Between, shrink, stretch};
use std::sync::Arc;

/// Images `[N, C, H, W]` stretched to `[N, C, H * scale[0], W * scale[1]]`, each element a mean of the four around it, by
/// their distance. With `align_corners` the first and the last elements stay where they are, else the outer edges of the
/// image. PyTorch's `interpolate(scale_factor, mode="bilinear")`.
#[track_caller]
pub fn upsample_bilinear2d(x: Value, scale: [usize; 2], align_corners: bool) -> Value {
    let sides = height_width(&x);
    let [down, across] = scale;
    assert!(down > 0 && across > 0, "upsample_bilinear2d: a scale of {down} x {across}");
    let mut to = *x.shape();
    for (k, n) in sides.into_iter().enumerate() {
        to.set(2 + k, n.saturating_mul(scale[k]));
    }
    if to.count() == 0 {
        let from = *x.shape();
        let nothing = Array::full_float(x.dtype(), 0.0, to);
        return record("upsample_bilinear2d", [x.link()], nothing, |_| {
            move |g: Value, _| [Some(Array::full_float(g.dtype(), 0.0, from).into())]
        });
    }
    [0, 1].into_iter().filter(|&k| scale[k] > 1).fold(x, |x, k| {
        let last = x.array().is_only_channels_last();
        let x = if last { x } else { Value::new(x.array().contiguous(), x.link().clone()) };
        along(x, 2 + k, &places(sides[k], scale[k], align_corners))
    })
}

/// Where the elements of an axis of `n` lie that is stretched by `scale`.
fn places(n: usize, scale: usize, align_corners: bool) -> Arc<[Between]> {
    let place = |i: usize| {
        let at = match align_corners {
            true => (i * (n - 1)) as f64 / (n * scale - 1) as f64,
            false => ((i as f64 + 0.5) / scale as f64 - 0.5).max(0.0),
        };
        let low = (at as usize).min(n - 1);
        Between { low, high: (low + 1).min(n - 1), weight: at - low as f64 }
    };
    (0..n * scale).map(place).collect()
}

/// What `f` makes of images, or of their pixels if they lie channels-`last`, where axes 2 and 3 are 1 and 2.
fn laid(last: bool, x: &Array, f: impl FnOnce(&Array) -> Array) -> Array {
    if last { f(&x.permute(&[0, 2, 3, 1])).permute(&[0, 3, 1, 2]) } else { f(x) }
}

#[track_caller]
fn along(x: Value, axis: usize, places: &Arc<[Between]>) -> Value {
    let n = x.shape().get(axis);
    let last = x.array().is_only_channels_last();
    let y = laid(last, x.array(), |x| stretch(x, axis - usize::from(last), places));
    record("upsample_bilinear2d", [x.link()], y, |_| {
        let places = places.clone();
        move |g, _| [Some(back(&g, axis, &places, n, last))]
    })
}

/// The gradient of [`along`], whose own is that again.
fn back(g: &Value, axis: usize, places: &Arc<[Between]>, n: usize, last: bool) -> Value {
    let x = laid(last, g.array(), |g| shrink(g, axis - usize::from(last), places, n));
    record("upsample_bilinear2d grad", [g.link()], x, |_| {
        let places = places.clone();
        move |x, _| [Some(along(x, axis, &places))]
    })
}

#[cfg(test)]
mod tests {
    use super::super::derivatives::{any, first_and_second};
    use super::*;
    use crate::kernels::Dims;

    #[test]
    fn gradients_and_values() {
        for align_corners in [false, true] {
            for scale in [[1, 1], [2, 2], [3, 1], [1, 4]] {
                first_and_second(&[any(1, &[2, 2, 2, 3])], |x| upsample_bilinear2d(x[0].clone(), scale, align_corners));
            }
            assert_eq!(*upsample_bilinear2d(any(1, &[0, 2, 2, 3]), [2, 2], align_corners).shape(), [0, 2, 4, 6][..]);
        }
        let x = Value::from(Array::from_slice(&[0f32, 4.0], Dims::new(&[1, 1, 1, 2])));
        let of = |align_corners| upsample_bilinear2d(x.clone(), [1, 2], align_corners).array().to_vec::<f32>();
        assert_eq!(of(false), [0.0, 1.0, 3.0, 4.0]);
        let apart = |y: &[f32]| y.iter().zip([0.0, 4.0 / 3.0, 8.0 / 3.0, 4.0]).all(|(y, want)| (y - want).abs() < 1e-6);
        assert!(apart(&of(true)));
    }
}
