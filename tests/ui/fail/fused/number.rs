use fusion::prelude::*;

fused! { pub fn f(x, low) = clamp(x, low, 1); }

fn main() {}
