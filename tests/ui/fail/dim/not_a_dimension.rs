use fusion::prelude::*;

fn hidden<H: Dim>() -> Option<usize> {
    H::SIZE
}

fn main() {
    hidden::<usize>();
}
