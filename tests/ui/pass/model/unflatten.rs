//! Features become images: with numbers, with a constant, behind a layer of the user's, and with parameters.
use fusion::prelude::*;

const SIDE: usize = 7;

#[derive(Module)]
#[module(sequential)]
pub struct Gate {
    fc: Linear<dim!(392), dim!(392)>,
}

model! {
    pub Generator: [100] -> [1, 28, 28] {
        Linear<_, 8 * 49>, Relu,
        Unflatten<8, 7, 7>,
        ConvTranspose2d<_, 4, 2, stride = 2>, Relu,
        ConvTranspose2d<_, 1, 2, stride = 2>, Sigmoid,
    }
}
model! { pub Named: [100] -> [8, 7, 7] { Linear<_, 392>, Unflatten<8, SIDE, SIDE>, Conv2d<_, 8, 3, padding = 1> } }
model! { pub Behind: [100] -> [8, 7, 7] { Linear<_, 392>, Gate, Unflatten<8, 7, 7>, Conv2d<_, 8, 3, padding = 1> } }
model! {
    pub Open<F: Dim, C: Dim>: [100] -> [C, 7, 7] {
        Linear<_, F>, Unflatten<C, 7, 7>, Conv2d<_, C, 3, padding = 1>,
    }
}
type Plain = model!(Linear<100, 392>, Unflatten<8, 7, 7>, Conv2d<_, 1, 3>);

#[test]
fn main() {
    let rng = &mut StdRng::seed_from_u64(0);
    let x = Tensor::<shape![2, 100]>::ones();
    let _: Tensor<shape![2, 1, 28, 28]> = Generator::init(rng).forward(x.clone());
    let _: Tensor<shape![2, 8, 7, 7]> = Named::init(rng).forward(x.clone());
    let _: Tensor<shape![2, 8, 7, 7]> = Behind::init(rng).forward(x.clone());
    let _: Tensor<shape![2, 8, 7, 7]> = Open::<dim!(392), dim!(8)>::init(rng).forward(x.clone());
    let _: Tensor<shape![2, 1, 5, 5]> = Plain::init(rng).forward(x);
    assert_eq!(Generator::init(rng).summary().rows()[2].output, [8, 7, 7]);
}
