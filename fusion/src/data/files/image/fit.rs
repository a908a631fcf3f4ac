//! Images of any size made one size.
//!
//! An image is made as small or as large as it can be while it covers the new size, and its middle is cut out: torchvision's
//! `Resize` of the shorter side (bilinear, with antialiasing) and `CenterCrop`, on images of PIL, pixel for pixel.

use super::pixels::Pixels;

/// The fraction bits of weights.
const BITS: u32 = 22;

/// What an output of one axis is made of: the first input, and the weights of it and the next ones.
struct Tap {
    first: usize,
    weights: Vec<i32>,
}

/// The planes of `image`, fitted into `height` rows of `width` pixels.
pub(super) fn fit(image: &Pixels, height: usize, width: usize, planes: &mut [u8]) {
    let (large_height, large_width) = covering(image, height, width);
    let columns = taps(image.width, large_width, middle(large_width, width), width);
    let rows = taps(image.height, large_height, middle(large_height, height), height);
    // The rows that are needed, each of the new width.
    let (top, bottom) = (rows[0].first, rows[height - 1].first + rows[height - 1].weights.len());
    let mut narrow = vec![0; (bottom - top) * width * 3];
    for (row, out) in narrow.chunks_exact_mut(width * 3).enumerate() {
        let row = &image.rgb[(top + row) * image.width * 3..][..image.width * 3];
        for (tap, out) in columns.iter().zip(out.chunks_exact_mut(3)) {
            let mut sums = [1 << (BITS - 1); 3];
            for (pixel, weight) in row[tap.first * 3..].chunks_exact(3).zip(&tap.weights) {
                (0..3).for_each(|plane| sums[plane] += i32::from(pixel[plane]) * weight);
            }
            (0..3).for_each(|plane| out[plane] = byte(sums[plane]));
        }
    }
    let mut sums = vec![0; width * 3];
    for (y, tap) in rows.iter().enumerate() {
        sums.fill(1 << (BITS - 1));
        for (row, &weight) in narrow[(tap.first - top) * width * 3..].chunks_exact(width * 3).zip(&tap.weights) {
            sums.iter_mut().zip(row).for_each(|(sum, &sample)| *sum += i32::from(sample) * weight);
        }
        for (x, pixel) in sums.chunks_exact(3).enumerate() {
            (0..3).for_each(|plane| planes[(plane * height + y) * width + x] = byte(pixel[plane]));
        }
    }
}

/// The size of an image that covers `height` x `width`: one side fits, the other is not shorter.
fn covering(image: &Pixels, height: usize, width: usize) -> (usize, usize) {
    let other = |side: usize, new: usize, of: usize| (new as u64 * side as u64 / of as u64) as usize;
    match image.height as u64 * width as u64 >= image.width as u64 * height as u64 {
        true => (other(image.height, width, image.width).max(height), width),
        false => (height, other(image.width, height, image.height).max(width)),
    }
}

/// Where the middle `part` of `whole` begins.
fn middle(whole: usize, part: usize) -> usize {
    ((whole - part) as f64 / 2.0).round_ties_even() as usize
}

fn byte(sum: i32) -> u8 {
    (sum >> BITS).clamp(0, 255) as u8
}

/// The outputs from `start` on of an axis of `from` made one of `to`: each the mean of the inputs around its place, with
/// weights that fall linearly to zero, over at least one input to each side and as many as become one output.
fn taps(from: usize, to: usize, start: usize, count: usize) -> Vec<Tap> {
    if from == to {
        return (start..start + count).map(|first| Tap { first, weights: vec![1 << BITS] }).collect();
    }
    let scale = from as f64 / to as f64;
    let reach = scale.max(1.0);
    let tap = |out: usize| {
        let center = (out as f64 + 0.5) * scale;
        let first = (center - reach + 0.5).max(0.0) as usize;
        let end = ((center + reach + 0.5) as usize).min(from);
        let weight = |input: usize| (1.0 - ((input as f64 - center + 0.5) / reach).abs()).max(0.0);
        let weights: Vec<f64> = (first..end).map(weight).collect();
        let sum: f64 = weights.iter().sum();
        let whole = |weight: &f64| (0.5 + weight / sum * f64::from(1 << BITS)) as i32;
        Tap { first, weights: weights.iter().map(whole).collect() }
    };
    (start..start + count).map(tap).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An image whose samples are all different.
    fn image(height: usize, width: usize) -> Pixels {
        let rgb = (0..height * width * 3).map(|i| (i * i * 7 + i * 3) as u8).collect();
        Pixels { height, width, rgb }
    }

    fn fitted(image: &Pixels, height: usize, width: usize) -> Vec<u8> {
        let mut planes = vec![0; 3 * height * width];
        fit(image, height, width, &mut planes);
        planes
    }

    #[test]
    fn an_image_of_the_size_stays_as_it_is() {
        let image = image(5, 7);
        assert_eq!(fitted(&image, 5, 7), image.planes().to_vec::<u8>());
        // Wider or higher: the middle.
        let middle = fitted(&image, 5, 4);
        assert_eq!(middle[0], image.rgb[2 * 3]); // three columns too many: 1.5, to the even number
        assert_eq!(middle[5 * 4 - 1], image.rgb[(4 * 7 + 5) * 3]);
    }

    #[test]
    fn sizes_that_cover() {
        assert_eq!(covering(&image(100, 50), 10, 10), (20, 10));
        assert_eq!(covering(&image(50, 100), 10, 10), (10, 20));
        assert_eq!(covering(&image(33, 50), 10, 10), (10, 15));
        assert_eq!(covering(&image(1, 1), 3, 200), (200, 200));
        assert_eq!(covering(&image(7, 3), 10, 20), (46, 20));
        for (height, width) in [(1, 1), (1, 300), (300, 1), (2, 3), (640, 480), (31, 33)] {
            for (h, w) in [(1, 1), (32, 32), (5, 90), (90, 5)] {
                let planes = fitted(&Pixels { height, width, rgb: vec![77; height * width * 3] }, h, w);
                assert!(planes.iter().all(|&sample| sample == 77), "{height} x {width} to {h} x {w}");
            }
        }
    }
}
