//! A variant holds something that is no module.
use fusion::prelude::*;

pub struct Slope(f32);

#[derive(Module)]
pub enum Activation {
    #[module(default)]
    Relu(Relu),
    Leaky(Slope),
}

fn main() {
    let act = Activation::init(&mut StdRng::seed_from_u64(0));
    let _ = act.num_parameters();
    let _ = Slope(0.1).0;
}
