use fusion::prelude::*;

type Size = dim!(1_000_000_000);

fn main() {
    let _ = Size::default();
}
