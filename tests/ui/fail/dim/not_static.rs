use fusion::prelude::*;

fn rows<D: Nat>() -> usize {
    D::N
}

fn main() {
    rows::<Dyn>();
}
