//! How fields start, what is not walked, and structs that make themselves.
#![deny(warnings)]

use std::collections::HashMap;

use fusion::dim::Num;
use fusion::prelude::*;

#[derive(Module)]
pub struct Starts {
    #[init(zeros)]
    zeros: Tensor<shape![4]>,
    #[init(ones)]
    ones: Tensor<shape![4]>,
    #[init(full(0.5))]
    full: Tensor<shape![4], f64>,
    #[init(normal(0.0, 1.0))]
    normal: Tensor<shape![4]>,
    #[init(uniform(-1.0, 1.0))]
    uniform: Tensor<shape![4]>,
    #[init(kaiming_uniform)]
    kaiming_uniform: Tensor<shape![4, 3]>,
    #[init(kaiming_normal)]
    kaiming_normal: Tensor<shape![4, 3]>,
    #[init(xavier_uniform)]
    xavier_uniform: Tensor<shape![4, 3]>,
    #[init(xavier_normal)]
    xavier_normal: Tensor<shape![4, 3]>,
    #[buffer(zeros)]
    mean: Tensor<shape![4]>,
    #[buffer(full(2.0))]
    var: Tensor<shape![4]>,
    #[module(default = Tensor::from([1.0, 2.0]))]
    table: Tensor<shape![2]>,
}

#[derive(Module)]
pub struct Others {
    #[module(default = 1e-5)]
    eps: f64,
    #[module(skip)]
    cache: HashMap<String, usize>,
    #[module(skip, default = "net".into())]
    label: std::rc::Rc<str>,
    // `rng` is the generator that `init` was given.
    #[module(default = (0..3).map(|_| Init::init_with(rng)).collect())]
    blocks: Vec<Linear<Num<4>, Num<4>>>,
    #[module(default = None)]
    head: Option<Linear<Num<4>, Num<2>>>,
    #[module(skip, default = Linear::init(&mut StdRng::seed_from_u64(7)))]
    frozen: Linear<Num<1>, Num<1>>,
}

/// Has its own way to be made.
#[derive(Module)]
#[module(no_init)]
pub struct Deep {
    layers: Vec<Linear<Num<4>, Num<4>>>,
    scale: Tensor<()>,
}

impl Deep {
    fn new(depth: usize, rng: &mut StdRng) -> Self {
        Deep { layers: (0..depth).map(|_| Linear::init(rng)).collect(), scale: Tensor::ones().parameter() }
    }
}

#[test]
fn main() {
    let rng = &mut StdRng::seed_from_u64(0);
    let starts = Starts::init(rng);
    assert_eq!(starts.names().len(), 12);
    assert_eq!(starts.num_parameters(), 5 * 4 + 4 * 12);
    assert_eq!(starts.full.to_vec(), [0.5; 4]);
    assert_eq!(starts.table.to_vec(), [1.0, 2.0]);

    let others = Others::init(rng);
    assert_eq!((others.eps, &*others.label, others.cache.len()), (1e-5, "net", 0));
    assert_eq!(others.names().len(), 6);
    assert!(others.blocks[0].weight.to_vec() != others.blocks[1].weight.to_vec());
    let _ = (&others.head, &others.frozen);

    let deep = Deep::new(3, rng);
    assert_eq!(deep.num_parameters(), 61);
    assert_eq!(deep.names()[6], "scale");
}
