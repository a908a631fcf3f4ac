//! Images mirrored, left to right.

use super::{Pixel, Transform, elements, targets_pass};
use crate::data::Draw;
use crate::dim::Dim;
use crate::kernels::images;
use crate::tensor::Tensor;
use rand::RngExt;

/// Mirrors each image with probability `p`, left to right. torchvision's `RandomHorizontalFlip`.
///
/// It draws one number for each image.
///
/// ```
/// use fusion::data::{Draw, Transform};
/// use fusion::data::transforms::RandomHorizontalFlip;
/// use fusion::prelude::*;
///
/// let x = Tensor::<shape![1, 1, 1, 3], u8>::from([[[[1, 2, 3]]]]);
/// let y = RandomHorizontalFlip::new(1.0).apply(x, &mut Draw::new(0, 0, 0, &[0]));
/// assert_eq!(y.to_vec(), [3, 2, 1]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RandomHorizontalFlip {
    p: f64,
}

impl RandomHorizontalFlip {
    /// Mirrors with this probability; torchvision's is 0.5.
    ///
    /// # Panics
    /// If it is not from 0 to 1.
    #[track_caller]
    pub fn new(p: f64) -> Self {
        Self { p: super::probability(p) }
    }
}

impl<B: Dim, C: Dim, H: Dim, W: Dim, T: Pixel> Transform<Tensor<(B, C, H, W), T>> for RandomHorizontalFlip {
    type Output = Tensor<(B, C, H, W), T>;

    fn apply(&self, x: Tensor<(B, C, H, W), T>, draw: &mut Draw<'_>) -> Self::Output {
        let x = elements(x);
        let flipped: Vec<bool> = (0..x.shape().get(0)).map(|_| draw.rng().random_bool(self.p)).collect();
        Tensor::wrap(images::flip(x, &flipped).into())
    }
}

/// Mirrors each image in every second epoch: a random half of the data set in the even ones, the other half in the odd ones
/// (Jordan, [94% on CIFAR-10 in 3.29 Seconds on a Single GPU](https://arxiv.org/abs/2404.00498), 2024).
///
/// Any two epochs side by side show both sides of each image. It draws nothing: which half an image belongs to follows from
/// [`Draw::seed`] and the number of the sample.
///
/// # Panics
/// When it is applied to a batch of which the draw does not know all samples.
///
/// ```
/// use fusion::data::{Draw, Transform};
/// use fusion::data::transforms::AlternatingFlip;
/// use fusion::prelude::*;
///
/// let x = Tensor::<shape![1, 1, 1, 2], u8>::from([[[[1, 2]]]]);
/// let epoch = |epoch| AlternatingFlip.apply(x.clone(), &mut Draw::new(7, epoch, 0, &[41])).to_vec();
/// assert_ne!(epoch(0), epoch(1));
/// assert_eq!(epoch(0), epoch(2));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AlternatingFlip;

impl AlternatingFlip {
    /// Is this sample mirrored in this epoch?
    fn flips(seed: u64, sample: usize, epoch: u64) -> bool {
        // SplitMix64 (Steele, Lea and Flood 2014) of the seed's and the sample's number.
        let mix = |x: u64| {
            let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            x ^ (x >> 31)
        };
        let number = mix(mix(seed.wrapping_add(0x9e37_79b9_7f4a_7c15)).wrapping_add(sample as u64));
        (number ^ epoch) & 1 == 1
    }
}

impl<B: Dim, C: Dim, H: Dim, W: Dim, T: Pixel> Transform<Tensor<(B, C, H, W), T>> for AlternatingFlip {
    type Output = Tensor<(B, C, H, W), T>;

    fn apply(&self, x: Tensor<(B, C, H, W), T>, draw: &mut Draw<'_>) -> Self::Output {
        let (x, samples) = (elements(x), draw.samples());
        let n = x.shape().get(0);
        assert!(n == samples.len(), "AlternatingFlip: a draw for {} samples, and a batch of {n} images", samples.len());
        let flipped: Vec<bool> = samples.iter().map(|&sample| Self::flips(draw.seed(), sample, draw.epoch())).collect();
        Tensor::wrap(images::flip(x, &flipped).into())
    }
}

targets_pass! {
    [] RandomHorizontalFlip;
    [] AlternatingFlip;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dim::{Dyn, Num};

    type Images = Tensor<(Dyn, Num<1>, Num<1>, Num<2>), u8>;

    /// Whether each image is mirrored.
    fn turned(x: &Images) -> Vec<bool> {
        x.to_vec().chunks(2).map(|row| row == [1, 0]).collect()
    }

    fn images(n: usize) -> Images {
        Tensor::from_fn_sized(&[n, 1, 1, 2], |i| (i % 2) as u8).unwrap()
    }

    #[test]
    fn as_often_as_it_should() {
        let samples: Vec<usize> = (0..4000).collect();
        for p in [0.0, 0.3, 0.5, 1.0] {
            let flip = RandomHorizontalFlip::new(p);
            let y = turned(&flip.apply(images(4000), &mut Draw::new(1, 2, 3, &samples)));
            let share = y.iter().filter(|&&flipped| flipped).count() as f64 / 4000.0;
            // Five standard deviations.
            assert!((share - p).abs() <= 5.0 * (p * (1.0 - p) / 4000.0).sqrt(), "{share} instead of {p}");
            assert_eq!(turned(&flip.apply(images(4000), &mut Draw::new(1, 2, 3, &samples))), y);
        }
    }

    #[test]
    fn alternates_by_sample_whatever_the_batch() {
        let samples: Vec<usize> = (0..4000).collect();
        let of = |seed, epoch, samples: &[usize]| {
            turned(&AlternatingFlip.apply(images(samples.len()), &mut Draw::new(seed, epoch, 0, samples)))
        };
        let (first, second) = (of(5, 0, &samples), of(5, 1, &samples));
        assert!(first.iter().zip(&second).all(|(a, b)| a != b));
        assert_eq!(of(5, 2, &samples), first);
        let share = first.iter().filter(|&&flipped| flipped).count();
        assert!((1840..=2160).contains(&share), "{share} of 4000");
        // Neighbours are as often alike as not, and so are two seeds.
        let alike = first.windows(2).filter(|pair| pair[0] == pair[1]).count();
        assert!((1840..=2160).contains(&alike), "{alike} of 3999");
        let alike = first.iter().zip(of(6, 0, &samples)).filter(|(a, b)| **a == *b).count();
        assert!((1840..=2160).contains(&alike), "{alike} of 4000");
        assert_eq!(of(5, 0, &[17, 3999, 17]), [first[17], first[3999], first[17]]);
    }

    #[test]
    #[should_panic(expected = "a draw for 1 samples, and a batch of 2 images")]
    fn a_draw_for_another_batch() {
        AlternatingFlip.apply(images(2), &mut Draw::new(0, 0, 0, &[1]));
    }

    #[test]
    #[should_panic(expected = "a probability of 1.5: it is from 0 to 1")]
    fn an_impossible_probability() {
        RandomHorizontalFlip::new(1.5);
    }
}
