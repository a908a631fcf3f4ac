//! The variants of a `sequential` enum give different things: told where it is used.
use fusion::prelude::*;

#[derive(Module)]
#[module(sequential)]
pub enum Head {
    #[module(default)]
    Small(Linear<dim!(3), dim!(2)>),
    Large(Linear<dim!(3), dim!(9)>),
}

fn main() {
    let head = Head::init(&mut StdRng::seed_from_u64(0));
    let _ = head.forward(Tensor::<shape![5, 3]>::zeros());
}
