//! Images of other sizes, and images made of features.

use crate::dim::{Image, Nat, PaddedBy, Plus, Reflect, Reshape, Scaled, Shuffled};
use crate::graph::Value;
use crate::kernels::Dims;
use crate::nn::module::Forward;
use crate::ops;
use crate::tensor::Tensor;
use fusion_macros::Module;
use fusion_rules::Fill;
use std::marker::PhantomData;

stateless! {
    /// Every element as a square of `SCALE` by `SCALE`: `[B, C, H, W]` to `[B, C, H * SCALE, W * SCALE]`. PyTorch's
    /// `nn.Upsample(scale_factor=SCALE)`, whose mode is `nearest`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let x = Tensor::<shape![1, 1, 1, 2]>::from([[[[1.0, 2.0]]]]);
    /// let y: Tensor<shape![1, 1, 2, 4]> = Upsample::<dim!(2)>::new().forward(x);
    /// assert_eq!(y.to_vec(), [1.0, 1.0, 2.0, 2.0, 1.0, 1.0, 2.0, 2.0]);
    /// ```
    Upsample<SCALE>

    /// Zeros around each image, `P` of them on all four sides: `[B, C, H, W]` to `[B, C, H + 2P, W + 2P]`. PyTorch's
    /// `nn.ZeroPad2d(P)`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let x = Tensor::<shape![1, 1, 1, 2]>::from([[[[1.0, 2.0]]]]);
    /// let y: Tensor<shape![1, 1, 3, 4]> = ZeroPad2d::<dim!(1)>::new().forward(x);
    /// assert_eq!(y.to_vec(), [0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 2.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
    /// ```
    ZeroPad2d<P>

    /// The reflection of each image around it, `P` elements on all four sides, fewer than it is high and wide: `[B, C, H, W]` to
    /// `[B, C, H + 2P, W + 2P]`. PyTorch's `nn.ReflectionPad2d(P)`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let x = Tensor::<shape![1, 1, 2, 2]>::from([[[[1.0, 2.0], [3.0, 4.0]]]]);
    /// let y: Tensor<shape![1, 1, 4, 4]> = ReflectionPad2d::<dim!(1)>::new().forward(x);
    /// assert_eq!(y.to_vec()[..8], [4.0, 3.0, 4.0, 3.0, 2.0, 1.0, 2.0, 1.0]);
    /// ```
    ReflectionPad2d<P>

    /// The rim of each image around it, `P` times on all four sides: `[B, C, H, W]` to `[B, C, H + 2P, W + 2P]`. PyTorch's
    /// `nn.ReplicationPad2d(P)`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let x = Tensor::<shape![1, 1, 1, 2]>::from([[[[1.0, 2.0]]]]);
    /// let y: Tensor<shape![1, 1, 3, 4]> = ReplicationPad2d::<dim!(1)>::new().forward(x);
    /// assert_eq!(y.to_vec()[..4], [1.0, 1.0, 2.0, 2.0]);
    /// ```
    ReplicationPad2d<P>

    /// Channels as pixels: of each `R * R` channels one, in squares of `R` by `R`. `[B, C * R * R, H, W]` to
    /// `[B, C, H * R, W * R]`. PyTorch's `nn.PixelShuffle`. Shi et al., [Real-Time Single Image and Video Super-Resolution
    /// Using an Efficient Sub-Pixel Convolutional Neural Network](https://arxiv.org/abs/1609.05158), 2016.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let x = Tensor::<shape![1, 4, 1, 1]>::from([[[[1.0]], [[2.0]], [[3.0]], [[4.0]]]]);
    /// let y: Tensor<shape![1, 1, 2, 2]> = PixelShuffle::<dim!(2)>::new().forward(x);
    /// assert_eq!(y.to_vec(), [1.0, 2.0, 3.0, 4.0]);
    /// ```
    PixelShuffle<R>

    /// Features as images of `C` channels: `[B, C * H * W]` to `[B, C, H, W]`, what [`Flatten`](crate::nn::Flatten) undoes.
    /// PyTorch's `nn.Unflatten(1, (C, H, W))`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// model! { pub Generator: [100] -> [3, 8, 8] { Linear<_, 48>, Unflatten<3, 4, 4>, Upsample<2> } }
    ///
    /// let y: Tensor<shape![5, 3, 4, 4]> = Unflatten::<Num<3>, Num<4>, Num<4>>::new().forward(Tensor::<shape![5, 48]>::zeros());
    /// ```
    Unflatten<C, H, W>
}

