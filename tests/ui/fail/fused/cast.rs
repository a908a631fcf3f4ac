use fusion::prelude::*;

fused! { pub fn f(x) = x as f32 * 2; }

fn main() {}
