//! Made-up data in two dimensions and more: scikit-learn's `make_moons`, `make_circles` and `make_blobs`.

use crate::data::{ClassificationSet, Dataset};
use crate::dim::{Nat, Num};
use crate::tensor::Tensor;
use rand::seq::SliceRandom;
use rand::{Rng, RngExt};
use rand_distr::StandardNormal;
use std::f64::consts::{PI, TAU};

/// Two half circles that interlock, half of the points on each. Class 0 lies on (cos t, sin t), class 1 on
/// (1 - cos t, 1/2 - sin t), with t evenly spaced from 0 to π, both included. Then each coordinate gets normal noise
/// with the standard deviation `noise`. In random order; of an odd `n` class 1 has one more.
///
/// ```
/// use fusion::data;
/// use fusion::prelude::*;
///
/// let moons = data::moons(100, 0.1, &mut StdRng::seed_from_u64(0));
/// let (x, y): (Tensor<shape![Dyn, 2]>, Tensor<shape![Dyn], i64>) = (moons.x, moons.y);
/// assert_eq!((x.shape()[0], y.to_vec().iter().sum::<i64>()), (100, 50));
/// ```
#[track_caller]
pub fn moons(n: usize, noise: f64, rng: &mut (impl Rng + ?Sized)) -> ClassificationSet<Num<2>> {
    is_deviation("moons: noise", noise);
    let at = |class: usize, t: f64| {
        let (sin, cos) = (PI * t).sin_cos();
        if class == 0 { [cos, sin] } else { [1.0 - cos, 0.5 - sin] }
    };
    let last = |count: usize| count.max(2) - 1;
    scatter(halves(n, last), at, noise, rng)
        .with_feature_names(["x", "y"])
        .with_target_names(["outer", "inner"])
        .with_description(format!("Two interlocking half moons, {n} points with noise {noise}"))
}

/// Two circles around the origin, half of the points on each: class 0 of radius 1, class 1 of radius `factor`, evenly
/// spaced from angle 0 on. Then each coordinate gets normal noise with the standard deviation `noise`. In random order;
/// of an odd `n` class 1 has one more. scikit-learn's default factor is 0.8.
///
/// ```
/// use fusion::data;
/// use fusion::prelude::*;
///
/// let circles = data::circles(200, 0.05, 0.5, &mut StdRng::seed_from_u64(0));
/// assert_eq!(circles.len(), 200);
/// ```
#[track_caller]
pub fn circles(n: usize, noise: f64, factor: f64, rng: &mut (impl Rng + ?Sized)) -> ClassificationSet<Num<2>> {
    is_deviation("circles: noise", noise);
    assert!(factor.is_finite(), "circles: a radius of {factor} times the other one's");
    let at = |class: usize, t: f64| {
        let (sin, cos) = (TAU * t).sin_cos();
        let radius = if class == 0 { 1.0 } else { factor };
        [radius * cos, radius * sin]
    };
    scatter(halves(n, |count| count), at, noise, rng)
        .with_feature_names(["x", "y"])
        .with_target_names(["outer", "inner"])
        .with_description(format!("Two circles of radius 1 and {factor}, {n} points with noise {noise}"))
}

/// Normal clouds in `F` dimensions around as many random centres as `classes`, each with the standard deviation `std`
/// along every axis. The centres are uniform in -10..10 on each axis; the first n mod `classes` clouds have one point
/// more than the others. In random order. Panics if there are points but no classes.
///
/// ```
/// use fusion::data;
/// use fusion::prelude::*;
///
/// let blobs = data::blobs::<dim!(3)>(300, 4, 1.0, &mut StdRng::seed_from_u64(0));
/// assert_eq!(blobs.x.shape(), [300, 3]);
/// assert_eq!(blobs.class_counts()[3], ("3".to_string(), 75));
/// ```
#[track_caller]
pub fn blobs<F: Nat>(n: usize, classes: usize, std: f64, rng: &mut (impl Rng + ?Sized)) -> ClassificationSet<F> {
    assert!(n == 0 || classes > 0, "{n} points need at least one class");
    is_deviation("blobs: std", std);
    let centres: Vec<f64> = (0..classes * F::N).map(|_| rng.random_range(-10.0..10.0)).collect();
    let mut labels: Vec<usize> = (0..n).map(|i| i % classes).collect();
    labels.shuffle(rng);
    let x = labels.iter().flat_map(|&class| centres[class * F::N..][..F::N].to_vec());
    dataset(x.map(|x| x + std * rng.sample::<f64, _>(StandardNormal)), &labels)
        .with_description(format!("{n} points in {classes} normal clouds of standard deviation {std}"))
}

/// The rule of a standard deviation.
#[track_caller]
fn is_deviation(name: &str, std: f64) {
    assert!(std >= 0.0 && std.is_finite(), "{name} is {std}, and a standard deviation is finite and not below 0");
}