/// Images `SCALE` times as high and wide, each element a mean of the four around it, by their distance: `[B, C, H, W]` to
/// `[B, C, H * SCALE, W * SCALE]`. With `ALIGN_CORNERS` the first and the last elements stay where they are: PyTorch's
/// `nn.UpsamplingBilinear2d(SCALE)`. Without it the outer edges of the image do: `nn.Upsample(scale_factor=SCALE,
/// mode="bilinear")`.
///
/// ```
/// use fusion::prelude::*;
///
/// let x = Tensor::<shape![1, 1, 1, 2]>::from([[[[0.0, 3.0]]]]);
/// let y: Tensor<shape![1, 1, 2, 4]> = UpsamplingBilinear2d::<dim!(2)>::new().forward(x.clone());
/// assert_eq!(y.to_vec(), [0.0, 1.0, 2.0, 3.0, 0.0, 1.0, 2.0, 3.0]);
/// let y = UpsamplingBilinear2d::<dim!(2), false>::new().forward(x);
/// assert_eq!(y.to_vec()[..4], [0.0, 0.75, 2.25, 3.0]);
/// ```
#[derive(Module)]
#[module(layer)]
pub struct UpsamplingBilinear2d<SCALE, const ALIGN_CORNERS: bool = true>(PhantomData<fn() -> SCALE>);

