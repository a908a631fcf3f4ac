// What is trained is given to each step, not to the optimizer.
use fusion::prelude::*;

model! { pub Net: [784] -> [10] { Linear<_, 10> } }

fn start(net: &mut Net) {
    let _ = Adam::new(net, 1e-3);
}

fn main() {}
