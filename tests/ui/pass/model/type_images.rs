//! Convolutions in type position.
#![deny(warnings)]

use fusion::prelude::*;

type Net = model!(Conv2d<3, 8, 3, padding = 1>, BatchNorm2d<_>, Relu, MaxPool2d<2>, Conv2d<_, 4, 3>, GlobalAvgPool2d, Linear<_, 10>);

struct Wrap<C> {
    inner: model!(Conv2d<C, 8, 1>, Relu, Conv2d<_, C, 1>),
}

#[test]
fn main() {
    let rng = &mut StdRng::seed_from_u64(0);
    let _: Tensor<shape![2, 10]> = Net::init(rng).forward(Tensor::<shape![2, 3, 8, 8]>::ones());
    let wrap: Wrap<dim!(5)> = Wrap { inner: Init::init_with(rng) };
    let _: Tensor<shape![2, 5, 4, 4]> = wrap.inner.forward(Tensor::<shape![2, 5, 4, 4]>::ones());
}
