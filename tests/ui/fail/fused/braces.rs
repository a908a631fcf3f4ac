use fusion::prelude::*;

fused! { pub fn f(x) { 2 * x } }

fn main() {}
