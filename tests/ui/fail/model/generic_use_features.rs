//! A generic model used with sizes that do not fit each other: told where it is used.
use fusion::prelude::*;

model! {
    pub Net<C: Dim, F: Dim>: [C, 4, 4] -> [10] {
        Flatten,
        fc: Linear<F, 10>,
    }
}

fn main() {
    let net = Net::<dim!(3), dim!(49)>::init(&mut StdRng::seed_from_u64(0));
    let _ = net.forward(Tensor::<shape![5, 3, 4, 4]>::zeros());
}
