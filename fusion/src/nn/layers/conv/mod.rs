//! Convolutions.

mod signal;

pub use signal::*;

use crate::dim::{Channels, Groups, Image, Nat, Num, Padding, Sides, TransposedWindow, Window};
use crate::graph::Value;
use crate::kernels::activation::Activation;
use crate::nn::init::fan_in_uniform_sized;
use crate::nn::macro_support::following::Followed;
use crate::nn::module::Forward;
use crate::ops;
use crate::tensor::{Float, Tensor};
use fusion_macros::Module;
use rand::Rng;
use std::marker::PhantomData;

/// A convolution (cross-correlation) of images with `O` filters of `K` by `K`: `[B, I, H, W]` to `[B, O, H', W']`, with
/// `H' = (H + 2P - D (K - 1) - 1) / S + 1`. PyTorch's `nn.Conv2d`, whose starting values, layouts and names it has:
/// `weight` `[O, I / G, K, K]` and `bias` `[O]`, both uniform in ±1/√(I / G · K · K).
///
/// After the channels and the window come stride, padding (a size or [`Same`](crate::dim::Same)), dilation, groups, and
/// whether there is a bias. What is part of the window is one size for both axes, or a pair of the height's and the
/// width's: `(dim!(1), dim!(7))` ([`Sides`]).
///
/// ```
/// use fusion::prelude::*;
///
/// let mut rng = StdRng::seed_from_u64(0);
/// let layer = Conv2d::<dim!(3), dim!(8), dim!(5)>::init(&mut rng);
/// let y: Tensor<shape![2, 8, 28, 28]> = layer.forward(Tensor::<shape![2, 3, 32, 32]>::ones());
///
/// // Stride 2, padding 1.
/// let layer = Conv2d::<dim!(3), dim!(8), dim!(3), dim!(2), dim!(1)>::init(&mut rng);
/// let y: Tensor<shape![2, 8, 16, 16]> = layer.forward(Tensor::<shape![2, 3, 32, 32]>::ones());
///
/// // One group for each channel.
/// let layer = Conv2d::<dim!(8), dim!(8), dim!(3), dim!(1), Same, dim!(1), dim!(8), false>::init(&mut rng);
/// let y: Tensor<shape![2, 8, 16, 16]> = layer.forward(y);
/// assert_eq!(layer.weight.shape(), [8, 1, 3, 3]);
///
/// // A window of 1 by 7.
/// let layer = Conv2d::<dim!(8), dim!(4), (dim!(1), dim!(7)), dim!(1), (dim!(0), dim!(3))>::init(&mut rng);
/// let y: Tensor<shape![2, 4, 16, 16]> = layer.forward(y);
/// assert_eq!(layer.weight.shape(), [4, 8, 1, 7]);
/// ```
#[derive(Module)]
#[module(layer)]
pub struct Conv2d<
    I,
    O,
    K: Sides,
    S = Num<1>,
    P = Num<0>,
    D = Num<1>,
    G: Groups = Num<1>,
    const BIAS: bool = true,
    T = f32,
> {
    /// `[outputs, inputs / groups, kernel, kernel]`
    #[init(start([O::N, I::N / G::N, K::Height::N, K::Width::N], rng))]
    pub weight: Tensor<(O, G::Of<I>, K::Height, K::Width), T>,
    /// `[outputs]`; none without `BIAS`.
    #[init(BIAS.then(|| start_bias(&[O::N], [O::N, I::N / G::N, K::Height::N, K::Width::N], rng)))]
    pub bias: Option<Tensor<(O,), T>>,
    window: PhantomData<fn() -> (S, P, D)>,
}

/// The window of a layer, as operations take it.
pub(in crate::nn) fn window<K, S, P, D>(groups: usize) -> ops::conv::Window
where
    K: Sides<Height: Nat, Width: Nat>,
    S: Sides<Height: Nat, Width: Nat>,
    P: Sides<Height: Padding, Width: Padding>,
    D: Sides<Height: Nat, Width: Nat>,
{
    let sides =
        [along::<K::Height, S::Height, P::Height, D::Height>(), along::<K::Width, S::Width, P::Width, D::Width>()];
    ops::conv::Window {
        kernel: sides.map(|side| side.kernel),
        stride: sides.map(|side| side.stride),
        padding: sides.map(fusion_rules::Window::pads),
        dilation: sides.map(|side| side.dilation),
        groups,
    }
}

/// The window of a layer along one axis.
pub(in crate::nn) fn along<K: Nat, S: Nat, P: Padding, D: Nat>() -> fusion_rules::Window {
    fusion_rules::Window { kernel: K::N, stride: S::N, padding: P::PADDING, dilation: D::N }
}

impl<X, I, O, K, S, P, D, G: Groups, const BIAS: bool, T> Forward<Tensor<X, T>> for Conv2d<I, O, K, S, P, D, G, BIAS, T>
where
    X: Image<
            Channels: Channels<I>,
            Height: Window<K::Height, S::Height, P::Height, D::Height>,
            Width: Window<K::Width, S::Width, P::Width, D::Width>,
        >,
    K: Sides<Height: Nat, Width: Nat>,
    S: Sides<Height: Nat, Width: Nat>,
    P: Sides<Height: Padding, Width: Padding>,
    D: Sides<Height: Nat, Width: Nat>,
    G: Nat,
{
    type Output = Tensor<
        X::With<
            O,
            <X::Height as Window<K::Height, S::Height, P::Height, D::Height>>::Out,
            <X::Width as Window<K::Width, S::Width, P::Width, D::Width>>::Out,
        >,
        T,
    >;

    #[track_caller]
    fn forward(&self, x: Tensor<X, T>) -> Self::Output {
        Tensor::wrap(self.followed(x.into_value(), Activation::Identity))
    }
}

