use fusion::prelude::*;

fn main() {
    let x = Tensor::<shape![2, 999_999]>::zeros();
    let _ = x.repeat_interleave::<dim!(9999), _>(Axis::<1>);
}
