use fusion::prelude::*;

fused! { pub fn f(a, b, c, d, e, f, g, h, i) = a * b * c * d * e * f * g * h * i; }

fn main() {}
