//! PyTorch's declarations, once for each layer.
// mistakes: 2
use fusion::prelude::*;

model! {
    pub Net: [784] -> [10] {
        self.fc1 = nn.Linear(784, 128)
        self.fc2 = nn.Linear(128, 10)
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.summary(), net.sketch());
}
