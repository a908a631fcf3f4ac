//! `#[module(sequential)]` runs the fields in order.
#![deny(warnings)]

use std::marker::PhantomData;

use fusion::dim::Num;
use fusion::prelude::*;

#[derive(Module)]
#[module(sequential)]
pub struct Net {
    fc1: Linear<Num<3>, Num<4>>,
    act: Tanh,
    fc2: Linear<Num<4>, Num<2>>,
}

#[derive(Module)]
#[module(sequential)]
pub struct Block<C: Dim, A>(Linear<C, C>, A, PhantomData<u8>);

#[test]
fn main() {
    let rng = &mut StdRng::seed_from_u64(0);
    let (net, x) = (Net::init(rng), Tensor::<shape![5, 3]>::ones());
    let y: Tensor<shape![5, 2]> = net.forward(x.clone());
    assert_eq!(y.to_vec(), net.fc2.forward(net.act.forward(net.fc1.forward(x))).to_vec());

    let block = Block::<Num<6>, Relu>::init(rng);
    let _: Tensor<shape![2, 3, 6]> = block.forward(Tensor::<shape![2, 3, 6]>::ones());
    let _ = (&block.0, &block.1, &block.2);
}
