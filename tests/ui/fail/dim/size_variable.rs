//! A variable in place of a size.
use fusion::prelude::*;



fn main() {
    let hidden = 128;
    model! { Net: [784] -> [10] { fc1: Linear<_, hidden>, Relu, fc2: Linear<_, 10> } }
    println!("{hidden}");
}
