//! The numbers of pixels brought to where a network wants them.

use super::{Pixel, Transform, elements, targets_pass};
use crate::data::Draw;
use crate::dim::{Dim, Num, Shape};
use crate::kernels::Array;
use crate::kernels::images;
use crate::tensor::Tensor;
use crate::{Error, Result};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeMap;
use std::marker::PhantomData;

/// Bytes from 0 to 255 as numbers from 0 to 1, in tensors of any shape. torchvision's `ToDtype(torch.float32, scale=True)`.
///
/// [`Normalize`] needs it not: it takes bytes itself, in one pass.
///
/// ```
/// use fusion::data::{Draw, Transform};
/// use fusion::data::transforms::ToFloat;
/// use fusion::prelude::*;
///
/// let x = Tensor::<shape![3], u8>::from([0, 51, 255]);
/// assert_eq!(ToFloat.apply(x, &mut Draw::new(0, 0, 0, &[])).to_vec(), [0.0, 0.2, 1.0]);
/// ```
#[doc(alias = "ToTensor")]
#[doc(alias = "ToDtype")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ToFloat;

impl<S: Shape> Transform<Tensor<S, u8>> for ToFloat {
    type Output = Tensor<S>;

    fn apply(&self, x: Tensor<S, u8>, _: &mut Draw<'_>) -> Tensor<S> {
        Tensor::wrap(images::to_float(&elements(x)).into())
    }
}

/// `(x - mean) / std` of each channel of images `[B, C, H, W]`, where white is 1. torchvision's `Normalize`.
///
/// Bytes are divided by 255 in the same pass, so that `Normalize` alone is `(ToFloat, Normalize)`, to the last bit. The
/// result is in C order. It is saved and loaded by serde, `{"mean": [..], "std": [..]}`.
///
/// ```
/// use fusion::data::{Draw, Transform};
/// use fusion::data::transforms::Normalize;
/// use fusion::prelude::*;
///
/// let x = Tensor::<shape![1, 2, 1, 2], u8>::from([[[[0, 255]], [[51, 102]]]]);
/// let y: Tensor<shape![1, 2, 1, 2]> = Normalize::new([0.5, 0.2], [0.5, 0.1]).apply(x, &mut Draw::new(0, 0, 0, &[]));
/// assert_eq!(y.to_vec(), [-1.0, 1.0, 0.0, 2.0]);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Normalize<C> {
    mean: Vec<f32>,
    std: Vec<f32>,
    channels: PhantomData<fn() -> C>,
}

impl<const N: usize> Normalize<Num<N>> {
    /// With these means and standard deviations of the channels, of pixels from 0 to 1.
    ///
    /// # Panics
    /// If a mean is not finite, or a standard deviation not finite and above 0.
    #[track_caller]
    pub fn new(mean: [f32; N], std: [f32; N]) -> Self
    where
        Num<N>: Dim,
    {
        crate::error::or_panic(Self::try_new(mean.to_vec(), std.to_vec()))
    }
}

