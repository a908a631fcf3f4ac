use fusion::prelude::*;

fused! { pub fn step(x) = x * (x > 0); }

fn main() {}
