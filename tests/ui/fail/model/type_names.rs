//! The layers of a network without a name have none either.
use fusion::prelude::*;

type Net = model!(fc1: Linear<784, 128>, Relu);

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = net.forward(Tensor::<shape![5, 784]>::zeros());
}
