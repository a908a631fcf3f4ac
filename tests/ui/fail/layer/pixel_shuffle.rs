//! Channels that do not become whole squares of pixels.
use fusion::prelude::*;

model! {
    pub Net: [6, 8, 8] -> [1, 16, 16] {
        up: PixelShuffle<2>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary(), net.sketch());
}
