//! A window that does not fit, behind a layer of one's own.
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
        conv1: Conv2d<_, 32, 3>,
        scale: Scale<32>,
        conv2: Conv2d<_, 64, 27>, Relu,
        Flatten,
        fc: Linear<_, 10>,
    }
}

fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let y: Tensor<shape![5, 10]> = net.forward(Tensor::<shape![5, 3, 12, 12]>::zeros());
    let _ = (y, net.summary());
}