impl<I, O, K, S, P, D, G, const BIAS: bool, T> Followed for Conv2d<I, O, K, S, P, D, G, BIAS, T>
where
    K: Sides<Height: Nat, Width: Nat>,
    S: Sides<Height: Nat, Width: Nat>,
    P: Sides<Height: Padding, Width: Padding>,
    D: Sides<Height: Nat, Width: Nat>,
    G: Groups + Nat,
{
    #[track_caller]
    fn followed(&self, x: Value, activation: Activation) -> Value {
        let bias = self.bias.as_ref().map(Tensor::value);
        ops::conv::conv2d_act(x, self.weight.value(), bias, window::<K, S, P, D>(G::N), activation)
    }
}

/// The transpose of a convolution, which makes images larger: `[B, I, H, W]` to `[B, O, H', W']`, with
/// `H' = (H - 1) S - 2P + D (K - 1) + OP + 1`, where [`Conv2d`] with the same window would have `H` places. PyTorch's
/// `nn.ConvTranspose2d`, whose starting values, layouts, names and order of arguments it has: `weight`
/// `[I, O / G, K, K]` and `bias` `[O]`, both uniform in ±1/√(O / G · K · K).
///
/// After the channels and the window come stride, padding, output padding, groups, whether there is a bias, and
/// dilation.
///
/// ```
/// use fusion::prelude::*;
///
/// let mut rng = StdRng::seed_from_u64(0);
/// let layer = ConvTranspose2d::<dim!(8), dim!(3), dim!(4), dim!(2), dim!(1)>::init(&mut rng);
/// let y: Tensor<shape![2, 3, 32, 32]> = layer.forward(Tensor::<shape![2, 8, 16, 16]>::ones());
/// ```
#[doc(alias = "Deconvolution")]
#[derive(Module)]
#[module(layer)]
pub struct ConvTranspose2d<
    I,
    O,
    K: Sides,
    S = Num<1>,
    P = Num<0>,
    OP = Num<0>,
    G: Groups = Num<1>,
    const BIAS: bool = true,
    D = Num<1>,
    T = f32,
> {
    /// `[inputs, outputs / groups, kernel, kernel]`
    #[init(start([I::N, O::N / G::N, K::Height::N, K::Width::N], rng))]
    pub weight: Tensor<(I, G::Of<O>, K::Height, K::Width), T>,
    /// `[outputs]`; none without `BIAS`.
    #[init(BIAS.then(|| start_bias(&[O::N], [I::N, O::N / G::N, K::Height::N, K::Width::N], rng)))]
    pub bias: Option<Tensor<(O,), T>>,
    window: PhantomData<fn() -> (S, P, OP, D)>,
}

impl<X, I, O, K, S, P, OP, G: Groups, const BIAS: bool, D, T> Forward<Tensor<X, T>>
    for ConvTranspose2d<I, O, K, S, P, OP, G, BIAS, D, T>
where
    X: Image<
            Channels: Channels<I>,
            Height: TransposedWindow<K::Height, S::Height, P::Height, OP::Height, D::Height>,
            Width: TransposedWindow<K::Width, S::Width, P::Width, OP::Width, D::Width>,
        >,
    K: Sides<Height: Nat, Width: Nat>,
    S: Sides<Height: Nat, Width: Nat>,
    P: Sides<Height: Padding, Width: Padding>,
    OP: Sides<Height: Nat, Width: Nat>,
    D: Sides<Height: Nat, Width: Nat>,
    G: Nat,
{
    type Output = Tensor<
        X::With<
            O,
            <X::Height as TransposedWindow<K::Height, S::Height, P::Height, OP::Height, D::Height>>::Out,
            <X::Width as TransposedWindow<K::Width, S::Width, P::Width, OP::Width, D::Width>>::Out,
        >,
        T,
    >;

    #[track_caller]
    fn forward(&self, x: Tensor<X, T>) -> Self::Output {
        Tensor::wrap(self.followed(x.into_value(), Activation::Identity))
    }
}

impl<I, O, K, S, P, OP, G, const BIAS: bool, D, T> Followed for ConvTranspose2d<I, O, K, S, P, OP, G, BIAS, D, T>
where
    K: Sides<Height: Nat, Width: Nat>,
    S: Sides<Height: Nat, Width: Nat>,
    P: Sides<Height: Padding, Width: Padding>,
    OP: Sides<Height: Nat, Width: Nat>,
    D: Sides<Height: Nat, Width: Nat>,
    G: Groups + Nat,
{
    #[track_caller]
    fn followed(&self, x: Value, activation: Activation) -> Value {
        let (window, more) = (window::<K, S, P, D>(G::N), [OP::Height::N, OP::Width::N]);
        let bias = self.bias.as_ref().map(Tensor::value);
        ops::conv::conv_transpose2d_act(x, self.weight.value(), bias, window, more, activation)
    }
}

/// Numbers as PyTorch starts a convolution with a weight of these sizes. It counts as inputs all but the first axis, which
/// in a transposed convolution are not the inputs of an output.
fn start<S, T: Float, const N: usize>(weight: [usize; N], rng: &mut dyn Rng) -> Tensor<S, T> {
    start_bias(&weight, weight, rng)
}

/// As many as `sizes` say, as [`start`] starts them.
fn start_bias<S, T: Float, const N: usize>(sizes: &[usize], weight: [usize; N], rng: &mut dyn Rng) -> Tensor<S, T> {
    Tensor::wrap(fan_in_uniform_sized::<T>(sizes, weight[1..].iter().product(), rng))
}
