//! Convolutions.

use crate::dim::{Channels, DividedBy, Groups, Image, Nat, Num, Padding, TransposedWindow, Window};
use crate::graph::Value;
use crate::nn::init::fan_in_uniform_sized;
use crate::nn::layers::linear::no_bias;
use crate::nn::module::duplicate::{OneCopy, copy_of};
use crate::nn::module::{Forward, Init, Module, Path};
use crate::ops;
use crate::tensor::{Float, Tensor};
use rand::Rng;
use std::fmt;
use std::marker::PhantomData;

/// A convolution (cross-correlation) of images with `O` filters of `K` by `K`: `[B, I, H, W]` to `[B, O, H', W']`, with
/// `H' = (H + 2P - D (K - 1) - 1) / S + 1`. PyTorch's `nn.Conv2d`, whose starting values, layouts and names it has:
/// `weight` `[O, I / G, K, K]` and `bias` `[O]`, both uniform in ±1/√(I / G · K · K).
///
/// After the channels and the window come stride, padding (a size or [`Same`](crate::dim::Same)), dilation, groups, and
/// whether there is a bias.
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
/// ```
pub struct Conv2d<I, O, K, S = Num<1>, P = Num<0>, D = Num<1>, G: Groups = Num<1>, const BIAS: bool = true, T = f32> {
    /// `[outputs, inputs / groups, kernel, kernel]`
    pub weight: Tensor<(O, G::Of<I>, K, K), T>,
    /// `[outputs]`; none without `BIAS`.
    pub bias: Option<Tensor<(O,), T>>,
    window: PhantomData<fn() -> (S, P, D)>,
}

/// The window of a layer, as operations take it.
pub(in crate::nn) fn window<K: Nat, S: Nat, P: Padding, D: Nat>(groups: usize) -> ops::conv::Window {
    let window = fusion_rules::Window { kernel: K::N, stride: S::N, padding: P::PADDING, dilation: D::N };
    ops::conv::Window {
        kernel: [window.kernel; 2],
        stride: [window.stride; 2],
        padding: [window.pads(); 2],
        dilation: [window.dilation; 2],
        groups,
    }
}

impl<I, O, K, S, P, D, G: Groups, const BIAS: bool, T> Conv2d<I, O, K, S, P, D, G, BIAS, T> {
    /// A layer with PyTorch's starting values.
    pub fn init(rng: &mut impl Rng) -> Self
    where
        I: Nat + DividedBy<G>,
        O: Nat + DividedBy<G>,
        K: Nat,
        G: Nat,
        T: Float,
    {
        Self::init_with(rng)
    }
}

impl<X, I, O, K, S, P, D, G: Groups, const BIAS: bool, T> Forward<Tensor<X, T>> for Conv2d<I, O, K, S, P, D, G, BIAS, T>
where
    X: Image<Channels: Channels<I>, Height: Window<K, S, P, D>, Width: Window<K, S, P, D>>,
    K: Nat,
    S: Nat,
    P: Padding,
    D: Nat,
    G: Nat,
{
    type Output = Tensor<X::With<O, <X::Height as Window<K, S, P, D>>::Out, <X::Width as Window<K, S, P, D>>::Out>, T>;

    #[track_caller]
    fn forward(&self, x: Tensor<X, T>) -> Self::Output {
        let bias = self.bias.as_ref().map(Tensor::value);
        Tensor::wrap(ops::conv::conv2d(x.into_value(), self.weight.value(), bias, window::<K, S, P, D>(G::N)))
    }
}

