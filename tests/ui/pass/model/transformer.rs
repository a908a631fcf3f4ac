//! An encoder block, for any length.
#![deny(warnings)]

use fusion::prelude::*;

model! {
    pub Encoder<E: Dim, H: Dim, F: Dim>: [L, E] -> [L, E] {
        _ + { norm1: LayerNorm<_>, attention: MultiHeadAttention<_, H> },
        _ + { norm2: LayerNorm<_>, up: Linear<_, F>, Gelu, down: Linear<_, E>, Dropout<0.1> },
    }
}
model! {
    pub Reader: [12] -> [2] {
        tokens: Embedding<100, 32>,
        blocks: 2 * Encoder<32, 4, 64>,
        norm: LayerNorm<_>,
        Flatten,
        fc: Linear<_, 2>,
    }
}

#[test]
fn main() {
    let rng = &mut StdRng::seed_from_u64(0);
    let block = Encoder::<dim!(32), dim!(4), dim!(64)>::init(rng);
    let _: Tensor<shape![2, 7, 32]> = block.forward(Tensor::<shape![2, 7, 32]>::ones());
    let net = Reader::init(rng);
    let tokens: Tensor<shape![3, 12], i64> = Tensor::zeros();
    let _: Tensor<shape![3, 2]> = net.forward(tokens);
    assert!(net.names().contains(&"blocks.1.attention.in_proj_weight".into()));
    let _: &Tensor<shape![2, 384]> = &net.fc.weight;
}
