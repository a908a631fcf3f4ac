//! A start of a variant that the enum does not start as.
use fusion::prelude::*;

#[derive(Module)]
pub enum Scale {
    #[module(default)]
    None,
    Each {
        #[init(ones)]
        scale: Tensor<shape![3]>,
    },
}

fn main() {
    let scale = Scale::init(&mut StdRng::seed_from_u64(0));
    let _ = scale.num_parameters();
}
