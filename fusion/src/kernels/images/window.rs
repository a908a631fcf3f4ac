//! Windows on images, and what they see beyond the edges.

use super::{Pixel, pixels};
use crate::kernels::array::Array;
use fusion_rules::Fill;

/// What lies beyond the edges of an image.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Edge {
    /// Pixels of the image, or a constant.
    pub fill: Fill,
    /// The constant.
    pub value: f32,
}

impl Edge {
    /// The pixel of a line of `n` that stands at place `i`; none where it is the constant.
    ///
    /// A reflection reaches `n - 1` beyond each end.
    fn pixel(self, i: isize, n: usize) -> Option<usize> {
        let end = n.cast_signed();
        if (0..end).contains(&i) {
            return Some(i.cast_unsigned());
        }
        match self.fill {
            Fill::Constant => None,
            Fill::Reflect => Some(if i < 0 { -i } else { 2 * (end - 1) - i }.cast_unsigned()),
            Fill::Replicate => Some(i.clamp(0, end - 1).cast_unsigned()),
            Fill::Circular => Some(i.rem_euclid(end).cast_unsigned()),
        }
    }
}

/// Of each image of `x` the window of `size` (height, width) whose upper left corner lies at its place (row, column), which
/// may lie beyond the edges.
#[track_caller]
pub fn windows(x: &Array, size: [usize; 2], places: &[[isize; 2]], edge: Edge) -> Array {
    let x = x.contiguous();
    let mut shape = *x.shape();
    assert!(shape.get(0) == places.len(), "{} places for {} images", places.len(), shape.get(0));
    (0..2).for_each(|k| shape.set(2 + k, size[k]));
    pixels!(x.dtype(), T => {
        let mut y = Array::full(T::default(), shape);
        cut::<T>(&x, y.make_mut(), size, places, edge);
        y
    })
}

fn cut<T: Pixel>(x: &Array, y: &mut [T], [height, width]: [usize; 2], places: &[[isize; 2]], edge: Edge) {
    let from = x.as_slice::<T>().expect("contiguous");
    let [channels, rows, columns] = [1, 2, 3].map(|axis| x.shape().get(axis));
    let constant = T::from_f32(edge.value);
    let images = y.chunks_exact_mut((channels * height * width).max(1)).zip(places).enumerate();
    for (image, (y, &[top, left])) in images {
        // A row of the window is some pixels beyond the left edge, then some of the image, then some beyond the right edge.
        let before = left.saturating_neg().clamp(0, width.cast_signed()).cast_unsigned();
        let first = left.max(0).cast_unsigned().min(columns);
        let inside = (width - before).min(columns - first);
        for (channel, y) in y.chunks_exact_mut(height * width).enumerate() {
            let plane = &from[(image * channels + channel) * rows * columns..][..rows * columns];
            for (k, y) in y.chunks_exact_mut(width).enumerate() {
                let Some(row) = edge.pixel(top + k.cast_signed(), rows) else {
                    y.fill(constant);
                    continue;
                };
                let row = &plane[row * columns..][..columns];
                y[before..][..inside].copy_from_slice(&row[first..][..inside]);
                for k in (0..before).chain(before + inside..width) {
                    y[k] = edge.pixel(left + k.cast_signed(), columns).map_or(constant, |column| row[column]);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::Dims;

    /// Each element by itself.
    #[test]
    fn as_pixel_by_pixel() {
        let x = Array::from_fn(Dims::new(&[2, 3, 4, 5]), |i| i as u8 + 1);
        for fill in [Fill::Constant, Fill::Reflect, Fill::Replicate, Fill::Circular] {
            let edge = Edge { fill, value: 200.0 };
            for places in [[[0, 0], [0, 0]], [[-2, 1], [3, -3]], [[-3, -4], [2, 3]], [[1, 2], [-1, 0]]] {
                let y = windows(&x, [4, 3], &places, edge);
                for i in 0..y.count() {
                    let at = [i / 36, i / 12 % 3, i / 3 % 4, i % 3];
                    let place = |k: usize| places[at[0]][k] + at[2 + k].cast_signed();
                    let want = match [edge.pixel(place(0), 4), edge.pixel(place(1), 5)] {
                        [Some(row), Some(column)] => x.get::<u8>(&[at[0], at[1], row, column]).unwrap(),
                        _ => 200,
                    };
                    assert_eq!(y.get::<u8>(&at), Some(want), "{fill:?} {places:?} {at:?}");
                }
            }
        }
    }

    #[test]
    fn lines_go_on_beyond_their_ends() {
        let line = |fill, places: std::ops::Range<isize>| -> Vec<Option<usize>> {
            places.map(|i| Edge { fill, value: 0.0 }.pixel(i, 3)).collect()
        };
        assert_eq!(line(Fill::Constant, -1..4), [None, Some(0), Some(1), Some(2), None]);
        assert_eq!(line(Fill::Reflect, -2..5), [2, 1, 0, 1, 2, 1, 0].map(Some));
        assert_eq!(line(Fill::Replicate, -2..5), [0, 0, 0, 1, 2, 2, 2].map(Some));
        assert_eq!(line(Fill::Circular, -2..5), [1, 2, 0, 1, 2, 0, 1].map(Some));
    }

    #[test]
    fn of_nothing() {
        let edge = Edge { fill: Fill::Constant, value: 0.5 };
        let none = Array::full(0f32, Dims::new(&[0, 3, 4, 4]));
        assert_eq!(*windows(&none, [2, 2], &[], edge).shape(), [0, 3, 2, 2][..]);
        let empty = Array::full(0f32, Dims::new(&[1, 1, 0, 0]));
        assert_eq!(windows(&empty, [1, 2], &[[0, 0]], edge).to_vec::<f32>(), [0.5, 0.5]);
        let no_channels = Array::full(0f32, Dims::new(&[1, 0, 2, 2]));
        assert_eq!(*windows(&no_channels, [1, 2], &[[0, 0]], edge).shape(), [1, 0, 1, 2][..]);
        assert_eq!(windows(&none.view(Dims::new(&[0, 1, 1, 1]), Dims::new(&[1; 4]), 0), [0, 0], &[], edge).count(), 0);
    }
}
