use fusion::prelude::*;

fn main() {
    let _ = einsum!();
}
