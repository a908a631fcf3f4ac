//! The starts of [`init`](super), for sizes that only the run knows. A layer's `#[init(..)]` in `model!` calls these: the weight of
//! a convolution in groups has a size that no type spells.

#![allow(missing_docs)] // Each function is its sibling.

use super::{Fan, gain, kaiming, orthogonal_elements, xavier};
use crate::dim::Dyn;
use crate::error::or_panic;
use crate::graph::Value;
use crate::kernels::{Array, Dims};
use crate::tensor::{Float, Tensor, Truncated};
use rand::Rng;
use std::marker::PhantomData;

/// The sizes of a tensor that starts, and the type of its elements.
#[derive(Debug)]
pub struct Sizes<T> {
    sizes: Vec<usize>,
    elements: PhantomData<T>,
}

impl<T: Float> Sizes<T> {
    /// Those of this tensor.
    pub fn of(value: &Value) -> Self {
        Self { sizes: value.shape().iter().collect(), elements: PhantomData }
    }

    fn count(&self) -> usize {
        self.sizes.iter().product()
    }

    fn each(&self, element: impl FnMut(usize) -> f64) -> Value {
        let mut element = element;
        Array::from_fn(Dims::new(&self.sizes), |i| T::from_f64(element(i))).into()
    }

    /// As many numbers in a line, in these sizes.
    #[track_caller]
    fn line(&self, numbers: crate::Result<Tensor<(Dyn,), T>>) -> Value {
        or_panic(numbers).into_value().array().reshape(&Dims::new(&self.sizes)).into()
    }
}

pub fn zeros<T: Float>(sizes: &Sizes<T>, _: &mut dyn Rng) -> Value {
    sizes.each(|_| 0.0)
}

pub fn ones<T: Float>(sizes: &Sizes<T>, _: &mut dyn Rng) -> Value {
    sizes.each(|_| 1.0)
}

pub fn full<T: Float>(value: f64, sizes: &Sizes<T>, _: &mut dyn Rng) -> Value {
    sizes.each(|_| value)
}

#[track_caller]
pub fn normal<T: Float>(mean: f64, std: f64, sizes: &Sizes<T>, rng: &mut dyn Rng) -> Value {
    sizes.line(Tensor::normal_sized(mean, std, &[sizes.count()], rng))
}

#[track_caller]
pub fn uniform<T: Float>(low: f64, high: f64, sizes: &Sizes<T>, rng: &mut dyn Rng) -> Value {
    sizes.line(Tensor::uniform_sized(low, high, &[sizes.count()], rng))
}

#[track_caller]
pub fn truncated_normal<T: Float>(
    mean: f64,
    std: f64,
    low: f64,
    high: f64,
    sizes: &Sizes<T>,
    rng: &mut dyn Rng,
) -> Value {
    let from = or_panic(Truncated { mean, std, low, high }.check("truncated_normal"));
    sizes.each(|_| from.draw(rng))
}

pub fn orthogonal<T: Float>(gain: f64, sizes: &Sizes<T>, rng: &mut dyn Rng) -> Value {
    sizes.each(orthogonal_elements(&sizes.sizes, gain, rng))
}

/// Uniform with this standard deviation.
#[track_caller]
fn uniform_of<T: Float>(std: f64, sizes: &Sizes<T>, rng: &mut dyn Rng) -> Value {
    let bound = 3f64.sqrt() * std;
    uniform(-bound, bound, sizes, rng)
}

pub fn kaiming_uniform<T: Float>(sizes: &Sizes<T>, rng: &mut dyn Rng) -> Value {
    kaiming_uniform_with(gain::RELU, Fan::In, sizes, rng)
}

#[track_caller]
pub fn kaiming_uniform_with<T: Float>(gain: f64, fan: Fan, sizes: &Sizes<T>, rng: &mut dyn Rng) -> Value {
    uniform_of(kaiming(&sizes.sizes, gain, fan), sizes, rng)
}

pub fn kaiming_normal<T: Float>(sizes: &Sizes<T>, rng: &mut dyn Rng) -> Value {
    kaiming_normal_with(gain::RELU, Fan::In, sizes, rng)
}

#[track_caller]
pub fn kaiming_normal_with<T: Float>(gain: f64, fan: Fan, sizes: &Sizes<T>, rng: &mut dyn Rng) -> Value {
    normal(0.0, kaiming(&sizes.sizes, gain, fan), sizes, rng)
}

pub fn xavier_uniform<T: Float>(sizes: &Sizes<T>, rng: &mut dyn Rng) -> Value {
    xavier_uniform_with(gain::LINEAR, sizes, rng)
}

#[track_caller]
pub fn xavier_uniform_with<T: Float>(gain: f64, sizes: &Sizes<T>, rng: &mut dyn Rng) -> Value {
    uniform_of(xavier(&sizes.sizes, gain), sizes, rng)
}

pub fn xavier_normal<T: Float>(sizes: &Sizes<T>, rng: &mut dyn Rng) -> Value {
    xavier_normal_with(gain::LINEAR, sizes, rng)
}

#[track_caller]
pub fn xavier_normal_with<T: Float>(gain: f64, sizes: &Sizes<T>, rng: &mut dyn Rng) -> Value {
    normal(0.0, xavier(&sizes.sizes, gain), sizes, rng)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dim::Num;
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    type Weight = Tensor<(Num<6>, Num<4>, Num<3>, Num<5>)>;

    /// Each draws the numbers that its sibling of known sizes draws.
    #[test]
    fn they_are_their_siblings() {
        type Typed = fn(&mut dyn Rng) -> Weight;
        type Sized = fn(&Sizes<f32>, &mut dyn Rng) -> Value;
        let gain = gain::SELU;
        assert_eq!(gain, 0.75);
        let pairs: [(Typed, Sized); 13] = [
            (crate::nn::init::zeros, zeros),
            (crate::nn::init::ones, ones),
            (|rng| crate::nn::init::full(0.5, rng), |s, rng| full(0.5, s, rng)),
            (|rng| crate::nn::init::normal(1.0, 2.0, rng), |s, rng| normal(1.0, 2.0, s, rng)),
            (|rng| crate::nn::init::uniform(1.0, 2.0, rng), |s, rng| uniform(1.0, 2.0, s, rng)),
            (
                |rng| crate::nn::init::truncated_normal(0.0, 1.0, -1.0, 2.0, rng),
                |s, rng| truncated_normal(0.0, 1.0, -1.0, 2.0, s, rng),
            ),
            (|rng| crate::nn::init::orthogonal(2.0, rng), |s, rng| orthogonal(2.0, s, rng)),
            (crate::nn::init::kaiming_uniform, kaiming_uniform),
            (crate::nn::init::kaiming_normal, kaiming_normal),
            (
                |rng| crate::nn::init::kaiming_normal_with(0.75, Fan::Out, rng),
                |s, rng| kaiming_normal_with(0.75, Fan::Out, s, rng),
            ),
            (crate::nn::init::xavier_uniform, xavier_uniform),
            (crate::nn::init::xavier_normal, xavier_normal),
            (|rng| crate::nn::init::xavier_normal_with(0.75, rng), |s, rng| xavier_normal_with(0.75, s, rng)),
        ];
        for (i, (typed, sized)) in pairs.into_iter().enumerate() {
            let want = typed(&mut StdRng::seed_from_u64(1));
            let found = sized(&Sizes::of(want.value()), &mut StdRng::seed_from_u64(1));
            assert_eq!(found.array().to_vec::<f32>(), want.to_vec(), "{i}");
        }
    }
}
