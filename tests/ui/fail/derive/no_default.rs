//! A field that is left out has no `Default`.
use fusion::prelude::*;

pub struct Cache(usize);

#[derive(Module)]
pub struct Net {
    fc: Linear<dim!(3), dim!(3)>,
    #[module(skip)]
    cache: Cache,
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _ = (net.num_parameters(), net.cache.0);
}
