//! Hidden keys of another sequence.
use fusion::nn::Attend;
use fusion::prelude::*;

fn main() {
    let (q, k) = (Tensor::<shape![3, 5, 8]>::ones(), Tensor::<shape![3, 7, 8]>::ones());
    let padding = Tensor::<shape![3, 5], bool>::full(false);
    let _ = q.scaled_dot_product_attention(&k, &k, &Attend::new().hide_keys(&padding));
}
