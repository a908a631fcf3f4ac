//! Images mirrored.

use super::pixels;
use crate::kernels::array::Array;

/// The images that are `flipped`, mirrored along their rows; in place where nobody else holds them.
#[track_caller]
pub fn flip(x: Array, flipped: &[bool]) -> Array {
    let [images, width] = [0, 3].map(|axis| x.shape().get(axis));
    assert!(images == flipped.len(), "{} choices for {images} images", flipped.len());
    let mut y = x.contiguous();
    // The last other owner, if there is none outside.
    drop(x);
    if flipped.contains(&true) {
        let image = y.count() / images;
        pixels!(y.dtype(), T => {
            let chosen = y.make_mut::<T>().chunks_exact_mut(image.max(1)).zip(flipped).filter(|(_, flip)| **flip);
            chosen.for_each(|(image, _)| image.chunks_exact_mut(width.max(1)).for_each(<[T]>::reverse));
        });
    }
    y
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::Dims;

    #[test]
    fn rows_are_turned_round() {
        let x = Array::from_fn(Dims::new(&[3, 2, 1, 3]), |i| i as u8);
        let y = flip(x.clone(), &[true, false, true]);
        assert_eq!(y.to_vec::<u8>(), [2, 1, 0, 5, 4, 3, 6, 7, 8, 9, 10, 11, 14, 13, 12, 17, 16, 15]);
        assert_eq!(x.to_vec::<u8>()[..3], [0, 1, 2]);
        assert!(flip(x.clone(), &[false; 3]).shares_memory(&x));
        let last = Array::from_fn(Dims::new(&[1, 1, 2, 2]), |i| i as f32);
        let place = last.elements::<f32>().as_ptr();
        let turned = flip(last, &[true]);
        assert_eq!((turned.elements::<f32>().as_ptr(), turned.to_vec::<f32>()), (place, vec![1.0, 0.0, 3.0, 2.0]));
        assert_eq!(flip(Array::full(0u8, Dims::new(&[1, 2, 0, 0])), &[true]).count(), 0);
        assert_eq!(flip(Array::full(0u8, Dims::new(&[0, 2, 2, 2])), &[]).count(), 0);
    }
}
