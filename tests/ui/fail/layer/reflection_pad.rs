//! A reflection as wide as the image.
use fusion::prelude::*;

model! {
    pub Net: [3, 8, 4] {
        frame: ReflectionPad2d<4>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary(), net.sketch());
}
