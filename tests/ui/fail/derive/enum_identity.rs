//! A variant without a layer gives what it takes, and the others something else.
use fusion::prelude::*;

#[derive(Module)]
#[module(sequential)]
pub enum Head {
    #[module(default)]
    None,
    Small(Linear<dim!(3), dim!(2)>),
}

fn main() {
    let head = Head::init(&mut StdRng::seed_from_u64(0));
    let _ = head.forward(Tensor::<shape![5, 3]>::zeros());
}
