use fusion::prelude::*;

fused! { pub fn swish(x, beta) = x * sigmoid(betta * x); }

fn main() {}