/// Of published data sets: the statistics of their training images.
macro_rules! known {
    ($($(#[$doc:meta])* $name:ident: $N:literal = $mean:expr, $std:expr;)*) => { $(
        impl Normalize<Num<$N>> {
            $(#[$doc])*
            pub fn $name() -> Self {
                Self::new($mean, $std)
            }
        }
    )* };
}
known! {
    /// With the statistics of MNIST's training images.
    ///
    /// ```
    /// assert_eq!(fusion::data::transforms::Normalize::mnist().mean(), [0.1307]);
    /// ```
    mnist: 1 = [0.1307], [0.3081];
    /// With the statistics of Fashion-MNIST's training images.
    fashion_mnist: 1 = [0.2860], [0.3530];
    /// With the statistics of CIFAR-10's training images: of all pixels of a channel. Many programs have the mean of each
    /// image's standard deviation, about 0.2, in their place.
    cifar10: 3 = [0.4914, 0.4822, 0.4465], [0.2470, 0.2435, 0.2616];
    /// With the statistics of CIFAR-100's training images.
    cifar100: 3 = [0.5071, 0.4865, 0.4409], [0.2673, 0.2564, 0.2762];
    /// With the statistics of ImageNet's training images, which torchvision's weights were trained with.
    imagenet: 3 = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225];
}

impl<C: Dim> Normalize<C> {
    /// As [`Normalize::new`], of any number of channels.
    ///
    /// # Errors
    /// If there are not as many numbers as channels, a mean is not finite, or a standard deviation not finite and above 0.
    ///
    /// ```
    /// use fusion::data::transforms::Normalize;
    /// use fusion::prelude::*;
    ///
    /// let error = Normalize::<Dyn>::try_new(vec![0.5], vec![0.0]).unwrap_err();
    /// assert_eq!(error.to_string(), "Normalize: a standard deviation of 0: it is finite and above 0");
    /// ```
    pub fn try_new(mean: Vec<f32>, std: Vec<f32>) -> Result<Self> {
        let wrong = |name, problem: String| Err(Error::argument(name, format!("Normalize: {problem}")));
        if mean.len() != std.len() {
            return wrong("std", format!("{} means and {} standard deviations", mean.len(), std.len()));
        }
        if let Some(channels) = C::SIZE.filter(|&channels| channels != mean.len()) {
            return wrong("mean", format!("{} means for {channels} channels", mean.len()));
        }
        if let Some(mean) = mean.iter().find(|mean| !mean.is_finite()) {
            return wrong("mean", format!("a mean of {mean}: it is finite"));
        }
        if let Some(std) = std.iter().find(|&&std| !(std.is_finite() && std > 0.0)) {
            return wrong("std", format!("a standard deviation of {std}: it is finite and above 0"));
        }
        Ok(Self { mean, std, channels: PhantomData })
    }

    /// With the means and standard deviations of these images' own channels. Fit it to the training images and transform the
    /// test images with it too.
    ///
    /// Sums are kept in `f64`; the standard deviation is that of all pixels (divided by n), and 1 where it would be 0 or a
    /// pixel is NaN or infinite.
    ///
    /// ```
    /// use fusion::data::transforms::Normalize;
    /// use fusion::prelude::*;
    ///
    /// let images = Tensor::<shape![2, 1, 1, 2], u8>::from([[[[0, 255]]], [[[0, 255]]]]);
    /// let normalize = Normalize::fit(&images);
    /// assert_eq!((normalize.mean(), normalize.std()), (&[0.5][..], &[0.5][..]));
    /// ```
    #[track_caller]
    pub fn fit<B: Dim, H: Dim, W: Dim, T: Pixel>(images: &Tensor<(B, C, H, W), T>) -> Self {
        let found = images::statistics(images.value().array());
        let (mean, std) = found
            .into_iter()
            .map(|[mean, std]| [mean as f32, std as f32])
            .map(|[mean, std]| {
                (if mean.is_finite() { mean } else { 0.0 }, if std > 0.0 && std.is_finite() { std } else { 1.0 })
            })
            .unzip();
        Self { mean, std, channels: PhantomData }
    }

    /// What is taken from each channel.
    pub fn mean(&self) -> &[f32] {
        &self.mean
    }

    /// What each channel is then divided by.
    pub fn std(&self) -> &[f32] {
        &self.std
    }

    /// `x * std + mean`: pixels from 0 to 1 again, of images that are shown. Gradients do not flow through.
    ///
    /// ```
    /// use fusion::data::{Draw, Transform};
    /// use fusion::data::transforms::Normalize;
    /// use fusion::prelude::*;
    ///
    /// let x = Tensor::<shape![1, 1, 1, 2]>::from([[[[0.25, 1.0]]]]);
    /// let normalize = Normalize::new([0.5], [0.25]);
    /// assert_eq!(normalize.inverse(normalize.apply(x.clone(), &mut Draw::new(0, 0, 0, &[]))), x);
    /// ```
    #[track_caller]
    pub fn inverse<B: Dim, H: Dim, W: Dim>(&self, x: Tensor<(B, C, H, W)>) -> Tensor<(B, C, H, W)> {
        // (x + mean / std) * std, by the same loop.
        let mean: Vec<f32> = self.mean.iter().zip(&self.std).map(|(mean, std)| -mean / std).collect();
        let std: Vec<f32> = self.std.iter().map(|std| 1.0 / std).collect();
        Tensor::wrap(normalize(elements(x), &mean, &std).into())
    }
}

#[track_caller]
fn normalize(x: Array, mean: &[f32], std: &[f32]) -> Array {
    let (found, want) = (x.shape().get(1), mean.len());
    assert!(found == want, "Normalize: for images of {want} channels, and these have {found}");
    images::normalize(x, mean, std)
}

impl<B: Dim, C: Dim, H: Dim, W: Dim, T: Pixel> Transform<Tensor<(B, C, H, W), T>> for Normalize<C> {
    type Output = Tensor<(B, C, H, W)>;

    fn apply(&self, x: Tensor<(B, C, H, W), T>, _: &mut Draw<'_>) -> Self::Output {
        Tensor::wrap(normalize(elements(x), &self.mean, &self.std).into())
    }
}

targets_pass! {
    [] ToFloat;
    [C] Normalize<C>;
}

impl<C> Serialize for Normalize<C> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_map([("mean", &self.mean), ("std", &self.std)])
    }
}

