//! What no layer in front gives, taken up again: a slip of the pen.
use fusion::prelude::*;

model! {
    pub Net: [8] -> [8] { stem: Linear<_, 8>, Relu, _ + @stm }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary(), net.sketch());
}
