use fusion::prelude::*;

fused! { pub fn f<T>(x) = 2 * x; }

fn main() {}
