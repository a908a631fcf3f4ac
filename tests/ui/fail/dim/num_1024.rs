use fusion::prelude::*;

// A generic parameter that is a number of four digits, where the dimension belongs.
fn hidden<H: Dim>() -> Option<usize> {
    H::SIZE
}

fn main() {
    hidden::<Num<1024>>();
}
