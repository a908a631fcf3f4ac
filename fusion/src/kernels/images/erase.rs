//! Rectangles of images replaced.

use super::resize::Rect;
use super::{Pixel, pixels};
use crate::kernels::array::Array;

/// The images without their rectangles, where `value` stands then; in place where nobody else holds them.
#[track_caller]
pub fn erase(x: Array, parts: &[Option<Rect>], value: f32) -> Array {
    let [images, rows, columns] = [0, 2, 3].map(|axis| x.shape().get(axis));
    assert!(images == parts.len(), "{} parts of {images} images", parts.len());
    let mut y = x.contiguous();
    drop(x);
    if y.count() > 0 && parts.iter().any(Option::is_some) {
        let image = y.count() / images;
        pixels!(y.dtype(), T => {
            for (image, part) in y.make_mut::<T>().chunks_exact_mut(image).zip(parts) {
                let Some(part) = part else { continue };
                for plane in image.chunks_exact_mut(rows * columns) {
                    for row in plane.chunks_exact_mut(columns).skip(part.top).take(part.height) {
                        row[part.left..][..part.width].fill(T::from_f32(value));
                    }
                }
            }
        });
    }
    y
}

/// Of each image this rectangle of the image before it in the batch; the first one's is the last one's.
#[track_caller]
pub fn exchange(x: &Array, part: Rect) -> Array {
    let x = x.contiguous();
    let [rows, columns] = [2, 3].map(|axis| x.shape().get(axis));
    let (count, image) = (x.count(), x.shape().without(0).count());
    let mut y = x.dense_copy();
    if part.width > 0 {
        pixels!(x.dtype(), T => {
            let from = x.as_slice::<T>().expect("contiguous");
            for (row, y) in y.make_mut::<T>().chunks_exact_mut(columns.max(1)).enumerate() {
                if (part.top..part.top + part.height).contains(&(row % rows)) {
                    let before = (row * columns + count - image) % count;
                    y[part.left..][..part.width].copy_from_slice(&from[before + part.left..][..part.width]);
                }
            }
        });
    }
    y
}

/// `share` of each row (along axis 0) of `f32` and the rest of the row before it; the first one's is the last one's.
#[track_caller]
pub fn blend(x: &Array, share: f32) -> Array {
    let x = x.contiguous();
    let count = x.count();
    let row = if count == 0 { 0 } else { x.shape().without(0).count() };
    let mut y = x.dense_copy();
    let from = x.as_slice::<f32>().expect("contiguous");
    let (before, last) = from.split_at(count - row);
    for (y, x) in y.make_mut::<f32>().iter_mut().zip(last.iter().chain(before)) {
        *y = x * (1.0 - share) + *y * share;
    }
    y
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::Dims;

    #[test]
    fn rectangles_only() {
        let x = Array::from_fn(Dims::new(&[2, 2, 2, 3]), |i| i as u8);
        let part = Rect { top: 1, left: 0, height: 1, width: 2 };
        let y = erase(x.clone(), &[None, Some(part)], 99.0).to_vec::<u8>();
        assert_eq!(y[..12], x.to_vec::<u8>()[..12]);
        assert_eq!(y[12..], [12, 13, 14, 99, 99, 17, 18, 19, 20, 99, 99, 23]);
        let y = exchange(&x, part).to_vec::<u8>();
        assert_eq!(y[..12], [0, 1, 2, 15, 16, 5, 6, 7, 8, 21, 22, 11]);
        assert_eq!(y[12..], [12, 13, 14, 3, 4, 17, 18, 19, 20, 9, 10, 23]);
        let none = Array::full(0f32, Dims::new(&[0, 2, 2, 3]));
        assert_eq!((exchange(&none, part).count(), erase(none, &[], 1.0).count()), (0, 0));
    }

    #[test]
    fn rows_are_blended_with_those_before() {
        let x = Array::from_slice(&[0f32, 4.0, 8.0, 0.0, 16.0, 8.0], Dims::new(&[3, 2]));
        assert_eq!(blend(&x, 0.75).to_vec::<f32>(), [4.0, 5.0, 6.0, 1.0, 14.0, 6.0]);
        let one = Array::from_slice(&[1f32, 2.0], Dims::new(&[1, 2]));
        assert_eq!(blend(&one, 0.25).to_vec::<f32>(), [1.0, 2.0]);
        assert_eq!(blend(&Array::full(0f32, Dims::new(&[0, 2])), 0.5).count(), 0);
        assert_eq!(blend(&Array::full(0f32, Dims::new(&[2, 0])), 0.5).count(), 0);
    }
}
