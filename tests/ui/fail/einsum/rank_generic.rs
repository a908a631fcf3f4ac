use fusion::prelude::*;

fn rows<S: Shape>(x: &Tensor<S>) -> Tensor<shape![2]> {
    einsum!("ij->i", x)
}

fn main() {
    rows(&Tensor::<shape![2, 3]>::ones());
}
