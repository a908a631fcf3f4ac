//! Convolutions over one axis.

use super::{along, start, start_bias};
use crate::dim::{Channels, Groups, Nat, Num, Padding, Signal, Window};
use crate::graph::Value;
use crate::kernels::activation::Activation;
use crate::nn::macro_support::following::Followed;
use crate::nn::module::Forward;
use crate::ops;
use crate::tensor::Tensor;
use fusion_macros::Module;
use std::marker::PhantomData;

/// A convolution (cross-correlation) of signals with `O` filters of `K`: `[B, I, L]` to `[B, O, L']`, with
/// `L' = (L + 2P - D (K - 1) - 1) / S + 1`. PyTorch's `nn.Conv1d`, whose starting values, layouts and names it has:
/// `weight` `[O, I / G, K]` and `bias` `[O]`, both uniform in ±1/√(I / G · K).
///
/// After the channels and the window come stride, padding (a size or [`Same`](crate::dim::Same)), dilation, groups, and
/// whether there is a bias.
///
/// ```
/// use fusion::prelude::*;
///
/// let mut rng = StdRng::seed_from_u64(0);
/// let layer = Conv1d::<dim!(3), dim!(8), dim!(5)>::init(&mut rng);
/// let y: Tensor<shape![2, 8, 28]> = layer.forward(Tensor::<shape![2, 3, 32]>::ones());
///
/// // Dilation 2, and as long as before.
/// let layer = Conv1d::<dim!(8), dim!(8), dim!(3), dim!(1), Same, dim!(2)>::init(&mut rng);
/// let y: Tensor<shape![2, 8, 28]> = layer.forward(y);
/// assert_eq!(layer.weight.shape(), [8, 8, 3]);
/// ```
#[derive(Module)]
#[module(layer)]
pub struct Conv1d<I, O, K, S = Num<1>, P = Num<0>, D = Num<1>, G: Groups = Num<1>, const BIAS: bool = true, T = f32> {
    /// `[outputs, inputs / groups, kernel]`
    #[init(start([O::N, I::N / G::N, K::N], rng))]
    pub weight: Tensor<(O, G::Of<I>, K), T>,
    /// `[outputs]`; none without `BIAS`.
    #[init(BIAS.then(|| start_bias(&[O::N], [O::N, I::N / G::N, K::N], rng)))]
    pub bias: Option<Tensor<(O,), T>>,
    window: PhantomData<fn() -> (S, P, D)>,
}

impl<X, I, O, K, S, P, D, G: Groups, const BIAS: bool, T> Forward<Tensor<X, T>> for Conv1d<I, O, K, S, P, D, G, BIAS, T>
where
    X: Signal<Channels: Channels<I>, Length: Window<K, S, P, D>>,
    K: Nat,
    S: Nat,
    P: Padding,
    D: Nat,
    G: Nat,
{
    type Output = Tensor<X::With<O, <X::Length as Window<K, S, P, D>>::Out>, T>;

    #[track_caller]
    fn forward(&self, x: Tensor<X, T>) -> Self::Output {
        Tensor::wrap(self.followed(x.into_value(), Activation::Identity))
    }
}

impl<I, O, K, S, P, D, G, const BIAS: bool, T> Followed for Conv1d<I, O, K, S, P, D, G, BIAS, T>
where
    K: Nat,
    S: Nat,
    P: Padding,
    D: Nat,
    G: Groups + Nat,
{
    #[track_caller]
    fn followed(&self, x: Value, activation: Activation) -> Value {
        let (weight, bias) = (self.weight.value().clone(), self.bias.as_ref().map(Tensor::value));
        let (x, weight) = (ops::signal::with_height(x), ops::signal::with_height(weight));
        let window = ops::signal::window(along::<K, S, P, D>(), G::N);
        ops::signal::without_height(ops::conv::conv2d_act(x, &weight, bias, window, activation))
    }
}
