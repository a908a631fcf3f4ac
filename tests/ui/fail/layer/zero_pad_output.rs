//! A padding counts twice.
use fusion::prelude::*;

model! {
    pub Net: [3, 8, 8] -> [3, 9, 9] {
        frame: ZeroPad2d<1>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary(), net.sketch());
}
