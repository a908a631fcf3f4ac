//! PyTorch's `vae` example: a variational autoencoder (Kingma and Welling 2013) of handwritten digits.
//!
//! `cargo run --release --example vae -- --data FOLDER` trains on 5,400 digits of MNIST, whose files lie in
//! `FOLDER/mnist`. It prints the loss of a digit after each epoch, on the training digits and on 600 others, and in the
//! end a digit that the decoder made of noise.

use clap::Parser;
use fusion::data::Mnist;
use fusion::prelude::*;
use fusion_examples::Folder;

#[derive(Module)]
struct Vae {
    encoder: model!(Linear<784, 400>, Relu),
    mean: Linear<dim!(400), dim!(20)>,
    log_variance: Linear<dim!(400), dim!(20)>,
    decoder: model!(Linear<20, 400>, Relu, Linear<400, 784>),
}

impl Vae {
    /// Of a digit: the error of what the decoder makes of its code, and the divergence of its code from noise.
    fn loss<B: Dim>(&self, x: &Tensor<(B, dim!(784))>, rng: &mut StdRng) -> Tensor<()> {
        let h = self.encoder.forward(x.clone());
        let (mean, log_variance) = (self.mean.forward(h.clone()), self.log_variance.forward(h));
        let code = &mean + (&log_variance * 0.5).exp() * mean.randn_like(rng);
        let error = self.decoder.forward(code).bce_with_logits(x) * 784;
        let divergence = (1.0 + &log_variance - mean.square() - log_variance.exp()).mean() * (-0.5 * 20.0);
        error + divergence
    }
}

fn main() -> fusion::Result<()> {
    let digits = Mnist::open(Folder::parse().path)?.train()?.select(&Vec::from_iter(0..6000));
    let digits = digits.x.reshape::<shape![Dyn, 784]>();
    let mut rng = StdRng::seed_from_u64(1);
    let (train, test) = Dataset::unlabelled(digits.cast() / 255).split(0.1, &mut rng);

    let mut net = Vae::init(&mut rng);
    let mut opt = Adam::new(1e-3);
    let mut last = 0.0;
    for epoch in 1..=5 {
        let mut sum = 0.0;
        for (x, _) in train.batches(128).shuffle(&mut rng) {
            let loss = net.loss(&x.trace(), &mut rng);
            sum += loss.item() * x.shape()[0] as f32;
            opt.step(&mut net, loss.backward());
        }
        last = net.loss(&test.x, &mut rng).item();
        println!("epoch {epoch}  loss {:.1}  test {last:.1}", sum / train.len() as f32);
    }
    let digit = net.decoder.forward(Tensor::<shape![1, 20]>::normal(0.0, 1.0, &mut rng)).sigmoid().to_vec();
    for row in digit.chunks(28) {
        println!("{}", row.iter().map(|x| [' ', '.', ':', '#'][(x * 3.99) as usize]).collect::<String>());
    }
    assert!(last < 165.0, "the codes say too little about the digits");
    Ok(())
}
