//! A value and a gate of an odd axis.
use fusion::prelude::*;

fn main() {
    let _ = Tensor::<shape![2, 7]>::zeros().glu(Axis::<1>);
}
