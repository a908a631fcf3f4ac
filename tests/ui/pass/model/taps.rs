//! What earlier layers give, taken up again by their names.
#![deny(warnings)]

use fusion::prelude::*;

model! {
    pub Routes: [4, 8, 8] -> { deep: [6, 4, 4], wide: [10, 8, 8], both } {
        first: Conv2d<_, 4, 1>, act: Relu,
        MaxPool2d<2>,
        deep: Conv2d<_, 6, 3, padding = 1>,
        { Upsample<2>, _ | @act } | @first,
        mixed: Conv2d<_, 4, 1>,
        sum: _ + @first + @act,
        wide: { Conv2d<_, 10, 1>, inner: Relu, Tanh, _ + @inner },
        @sum,
        both: _ | @wide,
    }
}

model! {
    pub Block<C: Dim>: [C, H, W] -> [C, H, W] { Conv2d<C, C, 3, padding = 1>, BatchNorm2d<C>, Relu }
}

model! { pub Fold<C: Dim>: [6, H, W] -> [C, H, W] { Conv2d<6, C, 1> } }

model! {
    pub AnySize<C: Dim>: [C, H, W] -> { small, large_one } {
        one: Block<C>,
        MaxPool2d<2>,
        small: 2 * Block<C>,
        Upsample<2>,
        _ | @one,
        Fold<C>,
        { Block<C> } + @one,
        Block<C>,
        large_one: _ | @one,
    }
}

#[test]
fn main() {
    let rng = &mut StdRng::seed_from_u64(0);
    let net = Routes::init(rng);
    let x = Tensor::<shape![2, 4, 8, 8]>::normal(0.0, 1.0, rng);
    let by_hand = |x: Tensor<shape![2, 4, 8, 8]>| {
        let first: Tensor<shape![2, 4, 8, 8]> = net.first.forward(x);
        let act = first.clone().relu();
        let deep: Tensor<shape![2, 6, 4, 4]> = net.deep.forward(MaxPool2d::<dim!(2)>::new().forward(act.clone()));
        let up: Tensor<shape![2, 6, 8, 8]> = Upsample::<dim!(2)>::new().forward(deep.clone());
        let mixed: Tensor<shape![2, 4, 8, 8]> = net.mixed.forward(up.concat(&act, Axis::<1>).concat(&first, Axis::<1>));
        let sum = mixed + &first + &act;
        let wide: Tensor<shape![2, 10, 8, 8]> = net.wide.forward(sum.clone());
        let both = sum.concat(&wide, Axis::<1>);
        (deep, wide, both)
    };
    let RoutesOutput { deep, wide, both } = net.forward(x.clone());
    let both: Tensor<shape![2, 14, 8, 8]> = both;
    let hand = by_hand(x.clone());
    assert_eq!((deep.to_vec(), wide.to_vec(), both.to_vec()), (hand.0.to_vec(), hand.1.to_vec(), hand.2.to_vec()));

    // Every use has its part in the gradient.
    let (y, hand) = (net.forward(x.trace()), by_hand(x.trace()));
    let grads = (y.deep.sum() + &y.wide.sum() + &y.both.sum()).backward();
    let wanted = (hand.0.sum() + &hand.1.sum() + &hand.2.sum()).backward();
    let of = |grads: &Gradients| grads.get(&net.first.weight).unwrap().to_vec();
    let far = of(&grads).iter().zip(of(&wanted)).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(far < 1e-4, "{far}");

    // Made ready, drawn, told, copied.
    let ready = net.prepare().forward(x.clone());
    for (y, z) in [(ready.wide.to_vec(), wide.to_vec()), (ready.both.to_vec(), both.to_vec())] {
        assert!(y.iter().zip(&z).all(|(y, z)| (y - z).abs() < 1e-5));
    }
    assert_eq!(net.summary().rows().len(), 9);
    let (dot, svg) = (net.sketch().dot(), net.sketch().svg());
    assert!(dot.contains("both\\n14 x 8 x 8") && svg.contains("@first") && svg.contains("@sum"), "{dot}\n{svg}");
    assert_eq!(net.clone().forward(x).both.to_vec(), both.to_vec());

    let net = AnySize::<dim!(3)>::init(rng);
    let x = Tensor::<shape![1, 3, 4, 6]>::normal(0.0, 1.0, rng);
    let y = net.forward(x.clone());
    let (small, large): (Tensor<shape![1, 3, 2, 3]>, Tensor<shape![1, 6, 4, 6]>) = (y.small, y.large_one);
    let ready = net.prepare().forward(x);
    assert!((ready.small - small).abs().max().item() < 1e-5);
    assert!((ready.large_one - &large).abs().max().item() < 1e-5);
    let x = Tensor::<shape![Dyn, 3, Dyn, Dyn]>::zeros_sized(&[2, 3, 8, 2]).unwrap();
    assert_eq!(net.forward(x).large_one.shape(), [2, 6, 8, 2]);
    assert!(net.summary([3, 4, 6]).to_string().contains("[3, 4, 6]"));
}
