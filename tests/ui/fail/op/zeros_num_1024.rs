use fusion::prelude::*;

fn main() {
    let _ = Tensor::<(Num<1024>,)>::zeros();
}
