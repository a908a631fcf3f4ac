//! Colours of images with three channels, red, green and blue, or with one.

use super::{Pixel, pixels};
use crate::kernels::array::Array;

/// What is done to the colours of an image.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Adjust {
    /// Multiplied by a factor.
    Brightness(f32),
    /// `x * factor + (1 - factor) * mean` with the mean of the image in grey.
    Contrast(f32),
    /// `x * factor + (1 - factor) * grey` with the pixel in grey.
    Saturation(f32),
    /// Turned by so much of a whole turn of the circle of hues.
    Hue(f32),
}

/// A pixel in grey.
fn grey(red: f32, green: f32, blue: f32) -> f32 {
    0.2989 * red + 0.587 * green + 0.114 * blue
}

/// Each image of `x`, which has one channel or three, after what is done to it, in order.
#[track_caller]
pub fn adjust(x: Array, each: &[Vec<Adjust>]) -> Array {
    let [images, channels, plane] = [x.shape().get(0), x.shape().get(1), x.shape().get(2) * x.shape().get(3)];
    assert!([1, 3].contains(&channels), "colours of {channels} channels");
    assert!(images == each.len(), "{} times of {images} images", each.len());
    let mut y = x.contiguous();
    drop(x);
    if plane > 0 {
        pixels!(y.dtype(), T => {
            for (image, steps) in y.make_mut::<T>().chunks_exact_mut(channels * plane).zip(each) {
                steps.iter().for_each(|&step| adjust_one(image, plane, step));
            }
        });
    }
    y
}

fn adjust_one<T: Pixel>(image: &mut [T], plane: usize, step: Adjust) {
    let mix = |x: T, other: f32, factor: f32| T::truncated(x.to_f32() * factor + (1.0 - factor) * other);
    // Bytes have whole greys.
    let whole = |x: f32| if T::WHITE == 1.0 { x } else { x as i32 as f32 };
    match step {
        Adjust::Brightness(factor) => image.iter_mut().for_each(|x| *x = T::truncated(x.to_f32() * factor)),
        Adjust::Contrast(factor) => {
            let sum: f64 = match split(image, plane) {
                Some([red, green, blue]) => (0..plane)
                    .map(|i| f64::from(whole(grey(red[i].to_f32(), green[i].to_f32(), blue[i].to_f32()))))
                    .sum(),
                None => image.iter().map(|x| f64::from(x.to_f32())).sum(),
            };
            let mean = (sum / plane as f64) as f32;
            image.iter_mut().for_each(|x| *x = mix(*x, mean, factor));
        }
        Adjust::Saturation(factor) => each_pixel(image, plane, |pixel| {
            let [red, green, blue] = pixel.map(T::to_f32);
            pixel.map(|x| mix(x, whole(grey(red, green, blue)), factor))
        }),
        Adjust::Hue(turn) => each_pixel(image, plane, |pixel| {
            let white = T::WHITE;
            // Bytes share the numbers from 0 to 1 evenly, as torchvision's `to_dtype` does.
            let back = |x: f32| if white == 1.0 { T::from_f32(x) } else { T::truncated(x * (white + 1.0 - 1e-3)) };
            turned(pixel.map(|x| x.to_f32() / white), turn).map(back)
        }),
    }
}

/// The planes of an image with three channels.
fn split<T>(image: &mut [T], plane: usize) -> Option<[&mut [T]; 3]> {
    if image.len() != 3 * plane {
        return None;
    }
    let (red, rest) = image.split_at_mut(plane);
    let (green, blue) = rest.split_at_mut(plane);
    Some([red, green, blue])
}

/// Of an image with three channels each pixel anew; one with a single channel has no colour and stays.
fn each_pixel<T: Pixel>(image: &mut [T], plane: usize, f: impl Fn([T; 3]) -> [T; 3]) {
    if let Some([red, green, blue]) = split(image, plane) {
        for ((red, green), blue) in red.iter_mut().zip(green).zip(blue) {
            [*red, *green, *blue] = f([*red, *green, *blue]);
        }
    }
}

