//! The sizes of the input are written.
use fusion::prelude::*;

model! {
    pub Net: [_] -> [10] { fc: Linear<784, 10> }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = net.forward(Tensor::<shape![5, 784]>::zeros()).sum();
}
