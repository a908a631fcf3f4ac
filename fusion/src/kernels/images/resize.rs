//! Parts of images brought to another size.

use super::{Pixel, pixels};
use crate::kernels::array::Array;

/// How a pixel is made of those around its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filter {
    /// Of the one at its place, counted from upper left corners: PyTorch's `nearest`.
    Nearest,
    /// The mean of the four around it, by their distance, however much smaller the result is.
    Bilinear,
    /// As [`Filter::Bilinear`], and of all that it stands for where the result is smaller: PyTorch's `antialias=True`.
    Antialiased,
}

/// Part of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rect {
    /// Its first row.
    pub top: usize,
    /// Its first column.
    pub left: usize,
    /// How many rows.
    pub height: usize,
    /// How many columns.
    pub width: usize,
}

/// Which elements of a line make each of its new elements: those from `first` on, by their weights.
struct Taps {
    /// How many weights each has; what it does not need is 0.
    width: usize,
    first: Vec<usize>,
    weights: Vec<f32>,
}

impl Taps {
    /// Of a line of `n` brought to `m`.
    fn new(n: usize, m: usize, filter: Filter) -> Self {
        let scale = n as f64 / m as f64;
        let mut places = Vec::with_capacity(m);
        for i in 0..m {
            places.push(match filter {
                // In `f32`, as there: a place that is a whole number may come out just below it.
                Filter::Nearest => (((i as f32 * (n as f32 / m as f32)) as usize).min(n - 1), vec![1.0]),
                Filter::Bilinear => {
                    let at = ((i as f64 + 0.5) * scale - 0.5).max(0.0);
                    let first = (at as usize).min(n - 1);
                    let far = at - first as f64;
                    if first + 1 < n { (first, vec![1.0 - far, far]) } else { (first, vec![1.0]) }
                }
                Filter::Antialiased => {
                    // A triangle that is as much wider as there are more pixels.
                    let reach = scale.max(1.0);
                    let centre = scale * (i as f64 + 0.5);
                    let first = (centre - reach + 0.5).max(0.0) as usize;
                    let end = ((centre + reach + 0.5) as usize).min(n);
                    let weight = |j: usize| (1.0 - ((j as f64 - centre + 0.5) / reach).abs()).max(0.0);
                    let weights: Vec<f64> = (first..end).map(weight).collect();
                    let sum: f64 = weights.iter().sum();
                    (first, weights.iter().map(|weight| weight / sum).collect())
                }
            });
        }
        let width = places.iter().map(|(_, weights)| weights.len()).max().unwrap_or(1);
        let mut taps = Self { width, first: Vec::with_capacity(m), weights: Vec::with_capacity(m * width) };
        for (mut first, weights) in places {
            // All have as many weights; those of the last pixels begin with zeros, so that none reaches beyond the end.
            let before = (first + width).saturating_sub(n).min(first);
            first -= before;
            taps.first.push(first);
            taps.weights.extend(std::iter::repeat_n(0.0, before).chain(weights.iter().map(|&weight| weight as f32)));
            taps.weights.resize(taps.first.len() * width, 0.0);
        }
        taps
    }

    /// Of each new element, its first element and its weights.
    fn each(&self) -> impl Iterator<Item = (usize, &[f32])> {
        self.first.iter().copied().zip(self.weights.chunks_exact(self.width))
    }
}

/// Of each image of `x` its part, brought to `size` (height, width). There is a part for each image, or one for all; none is
/// empty, and all lie inside.
#[track_caller]
pub fn resize(x: &Array, parts: &[Rect], size: [usize; 2], filter: Filter) -> Array {
    let x = x.contiguous();
    let mut shape = *x.shape();
    let [images, rows, columns] = [0, 2, 3].map(|axis| shape.get(axis));
    assert!([1, images].contains(&parts.len()), "{} parts of {images} images", parts.len());
    for part in parts {
        let inside = part.top + part.height <= rows && part.left + part.width <= columns;
        assert!(inside && part.height > 0 && part.width > 0, "{part:?} of an image of {rows} x {columns}");
    }
    (0..2).for_each(|k| shape.set(2 + k, size[k]));
    pixels!(x.dtype(), T => {
        let mut y = Array::full(T::default(), shape);
        all::<T>(&x, parts, y.make_mut(), size, filter);
        y
    })
}

