use fusion::prelude::*;

fn main() {
    let x = Tensor::<shape![5]>::ones();
    let _ = x.inner(&Tensor::<shape![4]>::ones());
}
