//! Lists and options do not say how many layers they start with.
use fusion::prelude::*;

#[derive(Module)]
pub struct Net {
    blocks: Vec<Linear<dim!(3), dim!(3)>>,
    head: Option<Linear<dim!(3), dim!(2)>>,
}

fn main() {
    let _ = Net::init(&mut StdRng::seed_from_u64(0));
}
