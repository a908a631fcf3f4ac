use fusion::prelude::*;

use fusion::dim::Window;

fn convolve<H: Window<Num<3>, Num<0>>>(_: Tensor<(H,)>) {}

fn main() {
    convolve(Tensor::<shape![28]>::zeros());
}
