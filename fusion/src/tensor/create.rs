//! New tensors.

use super::{Float, Tensor};
use crate::dim::{Nat, Shape, StaticShape};
use crate::error::or_panic;
use crate::kernels::{Array, Dims, Element};
use crate::{Error, Result};
use rand::{Rng, RngExt};
use rand_distr::StandardNormal;

pub use crate::kernels::array::layout::MAX_ELEMENTS;

/// The rule of a range to draw from: finite bounds in order. Equal ones leave one number.
fn range(name: &str, low: f64, high: f64) -> Result<()> {
    if low <= high && low.is_finite() && high.is_finite() {
        return Ok(());
    }
    let problem = format!("{name}: {low}..{high} is no range: two finite numbers, the smaller one first");
    Err(Error::argument("high", problem))
}

/// The rule of a normal distribution: a finite mean, and a finite standard deviation of at least 0.
fn spread(name: &str, mean: f64, std: f64) -> Result<()> {
    if mean.is_finite() && std.is_finite() && std >= 0.0 {
        return Ok(());
    }
    let problem = format!(
        "{name}: mean {mean} and standard deviation {std} are no normal distribution: \
         both are finite, and the second is not below 0"
    );
    Err(Error::argument("std", problem))
}

/// A number in `low..high`.
pub(crate) fn uniform_in<T: Float>(low: f64, high: f64, rng: &mut (impl Rng + ?Sized)) -> T {
    let x = T::from_f64(low + (high - low) * rng.random::<f64>());
    // A fraction just below 1 may round up to `high` in f32.
    if x < T::from_f64(high) { x } else { T::from_f64(low) }
}

/// The sizes of a shape that the compiler knows.
#[track_caller]
fn known<S: StaticShape>() -> Dims {
    const { assert!(S::LEN <= MAX_ELEMENTS, "a tensor has at most 1099511627775 elements") };
    Dims::new(S::DIMS)
}

/// Run-time sizes checked against `S`, with room for as many elements.
fn checked<S: Shape, T: Element>(sizes: &[usize]) -> Result<Dims> {
    let fits = sizes.len() == S::RANK && S::SIZES.iter().zip(sizes).all(|(want, &n)| want.is_none_or(|want| want == n));
    if !fits {
        let text = crate::dim::shape_text::<S>();
        return Err(Error::shape(format_args!("the sizes {sizes:?} do not fit the shape {text}")));
    }
    let shape = Dims::try_new(sizes)?;
    Array::room(&shape, T::DTYPE)?;
    Ok(shape)
}

impl<S, T> Tensor<S, T> {
    /// Every element is `value`.
    #[track_caller]
    pub fn full(value: T) -> Self
    where
        S: StaticShape,
        T: Element,
    {
        Self::wrap(Array::full(value, known::<S>()).into())
    }

    /// The element at position `i` in C order is `f(i)`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// assert_eq!(Tensor::<shape![2, 2]>::from_fn(|i| i as f32).to_vec(), [0.0, 1.0, 2.0, 3.0]);
    /// ```
    #[track_caller]
    pub fn from_fn(f: impl FnMut(usize) -> T) -> Self
    where
        S: StaticShape,
        T: Element,
    {
        Self::wrap(Array::from_fn(known::<S>(), f).into())
    }

    /// Every element is 0 (`false`).
    #[track_caller]
    pub fn zeros() -> Self
    where
        S: StaticShape,
        T: Element,
    {
        Self::full(T::default())
    }

    /// The elements of a list in C order; an error if there are not as many as the shape has.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let x = Tensor::<shape![2, 2]>::from_vec(vec![1.0, 2.0, 3.0, 4.0])?;
    /// assert_eq!(x.get(&[1, 0]), Some(3.0));
    /// assert!(Tensor::<shape![2, 2]>::from_vec(vec![1.0]).is_err());
    /// # Ok::<(), fusion::Error>(())
    /// ```
    pub fn from_vec(elements: Vec<T>) -> Result<Self>
    where
        S: StaticShape,
        T: Element,
    {
        Self::from_vec_sized(elements, S::DIMS)
    }
}

impl<S: Shape, T: Element> Tensor<S, T> {
    /// Every element is `value`; the sizes are given at run time and must fit the shape. An error if they do not, or
    /// there is no memory for them.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let x = Tensor::<shape![Dyn, 3]>::full_sized(0.5, &[2, 3])?;
    /// assert_eq!(x.shape(), [2, 3]);
    /// let error = Tensor::<shape![Dyn, 3]>::full_sized(0.5, &[2, 4]).unwrap_err();
    /// assert_eq!(error.to_string(), "the sizes [2, 4] do not fit the shape [Dyn, 3]");
    /// # Ok::<(), fusion::Error>(())
    /// ```
    pub fn full_sized(value: T, sizes: &[usize]) -> Result<Self> {
        Ok(Self::wrap(Array::full(value, checked::<S, T>(sizes)?).into()))
    }

