//! What does not say how a model starts.
// mistakes: 8
use fusion::prelude::*;

model! {
    #[init(kaiming_normal)]
    pub A: [3] -> [2] { Linear<_, 2> }
}

model! {
    #[init(wieght = zeros, scale = ones)]
    pub B: [3] -> [2] { Linear<_, 2> }
}

model! {
    #[init(Conv2D.weight = zeros, Relu.weight = zeros, Embedding.bias = zeros)]
    pub C: [3] -> [2] { Linear<_, 2> }
}

model! {
    #[init(Conv2d.weight = kaiming_normal)]
    pub D: [3] -> [2] { Linear<_, 2> }
}

model! {
    #[init(weight = normal(0.02))]
    pub E: [3] -> [2] { Linear<_, 2> }
}

fn main() {}
