// An axis is a type wherever one is named.
// mistakes: 6
use fusion::prelude::*;

fn axes(x: Tensor<shape![32, 784]>) {
    let _ = x.unsqueeze(0);
    let _ = x.squeeze(0);
    let _ = x.softmax(1);
    let _ = x.transpose(0, 1);
    let _ = x.select(0, 1);
    let _ = x.concat(&x, 0);
}

fn main() {}
