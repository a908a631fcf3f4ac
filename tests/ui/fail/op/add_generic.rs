use fusion::prelude::*;

fn add<A: Dim, B: Dim>(a: Tensor<(A,)>, b: Tensor<(B,)>) {
    let _ = a + b;
}

fn main() {
    add(Tensor::<shape![2]>::zeros(), Tensor::<shape![2]>::zeros());
}
