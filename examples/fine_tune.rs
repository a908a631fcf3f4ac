//! Fine-tuning: a network that knows five digits learns the other five, by its head alone and then as a whole.
//!
//! `cargo run --release --example fine_tune` needs no data. It prints the accuracy on the first five digits; on the others
//! with a frozen body and a new head; with body and head trained at rates of their own; and of a copy that follows the
//! network slowly (an exponential moving average).

use fusion::nn::{freeze, unfreeze};
use fusion::prelude::*;

model! {
    /// A body that sees, and a head that says which digit it is.
    pub Net: [64] -> [10] { body: { Linear<_, 128>, Relu, Linear<_, 128>, Relu }, head: Linear<_, 10> }
}

fn main() {
    let mut rng = StdRng::seed_from_u64(0);
    let digits = fusion::data::digits().map_x(|x| x / 16);
    let labels = digits.y.to_vec();
    let [(old, old_test), (new, new_test)] = [0..5, 5..10].map(|classes| {
        let samples: Vec<usize> = (0..labels.len()).filter(|&i| classes.contains(&labels[i])).collect();
        digits.select(&samples).split_stratified(0.3, &mut rng)
    });

    let (mut net, mut opt) = (Net::init(&mut rng), Adam::new(5e-4));
    for (x, y) in (0..3).flat_map(|_| old.batches(32)) {
        let loss = net.forward(x.trace()).cross_entropy(&y);
        opt.step(&mut net, loss.backward());
    }
    let known = net.forward(old_test.x).accuracy(&old_test.y);

    freeze(&mut net.body);
    opt.set_learning_rate(2e-2);
    net.head = Linear::init(&mut rng);
    let seen = net.body.forward(new_test.x.clone());
    for (x, y) in (0..20).flat_map(|_| new.batches(32)) {
        let loss = net.forward(x.trace()).cross_entropy(&y);
        opt.step(&mut net, loss.backward());
    }
    assert_eq!(net.body.forward(new_test.x.clone()).to_vec(), seen.to_vec(), "a frozen body does not change");
    let new_head = net.head.forward(seen).accuracy(&new_test.y);

    unfreeze(&mut net.body);
    let (mut slow, mut fast) = (Adam::new(1e-3), Adam::new(5e-3));
    let mut average = net.clone();
    for (x, y) in (0..5).flat_map(|_| new.batches(32)) {
        let gradients = net.forward(x.trace()).cross_entropy(&y).backward();
        slow.step(&mut net.body, &gradients);
        fast.step(&mut net.head, &gradients);
        average.lerp_from(&net, 0.1);
    }
    let [whole, averaged] = [net, average].map(|net| net.forward(new_test.x.clone()).accuracy(&new_test.y));
    println!("five digits {known:.3}; the others: new head {new_head:.3}, whole {whole:.3}, averaged {averaged:.3}");
    assert!(known > 0.9 && new_head > 0.8 && whole > new_head && averaged > new_head);
}
