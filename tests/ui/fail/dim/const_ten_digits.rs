use fusion::prelude::*;

const WORDS: usize = 50_000 * 50_000;

fn embed(_: &Tensor<(dim!(WORDS),)>) {}

fn main() {
    let _ = embed;
}
