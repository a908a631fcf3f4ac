use fusion::prelude::*;

fused! { pub fn f(x) = fft(x); }

fn main() {}
