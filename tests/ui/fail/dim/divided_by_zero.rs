use fusion::prelude::*;

type Size = dim!(64 / (3 - 3));

fn main() {
    let _ = Size::default();
}
