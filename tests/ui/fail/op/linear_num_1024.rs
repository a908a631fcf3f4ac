use fusion::prelude::*;

fn main() {
    let _: Linear<Num<1024>, dim!(10)> = Linear::init(&mut StdRng::seed_from_u64(0));
}
