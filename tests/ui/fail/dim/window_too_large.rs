use fusion::prelude::*;

use fusion::dim::Window;

// What a convolution asks of a height: a kernel, a stride and a padding.
fn convolve<H: Window<Num<5>, Num<1>, Num<0>>>(_: Tensor<(H,)>) {}

fn main() {
    convolve(Tensor::<shape![4]>::zeros());
}
