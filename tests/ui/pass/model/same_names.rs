//! Several models in one place may have groups and branches of the same names.
#![deny(warnings)]

use fusion::prelude::*;

model! { pub A: [4] -> [4] { stem: { fc: Linear<_, 4> }, _ + { body: { fc: Linear<_, 4> } } } }
model! { pub B<C: Dim>: [C] -> [C] { stem: { fc: Linear<_, C> }, _ + { body: { fc: Linear<_, C> } } } }

fn local() {
    model! { A: [5] -> [5] { stem: { fc: Linear<_, 5> }, 2 * { fc: Linear<_, 5> } } }
    let net = A::init(&mut StdRng::seed_from_u64(0));
    let _: Tensor<shape![1, 5]> = net.forward(Tensor::<shape![1, 5]>::ones());
}

#[test]
fn main() {
    local();
    let rng = &mut StdRng::seed_from_u64(0);
    let _: Tensor<shape![1, 4]> = A::init(rng).forward(Tensor::<shape![1, 4]>::ones());
    let _: Tensor<shape![1, 4]> = B::<dim!(4)>::init(rng).forward(Tensor::<shape![1, 4]>::ones());
}
