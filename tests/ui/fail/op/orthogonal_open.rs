use fusion::prelude::*;

fn main() {
    let _: Tensor<shape![Dyn, 4]> = fusion::nn::init::orthogonal(1.0, &mut StdRng::seed_from_u64(0));
}
