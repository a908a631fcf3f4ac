//! Norms, with their numbers, in training and after it.
#![deny(warnings)]

use fusion::prelude::*;

model! {
    pub Net: [4, 6, 6] -> [4, 6, 6] {
        bn: BatchNorm2d<_, eps = 1e-3, momentum = 0.5>,
        ln: LayerNorm<_, eps = 1e-6>,
        LeakyRelu<-0.5>, Gelu, Silu, Softmax,
    }
}

#[test]
fn main() {
    let rng = &mut StdRng::seed_from_u64(0);
    let net = Net::init(rng);
    assert_eq!((net.bn.eps, net.bn.momentum, net.ln.eps), (1e-3, 0.5, 1e-6));
    let x = Tensor::<shape![3, 4, 6, 6]>::normal(5.0, 1.0, rng);
    let _ = net.forward(x.clone());
    let mean = |net: &Net| net.bn.running_mean.get().to_vec()[0];
    assert_eq!(mean(&net), 0.0);
    let _ = net.forward(x.trace());
    assert!((mean(&net) - 2.5).abs() < 0.3);
    assert_eq!(
        net.names()[..5],
        ["bn.weight", "bn.bias", "bn.running_mean", "bn.running_var", "bn.num_batches_tracked"]
    );
}
