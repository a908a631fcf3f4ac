//! PyTorch's `dcgan` example (Radford, Metz and Chintala 2015): two networks, one that paints photographs and one that
//! tells them from real ones, learn from each other.
//!
//! `cargo run --release --example dcgan -- --data FOLDER` takes photographs of CIFAR-10, which lie in
//! `FOLDER/cifar-10-batches-bin`. It prints both losses, and how real the judge holds the photographs and the paintings to
//! be, from 0 to 1; in the end, what it holds of the painter's first attempts and of what has become of them.

use clap::Parser;
use fusion::data::Cifar10;
use fusion::prelude::*;
use fusion_examples::Folder;

model! {
    /// Noise in, a painting out.
    #[init(weight = normal(0.0, 0.02), BatchNorm2d.weight = normal(1.0, 0.02))]
    pub Painter: [64, 1, 1] -> [3, 32, 32] {
        ConvTranspose2d<_, 128, 4, bias = false>,
        BatchNorm2d<_>, Relu,
        ConvTranspose2d<_, 64, 4, 2, 1, bias = false>,
        BatchNorm2d<_>, Relu,
        ConvTranspose2d<_, 32, 4, 2, 1, bias = false>,
        BatchNorm2d<_>, Relu,
        ConvTranspose2d<_, 3, 4, 2, 1, bias = false>, Tanh,
    }
}

model! {
    /// An image in, a score out: above 0 for a photograph.
    #[init(weight = normal(0.0, 0.02), BatchNorm2d.weight = normal(1.0, 0.02))]
    pub Judge: [3, 32, 32] -> [1] {
        Conv2d<_, 32, 4, 2, 1, bias = false>, LeakyRelu<0.2>,
        Conv2d<_, 64, 4, 2, 1, bias = false>,
        BatchNorm2d<_>, LeakyRelu<0.2>,
        Conv2d<_, 128, 4, 2, 1, bias = false>,
        BatchNorm2d<_>, LeakyRelu<0.2>,
        Conv2d<_, 1, 4, bias = false>, Flatten,
    }
}

fn main() -> fusion::Result<()> {
    let photographs = Cifar10::open(Folder::parse().path)?.train()?.select(&Vec::from_iter(0..3200));
    let photographs = photographs.map_x(|x| x.cast::<f32>() / 127.5 - 1);
    let mut rng = StdRng::seed_from_u64(0);
    let (mut painter, mut judge) = (Painter::init(&mut rng), Judge::init(&mut rng));
    let (mut opt_p, mut opt_j) = (Adam::new(2e-4).betas(0.5, 0.999), Adam::new(2e-4).betas(0.5, 0.999));
    let beginner = painter.clone();
    let mut step = 0;
    for (real, _) in photographs.batches_of::<dim!(32)>().shuffle(&mut rng) {
        let noise = Tensor::<shape![32, 64, 1, 1]>::normal(0.0, 1.0, &mut rng);
        let painted = painter.forward(noise.trace());

        let (yes, no) = (judge.forward(real.trace()), judge.forward(painted.detach().trace()));
        let loss_j = yes.bce_with_logits(&yes.ones_like()) + no.bce_with_logits(&no.zeros_like());
        let (j, photographs) = (loss_j.item(), yes.sigmoid().mean().item());
        opt_j.step(&mut judge, loss_j.backward());

        let scores = judge.forward(painted.trace());
        let loss_p = scores.bce_with_logits(&scores.ones_like());
        step += 1;
        if step % 20 == 0 {
            let (p, paintings) = (loss_p.item(), scores.sigmoid().mean().item());
            println!("step {step:3}  losses {j:.3} {p:.3}  photographs {photographs:.2}  paintings {paintings:.2}");
        }
        opt_p.step(&mut painter, loss_p.backward());
    }
    let noise = Tensor::<shape![100, 64, 1, 1]>::normal(0.0, 1.0, &mut rng);
    let [before, after] = [beginner, painter].map(|painter| judge.forward(painter.forward(noise.trace())));
    let (before, after) = (before.sigmoid().mean().item(), after.sigmoid().mean().item());
    println!("paintings of the beginner {before:.3}, of the painter now {after:.3}");
    assert!(after > 2.0 * before, "the painter has not learned to please the judge");
    Ok(())
}
