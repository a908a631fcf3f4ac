//! PyTorch's `siamese_network` example, with the triplet loss (Schroff, Kalenichenko and Philbin 2015): a network learns
//! which digits are alike.
//!
//! `cargo run --release --example siamese` turns each of scikit-learn's digits, which are part of the library, into 8
//! numbers, so that digits of one class come together. It prints the loss, and how often the nearest of ten known digits,
//! one of each class, is of the same class.

use clap::Parser;
use fusion::prelude::*;

model! {
    /// A place for each digit.
    pub Places: [64] -> [8] { fc1: Linear<_, 128>, Relu, fc2: Linear<_, 8> }
}

#[derive(Parser)]
struct Args {
    /// How many steps to train.
    #[arg(long, default_value_t = 2000)]
    steps: usize,
}

fn main() {
    let args = Args::parse();
    let mut rng = StdRng::seed_from_u64(0);
    let (train, test) = fusion::data::digits().map_x(|x| x / 16).split_stratified(0.3, &mut rng);
    let labels = train.y.to_vec();
    let of_class: Vec<Vec<usize>> = (0..10).map(|c| (0..train.len()).filter(|&i| labels[i] == c).collect()).collect();
    let mut net = Places::init(&mut rng);
    let mut opt = Adam::new(1e-3);
    for step in 1..=args.steps {
        // Anchors, others of their classes, and digits of other classes.
        let mut triplets: [Vec<usize>; 3] = Default::default();
        for i in 0..64 {
            let (own, other) = (&of_class[i % 10], &of_class[(i + rng.random_range(1..10)) % 10]);
            for (list, from) in triplets.iter_mut().zip([own, own, other]) {
                list.push(from[rng.random_range(0..from.len())]);
            }
        }
        let [anchor, alike, other] = triplets.map(|samples| net.forward(train.select(&samples).x.trace()));
        let loss = TripletMarginLoss::new().forward(&anchor, &alike, &other);
        if step % 250 == 0 {
            println!("step {step}  loss {:.3}", loss.item());
        }
        opt.step(&mut net, loss.backward());
    }
    let known = train.select(&of_class.iter().map(|class| class[0]).collect::<Vec<_>>());
    let (a, b) = (net.forward(test.x).unsqueeze(Axis::<1>), net.forward(known.x).unsqueeze(Axis::<0>));
    let distances = (a - b).square().sum_over(Axis::<2>);
    let accuracy = (-distances).accuracy(&test.y);
    println!("one-nearest-neighbour accuracy {accuracy:.3}");
    assert!(accuracy > 0.8, "digits of one class have not come together");
}
