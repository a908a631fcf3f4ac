use fusion::prelude::*;

fused! { pub fn f(x) = if x > 0 { x } else { 0.1 * x }; }

fn main() {}
