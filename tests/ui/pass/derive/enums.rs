//! Enums of layers: the walk visits the variant that it is.
#![deny(warnings)]

use fusion::dim::Num;
use fusion::prelude::*;

#[derive(Module)]
#[module(sequential)]
pub enum Activation {
    #[module(default)]
    Relu(Relu),
    Tanh(Tanh),
    Sigmoid(Sigmoid),
}

// Without parameters of its own the size is said where it is used.
#[derive(Module)]
#[module(sequential)]
pub enum Stage<C: Dim> {
    Plain(Linear<C, C>),
    Wide {
        up: Linear<C, Num<7>>,
        act: Activation,
        down: Linear<Num<7>, C>,
        #[module(skip)]
        label: &'static str,
    },
    #[module(default)]
    None,
}

#[derive(Module)]
pub enum Start<L, T> {
    #[module(default)]
    First {
        #[init(full(0.5))]
        scale: Tensor<shape![3], T>,
        inner: L,
        #[module(default = 1e-5)]
        eps: f64,
    },
    // Nothing is said of how this starts: it never does.
    Other(Tensor<shape![3], T>, Vec<L>),
}

#[derive(Module)]
#[module(default = Head::Large(Init::init_with(rng)))]
pub enum Head<C: Dim> {
    Small(Linear<C, Num<1>>),
    Large(Linear<C, Num<9>>),
}

#[derive(Module)]
#[module(no_init)]
pub enum Handmade {
    Empty,
    Scale { r#type: Tensor<()> },
}

#[derive(Module)]
#[module(sequential, transparent, no_init)]
pub enum AnyOf<A, B> {
    A(A),
    B(B),
}

#[derive(Module)]
#[module(no_init)]
pub enum Never {}

fn wide_cost(rng: &mut StdRng) -> Option<u64> {
    let (up, down) = (Linear::init(rng), Linear::init(rng));
    Stage::<Num<5>>::Wide { up, act: Activation::Relu(Relu), down, label: "" }.multiply_adds(&[5])
}

#[test]
fn main() {
    let rng = &mut StdRng::seed_from_u64(0);
    let x = Tensor::<shape![2, 5]>::from([[-1.0, 2.0, -3.0, 4.0, -5.0]; 2]);

    let act = Activation::init(rng);
    assert!(matches!(act, Activation::Relu(_)));
    assert_eq!(act.forward(x.clone()).to_vec(), Relu.forward(x.clone()).to_vec());
    assert_eq!(Activation::Tanh(Tanh).forward(x.clone()).to_vec(), Tanh.forward(x.clone()).to_vec());
    let _ = Activation::Sigmoid(Sigmoid);

    let none = Stage::<Num<5>>::init(rng);
    assert!(none.names().is_empty());
    assert_eq!(none.forward(x.clone()).to_vec(), x.to_vec());
    let plain = Stage::Plain(Linear::<Num<5>, Num<5>>::init(rng));
    assert_eq!(plain.names(), ["0.weight", "0.bias"]);
    let _: Tensor<shape![2, 5]> = plain.forward(x.clone());
    let (up, down) = (Linear::init(rng), Linear::init(rng));
    let mut wide = Stage::<Num<5>>::Wide { up, act, down, label: "wide" };
    assert_eq!(wide.names(), ["up.weight", "up.bias", "down.weight", "down.bias"]);
    assert_eq!(wide.num_parameters(), 2 * 35 + 7 + 5);
    let mut visited = 0;
    wide.walk_mut(&fusion::nn::Path::root(), &mut |_, _| visited += 1);
    assert_eq!(visited, 4);
    let _: Tensor<shape![2, 5]> = wide.forward(x.clone());
    if let Stage::Wide { label, .. } = wide {
        assert_eq!(label, "wide");
    }

    let start = Start::<Tanh, f64>::init(rng);
    assert_eq!((start.names(), start.num_parameters()), (vec!["scale".to_owned()], 3));
    if let Start::First { scale, inner: Tanh, eps } = start {
        assert_eq!((scale.to_vec(), eps), (vec![0.5; 3], 1e-5));
    }
    let other = Start::Other(Tensor::<_, f32>::zeros(), vec![Linear::<Num<2>, Num<2>>::init(rng)]);
    assert_eq!(other.names(), ["0", "1.0.weight", "1.0.bias"]);

    assert_eq!(Head::<Num<4>>::init(rng).num_parameters(), 4 * 9 + 9);
    let _ = Head::<Num<4>>::Small(Init::init_with(rng));

    assert!(Handmade::Empty.names().is_empty());
    assert_eq!(Handmade::Scale { r#type: Tensor::ones() }.names(), ["type"]);

    // What is one layer costs what that does.
    assert_eq!(plain.multiply_adds(&[2, 5]), Some(50));
    assert_eq!((none.multiply_adds(&[5]), wide_cost(rng)), (Some(0), None));

    let any = AnyOf::<Linear<Num<5>, Num<3>>, Stage<Num<3>>>::A(Linear::init(rng));
    assert_eq!(any.names(), ["weight", "bias"]);
    let _ = AnyOf::<Relu, Relu>::B(Relu).forward(x);
    let _ = |never: Never| never.num_parameters();
}
