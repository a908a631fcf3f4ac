//! A model is cloned and shown.
#![deny(warnings)]

use fusion::Value;
use fusion::nn::{Path, tie};
use fusion::prelude::*;

/// A layer of the user's.
#[derive(Module)]
pub struct Scale {
    #[init(ones)]
    scale: Tensor<shape![]>,
}

impl<S: Shape> Forward<Tensor<S>> for Scale {
    type Output = Tensor<S>;
    fn forward(&self, x: Tensor<S>) -> Tensor<S> {
        x
    }
}

/// One that cannot be cloned, and that says nothing of itself.
#[derive(Module)]
pub struct Counted {
    #[module(skip)]
    calls: std::sync::atomic::AtomicUsize,
}

impl<S: Shape> Forward<Tensor<S>> for Counted {
    type Output = Tensor<S>;
    fn forward(&self, x: Tensor<S>) -> Tensor<S> {
        self.calls.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        x
    }
}

/// A module by hand, whose `Clone` is derived from its fields: by itself that gives handles of the same parameter.
#[derive(Clone)]
pub struct ByHand {
    /// Tied to that of another.
    scale: Tensor<shape![]>,
}

impl Init for ByHand {
    fn init_with(_: &mut dyn fusion::__private::Rng) -> Self {
        Self { scale: Tensor::ones().parameter() }
    }
}

impl Module for ByHand {
    fn walk(&self, path: &Path<'_>, visit: &mut dyn FnMut(&Path<'_>, &Value)) {
        self.scale.walk(&path.child("scale").parameter(), visit);
    }
    fn walk_mut(&mut self, path: &Path<'_>, visit: &mut dyn FnMut(&Path<'_>, &mut Value)) {
        self.scale.walk_mut(&path.child("scale").parameter(), visit);
    }
}

impl<S: Shape> Forward<Tensor<S>> for ByHand {
    type Output = Tensor<S>;
    fn forward(&self, x: Tensor<S>) -> Tensor<S> {
        x
    }
}

model! {
    /// Layers by hand, in a group too.
    pub Hand: [3] -> [3] { first: ByHand, second: 2 * ByHand, group: { third: ByHand, Linear<_, 3> } }
}

model! {
    #[derive(Debug, Clone)]
    #[allow(missing_docs)]
    pub Net: [1, 8, 8] -> [10] {
        conv1: Conv2d<_, 4, 3, padding = "same">, BatchNorm2d<_>, Relu,
        body: { _ + { Conv2d<_, 4, 1>, Relu } },
        Scale,
        MaxPool2d<2>,
        Flatten,
        fc: 2 * { a: Linear<_, 64> },
        fc2: 2 * Linear<_, 64>,
        Dropout<0.1>,
        Linear<_, 10>,
    }
}

model! {
    /// Generic.
    pub Block<C: Dim>: [C, H, W] -> [C, H, W] {
        conv: Conv2d<C, C, 3, padding = 1>, Counted,
        3 * Conv2d<C, C, 1>,
    }
}

model! {
    /// One in another.
    pub Outer<C: Dim>: [C, 4, 4] -> [C, 4, 4] { Block<C>, Scale }
}

fn ids(module: &impl Module) -> Vec<Option<u64>> {
    module.parameters().iter().map(|value| value.link().id()).collect()
}

#[test]
fn main() {
    let rng = &mut StdRng::seed_from_u64(0);
    let mut net = Net::init(rng);
    let [first, second] = &mut net.fc2;
    tie(&mut second.weight, &first.weight);
    let copy = net.clone();
    assert_eq!((copy.names(), copy.num_parameters()), (net.names(), net.num_parameters()));
    assert!(ids(&copy).iter().all(|id| !ids(&net).contains(id)));
    assert_eq!(copy.to_bytes().unwrap(), net.to_bytes().unwrap());
    assert_eq!(
        format!("{net:?}"),
        "Net { conv1: Conv2d<1, 4, 3, padding = \"same\">, 1: BatchNorm2d<4>, 2: Relu, \
         body: Net_body { 0: Conv2d<4, 4, 1>, 1: Relu }, 4: Scale, 5: MaxPool2d<2>, 6: Flatten, \
         fc: [Net_fc { a: Linear<64, 64> }, Net_fc { a: Linear<64, 64> }], fc2: 2 * Linear<64, 64>, 9: Dropout<0.1>, \
         10: Linear<64, 10> }"
    );
    let block = Block::<dim!(2)>::init(rng);
    assert_eq!(
        format!("{block:?}"),
        "Block { conv: Conv2d<2, 2, 3, padding = 1>, 1: Counted, 2: 3 * Conv2d<2, 2, 1> }"
    );
    let outer = Outer::<dim!(2)>::init(rng);
    assert_eq!(format!("{outer:?}"), "Outer { 0: Block<C>, 1: Scale }");
    let mut hand = Hand::init(rng);
    tie(&mut hand.group.third.scale, &hand.first.scale);
    let copy = hand.clone();
    assert_eq!(copy.num_parameters(), 3 + 12);
    assert!(ids(&copy).iter().all(|id| !ids(&hand).contains(id)));
    let group = hand.group.clone();
    assert!(ids(&group).iter().all(|id| !ids(&hand).contains(id)));
    let chain = <model!(Linear<4, 8>, Relu, Linear<8, 4>)>::init(rng);
    assert_eq!(format!("{:?}", chain.clone()), "Sequential(Linear<4, 8>, Relu, Linear<8, 4>)");
    assert!(ids(&chain.clone()).iter().all(|id| !ids(&chain).contains(id)));
}
