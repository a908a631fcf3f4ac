//! A copy of a module is a module of its own.
#![deny(warnings)]

use fusion::nn::{Buffer, tie};
use fusion::prelude::*;
use std::sync::atomic::AtomicUsize;

#[derive(Module)]
pub struct Net<C: Dim> {
    #[init(ones)]
    scale: Tensor<(C,)>,
    #[init(zeros)]
    more: [Option<Tensor<(C,)>>; 2],
    #[buffer(zeros)]
    seen: Buffer<(C,)>,
    a: Linear<C, C>,
    b: Linear<C, C>,
    #[module(default = Vec::new())]
    list: Vec<Linear<C, C>>,
    #[module(default = 1e-5)]
    eps: f64,
    #[module(skip)]
    calls: std::cell::Cell<usize>,
}

/// A layer that holds others of its type.
#[derive(Module)]
pub struct Tree {
    layer: model!(Linear<4, 8>, Relu, Linear<8, 4>),
    #[module(default = None)]
    next: Option<Box<Tree>>,
}

#[derive(Module)]
pub enum Either<A, B = Relu> {
    #[module(default)]
    A(A),
    B {
        b: B,
    },
    Neither,
}

#[derive(Module)]
#[module(no_init)]
pub enum Never {}

/// What cannot be cloned is still a module, and what is in it can be private.
#[derive(Module)]
pub struct Counted {
    layer: Hidden,
    #[module(skip)]
    calls: AtomicUsize,
}

/// One that says itself how it is cloned.
#[derive(Module)]
#[module(no_clone)]
pub struct ByHand {
    layer: Linear<dim!(2), dim!(3)>,
    #[module(skip)]
    calls: AtomicUsize,
}

impl Clone for ByHand {
    fn clone(&self) -> Self {
        Self { layer: self.layer.clone(), calls: AtomicUsize::new(0) }
    }
}

/// Without parameters of its own type.
#[derive(Module, Debug)]
struct Hidden {
    layer: Linear<dim!(2), dim!(3), false>,
    conv: Conv2d<dim!(4), dim!(6), dim!(3), dim!(2), Same, dim!(1), dim!(2)>,
    norm: BatchNorm2d<dim!(6)>,
    activation: LeakyRelu,
    dropout: Dropout,
}

fn ids(module: &impl Module) -> Vec<Option<u64>> {
    module.parameters().iter().map(|value| value.link().id()).collect()
}

#[test]
fn main() {
    let rng = &mut StdRng::seed_from_u64(0);
    let mut net = Net::<dim!(3)>::init(rng);
    net.list.push(Linear::init(rng));
    tie(&mut net.b.weight, &net.a.weight);
    let copy = net.clone();
    assert_eq!((copy.names(), copy.num_parameters(), copy.eps), (net.names(), net.num_parameters(), 1e-5));
    assert_eq!(copy.to_bytes().unwrap(), net.to_bytes().unwrap());
    assert!(ids(&copy).iter().all(|id| !ids(&net).contains(id)));
    assert_eq!(copy.a.weight.value().link().id(), copy.b.weight.value().link().id());
    copy.seen.update(|x| x + 1.0);
    copy.calls.set(1);
    assert_eq!((net.seen.get().to_vec(), net.calls.get()), (vec![0.0; 3], 0));

    let tree = Tree { next: Some(Box::new(Tree::init(rng))), ..Tree::init(rng) };
    let copy = tree.clone();
    assert_eq!(copy.to_bytes().unwrap(), tree.to_bytes().unwrap());
    assert!(ids(&copy).iter().all(|id| !ids(&tree).contains(id)));

    let either = Either::<Linear<dim!(3), dim!(2)>>::init(rng);
    assert!(matches!(either.clone(), Either::A(_)));
    assert!(matches!(Either::<Relu>::B { b: Relu }.clone(), Either::B { .. }));
    assert!(matches!(Either::<Relu>::Neither.clone(), Either::Neither));

    let by_hand = ByHand::init(rng);
    assert!(by_hand.clone().calls.into_inner() == 0 && by_hand.calls.into_inner() == 0);

    let counted = Counted::init(rng);
    let copy = Counted { layer: counted.layer.clone(), calls: AtomicUsize::new(0) };
    assert!(ids(&copy).iter().all(|id| !ids(&counted).contains(id)));
    let _ = (copy.calls, |never: &Never| never.clone());
    assert_eq!(
        format!("{:?}", copy.layer),
        "Hidden { layer: Linear<2, 3, bias = false>, \
         conv: Conv2d<4, 6, 3, stride = 2, padding = \"same\", groups = 2>, norm: BatchNorm2d<6>, \
         activation: LeakyRelu, dropout: Dropout<0.5> }"
    );
}
