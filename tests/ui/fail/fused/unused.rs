use fusion::prelude::*;

fused! { pub fn swish(x, beta) = x * sigmoid(x); }

fn main() {}
