//! Fields of the layers of images: what they ask of parameters nobody writes.
#![deny(warnings)]

use fusion::dim::{Groups, Num, Same};
use fusion::nn::{BatchNorm2d, Conv2d, GlobalAvgPool2d, LayerNorm, MaxPool2d, MultiHeadAttention};
use fusion::prelude::*;

type One = Num<1>;

#[derive(Module)]
pub struct Block<C> {
    conv1: Conv2d<C, C, Num<3>, One, One, One, One, false>,
    bn1: BatchNorm2d<C>,
    conv2: Conv2d<C, C, dim!(3), dim!(1), dim!(1)>,
}

// A parameter at every place.
#[derive(Module)]
pub struct All<I, O, K: Dim, S, P, D, G: Groups, T, const BIAS: bool> {
    conv: Conv2d<I, O, K, S, P, D, G, BIAS, T>,
    pool: MaxPool2d<K, S>,
    norm: LayerNorm<O, T>,
}

#[derive(Module)]
pub struct Attend<E: Dim, H> {
    attention: MultiHeadAttention<E, H>,
    fc: Linear<E, E, false>,
}

#[derive(Module)]
#[module(sequential)]
pub struct Small<C: Dim> {
    conv: Conv2d<Num<3>, C, Num<3>>,
    bn: BatchNorm2d<C>,
    act: Relu,
    pool: GlobalAvgPool2d,
    fc: Linear<C, Num<10>>,
}

#[test]
fn main() {
    let rng = &mut StdRng::seed_from_u64(0);
    let block = Block::<Num<4>>::init(rng);
    assert_eq!(block.names()[..3], ["conv1.weight", "bn1.weight", "bn1.bias"]);
    assert_eq!(block.num_parameters(), 4 * 36 + 8 + 4 * 36 + 4);
    let _ = (&block.conv1, &block.bn1, &block.conv2);

    let all = All::<Num<4>, Num<6>, Num<3>, One, Same, One, Num<2>, f64, true>::init(rng);
    assert_eq!(all.num_parameters(), 6 * 2 * 9 + 6 + 12);
    let _ = (&all.conv, &all.pool, &all.norm);

    let attend = Attend::<Num<4>, Num<2>>::init(rng);
    assert_eq!(attend.names().len(), 5);
    let _ = (&attend.attention, &attend.fc);

    let small = Small::<Num<5>>::init(rng);
    let _: Tensor<shape![2, 10]> = small.forward(Tensor::<shape![2, 3, 8, 8]>::zeros());
    let _ = (&small.conv, &small.bn, &small.act, &small.pool, &small.fc);
}
