//! PyTorch's `nn.`, once for each layer.
// mistakes: 2
use fusion::prelude::*;

model! {
    pub Net: [3, 8, 8] -> [10] {
        conv1: nn.Conv2d(3, 16, 3), Relu,
        Flatten,
        fc: nn.Linear(576, 10),
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let y: Tensor<shape![5, 10]> = net.forward(Tensor::<shape![5, 3, 8, 8]>::zeros());
    let _ = (y, net.summary());
}
