//! PyTorch's arguments by name, also those that Fusion does not have.
use fusion::prelude::*;

model! {
    pub Net: [3, 32, 32] {
        conv: nn.Conv2d(in_channels=3, out_channels=8, kernel_size=(3, 3), bias=False, device=None),
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary(), net.sketch());
}
