//! Each side by itself, which is not there.
use fusion::prelude::*;

model! {
    pub Net: [3, 8, 8] -> [3, 9, 9] {
        frame: ZeroPad2d<(0, 1)>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary(), net.sketch());
}
