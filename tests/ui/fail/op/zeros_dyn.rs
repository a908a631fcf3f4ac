use fusion::prelude::*;

fn main() {
    let _ = Tensor::<shape![Dyn, 784]>::zeros();
}
