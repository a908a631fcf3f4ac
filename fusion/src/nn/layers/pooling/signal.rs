//! Pooling over one axis.

use crate::dim::{Nat, Num, Padding, PoolWindow, Signal};
use crate::nn::layers::conv::along;
use crate::nn::module::Forward;
use crate::ops;
use crate::tensor::Tensor;

stateless! {
    /// The largest element under a window of `K`: `[B, C, L]` to `[B, C, L']`, with
    /// `L' = (L + 2P - D (K - 1) - 1) / S + 1`. Padding counts as negative infinity. PyTorch's `nn.MaxPool1d`.
    ///
    /// After the window come stride (the window, if left out), padding and dilation.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let x = Tensor::<shape![1, 1, 4]>::from([[[1.0, 2.0, 7.0, 5.0]]]);
    /// let y: Tensor<shape![1, 1, 2]> = MaxPool1d::<dim!(2)>::new().forward(x);
    /// assert_eq!(y.to_vec(), [2.0, 7.0]);
    /// ```
    MaxPool1d<K, S = K, P = Num<0>, D = Num<1>>
    /// The mean of the elements under a window of `K`: `[B, C, L]` to `[B, C, L']`, with `L' = (L + 2P - K) / S + 1`.
    /// Padding counts as zeros. PyTorch's `nn.AvgPool1d`.
    ///
    /// After the window come stride (the window, if left out) and padding.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let x = Tensor::<shape![1, 1, 4]>::from([[[1.0, 2.0, 7.0, 5.0]]]);
    /// let y: Tensor<shape![1, 1, 2]> = AvgPool1d::<dim!(2)>::new().forward(x);
    /// assert_eq!(y.to_vec(), [1.5, 6.0]);
    /// ```
    AvgPool1d<K, S = K, P = Num<0>>
}

impl<X, K, S, P, D, T> Forward<Tensor<X, T>> for MaxPool1d<K, S, P, D>
where
    X: Signal<Length: PoolWindow<K, S, P, D>>,
    K: Nat,
    S: Nat,
    P: Padding,
    D: Nat,
{
    type Output = Tensor<X::With<X::Channels, <X::Length as PoolWindow<K, S, P, D>>::Out>, T>;

    #[track_caller]
    fn forward(&self, x: Tensor<X, T>) -> Self::Output {
        let window = ops::signal::window(along::<K, S, P, D>(), 1);
        let y = ops::pool::max_pool2d(ops::signal::with_height(x.into_value()), window);
        Tensor::wrap(ops::signal::without_height(y))
    }
}

impl<X, K, S, P, T> Forward<Tensor<X, T>> for AvgPool1d<K, S, P>
where
    X: Signal<Length: PoolWindow<K, S, P>>,
    K: Nat,
    S: Nat,
    P: Padding,
{
    type Output = Tensor<X::With<X::Channels, <X::Length as PoolWindow<K, S, P>>::Out>, T>;

    #[track_caller]
    fn forward(&self, x: Tensor<X, T>) -> Self::Output {
        let window = ops::signal::window(along::<K, S, P, Num<1>>(), 1);
        let y = ops::pool::avg_pool2d(ops::signal::with_height(x.into_value()), window);
        Tensor::wrap(ops::signal::without_height(y))
    }
}
