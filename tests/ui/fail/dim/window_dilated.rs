use fusion::prelude::*;

use fusion::dim::Window;

fn convolve<H: Window<Num<3>, Num<1>, Num<1>, Num<600>>>(_: Tensor<(H,)>) {}

fn main() {
    convolve(Tensor::<shape![1024]>::zeros());
}
