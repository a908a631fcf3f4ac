//! Attention and tokens: an encoder block, a small BERT, a bag of tokens.

use crate::formula::one;
use fusion::prelude::*;

model! {
    /// `nn.TransformerEncoderLayer(norm_first=True, activation="gelu")`, no dropout.
    Encoder: [L, 32] -> [L, 32] {
        _ + { norm1: LayerNorm<_>, self_attn: MultiHeadAttention<_, 4> },
        _ + { norm2: LayerNorm<_>, linear1: Linear<_, 64>, Gelu, linear2: Linear<_, 32> },
    }
}

model! {
    /// Tokens to scores of tokens.
    Bert: [12] -> [12, 50] {
        embedding: Embedding<50, 32>,
        layers: { 2 * Encoder },
        norm: LayerNorm<_>,
        decoder: Linear<_, 50>,
    }
}

fn mean_of_tokens<B: Dim, L: Dim, F: Dim>(x: Tensor<(B, L, F)>) -> Tensor<(B, F)> {
    x.mean_over(Axis::<1>)
}

model! {
    /// A bag of tokens.
    Bag: [7] -> [3] { embedding: Embedding<50, 16>, mean_of_tokens, fc: Linear<_, 3> }
}

#[test]
fn encoder() {
    let net = Encoder::init(&mut StdRng::seed_from_u64(0));
    crate::check!("encoder", net, |net, feed| one(net.forward(feed.floats::<shape![2, 10, 32]>("input"))));
}

#[test]
fn bert() {
    let net = Bert::init(&mut StdRng::seed_from_u64(0));
    crate::check!("bert", net, |net, feed| one(net.forward(feed.tokens::<shape![2, 12]>("input"))));
}

#[test]
fn bag_of_tokens() {
    let net = Bag::init(&mut StdRng::seed_from_u64(0));
    crate::check!("bag", net, |net, feed| one(net.forward(feed.tokens::<shape![Dyn, 7]>("input"))));
}
