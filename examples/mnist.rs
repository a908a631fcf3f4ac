//! PyTorch's `mnist` example: a convolutional network learns to read handwritten digits.
//!
//! `cargo run --release --example mnist -- --data FOLDER` trains on 4,000 digits of MNIST, whose files lie in
//! `FOLDER/mnist`, and prints the loss and the accuracy on 2,000 others after each epoch: above 0.9 after two.

use clap::Parser;
use fusion::data::Mnist;
use fusion::prelude::*;
use fusion_examples::Folder;

model! {
    /// 1,199,882 parameters, as in PyTorch's example.
    pub Net: [1, 28, 28] -> [10] {
        conv1: Conv2d<_, 32, 3>, Relu,
        conv2: Conv2d<_, 64, 3>, Relu,
        MaxPool2d<2>,
        Dropout<0.25>,
        Flatten,
        fc1: Linear<_, 128>, Relu,
        Dropout<0.5>,
        fc2: Linear<_, 10>,
    }
}

#[derive(Parser)]
struct Args {
    #[command(flatten)]
    folder: Folder,
    /// How often to go through the digits.
    #[arg(long, default_value_t = 2)]
    epochs: usize,
    /// Adam's learning rate, which shrinks to 0.7 of itself after each epoch.
    #[arg(long, default_value_t = 1e-3)]
    lr: f64,
}

fn main() -> fusion::Result<()> {
    let args = Args::parse();
    let mut rng = StdRng::seed_from_u64(1);
    let normalize = |x: &Tensor<_, u8>| (x.cast::<f32>() / 255 - 0.1307) / 0.3081;
    let mnist = Mnist::open(&args.folder.path)?;
    let train = mnist.train()?.select(&Vec::from_iter(0..4000)).map_x(normalize);
    let test = mnist.test()?.select(&Vec::from_iter(0..2000)).map_x(normalize);

    let mut net = Net::init(&mut rng);
    let mut opt = Adam::new(args.lr);
    let mut accuracy = 0.0;
    for epoch in 1..=args.epochs {
        for (x, y) in train.batches(64).shuffle(&mut rng) {
            let loss = net.forward(x.trace()).cross_entropy(&y);
            opt.step(&mut net, loss.backward());
        }
        opt.set_learning_rate(opt.learning_rate() * 0.7);

        let (mut loss, mut right) = (0.0, 0.0);
        for (x, y) in test.batches(500) {
            let scores = net.forward(x);
            loss += scores.cross_entropy(&y).item() / 4.0;
            right += scores.accuracy(&y) / 4.0;
        }
        println!("epoch {epoch}  test loss {loss:.3}  accuracy {right:.4}");
        accuracy = right;
    }
    assert!(accuracy > 0.9, "the network has not learned to read");
    Ok(())
}
