use fusion::prelude::*;

fused! { pub fn f(x) = x * f(x - 1); }

fn main() {}
