//! The numbers of pixels brought to where a network wants them.

use super::{Pixel, pixels};
use crate::kernels::array::Array;
use crate::kernels::dtype::DType;

/// Bytes as parts of 255, in the order in which they lie.
#[track_caller]
pub fn to_float(x: &Array) -> Array {
    let x = if x.is_dense() { x.clone() } else { x.contiguous() };
    let from = x.dense::<u8>().expect("dense");
    // SAFETY: both have the shape and strides of `x`, so `out` is as long as `from`, and every element is written.
    unsafe {
        Array::build_like::<f32>(*x.shape(), *x.strides(), |out| {
            for (y, &x) in out.iter_mut().zip(from) {
                y.write(f32::from(x) / u8::WHITE);
            }
        })
    }
}

/// `(x - mean) / std` of each channel, where white is 1, in C order; in place where nobody else holds `x`.
#[track_caller]
pub fn normalize(x: Array, mean: &[f32], std: &[f32]) -> Array {
    let [channels, plane] = [x.shape().get(1), x.shape().get(2) * x.shape().get(3)];
    assert!([mean.len(), std.len()] == [channels; 2], "{} means for {channels} channels", mean.len());
    let mut y = x.contiguous();
    drop(x);
    if y.dtype() == DType::F32 {
        let planes = y.make_mut::<f32>().chunks_exact_mut(plane.max(1));
        for (x, (mean, std)) in planes.zip(mean.iter().zip(std).cycle()) {
            x.iter_mut().for_each(|x| *x = (*x - mean) / std);
        }
        return y;
    }
    // What becomes of each byte, so that a pixel costs no arithmetic and has the value of the formula to the last bit.
    let of = |mean: &f32, std: &f32| std::array::from_fn(|x| (x as f32 / u8::WHITE - mean) / std);
    let tables: Vec<[f32; 256]> = mean.iter().zip(std).map(|(mean, std)| of(mean, std)).collect();
    let from = y.as_slice::<u8>().expect("contiguous");
    // SAFETY: the result has the shape of `y`, which is whole planes: as many as there are chunks in `from`, each of the
    // same length, and of each every element is written.
    unsafe {
        Array::build::<f32>(*y.shape(), |out| {
            let planes = out.chunks_exact_mut(plane.max(1)).zip(from.chunks_exact(plane.max(1)));
            for ((y, x), table) in planes.zip(tables.iter().cycle()) {
                for (y, &x) in y.iter_mut().zip(x) {
                    y.write(table[usize::from(x)]);
                }
            }
        })
    }
}

/// The mean and the standard deviation (of all, divided by n) of each channel, where white is 1.
pub fn statistics(x: &Array) -> Vec<[f64; 2]> {
    let x = x.contiguous();
    let [images, channels] = [0, 1].map(|axis| x.shape().get(axis));
    let plane = x.shape().get(2) * x.shape().get(3);
    let n = (images * plane).max(1) as f64;
    pixels!(x.dtype(), T => {
        let all = x.as_slice::<T>().expect("contiguous");
        let of = |channel| {
            let planes = || all.chunks_exact(plane.max(1)).skip(channel).step_by(channels);
            // A plane at a time, so that sums of few numbers are added to sums of few numbers.
            let sum = |f: &dyn Fn(f64) -> f64| -> f64 {
                planes().map(|plane| plane.iter().map(|x| f(x.to_f32().into())).sum::<f64>()).sum()
            };
            let white = f64::from(T::WHITE);
            let mean = sum(&|x| x) / n;
            [mean / white, (sum(&|x| (x - mean) * (x - mean)) / n).sqrt() / white]
        };
        (0..channels).map(of).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::Dims;

    #[test]
    fn bytes_and_numbers_agree() {
        let x = Array::from_fn(Dims::new(&[2, 3, 2, 5]), |i| (i * 37 % 256) as u8);
        let (mean, std) = ([0.5, 0.25, 0.0], [0.5, 0.3, 1.0]);
        let direct = normalize(x.clone(), &mean, &std).to_vec::<f32>();
        assert_eq!(normalize(to_float(&x), &mean, &std).to_vec::<f32>(), direct);
        let by_hand: Vec<f32> =
            (0..60).map(|i| ((i * 37 % 256) as f32 / 255.0 - mean[i / 10 % 3]) / std[i / 10 % 3]).collect();
        assert_eq!(direct, by_hand);
        // Channels-last, a view, and nothing.
        let turned = x.permute(&[0, 2, 3, 1]).contiguous().permute(&[0, 3, 1, 2]);
        assert_eq!(to_float(&turned).strides(), turned.strides());
        assert_eq!(to_float(&turned).to_vec::<f32>(), to_float(&x).to_vec::<f32>());
        assert_eq!(normalize(turned, &mean, &std).to_vec::<f32>(), direct);
        let part = x.view(Dims::new(&[1, 3, 2, 2]), *x.strides(), 1);
        assert_eq!(to_float(&part).to_vec::<f32>()[..2], [37.0 / 255.0, 74.0 / 255.0]);
        assert_eq!(normalize(Array::full(0u8, Dims::new(&[0, 3, 4, 4])), &mean, &std).count(), 0);
        assert_eq!(normalize(Array::full(0f32, Dims::new(&[2, 3, 0, 4])), &mean, &std).count(), 0);
    }

    #[test]
    fn statistics_are_those_of_each_channel() {
        let x = Array::from_slice(&[0u8, 255, 51, 51, 255, 0, 102, 102], Dims::new(&[2, 2, 1, 2]));
        let near = |found: Vec<[f64; 2]>| {
            assert_eq!(found.len(), 2);
            for (found, want) in found.iter().flatten().zip([0.5, 0.5, 0.3, 0.1]) {
                assert!((found - want).abs() < 1e-7, "{found} instead of {want}");
            }
        };
        near(statistics(&x));
        near(statistics(&to_float(&x)));
        assert_eq!(statistics(&Array::full(0u8, Dims::new(&[0, 1, 2, 2]))), [[0.0, 0.0]]);
    }
}
