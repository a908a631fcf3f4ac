//! A layer of one's own, generic over its size, used inside `model!`.
//!
//! `cargo run --release --example custom_layer` trains a network with it on the iris flowers.

use fusion::data;
use fusion::prelude::*;

/// `x * sigmoid(scale * x)`: Swish with a slope to be learned for each feature (Ramachandran et al. 2017).
#[derive(Module)]
pub struct Swish<C: Dim> {
    #[init(ones)]
    scale: Tensor<(C,)>,
}

impl<B: Dim, C: Dim> Forward<Tensor<(B, C)>> for Swish<C> {
    type Output = Tensor<(B, C)>;

    fn forward(&self, x: Tensor<(B, C)>) -> Self::Output {
        (&x * &self.scale).sigmoid() * x
    }
}

model! {
    /// The custom layer stands among the others; the size after it is still worked out.
    pub Flowers: [4] -> [3] {
        fc1: Linear<_, 16>,
        swish: Swish<16>,
        fc2: Linear<_, 3>,
    }
}

fn main() {
    let mut rng = StdRng::seed_from_u64(3);
    let (train, test) = data::iris().split_stratified(0.3, &mut rng);
    let scale = data::Standardizer::fit(&train.x);
    let (train, test) = (train.map_x(|x| scale.transform(x)), test.map_x(|x| scale.transform(x)));

    let mut net = Flowers::init(&mut rng);
    println!("{}", net.summary());
    let mut opt = AdamW::new(0.02);
    for epoch in 0..60 {
        let mut last = 0.0;
        for (x, y) in train.batches(16).shuffle(&mut rng) {
            let loss = net.forward(x.trace()).cross_entropy(&y);
            last = loss.item();
            opt.step(&mut net, loss.backward());
        }
        if epoch % 10 == 9 {
            println!("epoch {:2}  last loss {last:.4}", epoch + 1);
        }
    }
    let right = net.forward(test.x.clone()).accuracy(&test.y);
    println!("test accuracy {right:.3}, slopes learned: {}", net.swish.scale);
}
