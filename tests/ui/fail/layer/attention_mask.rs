//! A mask of another length.
use fusion::nn::Attend;
use fusion::prelude::*;

fn main() {
    let layer = MultiHeadAttention::<dim!(8), dim!(2)>::init(&mut StdRng::seed_from_u64(0));
    let x = Tensor::<shape![3, 5, 8]>::ones();
    let mask = Tensor::<shape![5, 6], bool>::full(false);
    let _ = layer.attend_with(x.clone(), x.clone(), x, &Attend::new().hide(&mask));
}
