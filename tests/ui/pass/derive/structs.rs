//! Structs of all forms: named fields, tuples, units, generic ones, nested ones.
#![deny(warnings)]

use std::marker::PhantomData;

use fusion::dim::Num;
use fusion::prelude::*;
use fusion::tensor::Float;

#[derive(Module)]
pub struct Gate<C: Dim> {
    #[init(ones)]
    scale: Tensor<(C,)>,
}

#[derive(Module)]
pub struct Pair(Gate<Num<3>>, #[init(zeros)] Tensor<shape![2]>);

#[derive(Module)]
pub struct Nothing;

// Bounds that nobody writes: `C` is a size, `L` a layer, `T` an element.
#[derive(Module)]
pub struct Bare<C, L, T> {
    #[init(kaiming_uniform)]
    weight: Tensor<(C, Num<4>), T>,
    inner: L,
    list: [L; 2],
    boxed: Box<L>,
    marker: PhantomData<fn() -> C>,
}

#[derive(Module)]
pub struct Written<C, L>
where
    C: Dim,
    L: Forward<Tensor<(C,)>>,
{
    gate: Gate<C>,
    inner: L,
}

#[derive(Module)]
pub struct Elements<T: Float = f32> {
    fc: Linear<Num<2>, Num<3>, true, T>,
    #[buffer(full(0.5))]
    mean: Tensor<shape![3], T>,
}

#[derive(Module)]
pub struct Sized<const N: usize> {
    #[init(zeros)]
    weight: Tensor<(Num<N>, Num<2>)>,
}

#[derive(Module)]
pub struct Tree {
    #[init(zeros)]
    value: Tensor<()>,
    #[module(default = Vec::new())]
    children: Vec<Tree>,
}

#[test]
fn main() {
    let rng = &mut StdRng::seed_from_u64(0);
    assert_eq!(Gate::<dim!(2000)>::init(rng).num_parameters(), 2000);
    let pair = Pair::init(rng);
    assert_eq!(pair.names(), ["0.scale", "1"]);
    assert_eq!(Nothing::init(rng).names().len(), 0);

    let bare = Bare::<Num<5>, Gate<Num<3>>, f64>::init(rng);
    assert_eq!(bare.names(), ["weight", "inner.scale", "list.0.scale", "list.1.scale", "boxed.scale"]);
    assert_eq!(bare.num_parameters(), 20 + 4 * 3);

    let written = Written::<Num<5>, Relu>::init(rng);
    assert_eq!(written.names(), ["gate.scale"]);
    let _ = (&written.gate, &written.inner, &bare.marker);

    let elements = Elements::<f64>::init(rng);
    assert_eq!(elements.names(), ["fc.weight", "fc.bias", "mean"]);
    assert_eq!(elements.num_parameters(), 9);
    let _: Elements = Elements::init(rng);

    assert_eq!(Sized::<7>::init(rng).num_parameters(), 14);
    let mut tree = Tree::init(rng);
    tree.children.push(Tree::init(rng));
    assert_eq!(tree.names(), ["value", "children.0.value"]);
}
