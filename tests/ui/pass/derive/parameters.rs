//! Bounds that nobody writes, for parameters in all places.
#![deny(warnings)]

use std::marker::PhantomData;

use fusion::dim::Num;
use fusion::prelude::*;

/// A family of sizes and layers.
pub trait Config {
    type Size;
    type Act;
}

pub struct Small;

impl Config for Small {
    type Size = Num<4>;
    type Act = Relu;
}

// Associated types of a parameter, as a dimension and as a layer.
#[derive(Module)]
pub struct Configured<D: Config> {
    fc: Linear<D::Size, Num<3>>,
    #[init(ones)]
    scale: Tensor<(D::Size, Num<2>)>,
    #[init(zeros)]
    shift: Tensor<shape![D::Size, 2]>,
    act: <D as Config>::Act,
    act2: Vec2<D::Act>,
}

#[derive(Module)]
pub struct Vec2<A>(A, A);

// A whole shape is a parameter.
#[derive(Module)]
pub struct Bias<S, T = f32> {
    #[init(zeros)]
    value: Tensor<S, T>,
}

#[derive(Module)]
pub struct Said<S: Shape> {
    #[buffer(ones)]
    value: Tensor<S>,
    bias: Bias<S>,
}

// Constants, with defaults, in the fields of others.
#[derive(Module)]
pub struct Many<const N: usize, const M: usize = 2> {
    fc: [Linear<Num<N>, Num<M>>; 3],
    inner: One<N>,
    list: [One<N>; M],
}

#[derive(Module)]
pub struct One<const N: usize> {
    #[init(zeros)]
    value: Tensor<shape![Num<N>, 2]>,
}

// It stands in itself, by name and as `Self`.
#[derive(Module)]
pub struct Tree<C> {
    #[init(zeros)]
    value: Tensor<(C,)>,
    #[module(default = None)]
    left: Option<Box<Self>>,
    #[module(default = None)]
    right: Option<Box<Tree<C>>>,
    #[module(default = Vec::new())]
    more: Vec<(Self, Relu)>,
}

#[derive(Module)]
pub enum List {
    #[module(default)]
    End,
    More(Relu, Box<List>),
}

// Each stands in the other.
#[derive(Module)]
pub struct Even<C: Dim> {
    #[init(zeros)]
    value: Tensor<(C,)>,
    #[module(default = None)]
    odd: Option<Box<Odd<C>>>,
}

#[derive(Module)]
pub struct Odd<C: Dim> {
    #[module(default = None)]
    even: Option<Box<Even<C>>>,
}

// Bounds of the user's own.
#[derive(Module)]
pub struct Written<A, B: Clone, C = Num<3>>
where
    A: Forward<Tensor<(C,)>, Output = Tensor<(C,)>> + Default,
    C: Nat,
    Vec<B>: Send,
{
    layer: A,
    #[module(skip)]
    cache: Vec<B>,
    #[module(skip)]
    marker: PhantomData<C>,
}

// Models and aliases as fields.
pub type Square<C> = Linear<C, C>;

#[derive(Module)]
#[module(sequential)]
pub struct Mixed<I, C> {
    first: model!(Linear<I, 4>, Relu),
    second: Square<Num<4>>,
    third: Linear<Num<4>, C>,
    fourth: Square<C>,
}

fn generic<C: Nat>(rng: &mut StdRng) -> usize {
    Tree::<C>::init(rng).num_parameters() + Even::<C>::init(rng).num_parameters()
}

#[test]
fn main() {
    let rng = &mut StdRng::seed_from_u64(0);
    let configured = Configured::<Small>::init(rng);
    assert_eq!(configured.names(), ["fc.weight", "fc.bias", "scale", "shift"]);
    let _ = (&configured.act, &configured.act2.0, &configured.act2.1);

    assert_eq!(Bias::<shape![2, 3]>::init(rng).num_parameters(), 6);
    let said = Said::<shape![2, 3]>::init(rng);
    assert_eq!((said.names(), said.num_parameters()), (vec!["value".to_owned(), "bias.value".to_owned()], 6));
    let _ = (&said.value, &said.bias.value);

    let many = Many::<5>::init(rng);
    assert_eq!(many.num_parameters(), 3 * (10 + 2) + 3 * 10);
    assert_eq!(many.names()[7..], ["list.0.value", "list.1.value"]);
    let _ = (&many.fc, &many.inner.value, &many.list);

    let mut tree = Tree::<Num<3>>::init(rng);
    tree.left = Some(Box::new(Tree::init(rng)));
    tree.more.push((Tree::init(rng), Relu));
    assert_eq!(tree.names(), ["value", "left.value", "more.0.0.value"]);
    let _ = (&tree.right, &tree.value);
    let list = List::More(Relu, Box::new(List::init(rng)));
    assert!(list.names().is_empty());
    let mut even = Even::<Num<3>>::init(rng);
    even.odd = Some(Box::new(Odd { even: Some(Box::new(Even::init(rng))) }));
    assert_eq!(even.names(), ["value", "odd.even.value"]);
    let _ = Odd::<Num<3>>::init(rng);
    assert_eq!(generic::<Num<6>>(rng), 12);

    let written = Written::<Relu, u8>::init(rng);
    let _ = (&written.layer, &written.cache, &written.marker);

    let mixed = Mixed::<Num<6>, Num<2>>::init(rng);
    let _: Tensor<shape![5, 2]> = mixed.forward(Tensor::<shape![5, 6]>::zeros());
    let _ = (&mixed.first, &mixed.second, &mixed.third, &mixed.fourth);
}
