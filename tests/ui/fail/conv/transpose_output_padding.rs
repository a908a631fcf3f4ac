//! An output padding is below the stride.
use fusion::prelude::*;

model! {
    pub Net: [8, 4, 4] {
        up: ConvTranspose2d<_, 4, 2, stride = 2, output_padding = 2>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary());
}
