//! Features that are no image of this shape.
use fusion::prelude::*;

model! {
    pub Net: [100] -> [1, 28, 28] {
        fc: Linear<_, 60>, Relu,
        Unflatten<3, 4, 4>,
        ConvTranspose2d<_, 1, 7, stride = 7>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary(), net.sketch());
}
