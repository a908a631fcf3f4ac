//! Groups with a name are structs of their own, those without belong to the model; repeats are numbered.
#![deny(warnings)]

use fusion::prelude::*;

const DEPTH: usize = 2;

model! {
    pub Net: [20] -> [10] {
        /// The first layers.
        stem: { fc: Linear<_, 32>, Relu, Linear<_, 16> },
        { inner: Linear<_, 16>, Relu },
        blocks: 3 * { fc: Linear<_, 16>, Tanh },
        2 * Linear<16, 16>,
        DEPTH * Linear<16, 16>,
        { DEPTH - 1 } * Wide<16>,
        Linear<_, 12> -> [12],
        head: { Dropout<0.1>, fc: Linear<_, 10> },
    }
}

model! { pub Wide<C: Dim>: [C] -> [C] { fc: Linear<_, C>, Relu } }

model! {
    pub Deep<C: Dim, const N: usize>: [C] -> [C] {
        layers: N * Linear<C, C>,
        N * { Linear<C, C>, Relu },
        last: { Wide<C>, Wide<C> },
    }
}

#[test]
fn main() {
    let rng = &mut StdRng::seed_from_u64(0);
    let net = Net::init(rng);
    let x = Tensor::<shape![3, 20]>::normal(0.0, 1.0, rng);
    let y: Tensor<shape![3, 10]> = net.forward(x.clone());
    let stem: Tensor<shape![3, 16]> = net.stem.forward(x.clone());
    let mut z = Relu.forward(net.inner.forward(stem));
    for block in &net.blocks {
        z = block.forward(z);
    }
    assert_eq!(z.shape(), [3, 16]);
    let names = net.names();
    let expected = [
        "stem.fc.weight",
        "stem.2.weight",
        "inner.weight",
        "blocks.0.fc.weight",
        "blocks.2.fc.weight",
        "4.weight",
        "5.weight",
        "6.weight",
        "7.weight",
        "8.fc.weight",
        "9.weight",
        "head.fc.weight",
    ];
    for name in expected {
        assert!(names.contains(&name.to_owned()), "{name} is not in {names:?}");
    }
    assert_eq!(names.len(), 2 * 13);
    assert_eq!(y.shape(), [3, 10]);
    let grads = net.forward(x.trace()).sum().backward();
    assert!(grads.get(&net.blocks[1].fc.weight).is_some());
    let summary = net.summary();
    assert_eq!(summary.rows()[0].name, "stem.fc");
    assert_eq!(summary.parameters(), net.num_parameters());

    let deep = Deep::<dim!(8), 2>::init(rng);
    let _: Tensor<shape![3, 8]> = deep.forward(Tensor::<shape![3, 8]>::ones());
    assert_eq!(deep.names().len(), 12);
    assert!(deep.names().contains(&"2.0.weight".into()));
}