impl<'de, C: Dim> Deserialize<'de> for Normalize<C> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let mut found = BTreeMap::<String, Vec<f32>>::deserialize(deserializer)?;
        let mut list = |name| found.remove(name).ok_or_else(|| serde::de::Error::missing_field(name));
        Self::try_new(list("mean")?, list("std")?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dim::Dyn;

    fn draw() -> Draw<'static> {
        Draw::new(0, 0, 0, &[])
    }

    #[test]
    fn alone_it_is_both_to_the_last_bit() {
        let x = Tensor::<(Dyn, Num<3>, Num<5>, Num<7>), u8>::from_fn_sized(&[4, 3, 5, 7], |i| (i * 31) as u8).unwrap();
        for normalize in [Normalize::cifar10(), Normalize::cifar100(), Normalize::imagenet(), Normalize::fit(&x)] {
            let (both, alone) =
                ((ToFloat, &normalize).apply(x.clone(), &mut draw()), normalize.apply(x.clone(), &mut draw()));
            assert_eq!(both, alone);
        }
        let fitted = Normalize::fit(&x).apply(x, &mut draw());
        let again = Normalize::fit(&fitted);
        assert!(again.mean().iter().all(|mean| mean.abs() < 1e-6), "{again:?}");
        assert!(again.std().iter().all(|std| (std - 1.0).abs() < 1e-6), "{again:?}");
    }

    #[test]
    fn of_constant_channels_and_of_nothing() {
        let x = Tensor::<(Dyn, Dyn, Num<2>, Num<2>), u8>::full_sized(51, &[3, 2, 2, 2]).unwrap();
        let normalize = Normalize::fit(&x);
        assert_eq!((normalize.mean(), normalize.std()), (&[0.2; 2][..], &[1.0; 2][..]));
        assert_eq!(normalize.apply(x, &mut draw()).to_vec(), [0.0; 24]);
        let none = Tensor::<(Dyn, Num<1>, Num<2>, Num<2>), u8>::zeros_sized(&[0, 1, 2, 2]).unwrap();
        assert_eq!(Normalize::fit(&none), Normalize::new([0.0], [1.0]));
        assert_eq!(Normalize::mnist().apply((none, 3), &mut draw()).0.shape(), [0, 1, 2, 2]);
    }

    #[test]
    fn saved_and_loaded() {
        let saved = serde_json::to_string(&Normalize::cifar10()).unwrap();
        assert_eq!(serde_json::from_str::<Normalize<Num<3>>>(&saved).unwrap(), Normalize::cifar10());
        let error = |text| serde_json::from_str::<Normalize<Num<3>>>(text).unwrap_err().to_string();
        assert!(error(r#"{"mean": [0.5]}"#).starts_with("missing field `std`"));
        assert!(error(r#"{"mean": [0.5], "std": [1.0]}"#).contains("1 means for 3 channels"));
        assert!(error(r#"{"mean": [0,0,0], "std": [1,-1,1]}"#).contains("a standard deviation of -1"));
    }

    #[test]
    #[should_panic(expected = "Normalize: for images of 2 channels, and these have 3")]
    fn another_number_of_channels() {
        let x = Tensor::<(Num<1>, Dyn, Num<1>, Num<1>)>::zeros_sized(&[1, 3, 1, 1]).unwrap();
        Normalize::try_new(vec![0.0; 2], vec![1.0; 2]).unwrap().apply(x, &mut draw());
    }
}
