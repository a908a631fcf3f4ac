use fusion::prelude::*;

fused! { pub fn f(x, slope: f32) = slope * x; }

fn main() {}
