use fusion::prelude::*;

fused! { pub fn f(a: f64) = 2 * a; }

fn main() {}
