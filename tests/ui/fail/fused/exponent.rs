use fusion::prelude::*;

fused! { pub fn f(x, p) = pow(x, p); }

fn main() {}
