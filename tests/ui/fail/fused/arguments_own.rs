use fusion::prelude::*;

fused! {
    fn leaky(x, slope: f64) = where_(x > 0, x, slope * x);
    pub fn f(x) = leaky(x);
}

fn main() {}
