//! Python's class.
use fusion::prelude::*;

model! {
    class Net(nn.Module):
        fc: Linear<_, 10>
}

fn main() {}
