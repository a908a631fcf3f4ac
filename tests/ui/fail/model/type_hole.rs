//! Nothing says what flows into a network without a name.
use fusion::prelude::*;

type Net = model!(Linear<_, 128>, Relu);

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = net.forward(Tensor::<shape![5, 784]>::zeros());
}
