//! Padding around what is no image.
use fusion::prelude::*;

model! {
    pub Net: [3, 8] {
        frame: ReplicationPad2d<1>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary(), net.sketch());
}
