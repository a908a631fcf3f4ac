use fusion::prelude::*;

fused! { pub fn f(x: Tensor) = 2 * x; }

fn main() {}