impl<I, O, K, S, P, D, G, const BIAS: bool, T> Init for Conv2d<I, O, K, S, P, D, G, BIAS, T>
where
    I: Nat,
    O: Nat,
    K: Nat,
    G: Groups + Nat,
    T: Float,
{
    fn init_with(rng: &mut dyn Rng) -> Self {
        let (weight, bias) = start::<_, O, T>([O::N, I::N / G::N, K::N, K::N], BIAS, rng);
        Self { weight, bias, window: PhantomData }
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
pub struct ConvTranspose2d<
    I,
    O,
    K,
    S = Num<1>,
    P = Num<0>,
    OP = Num<0>,
    G: Groups = Num<1>,
    const BIAS: bool = true,
    D = Num<1>,
    T = f32,
> {
    /// `[inputs, outputs / groups, kernel, kernel]`
    pub weight: Tensor<(I, G::Of<O>, K, K), T>,
    /// `[outputs]`; none without `BIAS`.
    pub bias: Option<Tensor<(O,), T>>,
    window: PhantomData<fn() -> (S, P, OP, D)>,
}

impl<I, O, K, S, P, OP, G: Groups, const BIAS: bool, D, T> ConvTranspose2d<I, O, K, S, P, OP, G, BIAS, D, T> {
    /// A layer with PyTorch's starting values.
    pub fn init(rng: &mut impl Rng) -> Self
    where
        I: Nat + DividedBy<G>,
        O: Nat + DividedBy<G>,
        K: Nat,
        G: Nat,
        T: Float,
    {
        Self::init_with(rng)
    }
}

impl<X, I, O, K, S, P, OP, G: Groups, const BIAS: bool, D, T> Forward<Tensor<X, T>>
    for ConvTranspose2d<I, O, K, S, P, OP, G, BIAS, D, T>
where
    X: Image<Channels: Channels<I>, Height: TransposedWindow<K, S, P, OP, D>, Width: TransposedWindow<K, S, P, OP, D>>,
    K: Nat,
    S: Nat,
    P: Nat,
    OP: Nat,
    D: Nat,
    G: Nat,
{
    type Output = Tensor<
        X::With<
            O,
            <X::Height as TransposedWindow<K, S, P, OP, D>>::Out,
            <X::Width as TransposedWindow<K, S, P, OP, D>>::Out,
        >,
        T,
    >;

    #[track_caller]
    fn forward(&self, x: Tensor<X, T>) -> Self::Output {
        let bias = self.bias.as_ref().map(Tensor::value);
        let window = window::<K, S, P, D>(G::N);
        Tensor::wrap(ops::conv::conv_transpose2d(x.into_value(), self.weight.value(), bias, window, [OP::N; 2]))
    }
}

impl<I, O, K, S, P, OP, G, const BIAS: bool, D, T> Init for ConvTranspose2d<I, O, K, S, P, OP, G, BIAS, D, T>
where
    I: Nat,
    O: Nat,
    K: Nat,
    G: Groups + Nat,
    T: Float,
{
    fn init_with(rng: &mut dyn Rng) -> Self {
        let (weight, bias) = start::<_, O, T>([I::N, O::N / G::N, K::N, K::N], BIAS, rng);
        Self { weight, bias, window: PhantomData }
    }
}

/// A weight with these sizes and a bias of `O`. PyTorch counts as inputs all but the first axis of the weight, which in a
/// transposed convolution are not the inputs of an output.
fn start<S, O: Nat, T: Float>(
    sizes: [usize; 4],
    bias: bool,
    rng: &mut dyn Rng,
) -> (Tensor<S, T>, Option<Tensor<(O,), T>>) {
    let inputs = sizes[1..].iter().product();
    let weight = Tensor::wrap(fan_in_uniform_sized::<T>(&sizes, inputs, rng).into_parameter());
    let bias = bias.then(|| Tensor::wrap(fan_in_uniform_sized::<T>(&[O::N], inputs, rng).into_parameter()));
    (weight, bias)
}

/// A layer with the same values and parameters of its own.
impl<I, O, K, S, P, D, G: Groups, const BIAS: bool, T> Clone for Conv2d<I, O, K, S, P, D, G, BIAS, T> {
    fn clone(&self) -> Self {
        let _copy = OneCopy::begin();
        let bias = self.bias.as_ref().map(copy_of);
        Self { weight: copy_of(&self.weight), bias, window: PhantomData }
    }
}

/// A layer with the same values and parameters of its own.
impl<I, O, K, S, P, OP, G: Groups, const BIAS: bool, D, T> Clone for ConvTranspose2d<I, O, K, S, P, OP, G, BIAS, D, T> {
    fn clone(&self) -> Self {
        let _copy = OneCopy::begin();
        let bias = self.bias.as_ref().map(copy_of);
        Self { weight: copy_of(&self.weight), bias, window: PhantomData }
    }
}

impl<I, O, K, S: Nat, P: Padding, D: Nat, G: Groups + Nat, const BIAS: bool, T> fmt::Debug
    for Conv2d<I, O, K, S, P, D, G, BIAS, T>
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let weight = self.weight.value().shape();
        let sizes = [weight.get(1) * G::N, weight.get(0), weight.get(2)];
        let more = [("stride", S::N, 1), ("padding", P::PADDING, 0), ("dilation", D::N, 1), ("groups", G::N, 1)];
        written(f, "Conv2d", sizes, &more, BIAS)
    }
}

