use fusion::prelude::*;
use fusion::train::Run;

fn main() {
    let rng = StdRng::seed_from_u64(0);
    Run::default().set_rng("rng", &rng);
}
