//! What holds tensors and layers, and tensors that are not trained.
#![deny(warnings)]

use fusion::dim::Num;
use fusion::nn::Buffer;
use fusion::prelude::*;

#[derive(Module)]
pub struct Held<C: Dim> {
    #[init(ones)]
    some: Option<Tensor<(C,)>>,
    #[module(default = None)]
    none: Option<Tensor<(C,)>>,
    #[init(normal(0.0, 1.0))]
    each: [Tensor<(C,)>; 2],
    #[init(zeros)]
    boxed: Box<Tensor<(C,)>>,
    #[buffer(full(0.5))]
    means: [Option<Tensor<(C,)>>; 2],
    pair: (Linear<C, C>, (Relu, Linear<C, Num<1>>)),
}

#[derive(Module)]
pub struct Data<T = i64> {
    #[buffer(zeros)]
    count: Tensor<(), i64>,
    #[buffer(full(7))]
    seven: Tensor<shape![2], u8>,
    #[buffer(ones)]
    mask: Tensor<shape![2], bool>,
    #[buffer(ones)]
    ones: Tensor<shape![2], i64>,
    #[buffer(zeros)]
    any: Tensor<shape![2], T>,
}

// What a forward pass may change.
#[derive(Module)]
pub struct Running<C> {
    #[buffer(ones)]
    var: Buffer<(C,)>,
    #[buffer(zeros)]
    batches: Buffer<(), i64>,
}

// Attributes on a tuple.
#[derive(Module)]
pub struct Tuple<C: Dim>(
    #[init(ones)] pub Tensor<(C,)>,
    #[buffer(zeros)] Tensor<(C,)>,
    #[module(skip)] pub String,
    #[module(default = 0.5)] f64,
    #[module(default = vec![Init::init_with(rng)])] Vec<Linear<C, C>>,
);

#[derive(Module)]
#[module(sequential)]
pub struct Steps<C: Dim>(
    [Linear<C, C>; 2],
    Box<Tanh>,
    #[module(default = vec![Relu; 3])] Vec<Relu>,
    #[module(default = None)] Option<Sigmoid>,
    #[module(default = 3)] usize,
);

/// The names are those of the one layer.
#[derive(Module)]
#[module(transparent, sequential)]
pub struct Named<L> {
    layer: L,
    #[module(default = "a layer".to_owned())]
    name: String,
}

#[derive(Module)]
#[module(default = Whole { layer: Init::init_with(rng), scale: Tensor::full(3.0).parameter() })]
pub struct Whole<C: Dim> {
    layer: Linear<C, C>,
    scale: Tensor<(C,)>,
}

#[derive(Module)]
pub struct Boxes {
    #[module(default = vec![Box::new(Relu), Box::new(Linear::<Num<2>, Num<2>>::init_with(rng))])]
    any: Vec<Box<dyn Module>>,
}

#[test]
fn main() {
    let rng = &mut StdRng::seed_from_u64(0);
    let held = Held::<Num<3>>::init(rng);
    assert_eq!(held.names()[..6], ["some", "each.0", "each.1", "boxed", "means.0", "means.1"]);
    assert_eq!(held.names()[6..], ["pair.0.weight", "pair.0.bias", "pair.1.1.weight", "pair.1.1.bias"]);
    assert!(held.each[0].to_vec() != held.each[1].to_vec());
    assert_eq!(held.num_parameters(), 4 * 3 + 12 + 4);
    assert!(held.none.is_none() && held.some.is_some() && held.means[1].is_some());
    let _ = (&held.boxed, &held.pair);

    let data = Data::<bool>::init(rng);
    assert_eq!((data.num_parameters(), data.names().len()), (0, 5));
    assert_eq!((data.seven.to_vec(), data.mask.to_vec(), data.ones.to_vec()), (vec![7; 2], vec![true; 2], vec![1; 2]));
    let _ = (&data.count, &data.any);

    let running = Running::<Num<3>>::init(rng);
    assert_eq!((running.names(), running.num_parameters()), (vec!["var".to_owned(), "batches".to_owned()], 0));
    assert_eq!((running.var.get().to_vec(), running.batches.get().to_vec()), (vec![1.0; 3], vec![0]));

    let tuple = Tuple::<Num<3>>::init(rng);
    assert_eq!(tuple.names(), ["0", "1", "4.0.weight", "4.0.bias"]);
    assert_eq!((tuple.2.as_str(), tuple.3, tuple.num_parameters()), ("", 0.5, 15));
    let _ = (&tuple.1, &tuple.4);

    let mut steps = Steps::<Num<4>>::init(rng);
    let x = Tensor::<shape![2, 4]>::ones();
    let y = steps.forward(x.clone());
    let by_hand = Relu.forward(Tanh.forward(steps.0[1].forward(steps.0[0].forward(x.clone()))));
    assert_eq!(y.to_vec(), by_hand.to_vec());
    steps.3 = Some(Sigmoid);
    assert_eq!(steps.forward(x).to_vec(), Sigmoid.forward(by_hand).to_vec());
    let _ = (&steps.1, &steps.2, steps.4);

    let named = Named::<Linear<Num<3>, Num<2>>>::init(rng);
    assert_eq!((named.names().join(" "), named.name.as_str()), ("weight bias".to_owned(), "a layer"));
    let _: Tensor<shape![2]> = named.layer.forward(Tensor::<shape![3]>::zeros());

    let whole = Whole::<Num<3>>::init(rng);
    assert_eq!((whole.scale.to_vec(), whole.num_parameters()), (vec![3.0; 3], 15));
    let _ = &whole.layer;

    assert_eq!(Boxes::init(rng).any[1].num_parameters(), 6);
}