    /// Every element is 0 (`false`); the sizes are given at run time.
    pub fn zeros_sized(sizes: &[usize]) -> Result<Self> {
        Self::full_sized(T::default(), sizes)
    }

    /// The elements of a list in C order; the sizes are given at run time.
    pub fn from_vec_sized(elements: Vec<T>, sizes: &[usize]) -> Result<Self> {
        Self::from_slice_sized(&elements, sizes)
    }

    /// As [`Tensor::from_vec_sized`], from a slice.
    pub fn from_slice_sized(elements: &[T], sizes: &[usize]) -> Result<Self> {
        let shape = checked::<S, T>(sizes)?;
        if elements.len() != shape.count() {
            let (found, want) = (elements.len(), shape.count());
            return Err(Error::shape(format_args!("{found} elements do not fill the shape {sizes:?} of {want}")));
        }
        Ok(Self::wrap(Array::from_slice(elements, shape).into()))
    }

    /// The element at position `i` in C order is `f(i)`; the sizes are given at run time.
    pub fn from_fn_sized(sizes: &[usize], f: impl FnMut(usize) -> T) -> Result<Self> {
        Ok(Self::wrap(Array::from_fn(checked::<S, T>(sizes)?, f).into()))
    }
}

impl<S, T> Tensor<S, T> {
    /// Every element is 1.
    #[track_caller]
    pub fn ones() -> Self
    where
        S: StaticShape,
        T: Float,
    {
        Self::full(T::from_f64(1.0))
    }

    /// Uniform in `low..high`. PyTorch's `uniform_`.
    ///
    /// # Panics
    ///
    /// If `low` is above `high`, or one of them is infinite or NaN.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let mut rng = StdRng::seed_from_u64(0);
    /// let x = Tensor::<shape![3]>::uniform(-1.0, 1.0, &mut rng);
    /// assert!(x.to_vec().iter().all(|x| (-1.0..1.0).contains(x)));
    /// ```
    #[doc(alias = "rand")]
    #[track_caller]
    pub fn uniform(low: f64, high: f64, rng: &mut (impl Rng + ?Sized)) -> Self
    where
        S: StaticShape,
        T: Float,
    {
        or_panic(range("uniform", low, high));
        Self::from_fn(|_| uniform_in(low, high, rng))
    }

    /// Normal with this mean and standard deviation. PyTorch's `randn` is `normal(0.0, 1.0, ..)`.
    ///
    /// # Panics
    ///
    /// If the standard deviation is below 0, or one of them is infinite or NaN.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let noise = Tensor::<shape![1000]>::normal(0.0, 0.1, &mut StdRng::seed_from_u64(0));
    /// assert!(noise.mean().item().abs() < 0.02);
    /// ```
    #[doc(alias = "randn")]
    #[track_caller]
    pub fn normal(mean: f64, std: f64, rng: &mut (impl Rng + ?Sized)) -> Self
    where
        S: StaticShape,
        T: Float,
    {
        or_panic(spread("normal", mean, std));
        Self::from_fn(|_| T::from_f64(mean + std * rng.sample::<f64, _>(StandardNormal)))
    }
}

impl<S: Shape, T: Float> Tensor<S, T> {
    /// Every element is 1; the sizes are given at run time.
    pub fn ones_sized(sizes: &[usize]) -> Result<Self> {
        Self::full_sized(T::from_f64(1.0), sizes)
    }

    /// Uniform in `low..high`; the sizes are given at run time. An error also if the bounds are no finite range.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let mut rng = StdRng::seed_from_u64(0);
    /// assert_eq!(Tensor::<shape![Dyn, 3]>::uniform_sized(0.0, 1.0, &[2, 3], &mut rng)?.shape(), [2, 3]);
    /// let error = Tensor::<shape![Dyn]>::uniform_sized(1.0, -1.0, &[2], &mut rng).unwrap_err();
    /// assert!(error.to_string().starts_with("uniform_sized: 1..-1 is no range"));
    /// # Ok::<(), fusion::Error>(())
    /// ```
    #[doc(alias = "rand")]
    pub fn uniform_sized(low: f64, high: f64, sizes: &[usize], rng: &mut (impl Rng + ?Sized)) -> Result<Self> {
        range("uniform_sized", low, high)?;
        Self::from_fn_sized(sizes, |_| uniform_in(low, high, rng))
    }

