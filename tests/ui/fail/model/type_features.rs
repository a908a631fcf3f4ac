//! A layer of a network without a name takes another number of features.
use fusion::prelude::*;

type Net = model!(Linear<784, 128>, Relu, Linear<127, 10>);

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = net.forward(Tensor::<shape![5, 784]>::zeros());
}