/// The points of two classes in order: the class, and how far along its curve, from 0 on in steps of 1 / `whole(count)`.
fn halves(n: usize, whole: impl Fn(usize) -> usize) -> Vec<(usize, f64)> {
    let part = |class, count| {
        let step = 1.0 / whole(count) as f64;
        (0..count).map(move |i| (class, i as f64 * step))
    };
    part(0, n / 2).chain(part(1, n - n / 2)).collect()
}

/// Points at `at(class, t)` plus normal noise, in random order.
fn scatter(
    mut points: Vec<(usize, f64)>,
    at: impl Fn(usize, f64) -> [f64; 2],
    noise: f64,
    rng: &mut (impl Rng + ?Sized),
) -> ClassificationSet<Num<2>> {
    points.shuffle(rng);
    let labels: Vec<usize> = points.iter().map(|&(class, _)| class).collect();
    let x = points.iter().flat_map(|&(class, t)| at(class, t));
    dataset(x.map(|x| x + noise * rng.sample::<f64, _>(StandardNormal)), &labels)
}

fn dataset<F: Nat>(x: impl Iterator<Item = f64>, labels: &[usize]) -> ClassificationSet<F> {
    let x = Tensor::from_vec_sized(x.map(|x| x as f32).collect(), &[labels.len(), F::N]).expect("F numbers for each");
    let y = Tensor::from(labels.iter().map(|&class| class as i64).collect::<Vec<_>>());
    Dataset::new(x, y).expect("a label for each")
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{SeedableRng, rngs::StdRng};

    fn rng() -> StdRng {
        StdRng::seed_from_u64(0)
    }

    /// The points with their classes, sorted.
    fn points(data: &ClassificationSet<Num<2>>) -> Vec<(i64, [f32; 2])> {
        let x = data.x.to_vec();
        let mut list: Vec<_> = data.y.to_vec().into_iter().zip(x.as_chunks::<2>().0.iter().copied()).collect();
        list.sort_by(|a, b| a.partial_cmp(b).unwrap());
        list
    }

    #[track_caller]
    fn close(found: &[(i64, [f32; 2])], want: &[(i64, [f32; 2])]) {
        assert_eq!(found.len(), want.len());
        for (f, w) in found.iter().zip(want) {
            assert!(f.0 == w.0 && (0..2).all(|k| (f.1[k] - w.1[k]).abs() < 1e-6), "{found:?} instead of {want:?}");
        }
    }

    /// `make_moons(6)` and `make_circles(6, factor=0.5)` of scikit-learn.
    #[test]
    fn without_noise_as_scikit_learn() {
        let moons = points(&moons(6, 0.0, &mut rng()));
        close(
            &moons,
            &[(0, [-1.0, 0.0]), (0, [0.0, 1.0]), (0, [1.0, 0.0]), (1, [0.0, 0.5]), (1, [1.0, -0.5]), (1, [2.0, 0.5])],
        );
        let circles = circles(6, 0.0, 0.5, &mut rng());
        let radii: Vec<_> = points(&circles).iter().map(|(class, [x, y])| (*class, x.hypot(*y))).collect();
        assert!(radii.iter().all(|(class, r)| (r - if *class == 0 { 1.0 } else { 0.5 }).abs() < 1e-6));
        let mut angles: Vec<_> =
            points(&circles).iter().map(|(_, [x, y])| y.atan2(*x).to_degrees().round() as i32).collect();
        angles.sort_unstable();
        assert_eq!(angles, [-120, -120, 0, 0, 120, 120]);
    }

    #[test]
    fn few_points() {
        for n in 0..4 {
            assert_eq!(moons(n, 0.1, &mut rng()).len(), n);
            assert_eq!(circles(n, 0.1, 0.8, &mut rng()).len(), n);
            assert_eq!(blobs::<Num<2>>(n, 3, 1.0, &mut rng()).len(), n);
        }
        assert_eq!(moons(5, 0.0, &mut rng()).y.to_vec().iter().sum::<i64>(), 3);
        assert_eq!(blobs::<Num<2>>(0, 0, 1.0, &mut rng()).len(), 0);
    }

    #[test]
    fn the_seed_decides_and_noise_has_its_size() {
        let (a, b) = (moons(50, 0.2, &mut rng()), moons(50, 0.2, &mut rng()));
        assert_eq!((a.x.to_vec(), a.y.to_vec()), (b.x.to_vec(), b.y.to_vec()));
        let blobs = blobs::<Num<2>>(20_000, 1, 3.0, &mut rng());
        for column in blobs.describe().columns {
            assert!((column.std - 3.0).abs() < 0.1 && column.mean.abs() < 10.1, "{column:?}");
        }
    }
}
