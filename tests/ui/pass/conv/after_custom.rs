//! Behind a layer of one's own, const evaluation infers and computes.
#![deny(warnings)]

use fusion::prelude::*;

const CHANNELS: usize = 12;
const KERNEL: usize = 3;

#[derive(Module)]
pub struct Scale<C: Dim> {
    #[init(ones)]
    scale: Tensor<(C, Num<1>, Num<1>)>,
}

impl<B: Dim, C: Dim, H: Dim, W: Dim> Forward<Tensor<(B, C, H, W)>> for Scale<C>
where
    Tensor<(B, C, H, W)>: std::ops::Mul<Tensor<(C, Num<1>, Num<1>)>, Output = Tensor<(B, C, H, W)>>,
{
    type Output = Tensor<(B, C, H, W)>;
    fn forward(&self, x: Tensor<(B, C, H, W)>) -> Self::Output {
        x * self.scale.clone()
    }
}

model! {
    pub Net: [3, 20, 20] -> [10] {
        Conv2d<_, CHANNELS, KERNEL, stride = { KERNEL - 1 }>, BatchNorm2d<_>, Relu,
        scale: Scale<CHANNELS>,
        _ + { conv1: Conv2d<_, 12, 3, padding = "same", groups = 4>, Scale<12> },
        { a: Conv2d<_, 4, 1> } | { b: Conv2d<_, 6, 1>, Scale<6> },
        head: { MaxPool2d<2>, ConvTranspose2d<_, 5, 2, 2>, AvgPool2d<3>, Upsample<2>, Flatten, fc: Linear<_, 10> },
    }
}

#[test]
fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let _: Tensor<shape![2, 10]> = net.forward(Tensor::<shape![2, 3, 20, 20]>::ones());
    let _: &Tensor<shape![10, 80]> = &net.head.fc.weight;
    let _: Tensor<shape![1, 10]> = net.head.forward(Tensor::<shape![1, 10, 9, 9]>::ones());
    let grads = net.forward(Tensor::<shape![2, 3, 20, 20]>::ones().trace()).sum().backward();
    assert!(grads.get(&net.conv1.weight).is_some() && grads.get(&net.head.fc.weight).is_some());
}
