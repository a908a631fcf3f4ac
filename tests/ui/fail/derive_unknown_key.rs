//! Keys that `#[module(..)]` does not have, or not there: three mistakes.
use fusion::prelude::*;

#[derive(Module)]
#[module(sequental)]
pub struct Net {
    fc1: Linear<dim!(3), dim!(4)>,
    #[module(defualt = Relu)]
    act: Relu,
    #[module(sequential)]
    fc2: Linear<dim!(4), dim!(2)>,
}

fn main() {}
