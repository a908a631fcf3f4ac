use fusion::prelude::*;

fused! {
    pub fn f(x) = g(x) + 1;
    fn g(x) = 2 * x;
}

fn main() {}
