use fusion::prelude::*;

fused! {
    fn f(x) = 2 * x;
    fn f(x) = 3 * x;
}

fn main() {}
