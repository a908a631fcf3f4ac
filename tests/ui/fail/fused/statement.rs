use fusion::prelude::*;

fused! {
    pub fn f(x) = {
        let mut y = x;
        y * 2
    };
}

fn main() {}
