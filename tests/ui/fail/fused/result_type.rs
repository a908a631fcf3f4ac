use fusion::prelude::*;

fused! { pub fn f(x) -> f64 = 2 * x; }

fn main() {}
