use fusion::prelude::*;

type Size = dim!(28 - 2 * 15);

fn main() {
    let _ = Size::default();
}
