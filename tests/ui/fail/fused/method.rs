use fusion::prelude::*;

fused! { pub fn f(x) = x.powi(2) + 1; }

fn main() {}
