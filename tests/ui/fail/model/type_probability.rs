//! A type does not hold a probability.
use fusion::prelude::*;

type Net = model!(Linear<784, 10>, Dropout<0.25>);

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = net.forward(Tensor::<shape![5, 784]>::zeros());
}
