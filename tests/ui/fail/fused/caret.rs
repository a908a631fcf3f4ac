use fusion::prelude::*;

fused! { pub fn f(x) = 1 - x ^ 2; }

fn main() {}
