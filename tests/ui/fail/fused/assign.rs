use fusion::prelude::*;

fused! {
    pub fn f(x) = {
        x += 1;
        x
    };
}

fn main() {}
