use fusion::prelude::*;

fn main() {
    let x = Tensor::<shape![32, 10]>::zeros();
    let _ = x.softmax(Axis::<2>);
}
