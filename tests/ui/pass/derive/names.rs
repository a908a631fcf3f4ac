//! Names that the derive uses itself, or that are keywords, are the user's.
#![deny(warnings)]

use fusion::dim::Num;
use fusion::prelude::*;

#[derive(Module)]
#[module(sequential)]
pub struct Net<X: Dim> {
    path: Linear<X, Num<3>>,
    visit: Relu,
    r#type: Linear<Num<3>, Num<2>>,
    x: Tanh,
    #[module(skip)]
    rng: u8,
}

#[derive(Module)]
pub enum Some {
    #[module(default)]
    None(Relu),
    Ok {
        path: Tensor<()>,
        visit: Tensor<()>,
    },
}

// Two types of one name, in two modules, and private types in public ones.
mod inner {
    use fusion::prelude::*;

    #[derive(Module)]
    struct Private<C>(Linear<C, C>);

    #[derive(Module)]
    pub struct Net<C> {
        inner: Private<C>,
        relu: [Relu; 2],
    }

    pub fn names(rng: &mut StdRng) -> Vec<String> {
        let net = Net::<dim!(2)>::init(rng);
        let _ = (&net.inner.0, &net.relu);
        net.names()
    }
}

#[test]
fn main() {
    #[derive(Module)]
    struct Local(Relu, Linear<Num<2>, Num<2>>);

    let rng = &mut StdRng::seed_from_u64(0);
    let net = Net::<Num<4>>::init(rng);
    assert_eq!(net.names(), ["path.weight", "path.bias", "type.weight", "type.bias"]);
    let _: Tensor<shape![2]> = net.forward(Tensor::<shape![4]>::ones());
    let _ = (&net.path, &net.visit, &net.r#type, &net.x, net.rng);
    let ok = Some::Ok { path: Tensor::ones(), visit: Tensor::zeros() };
    assert_eq!((ok.names().join(" "), Some::init(rng).names().len()), ("path visit".to_owned(), 0));
    assert_eq!(inner::names(rng), ["inner.0.weight", "inner.0.bias"]);
    let local = Local::init(rng);
    assert_eq!(local.names(), ["1.weight", "1.bias"]);
    let _ = (&local.0, &local.1);
}
