use fusion::prelude::*;

fn main() {
    let x = Tensor::<shape![64, 12, 12]>::zeros();
    let _ = x.reshape::<shape![9000]>();
}
