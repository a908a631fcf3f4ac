//! Images in other sizes.

use super::conv::height_width;
use super::pad::{pad, pad_zeros};
use super::reduce::sum;
use super::shape::{permute, reshape};
use crate::graph::{Value, record};
use crate::kernels::Dims;
use fusion_rules::Fill;

/// Each element repeated over a rectangle of `scale` (height, width) elements: `[N, C, H, W]` to
/// `[N, C, H * scale[0], W * scale[1]]`. PyTorch's `interpolate(scale_factor, mode="nearest")`.
#[track_caller]
pub fn upsample_nearest2d(x: Value, scale: [usize; 2]) -> Value {
    let [height, width] = height_width(&x);
    let (from, [down, across]) = (*x.shape(), scale);
    assert!(down > 0 && across > 0, "upsample_nearest2d: a scale of {down} x {across}");
    let [images, channels] = [from.get(0), from.get(1)];
    let one = Dims::new(&[images, channels, height, 1, width, 1]);
    let many = Dims::new(&[images, channels, height, down, width, across]);
    // The product of all is checked before some are multiplied.
    many.count();
    let to = Dims::new(&[images, channels, height * down, width * across]);
    if x.array().is_only_channels_last() {
        // The same, of pixels.
        let [one, many, to] = [one, many, to].map(|shape| match shape.rank() {
            6 => shape.permuted(&[0, 2, 3, 4, 5, 1]),
            _ => shape.permuted(&[0, 2, 3, 1]),
        });
        let pixels = x.array().permute(&[0, 2, 3, 1]);
        let (from, y) = (*pixels.shape(), pixels.reshape(&one).expand(&many).reshape(&to).permute(&[0, 3, 1, 2]));
        return record("upsample_nearest2d", [x.link()], y, |_| {
            move |g, _| {
                let each = reshape(permute(g, &[0, 2, 3, 1]), &many);
                [Some(permute(reshape(sum(&each, 0b1_0100, false), &from), &[0, 3, 1, 2]))]
            }
        });
    }
    let y = x.array().reshape(&one).expand(&many).reshape(&to);
    record("upsample_nearest2d", [x.link()], y, |_| {
        move |g, _| [Some(reshape(sum(&reshape(g, &many), 0b10_1000, false), &from))]
    })
}

/// Zeros around each image, `padding` of them on all four sides: `[N, C, H, W]` to
/// `[N, C, H + 2 padding, W + 2 padding]`. PyTorch's `pad`.
#[track_caller]
pub fn zero_pad2d(x: Value, padding: usize) -> Value {
    height_width(&x);
    [2, 3].into_iter().fold(x, |x, axis| pad_zeros(x, axis, [padding; 2]))
}

/// Each image with `padding` of its own elements on all four sides: `[N, C, H, W]` to `[N, C, H + 2 padding, W + 2 padding]`.
#[track_caller]
pub fn pad2d(x: Value, padding: usize, fill: Fill) -> Value {
    height_width(&x);
    [2, 3].into_iter().fold(x, |x, axis| pad(x, axis, [padding.cast_signed(); 2], fill, None))
}

#[cfg(test)]
mod tests {
    use super::super::derivatives::{any, first_and_second};
    use super::*;
    use crate::kernels::Array;

    #[test]
    fn gradients_and_values() {
        for scale in [[1, 1], [2, 2], [3, 1]] {
            first_and_second(&[any(1, &[2, 2, 2, 3])], |x| upsample_nearest2d(x[0].clone(), scale));
        }
        for padding in [0, 1, 2] {
            first_and_second(&[any(1, &[2, 2, 2, 3])], |x| zero_pad2d(x[0].clone(), padding));
            for fill in [Fill::Reflect, Fill::Replicate] {
                first_and_second(&[any(1, &[2, 1, 3, 4])], |x| pad2d(x[0].clone(), padding, fill));
            }
        }
        let x = Array::from_fn(Dims::new(&[1, 2, 1, 2]), |i| i as f32).swap(1, 3).swap(1, 3);
        let y = upsample_nearest2d(x.into(), [2, 3]);
        assert_eq!(*y.shape(), [1, 2, 2, 6][..]);
        let row = [0.0, 0.0, 0.0, 1.0, 1.0, 1.0];
        assert_eq!(y.array().to_vec::<f32>(), [row, row, row.map(|x| x + 2.0), row.map(|x| x + 2.0)].concat());
        assert_eq!(*upsample_nearest2d(any(1, &[0, 2, 2, 3]), [2, 2]).shape(), [0, 2, 4, 6][..]);
        assert_eq!(*zero_pad2d(any(1, &[0, 2, 2, 3]), 2).shape(), [0, 2, 6, 7][..]);
    }
}