fn all<T: Pixel>(x: &Array, parts: &[Rect], y: &mut [T], [height, width]: [usize; 2], filter: Filter) {
    if y.is_empty() {
        return;
    }
    let from = x.as_slice::<T>().expect("contiguous");
    let [images, channels, rows, columns] = [0, 1, 2, 3].map(|axis| x.shape().get(axis));
    let image = channels * height * width;
    let mut taps: Option<(Rect, [Taps; 2])> = None;
    let mut row = Vec::new();
    for (i, y) in (0..images).zip(y.chunks_exact_mut(image)) {
        let part = parts[i % parts.len()];
        let fits = taps.as_ref().is_some_and(|(of, _)| (of.height, of.width) == (part.height, part.width));
        if !fits {
            let [down, across] = [(part.height, height), (part.width, width)].map(|(n, m)| Taps::new(n, m, filter));
            taps = Some((part, [down, across]));
        }
        let (_, [down, across]) = taps.as_ref().expect("just made");
        for (channel, y) in y.chunks_exact_mut(height * width).enumerate() {
            let plane = &from[(i * channels + channel) * rows * columns..][..rows * columns];
            for ((top, weights), y) in down.each().zip(y.chunks_exact_mut(width)) {
                // The rows that make this one, summed; then pixels of that sum.
                row.clear();
                row.resize(part.width, 0f32);
                for (k, &weight) in weights.iter().enumerate().filter(|(_, weight)| **weight != 0.0) {
                    let line = &plane[(part.top + top + k) * columns + part.left..][..part.width];
                    row.iter_mut().zip(line).for_each(|(sum, x)| *sum += weight * x.to_f32());
                }
                for ((left, weights), y) in across.each().zip(y) {
                    *y = T::from_f32(weights.iter().zip(&row[left..]).map(|(weight, x)| weight * x).sum());
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::Dims;

    const FILTERS: [Filter; 3] = [Filter::Nearest, Filter::Bilinear, Filter::Antialiased];

    fn image(height: usize, width: usize) -> (Array, Rect) {
        let x = Array::from_fn(Dims::new(&[1, 1, height, width]), |i| ((i * 37) % 101) as f32);
        (x, Rect { top: 0, left: 0, height, width })
    }

    #[test]
    fn the_same_size_is_the_same_image() {
        for (height, width) in [(1, 1), (3, 5), (8, 8)] {
            let (x, all) = image(height, width);
            for filter in FILTERS {
                assert_eq!(resize(&x, &[all], [height, width], filter).to_vec::<f32>(), x.to_vec::<f32>());
            }
        }
    }

    /// Weights are of elements that there are, and sum to 1.
    #[test]
    fn weights_sum_to_one() {
        for n in 1..20 {
            for m in 1..20 {
                for filter in FILTERS {
                    for (first, weights) in Taps::new(n, m, filter).each() {
                        assert!(first + weights.len() <= n, "{filter:?} {n} to {m}: {first} and {weights:?}");
                        assert!((weights.iter().sum::<f32>() - 1.0).abs() < 1e-6, "{filter:?} {n} to {m}: {weights:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_part_is_as_an_image_of_it() {
        let x = Array::from_fn(Dims::new(&[2, 3, 6, 7]), |i| (i * 29 % 256) as u8);
        let parts = [Rect { top: 1, left: 2, height: 3, width: 4 }, Rect { top: 0, left: 0, height: 6, width: 5 }];
        for filter in FILTERS {
            let y = resize(&x, &parts, [4, 3], filter);
            for (i, part) in parts.iter().enumerate() {
                let shape = Dims::new(&[1, 3, part.height, part.width]);
                let alone = x.view(shape, *x.strides(), i * 126 + part.top * 7 + part.left).contiguous();
                let whole = Rect { top: 0, left: 0, ..*part };
                let want = resize(&alone, &[whole], [4, 3], filter).to_vec::<u8>();
                assert_eq!(y.to_vec::<u8>()[i * 36..][..36], want);
            }
        }
    }

    #[test]
    fn of_nothing() {
        let part = Rect { top: 0, left: 0, height: 2, width: 2 };
        let none = Array::full(0u8, Dims::new(&[0, 3, 2, 2]));
        assert_eq!(*resize(&none, &[part], [5, 4], Filter::Bilinear).shape(), [0, 3, 5, 4][..]);
        assert_eq!(resize(&image(2, 2).0, &[part], [0, 4], Filter::Antialiased).count(), 0);
    }
}
