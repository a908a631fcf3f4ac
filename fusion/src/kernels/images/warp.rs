//! Images turned, moved, stretched and sheared.

use super::{Pixel, pixels, rounded};
use crate::kernels::array::Array;

/// Where each pixel of the result lies in an image, counted from the image's middle: `x' = a x + b y + c` across and `y' = d x +
/// e y + f` down, for `[a, b, c, d, e, f]`.
pub type Affine = [f64; 6];

/// The map under which an image is sheared by two angles, across and down, then made larger by a factor, turned clockwise, and moved
/// across and down: where each pixel comes from. Angles are in degrees; all but the move is about the middle.
pub fn affine(angle: f64, [right, down]: [f64; 2], scale: f64, shear: [f64; 2]) -> Affine {
    let (sin, cos) = angle.to_radians().sin_cos();
    let [across, along] = shear.map(|degrees| degrees.to_radians().tan());
    // Turned after sheared down after sheared across; its determinant is 1.
    let (a, c) = (cos + sin * along, sin - cos * along);
    let (b, d) = (-a * across - sin, cos - c * across);
    let [a, b, c, d] = [d, -b, -c, a].map(|x| x / scale);
    [a, b, -a * right - b * down, c, d, -c * right - d * down]
}

/// Each image of `x` seen through its map; `fill` is what lies around it. A pixel is that of the nearest place, or if
/// `bilinear` the mean of the four around it, by their distance.
///
/// With the sum s of those of the four that lie inside, and the sum w of their weights, a pixel is `w (s - fill) + fill`.
#[track_caller]
pub fn warp(x: &Array, maps: &[Affine], bilinear: bool, fill: f32) -> Array {
    let x = x.contiguous();
    assert!(x.shape().get(0) == maps.len(), "{} maps of {} images", maps.len(), x.shape().get(0));
    pixels!(x.dtype(), T => {
        let mut y = Array::full(T::from_f32(fill), *x.shape());
        let [rows, columns] = [2, 3].map(|axis| x.shape().get(axis));
        let image = (x.shape().get(1) * rows * columns).max(1);
        let from = x.as_slice::<T>().expect("contiguous").chunks_exact(image);
        for ((x, y), map) in from.zip(y.make_mut::<T>().chunks_exact_mut(image)).zip(maps) {
            if bilinear {
                through(*map, [rows, columns], |at, place| four(x, y, at, place, [rows, columns], fill));
            } else {
                through(*map, [rows, columns], |at, place| nearest(x, y, at, place, [rows, columns]));
            }
        }
        y
    })
}

/// Calls `look` with the number of each pixel of a plane and its place (row, column) in the image, of those alone that see
/// something of the image.
fn through([a, b, c, d, e, f]: Affine, [rows, columns]: [usize; 2], mut look: impl FnMut(usize, [f32; 2])) {
    // From the middle of a line to its middle.
    let [middle, centre] = [rows, columns].map(|n| (n as f64 - 1.0) * 0.5);
    for row in 0..rows {
        let down = row as f64 - middle;
        let (across_at, down_at) = (b * down + c + centre, e * down + f + middle);
        for column in 0..columns {
            let across = column as f64 - centre;
            let place = [(d * across + down_at) as f32, (a * across + across_at) as f32];
            let near = |x: f32, n: usize| x > -1.0 && x < n as f32;
            if near(place[0], rows) && near(place[1], columns) {
                look(row * columns + column, place);
            }
        }
    }
}

/// Writes pixel `at` of all channels of `y`.
fn nearest<T: Pixel>(x: &[T], y: &mut [T], at: usize, place: [f32; 2], [rows, columns]: [usize; 2]) {
    let [row, column] = place.map(|x| rounded(x) as isize);
    if (0..rows.cast_signed()).contains(&row) && (0..columns.cast_signed()).contains(&column) {
        let from = row.cast_unsigned() * columns + column.cast_unsigned();
        let plane = rows * columns;
        y.chunks_exact_mut(plane).zip(x.chunks_exact(plane)).for_each(|(y, x)| y[at] = x[from]);
    }
}

/// As [`nearest`], of the four around a place.
fn four<T: Pixel>(x: &[T], y: &mut [T], at: usize, place: [f32; 2], [rows, columns]: [usize; 2], fill: f32) {
    // Rounded down; all that is negative lies between -1 and 0.
    let [top, left] = place.map(|x| x as isize - isize::from(x < 0.0));
    let [down, across] = [place[0] - top as f32, place[1] - left as f32];
    let mut taps = [(0, 0.0); 4];
    for (k, (row, near)) in [(top, 1.0 - down), (top + 1, down)].into_iter().enumerate() {
        for (l, (column, weight)) in [(left, near * (1.0 - across)), (left + 1, near * across)].into_iter().enumerate()
        {
            // What lies outside weighs nothing.
            if (0..rows.cast_signed()).contains(&row) && (0..columns.cast_signed()).contains(&column) {
                taps[2 * k + l] = (row.cast_unsigned() * columns + column.cast_unsigned(), weight);
            }
        }
    }
    let inside: f32 = taps.iter().map(|(_, weight)| weight).sum();
    let plane = rows * columns;
    for (y, x) in y.chunks_exact_mut(plane).zip(x.chunks_exact(plane)) {
        let sum: f32 = taps.iter().map(|&(from, weight)| weight * x[from].to_f32()).sum();
        y[at] = T::from_f32((sum - fill) * inside + fill);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::Dims;

    #[test]
    fn maps_of_whole_pixels_move_them() {
        let x = Array::from_fn(Dims::new(&[1, 2, 2, 3]), |i| i as f32 + 1.0);
        for bilinear in [false, true] {
            let of = |map| warp(&x, &[map], bilinear, 9.0).to_vec::<f32>();
            assert_eq!(of([1.0, 0.0, 0.0, 0.0, 1.0, 0.0]), x.to_vec::<f32>());
            // What lies one to the right, and one further down.
            assert_eq!(of([1.0, 0.0, 1.0, 0.0, 1.0, 0.0])[..6], [2.0, 3.0, 9.0, 5.0, 6.0, 9.0]);
            assert_eq!(of([1.0, 0.0, 0.0, 0.0, 1.0, 1.0])[6..], [10.0, 11.0, 12.0, 9.0, 9.0, 9.0]);
            assert_eq!(of([-1.0, 0.0, 0.0, 0.0, -1.0, 0.0])[..6], [6.0, 5.0, 4.0, 3.0, 2.0, 1.0]);
        }
    }

    #[test]
    fn of_nothing_and_far_away() {
        let one = Array::full(7u8, Dims::new(&[1, 1, 1, 1]));
        for bilinear in [false, true] {
            assert_eq!(warp(&one, &[[1.0, 0.0, 1e30, 0.0, 1.0, f64::NAN]], bilinear, 3.0).to_vec::<u8>(), [3]);
            assert_eq!(warp(&Array::full(0f32, Dims::new(&[0, 3, 2, 2])), &[], bilinear, 0.0).count(), 0);
            let flat = Array::full(0f32, Dims::new(&[1, 1, 0, 2]));
            assert_eq!(warp(&flat, &[[0.0; 6]], bilinear, 0.0).count(), 0);
        }
    }
}
