//! Pooling.

mod signal;

pub use signal::*;

use crate::dim::{Image, Nat, Num, Padding, PoolWindow, Resized, Sides};
use crate::nn::layers::conv::window;
use crate::nn::module::Forward;
use crate::ops;
use crate::tensor::Tensor;

stateless! {
    /// The largest element under a window of `K` by `K`: `[B, C, H, W]` to `[B, C, H', W']`, with
    /// `H' = (H + 2P - D (K - 1) - 1) / S + 1`. Padding counts as negative infinity. PyTorch's `nn.MaxPool2d`.
    ///
    /// After the window come stride (the window, if left out), padding and dilation: each one size for both axes, or a
    /// pair of the height's and the width's ([`Sides`]).
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let x = Tensor::<shape![1, 1, 2, 4]>::from([[[[1.0, 2.0, 7.0, 8.0], [3.0, 4.0, 5.0, 6.0]]]]);
    /// let y: Tensor<shape![1, 1, 1, 2]> = MaxPool2d::<dim!(2)>::new().forward(x);
    /// assert_eq!(y.to_vec(), [4.0, 8.0]);
    /// ```
    MaxPool2d<K, S = K, P = Num<0>, D = Num<1>>
    /// The mean of the elements under a window of `K` by `K`: `[B, C, H, W]` to `[B, C, H', W']`, with
    /// `H' = (H + 2P - K) / S + 1`. Padding counts as zeros. PyTorch's `nn.AvgPool2d`.
    ///
    /// After the window come stride (the window, if left out) and padding: each one size for both axes, or a pair of the
    /// height's and the width's ([`Sides`]).
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let x = Tensor::<shape![1, 1, 2, 4]>::from([[[[1.0, 2.0, 7.0, 8.0], [3.0, 4.0, 5.0, 6.0]]]]);
    /// let y: Tensor<shape![1, 1, 1, 2]> = AvgPool2d::<dim!(2)>::new().forward(x);
    /// assert_eq!(y.to_vec(), [2.5, 6.5]);
    /// ```
    AvgPool2d<K, S = K, P = Num<0>>
    /// The mean over each of `H` by `W` regions of about one size: `[B, C, _, _]` to `[B, C, H, W]`. PyTorch's
    /// `nn.AdaptiveAvgPool2d`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let layer = AdaptiveAvgPool2d::<dim!(7)>::new();
    /// let y: Tensor<shape![2, 3, 7, 7]> = layer.forward(Tensor::<shape![2, 3, 13, 17]>::ones());
    /// ```
    AdaptiveAvgPool2d<H, W = H>
    /// The largest element of each of `H` by `W` regions of about one size: `[B, C, _, _]` to `[B, C, H, W]`. PyTorch's
    /// `nn.AdaptiveMaxPool2d`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let layer = AdaptiveMaxPool2d::<dim!(2), dim!(1)>::new();
    /// let x = Tensor::<shape![1, 1, 2, 2]>::from([[[[1.0, 2.0], [4.0, 3.0]]]]);
    /// assert_eq!(layer.forward(x).to_vec(), [2.0, 4.0]);
    /// ```
    AdaptiveMaxPool2d<H, W = H>
    /// The mean of each channel: `[B, C, H, W]` to `[B, C]`. PyTorch's `x.mean((2, 3))`, the pooling at the end of
    /// ResNet (Lin, Chen and Yan, [Network in Network](https://arxiv.org/abs/1312.4400), 2014).
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let y: Tensor<shape![2, 3]> = GlobalAvgPool2d.forward(Tensor::<shape![2, 3, 7, 7]>::ones());
    /// assert_eq!(y.to_vec(), [1.0; 6]);
    /// ```
    GlobalAvgPool2d
}

impl<X, K, S, P, D, T> Forward<Tensor<X, T>> for MaxPool2d<K, S, P, D>
where
    X: Image<
            Height: PoolWindow<K::Height, S::Height, P::Height, D::Height>,
            Width: PoolWindow<K::Width, S::Width, P::Width, D::Width>,
        >,
    K: Sides<Height: Nat, Width: Nat>,
    S: Sides<Height: Nat, Width: Nat>,
    P: Sides<Height: Padding, Width: Padding>,
    D: Sides<Height: Nat, Width: Nat>,
{
    type Output = Tensor<
        X::With<
            X::Channels,
            <X::Height as PoolWindow<K::Height, S::Height, P::Height, D::Height>>::Out,
            <X::Width as PoolWindow<K::Width, S::Width, P::Width, D::Width>>::Out,
        >,
        T,
    >;

    #[track_caller]
    fn forward(&self, x: Tensor<X, T>) -> Self::Output {
        Tensor::wrap(ops::pool::max_pool2d(x.into_value(), window::<K, S, P, D>(1)))
    }
}

impl<X, K, S, P, T> Forward<Tensor<X, T>> for AvgPool2d<K, S, P>
where
    X: Image<Height: PoolWindow<K::Height, S::Height, P::Height>, Width: PoolWindow<K::Width, S::Width, P::Width>>,
    K: Sides<Height: Nat, Width: Nat>,
    S: Sides<Height: Nat, Width: Nat>,
    P: Sides<Height: Padding, Width: Padding>,
{
    type Output = Tensor<
        X::With<
            X::Channels,
            <X::Height as PoolWindow<K::Height, S::Height, P::Height>>::Out,
            <X::Width as PoolWindow<K::Width, S::Width, P::Width>>::Out,
        >,
        T,
    >;

    #[track_caller]
    fn forward(&self, x: Tensor<X, T>) -> Self::Output {
        Tensor::wrap(ops::pool::avg_pool2d(x.into_value(), window::<K, S, P, Num<1>>(1)))
    }
}

impl<X, H, W, T> Forward<Tensor<X, T>> for AdaptiveAvgPool2d<H, W>
where
    X: Image<Height: Resized<H>, Width: Resized<W>>,
    H: Nat,
    W: Nat,
{
    type Output = Tensor<X::With<X::Channels, H, W>, T>;

    #[track_caller]
    fn forward(&self, x: Tensor<X, T>) -> Self::Output {
        Tensor::wrap(ops::pool::adaptive_avg_pool2d(x.into_value(), [H::N, W::N]))
    }
}

impl<X, H, W, T> Forward<Tensor<X, T>> for AdaptiveMaxPool2d<H, W>
where
    X: Image<Height: Resized<H>, Width: Resized<W>>,
    H: Nat,
    W: Nat,
{
    type Output = Tensor<X::With<X::Channels, H, W>, T>;

    #[track_caller]
    fn forward(&self, x: Tensor<X, T>) -> Self::Output {
        Tensor::wrap(ops::pool::adaptive_max_pool2d(x.into_value(), [H::N, W::N]))
    }
}

impl<X: Image, T> Forward<Tensor<X, T>> for GlobalAvgPool2d {
    type Output = Tensor<(X::Batch, X::Channels), T>;

    #[track_caller]
    fn forward(&self, x: Tensor<X, T>) -> Self::Output {
        Tensor::wrap(ops::reduce::mean(x.value(), 0b1100, false))
    }
}
