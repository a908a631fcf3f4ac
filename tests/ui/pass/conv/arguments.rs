//! Every argument of a convolution, by place and by name.
#![deny(warnings)]

use fusion::prelude::*;

model! {
    pub Net: [4, 16, 16] -> [8, 7, 7] {
        a: Conv2d<_, 8, 3, 2>,
        b: Conv2d<8, 8, 3, padding = 1, bias = false>,
        c: Conv2d<_, 16, 3, padding = "same", dilation = 2>,
        d: Conv2d<_, 16, 4, padding = "same">,
        e: Conv2d<_, 16, kernel_size = 5, stride = 1, padding = 2, dilation = 1, groups = 4>,
        f: Conv2d<_, 8, 1, 1, 0, 1, 1, false>,
    }
}

#[test]
fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _: Tensor<shape![2, 8, 7, 7]> = net.forward(Tensor::<shape![2, 4, 16, 16]>::ones());
    assert!(net.b.bias.is_none() && net.a.bias.is_some() && net.f.bias.is_none());
    assert_eq!(net.e.weight.shape(), [16, 4, 5, 5]);
    let rows = net.summary();
    let texts: Vec<_> = rows.rows().iter().map(|row| row.layer.clone()).collect();
    assert_eq!(texts[0], "Conv2d<4, 8, 3, stride = 2>");
    assert_eq!(texts[1], "Conv2d<8, 8, 3, padding = 1, bias = false>");
    assert_eq!(texts[3], "Conv2d<16, 16, 4, padding = \"same\">");
}
