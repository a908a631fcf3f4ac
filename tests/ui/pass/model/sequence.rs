//! Layers with and without names; attributes, documentation and visibility pass through.
#![deny(warnings, missing_docs)]

use fusion::prelude::*;

model! {
    /// A classifier of digits.
    #[must_use]
    pub Digits: [8, 8] -> [10] {
        Flatten,
        /// The features.
        fc1: Linear<64, 32>, Relu,
        Dropout<0.25>, Dropout<p = 0.1>, Dropout,
        fc2: Linear<_, 16>, Tanh,
        Linear<_, 12>, Sigmoid,
        fc3: Linear<12, 10>,
    }
}

// Without an output, without a visibility and without a comma at the end.
model! { Small: [3] { fc: Linear<_, 2> } }

#[test]
fn main() {
    let rng = &mut StdRng::seed_from_u64(0);
    let net = Digits::init(rng);
    let y: Tensor<shape![5, 10]> = net.forward(Tensor::<shape![5, 8, 8]>::ones());
    let z: Tensor<shape![Dyn, 10]> = net.forward(Tensor::<shape![5, 8, 8]>::ones().to_dynamic::<shape![Dyn, 8, 8]>());
    assert_eq!(y.to_vec(), z.to_vec());

    let w: &Tensor<shape![32, 64]> = &net.fc1.weight;
    assert_eq!(w.shape(), [32, 64]);
    let names = ["fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias", "8.weight", "8.bias", "fc3.weight", "fc3.bias"];
    assert_eq!(net.names(), names);
    assert_eq!(net.num_parameters(), 65 * 32 + 33 * 16 + 17 * 12 + 13 * 10);

    let summary = net.summary();
    let row = &summary.rows()[1];
    assert_eq!((row.name.as_str(), row.layer.as_str(), &row.output[..]), ("fc1", "Linear<64, 32>", &[32][..]));
    assert_eq!(summary.rows()[8].layer, "Linear<16, 12>");
    assert_eq!(summary.multiply_adds(), 64 * 32 + 32 * 16 + 16 * 12 + 12 * 10);
    assert_eq!(net.multiply_adds(&[1, 8, 8]), Some(summary.multiply_adds()));
    assert_eq!(net.multiply_adds(&[7, 8, 8]), Some(7 * summary.multiply_adds()));

    let small = Small::init(rng);
    let by_hand = small.fc.forward(Tensor::<shape![1, 3]>::ones());
    assert_eq!(small.forward(Tensor::<shape![1, 3]>::ones()).to_vec(), by_hand.to_vec());
}
