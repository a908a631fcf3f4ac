//! The model is fine, but is given a tensor of another size.
use fusion::prelude::*;

model! {
    pub Net: [784] -> [10] { fc: Linear<784, 10> }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = net.forward(Tensor::<shape![5, 785]>::zeros());
}
