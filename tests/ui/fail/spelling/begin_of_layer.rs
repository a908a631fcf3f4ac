//! The beginning of a layer's name.
use fusion::prelude::*;

model! {
    pub Net: [8] -> [10] {
        fc: Lin<_, 10>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let y: Tensor<shape![5, 10]> = net.forward(Tensor::<shape![5, 8]>::zeros());
    let _ = (y, net.summary());
}
