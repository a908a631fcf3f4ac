//! A declaration that does not say what the model takes.
use fusion::prelude::*;

model! {
    pub Net -> [10] { fc: Linear<784, 10>, fc2: Linear<_, 10> }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let y = net.forward(Tensor::<shape![5, 784]>::zeros());
    let _ = (y.sum(), &net.fc.weight, &net.fc2.weight);
}
