//! An attribute with a slip.
use fusion::prelude::*;

model! {
    pub Net: [32] -> [10] {
        #[freez]
        fc: Linear<_, 10>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let y: Tensor<shape![5, 10]> = net.forward(Tensor::<shape![5, 32]>::zeros());
    let _ = (y, net.summary());
}
