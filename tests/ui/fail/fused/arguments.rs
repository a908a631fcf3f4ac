use fusion::prelude::*;

fused! { pub fn f(x) = max(x); }

fn main() {}
