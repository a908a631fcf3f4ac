use fusion::prelude::*;

fused! { pub fn f(x) = where_(x, x, 0); }

fn main() {}
