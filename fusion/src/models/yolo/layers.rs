//! Layers of Darknet that `model!` has no words for, written by hand.

use crate::dim::consts::KnownShape;
use crate::dim::{Channels, Dim, Image, Nat, Num};
use crate::graph::Value;
use crate::kernels::conv::Window;
use crate::nn::layers::Conv2d;
use crate::nn::module::visit::{Call, Visit};
use crate::nn::module::{Forward, Init, Module, Path};
use crate::nn::{Cost, Known};
use crate::ops::{self, activation};
use crate::tensor::Tensor;
use fusion_rules::{Size, model as rows, sizes};
use rand::Rng;
use std::fmt;
use std::marker::PhantomData;

/// Squeeze and excitation: each channel times a number between 0 and 1 that two convolutions of 1 x 1 make of the means of all
/// channels, `[B, C, H, W]` to the same. `M` is the number of channels between them, behind which stands ReLU; behind the last
/// stands the sigmoid. torchvision's `SqueezeExcitation`, whose names it has, and Darknet's `avgpool` with `scale_channels`. Hu et
/// al., [Squeeze-and-Excitation Networks](https://arxiv.org/abs/1709.01507), 2018.
///
/// It is a struct, as `model!` adds and joins branches and does not multiply them.
///
/// ```
/// use fusion::models::yolo::SqueezeExcitation;
/// use fusion::prelude::*;
///
/// let layer = SqueezeExcitation::<dim!(8), dim!(4)>::init(&mut StdRng::seed_from_u64(0));
/// let y: Tensor<shape![2, 8, 5, 7]> = layer.forward(Tensor::<shape![2, 8, 5, 7]>::ones());
/// assert!(y.to_vec().iter().all(|y| 0.0 < *y && *y < 1.0));
/// assert_eq!(layer.names(), ["fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"]);
/// ```
pub struct SqueezeExcitation<C, M> {
    /// From the channels to fewer.
    pub fc1: Conv2d<C, M, Num<1>>,
    /// And back.
    pub fc2: Conv2d<M, C, Num<1>>,
}

/// What it computes, with weights and biases.
fn squeeze_excitation(x: Value, [weight1, bias1, weight2, bias2]: [&Value; 4]) -> Value {
    let mean = ops::pool::adaptive_avg_pool2d(x.clone(), [1, 1]);
    let few = activation::relu(ops::conv::conv2d(mean, weight1, Some(bias1), Window::square(1)));
    let gate = activation::sigmoid(ops::conv::conv2d(few, weight2, Some(bias2), Window::square(1)));
    ops::binary::mul(x, &gate)
}

impl<C: Dim, M: Dim> SqueezeExcitation<C, M> {
    fn values(&self) -> Option<[&Value; 4]> {
        let (one, two) = (self.fc1.bias.as_ref()?, self.fc2.bias.as_ref()?);
        Some([self.fc1.weight.value(), one.value(), self.fc2.weight.value(), two.value()])
    }
}

impl<X: Image<Channels: Channels<C>>, C: Dim, M: Dim> Forward<Tensor<X>> for SqueezeExcitation<C, M> {
    type Output = Tensor<X>;

    #[track_caller]
    fn forward(&self, x: Tensor<X>) -> Tensor<X> {
        let values = self.values().expect("both convolutions have a bias");
        Tensor::wrap(squeeze_excitation(x.into_value(), values))
    }
}

impl<X: KnownShape, C: Dim, M: Dim> Known<Tensor<X>> for SqueezeExcitation<C, M> {
    const COST: Cost = {
        let (channels, few) = (Size::of(C::SIZE), Size::of(M::SIZE));
        let mean = rows::AdaptiveAvgPool2d.cost(&sizes![1, 1], X::DIMS);
        let fc1 = rows::Conv2d.cost(&point(channels, few), mean.output);
        let relu = rows::Relu.cost(&[], fc1.output);
        let fc2 = rows::Conv2d.cost(&point(few, channels), fc1.output);
        let sigmoid = rows::Sigmoid.cost(&[], fc2.output);
        let gate = Cost::none(X::DIMS).then(mean, 1).then(fc1, 1).then(relu, 1).then(fc2, 1).then(sigmoid, 1);
        gate.gating(X::DIMS)
    };
}

/// The arguments of a convolution of 1 x 1 with a bias.
const fn point(takes: Size, gives: Size) -> [Size; 12] {
    let (one, none) = (Size::Known(1), Size::Known(0));
    [takes, gives, one, one, one, one, none, none, one, one, one, one]
}

