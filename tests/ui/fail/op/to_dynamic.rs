use fusion::prelude::*;

fn main() {
    let x = Tensor::<shape![32, 784]>::zeros();
    let _ = x.to_dynamic::<shape![Dyn, 785]>();
}
