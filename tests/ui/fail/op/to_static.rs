use fusion::prelude::*;

fn narrow(x: Tensor<shape![Dyn, 784]>) -> Tensor<shape![32, 784]> {
    x.to_dynamic()
}

fn main() {
    let _ = narrow;
}
