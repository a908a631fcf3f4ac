use fusion::prelude::*;

fused! { pub fn f(x) = exp(x) / sum(exp(x)); }

fn main() {}