impl<I, O, K, S: Nat, P: Nat, OP: Nat, G: Groups + Nat, const BIAS: bool, D: Nat, T> fmt::Debug
    for ConvTranspose2d<I, O, K, S, P, OP, G, BIAS, D, T>
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let weight = self.weight.value().shape();
        let sizes = [weight.get(0), weight.get(1) * G::N, weight.get(2)];
        let more = [("stride", S::N, 1), ("padding", P::N, 0), ("output_padding", OP::N, 0), ("groups", G::N, 1)];
        written(f, "ConvTranspose2d", sizes, &[&more[..], &[("dilation", D::N, 1)]].concat(), BIAS)
    }
}

/// A layer as `model!` is told of it: channels and window, and of the rest what is not as it is by default.
fn written(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    [inputs, outputs, kernel]: [usize; 3],
    more: &[(&str, usize, usize)],
    bias: bool,
) -> fmt::Result {
    write!(f, "{name}<{inputs}, {outputs}, {kernel}")?;
    for (name, size, _) in more.iter().filter(|(_, size, default)| size != default) {
        match *size {
            fusion_rules::SAME => write!(f, ", {name} = \"same\"")?,
            size => write!(f, ", {name} = {size}")?,
        }
    }
    write!(f, "{}>", no_bias(bias))
}

/// The walk through a weight and a bias.
macro_rules! walk_convolution {
    () => {
        fn walk(&self, path: &Path<'_>, visit: &mut dyn FnMut(&Path<'_>, &Value)) {
            visit(&path.child("weight").parameter(), self.weight.value());
            if let Some(bias) = &self.bias {
                visit(&path.child("bias").parameter(), bias.value());
            }
        }

        fn walk_mut(&mut self, path: &Path<'_>, visit: &mut dyn FnMut(&Path<'_>, &mut Value)) {
            visit(&path.child("weight").parameter(), self.weight.value_mut());
            if let Some(bias) = &mut self.bias {
                visit(&path.child("bias").parameter(), bias.value_mut());
            }
        }
    };
}

/// The product of sizes, as a number of multiply-adds.
fn product(sizes: &[usize]) -> u64 {
    sizes.iter().map(|&n| n as u64).product()
}

impl<I, O, K, S, P, D, G: Groups, const BIAS: bool, T> Module for Conv2d<I, O, K, S, P, D, G, BIAS, T> {
    walk_convolution!();

    fn multiply_adds(&self, _: &[usize], output: &[usize]) -> Option<u64> {
        // Every output sees the window of one filter.
        let filter: u64 = self.weight.value().shape().iter().skip(1).map(|n| n as u64).product();
        Some(product(output) * filter)
    }
}

impl<I, O, K, S, P, OP, G: Groups, const BIAS: bool, D, T> Module
    for ConvTranspose2d<I, O, K, S, P, OP, G, BIAS, D, T>
{
    walk_convolution!();

    fn multiply_adds(&self, input: &[usize], _: &[usize]) -> Option<u64> {
        // Every input is multiplied with the window of its filter.
        let filter: u64 = self.weight.value().shape().iter().skip(1).map(|n| n as u64).product();
        Some(product(input) * filter)
    }
}