    /// Normal with this mean and standard deviation; the sizes are given at run time. An error also if the standard
    /// deviation is below 0, or one of them is infinite or NaN.
    ///
    /// Beside another tensor, [`Tensor::randn_like`] needs no sizes.
    #[doc(alias = "randn")]
    pub fn normal_sized(mean: f64, std: f64, sizes: &[usize], rng: &mut (impl Rng + ?Sized)) -> Result<Self> {
        spread("normal_sized", mean, std)?;
        Self::from_fn_sized(sizes, |_| T::from_f64(mean + std * rng.sample::<f64, _>(StandardNormal)))
    }
}

impl<S> Tensor<S, i64> {
    /// Whole numbers, uniform in `low..high`.
    ///
    /// # Panics
    ///
    /// If the range is empty: `low` is not below `high`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let dice = Tensor::<shape![10], i64>::randint(1, 7, &mut StdRng::seed_from_u64(0));
    /// assert!(dice.to_vec().iter().all(|eyes| (1..7).contains(eyes)));
    /// ```
    #[track_caller]
    pub fn randint(low: i64, high: i64, rng: &mut (impl Rng + ?Sized)) -> Self
    where
        S: StaticShape,
    {
        assert!(low < high, "randint: there is no whole number in {low}..{high}");
        Self::from_fn(|_| rng.random_range(low..high))
    }
}

impl<N: Nat, M: Nat, T: Float> Tensor<(N, M), T> {
    /// The identity matrix: 1 where the row and the column have one number, else 0. PyTorch's `eye`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// assert_eq!(Tensor::<shape![2, 2]>::eye().to_vec(), [1.0, 0.0, 0.0, 1.0]);
    /// assert_eq!(Tensor::<shape![2, 3]>::eye().to_vec(), [1.0, 0.0, 0.0, 0.0, 1.0, 0.0]);
    /// ```
    #[track_caller]
    pub fn eye() -> Self {
        Self::from_fn(|i| T::from_f64(f64::from(u8::from(i / M::N == i % M::N))))
    }
}

impl<N: Nat, T: Float> Tensor<(N,), T> {
    /// 0, 1, 2, ...; whole numbers by `.cast::<i64>()`. PyTorch's `arange(n)`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// assert_eq!(Tensor::<shape![3]>::arange().to_vec(), [0.0, 1.0, 2.0]);
    /// ```
    #[track_caller]
    pub fn arange() -> Self {
        Self::from_fn(|i| T::from_f64(i as f64))
    }

    /// `first`, `first + step`, `first + 2 step`, ... PyTorch's `arange(first, end, step)`, whose end follows here from the size.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// assert_eq!(Tensor::<shape![3]>::arange_from(1.0, 0.5).to_vec(), [1.0, 1.5, 2.0]);
    /// ```
    #[doc(alias = "arange")]
    #[track_caller]
    pub fn arange_from(first: f64, step: f64) -> Self {
        Self::from_fn(|i| T::from_f64(first + step * i as f64))
    }

    /// The powers of `base` whose exponents are evenly spaced from `first` to `last`, both included. PyTorch's `logspace`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// assert_eq!(Tensor::<shape![3]>::logspace(-1.0, 1.0, 10.0).to_vec(), [0.1, 1.0, 10.0]);
    /// ```
    #[track_caller]
    pub fn logspace(first: f64, last: f64, base: f64) -> Self {
        Self::from_fn(|i| T::from_f64(base.powf(spaced(first, last, i, N::N))))
    }

    /// Evenly spaced from `first` to `last`, both included; `first` alone where there is one.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// assert_eq!(Tensor::<shape![3]>::linspace(0.0, 1.0).to_vec(), [0.0, 0.5, 1.0]);
    /// assert!(Tensor::<shape![0]>::linspace(0.0, 1.0).to_vec().is_empty());
    /// ```
    #[track_caller]
    pub fn linspace(first: f64, last: f64) -> Self {
        Self::from_fn(|i| T::from_f64(spaced(first, last, i, N::N)))
    }
}

/// The number `i` of `n` evenly spaced ones from `first` to `last`.
fn spaced(first: f64, last: f64, i: usize, n: usize) -> f64 {
    if i > 0 && i + 1 == n { last } else { first + (last - first) / (n.max(2) - 1) as f64 * i as f64 }
}
