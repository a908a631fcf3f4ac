//! A parameter stands for a layer, and is none.
use fusion::prelude::*;

#[derive(Module)]
pub struct Net<A> {
    fc: Linear<dim!(3), dim!(3)>,
    act: A,
}

fn main() {
    let _ = Net::<String>::init(&mut StdRng::seed_from_u64(0));
}
