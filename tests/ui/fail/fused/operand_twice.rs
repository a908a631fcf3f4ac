use fusion::prelude::*;

fused! { pub fn f(x, x) = x * x; }

fn main() {}
