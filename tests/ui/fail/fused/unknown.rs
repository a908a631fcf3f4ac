use fusion::prelude::*;

fused! { pub fn swish(x) = x * sigmoyd(x); }

fn main() {}
