use fusion::prelude::*;

struct Batch;
struct Time;

fn add(a: Tensor<shape![Dyn<Batch>, 3]>, b: Tensor<shape![Dyn<Time>, 3]>) {
    let _ = a + b;
}

fn main() {
    let _ = add;
}
