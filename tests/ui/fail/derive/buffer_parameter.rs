//! What a forward pass changes is not trained.
use fusion::nn::Buffer;
use fusion::prelude::*;

#[derive(Module)]
pub struct Norm<C: Dim> {
    fc: Linear<C, C>,
    #[init(zeros)]
    mean: Buffer<(C,)>,
}

fn main() {
    let norm = Norm::<dim!(3)>::init(&mut StdRng::seed_from_u64(0));
    let _ = norm.num_parameters();
}