impl<SCALE, const ALIGN_CORNERS: bool> UpsamplingBilinear2d<SCALE, ALIGN_CORNERS> {
    /// The layer.
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<SCALE, const ALIGN_CORNERS: bool> Default for UpsamplingBilinear2d<SCALE, ALIGN_CORNERS> {
    fn default() -> Self {
        Self::new()
    }
}

impl<SCALE, const ALIGN_CORNERS: bool> Copy for UpsamplingBilinear2d<SCALE, ALIGN_CORNERS> {}

impl<X, SCALE, const ALIGN_CORNERS: bool, T> Forward<Tensor<X, T>> for UpsamplingBilinear2d<SCALE, ALIGN_CORNERS>
where
    X: Image<Height: Scaled<SCALE>, Width: Scaled<SCALE>>,
    SCALE: Nat,
{
    type Output = Tensor<X::With<X::Channels, <X::Height as Scaled<SCALE>>::Out, <X::Width as Scaled<SCALE>>::Out>, T>;

    #[track_caller]
    fn forward(&self, x: Tensor<X, T>) -> Self::Output {
        Tensor::wrap(ops::upsample::upsample_bilinear2d(x.into_value(), [SCALE::N; 2], ALIGN_CORNERS))
    }
}

impl<B, F, C, H, W, T> Forward<Tensor<(B, F), T>> for Unflatten<C, H, W>
where
    (F,): Reshape<(C, H, W)>,
    C: Nat,
    H: Nat,
    W: Nat,
{
    type Output = Tensor<(B, C, H, W), T>;

    fn forward(&self, x: Tensor<(B, F), T>) -> Self::Output {
        let value = x.into_value();
        let shape = Dims::new(&[value.shape().get(0), C::N, H::N, W::N]);
        Tensor::wrap(ops::shape::reshape(value, &shape))
    }
}

impl<X, SCALE, T> Forward<Tensor<X, T>> for Upsample<SCALE>
where
    X: Image<Height: Scaled<SCALE>, Width: Scaled<SCALE>>,
    SCALE: Nat,
{
    type Output = Tensor<X::With<X::Channels, <X::Height as Scaled<SCALE>>::Out, <X::Width as Scaled<SCALE>>::Out>, T>;

    #[track_caller]
    fn forward(&self, x: Tensor<X, T>) -> Self::Output {
        Tensor::wrap(ops::resize::upsample_nearest2d(x.into_value(), [SCALE::N; 2]))
    }
}

/// A size, and `P` more at its begin and at its end.
type Padded<H, P> = <<H as Plus<P>>::Out as Plus<P>>::Out;

impl<X, P, T> Forward<Tensor<X, T>> for ZeroPad2d<P>
where
    X: Image<Height: Plus<P, Out: Plus<P>>, Width: Plus<P, Out: Plus<P>>>,
    P: Nat,
{
    type Output = Tensor<X::With<X::Channels, Padded<X::Height, P>, Padded<X::Width, P>>, T>;

    #[track_caller]
    fn forward(&self, x: Tensor<X, T>) -> Self::Output {
        Tensor::wrap(ops::resize::zero_pad2d(x.into_value(), P::N))
    }
}

impl<X, P, T> Forward<Tensor<X, T>> for ReflectionPad2d<P>
where
    X: Image<Height: PaddedBy<P, Reflect>, Width: PaddedBy<P, Reflect>>,
    P: Nat,
{
    type Output = Tensor<
        X::With<X::Channels, <X::Height as PaddedBy<P, Reflect>>::Out, <X::Width as PaddedBy<P, Reflect>>::Out>,
        T,
    >;

    #[track_caller]
    fn forward(&self, x: Tensor<X, T>) -> Self::Output {
        Tensor::wrap(ops::resize::pad2d(x.into_value(), P::N, Fill::Reflect))
    }
}

impl<X, P, T> Forward<Tensor<X, T>> for ReplicationPad2d<P>
where
    X: Image<Height: Plus<P, Out: Plus<P>>, Width: Plus<P, Out: Plus<P>>>,
    P: Nat,
{
    type Output = Tensor<X::With<X::Channels, Padded<X::Height, P>, Padded<X::Width, P>>, T>;

    #[track_caller]
    fn forward(&self, x: Tensor<X, T>) -> Self::Output {
        Tensor::wrap(ops::resize::pad2d(x.into_value(), P::N, Fill::Replicate))
    }
}

impl<X, R, T> Forward<Tensor<X, T>> for PixelShuffle<R>
where
    X: Image<Channels: Shuffled<R>, Height: Scaled<R>, Width: Scaled<R>>,
    R: Nat,
{
    type Output = Tensor<
        X::With<<X::Channels as Shuffled<R>>::Out, <X::Height as Scaled<R>>::Out, <X::Width as Scaled<R>>::Out>,
        T,
    >;

    #[track_caller]
    fn forward(&self, x: Tensor<X, T>) -> Self::Output {
        Tensor::wrap(shuffle_pixels(x.into_value(), R::N))
    }
}

/// The channels of each pixel as a square of `scale` by `scale` pixels.
#[track_caller]
pub(in crate::nn) fn shuffle_pixels(x: Value, scale: usize) -> Value {
    let [batch, channels, height, width] = [0, 1, 2, 3].map(|axis| x.shape().get(axis));
    let left = crate::error::or_panic(fusion_rules::shuffled(fusion_rules::Size::Known(channels), scale)).or(0);
    if x.array().is_only_channels_last() {
        // The same, of pixels.
        let pixels = ops::shape::permute(x, &[0, 2, 3, 1]);
        let squares = ops::shape::reshape(pixels, &Dims::new(&[batch, height, width, left, scale, scale]));
        let rows = ops::shape::permute(squares, &[0, 1, 4, 2, 5, 3]);
        let y = ops::shape::reshape(rows, &Dims::new(&[batch, height * scale, width * scale, left]));
        return ops::shape::permute(y, &[0, 3, 1, 2]);
    }
    let squares = ops::shape::reshape(x, &Dims::new(&[batch, left, scale, scale, height, width]));
    let rows = ops::shape::permute(squares, &[0, 1, 4, 2, 5, 3]);
    ops::shape::reshape(rows, &Dims::new(&[batch, left, height * scale, width * scale]))
}