impl<C: Dim, M: Dim> Module for SqueezeExcitation<C, M> {
    fn walk(&self, path: &Path<'_>, visit: &mut dyn FnMut(&Path<'_>, &Value)) {
        self.fc1.walk(&path.child("fc1"), visit);
        self.fc2.walk(&path.child("fc2"), visit);
    }

    fn walk_mut(&mut self, path: &Path<'_>, visit: &mut dyn FnMut(&Path<'_>, &mut Value)) {
        self.fc1.walk_mut(&path.child("fc1"), visit);
        self.fc2.walk_mut(&path.child("fc2"), visit);
    }

    fn visit(&self, path: &Path<'_>, input: &[usize], visit: &mut dyn Visit) -> bool {
        let [batch, channels, few] = [input.first(), input.get(1), self.fc1.weight.shape().first()].map(|n| n.copied());
        let (batch, channels, few) = (batch.unwrap_or(1), channels.unwrap_or(0), few.unwrap_or(0));
        self.fc1.visit(&path.child("fc1"), &[batch, channels, 1, 1], visit);
        self.fc2.visit(&path.child("fc2"), &[batch, few, 1, 1], visit);
        visit.function(&path.child("scale"), "scale channels", input);
        true
    }

    fn visit_all(&self, path: &Path<'_>, input: &[usize], visit: &mut dyn Visit) -> bool {
        let Some(values) = self.values() else { return false };
        let values = values.map(Value::detach);
        let call: Call = Box::new(move |x| squeeze_excitation(x, values.each_ref()));
        visit.computed(path, "SqueezeExcitation", input, call);
        true
    }
}

impl<C: Nat, M: Nat> Init for SqueezeExcitation<C, M> {
    fn init_with(rng: &mut dyn Rng) -> Self {
        Self { fc1: Conv2d::init_with(rng), fc2: Conv2d::init_with(rng) }
    }
}

impl<C: Dim, M: Dim> Clone for SqueezeExcitation<C, M> {
    fn clone(&self) -> Self {
        Self { fc1: self.fc1.clone(), fc2: self.fc2.clone() }
    }
}

impl<C: Dim, M: Dim> fmt::Debug for SqueezeExcitation<C, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SqueezeExcitation<{}, {}>", size::<C>(), size::<M>())
    }
}

/// A size as it is written.
fn size<N: Dim>() -> String {
    N::SIZE.map_or_else(|| "_".into(), |size| size.to_string())
}

/// The largest element under a window of `K` by `K` at every place of the image: `[B, C, H, W]` to the same. Padding counts as
/// negative infinity; where `K` is even, the end of an axis has one more than its begin. Darknet's `maxpool` with `stride=1`.
///
/// For an odd `K` it is `MaxPool2d<K, stride = 1, padding = { (K - 1) / 2 }>`. For an even one it is a struct, as the padding of a
/// [`MaxPool2d`](crate::nn::MaxPool2d), like PyTorch's, is the same on both sides.
///
/// ```
/// use fusion::models::yolo::SameMaxPool2d;
/// use fusion::prelude::*;
///
/// let x = Tensor::<shape![1, 1, 2, 3]>::from([[[[1.0, 5.0, 2.0], [4.0, 0.0, 3.0]]]]);
/// let y: Tensor<shape![1, 1, 2, 3]> = SameMaxPool2d::<dim!(2)>::new().forward(x);
/// assert_eq!(y.to_vec(), [5.0, 5.0, 3.0, 4.0, 3.0, 3.0]);
/// ```
pub struct SameMaxPool2d<K>(PhantomData<fn() -> K>);

impl<K> SameMaxPool2d<K> {
    /// The layer, which has no tensors.
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<K: Nat> SameMaxPool2d<K> {
    fn window() -> Window {
        let total = K::N - 1;
        Window { padding: [[total / 2, total - total / 2]; 2], ..Window::square(K::N) }
    }
}

impl<X: Image, K: Nat> Forward<Tensor<X>> for SameMaxPool2d<K> {
    type Output = Tensor<X>;

    #[track_caller]
    fn forward(&self, x: Tensor<X>) -> Tensor<X> {
        Tensor::wrap(ops::pool::max_pool2d(x.into_value(), Self::window()))
    }
}

/// As much as of a window of one pixel, which too gives as many elements as it takes.
impl<X: KnownShape, K> Known<Tensor<X>> for SameMaxPool2d<K> {
    const COST: Cost = rows::MaxPool2d.cost(&sizes![1, 1, 1, 1, 0, 0, 1, 1], X::DIMS);
}

impl<K: Nat> Module for SameMaxPool2d<K> {
    fn walk(&self, _: &Path<'_>, _: &mut dyn FnMut(&Path<'_>, &Value)) {}

    fn walk_mut(&mut self, _: &Path<'_>, _: &mut dyn FnMut(&Path<'_>, &mut Value)) {}

    fn visit_all(&self, path: &Path<'_>, input: &[usize], visit: &mut dyn Visit) -> bool {
        let call: Call = Box::new(|x| ops::pool::max_pool2d(x, Self::window()));
        visit.computed(path, "SameMaxPool2d", input, call);
        true
    }
}

impl<K: Nat> Init for SameMaxPool2d<K> {
    fn init_with(_: &mut dyn Rng) -> Self {
        Self::new()
    }
}

impl<K> Default for SameMaxPool2d<K> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K> Clone for SameMaxPool2d<K> {
    fn clone(&self) -> Self {
        Self::new()
    }
}

impl<K: Dim> fmt::Debug for SameMaxPool2d<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SameMaxPool2d<{}>", size::<K>())
    }
}
