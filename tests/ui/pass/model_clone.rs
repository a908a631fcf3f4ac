//! A model is cloned and shown.
#![deny(warnings)]

use fusion::nn::tie;
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
    let chain = <model!(Linear<4, 8>, Relu, Linear<8, 4>)>::init(rng);
    assert_eq!(format!("{:?}", chain.clone()), "Chain(Linear<4, 8>, Relu, Linear<8, 4>)");
    assert!(ids(&chain.clone()).iter().all(|id| !ids(&chain).contains(id)));
}
