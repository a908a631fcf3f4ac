//! Branches that do nothing are added and joined: what flows in, twice.
use fusion::prelude::*;

model! { pub Channels: [8, 4, 4] -> [16, 4, 4] { _ | _ } }
model! { pub Twice<C: Dim>: [C, H, W] -> [C, H, W] { _ + { _ + _ }, Relu } }

#[test]
fn main() {
    let rng = &mut StdRng::seed_from_u64(0);
    let y: Tensor<shape![2, 16, 4, 4]> = Channels::init(rng).forward(Tensor::<shape![2, 8, 4, 4]>::ones());
    let z: Tensor<shape![2, 3, 4, 5]> = Twice::<dim!(3)>::init(rng).forward(Tensor::<shape![2, 3, 4, 5]>::ones());
    assert!(y.to_vec() == [1.0; 512] && z.to_vec() == [3.0; 120]);
}
