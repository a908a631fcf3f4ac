//! Three mistakes among fifty layers, a dozen of them custom ones, are three errors.
// mistakes: 3
use fusion::prelude::*;

#[derive(Module)]
pub struct Scale<C: Dim> {
    #[init(ones)]
    scale: Tensor<(C, Num<1>, Num<1>)>,
}

impl<B: Dim, C: Dim, H: Dim, W: Dim> Forward<Tensor<(B, C, H, W)>> for Scale<C>
where
    Tensor<(B, C, H, W)>: core::ops::Mul<Tensor<(C, Num<1>, Num<1>)>, Output = Tensor<(B, C, H, W)>>,
{
    type Output = Tensor<(B, C, H, W)>;
    fn forward(&self, x: Tensor<(B, C, H, W)>) -> Tensor<(B, C, H, W)> {
        x * self.scale.clone()
    }
}

model! {
    pub Net: [3, 12, 12] -> [10] {
        c0: Conv2d<_, 16, 3, padding = 1>, b0: BatchNorm2d<_>, Relu, s0: Scale<16>,
        c1: Conv2d<_, 16, 3, padding = 1>, b1: BatchNorm2d<_>, Relu, s1: Scale<16>,
        c2: Conv2d<_, 16, 3, padding = 1>, b2: BatchNorm2d<_>, Relu, s2: Scale<16>,
        c3: Conv2d<15, 16, 3, padding = 1>, b3: BatchNorm2d<_>, Relu, s3: Scale<16>,
        c4: Conv2d<_, 16, 3, padding = 1>, b4: BatchNorm2d<_>, Relu, s4: Scale<16>,
        c5: Conv2d<_, 16, 3, padding = 1>, b5: BatchNorm2d<_>, Relu, s5: Scale<16>,
        c6: Conv2d<_, 16, 3, padding = 1>, b6: BatchNorm2d<12>, Relu, s6: Scale<16>,
        c7: Conv2d<_, 16, 3, padding = 1>, b7: BatchNorm2d<_>, Relu, s7: Scale<16>,
        c8: Conv2d<_, 16, 3, padding = 1>, b8: BatchNorm2d<_>, Relu, s8: Scale<16>,
        c9: Conv2d<_, 16, 3, paddin = 1>, b9: BatchNorm2d<_>, Relu, s9: Scale<16>,
        c10: Conv2d<_, 16, 3, padding = 1>, b10: BatchNorm2d<_>, Relu, s10: Scale<16>,
        c11: Conv2d<_, 16, 3, padding = 1>, b11: BatchNorm2d<_>, Relu, s11: Scale<16>,
        GlobalAvgPool2d,
        fc: Linear<_, 10>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let y: Tensor<shape![5, 10]> = net.forward(Tensor::<shape![5, 3, 12, 12]>::zeros());
    let _ = (y, net.summary(), &net.c11.weight);
}