/// A colour from 0 to 1 with its hue turned (Smith, Color Gamut Transform Pairs, 1978: the hexcone).
fn turned([red, green, blue]: [f32; 3], turn: f32) -> [f32; 3] {
    let (value, least) = (red.max(green).max(blue), red.min(green).min(blue));
    let range = value - least;
    if range == 0.0 {
        return [red, green, blue];
    }
    let saturation = range / value;
    // Which sixth of the circle, counted from red.
    let sixth = if value == red {
        (green - blue) / range
    } else if value == green {
        2.0 + (blue - red) / range
    } else {
        4.0 + (red - green) / range
    };
    let place = sixth / 6.0 + turn;
    // Between -1 and 2, and then between 0 and 1.
    let sixth = (place - (place as i32 - i32::from(place < 0.0)) as f32) * 6.0;
    let part = sixth - sixth as i32 as f32;
    let mix = |x: f32| (value * (1.0 - saturation * x)).clamp(0.0, 1.0);
    let (low, falling, rising) = (mix(1.0), mix(part), mix(1.0 - part));
    match sixth as usize % 6 {
        0 => [value, rising, low],
        1 => [falling, value, low],
        2 => [low, value, rising],
        3 => [low, falling, value],
        4 => [rising, low, value],
        _ => [value, low, falling],
    }
}

/// Images in grey: one channel of three, or the one that there is.
#[track_caller]
pub fn greyscale(x: &Array) -> Array {
    let [channels, plane] = [x.shape().get(1), x.shape().get(2) * x.shape().get(3)];
    assert!([1, 3].contains(&channels), "colours of {channels} channels");
    let x = x.contiguous();
    if channels == 1 {
        return x;
    }
    let mut shape = *x.shape();
    shape.set(1, 1);
    pixels!(x.dtype(), T => {
        let mut y = Array::full(T::default(), shape);
        let images = x.as_slice::<T>().expect("contiguous").chunks_exact((3 * plane).max(1));
        for (x, y) in images.zip(y.make_mut::<T>().chunks_exact_mut(plane.max(1))) {
            for (i, y) in y.iter_mut().enumerate() {
                let grey = grey(x[i].to_f32(), x[plane + i].to_f32(), x[2 * plane + i].to_f32());
                *y = if T::WHITE == 1.0 { T::from_f32(grey) } else { T::truncated(grey) };
            }
        }
        y
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::Dims;

    #[test]
    fn the_circle_of_hues() {
        let near =
            |a: [f32; 3], b: [f32; 3]| assert!(a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-6), "{a:?} {b:?}");
        near(turned([1.0, 0.0, 0.0], 1.0 / 3.0), [0.0, 1.0, 0.0]);
        near(turned([1.0, 0.0, 0.0], -1.0 / 3.0), [0.0, 0.0, 1.0]);
        near(turned([0.9, 0.4, 0.2], 0.5), [0.2, 0.7, 0.9]);
        near(turned([0.5; 3], 0.3), [0.5; 3]);
        for colour in [[0.1, 0.7, 0.3], [0.3, 0.1, 0.9], [1.0, 0.0, 1.0], [0.2, 0.2, 0.1]] {
            near(turned(turned(colour, 0.37), -0.37), colour);
        }
    }

    #[test]
    fn images_of_nothing_stay() {
        let all = vec![Adjust::Brightness(2.0), Adjust::Contrast(0.5), Adjust::Saturation(0.5), Adjust::Hue(0.1)];
        for sizes in [[0, 3, 2, 2], [2, 3, 0, 2], [2, 1, 2, 0]] {
            let x = Array::full(0f32, Dims::new(&sizes));
            assert_eq!(adjust(x.clone(), &vec![all.clone(); sizes[0]]).shape(), x.shape());
            assert_eq!(greyscale(&x).shape().get(1), 1);
        }
        // The hue and the saturation of what has no colour stay; its contrast is about its own mean.
        let x = Array::from_slice(&[0u8, 200], Dims::new(&[1, 1, 1, 2]));
        assert_eq!(adjust(x.clone(), &[all[2..].to_vec()]).to_vec::<u8>(), [0, 200]);
        assert_eq!(adjust(x, &[all[1..2].to_vec()]).to_vec::<u8>(), [50, 150]);
    }
}
