use fusion::prelude::*;

fused! { pub fn f(x) = match x { _ => x }; }

fn main() {}
