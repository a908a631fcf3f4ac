use fusion::prelude::*;

fused! {
    pub fn f(x) = {
        let s = sigmoid(x);
        x * x
    };
}

fn main() {}
