//! What a declared network saves, another of its kind loads; so does one with the same names.
#![deny(warnings)]

use fusion::prelude::*;

model! {
    pub Net: [3, 8, 8] -> [2] {
        stem: { conv: Conv2d<_, 4, 3, bias = false>, bn: BatchNorm2d<_>, Relu },
        2 * { Conv2d<_, 4, 3, padding = 1>, Relu },
        GlobalAvgPool2d,
        fc: Linear<_, 2>,
    }
}

#[test]
fn main() -> fusion::Result<()> {
    let rng = &mut StdRng::seed_from_u64(0);
    let net = Net::init(rng);
    let x = Tensor::<shape![4, 3, 8, 8]>::normal(0.0, 1.0, rng);
    let _ = net.forward(x.trace());
    let file = std::env::temp_dir().join(format!("fusion-model-saved-{}.safetensors", std::process::id()));
    net.save(&file)?;
    let again = Net::load(&file)?;
    std::fs::remove_file(&file).expect("it was written");
    assert_eq!(net.forward(x.clone()).to_vec(), again.forward(x).to_vec());
    Ok(())
}
