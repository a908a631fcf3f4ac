use fusion::prelude::*;

fn scores<B: Dim, H: Dim>(q: &Tensor<shape![B, 16, 8]>, k: &Tensor<shape![H, 8, 16]>) -> Tensor<shape![B, 16, 16]> {
    q.matmul(k)
}

fn main() {
    scores(&Tensor::<shape![2, 16, 8]>::ones(), &Tensor::<shape![2, 8, 16]>::ones());
}
