//! Mistakes in type position: two.
use fusion::prelude::*;

type Net = model!(Linear<784, 128>, Relu, Linear<127, 10>);
type Other = model!(Linear<_, 128>, Relu);

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let other = Other::init(&mut StdRng::seed_from_u64(0));
    let _ = net.forward(other.forward(Tensor::<shape![5, 784]>::zeros()));
}
