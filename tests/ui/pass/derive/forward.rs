//! Layers of one's own with the bounds that the errors name.
#![deny(warnings)]

use fusion::dim::{BroadcastDim, Elements, Features, Num, Window};
use fusion::prelude::*;

#[derive(Module)]
pub struct Block<C: Dim> {
    conv: Conv2d<C, C, Num<3>>,
}

impl<B: Dim, C: Dim, H: Dim, W: Dim, H2, W2> Forward<Tensor<(B, C, H, W)>> for Block<C>
where
    H: Window<Num<3>, Out = H2>,
    W: Window<Num<3>, Out = W2>,
{
    type Output = Tensor<(B, C, H2, W2)>;

    fn forward(&self, x: Tensor<(B, C, H, W)>) -> Self::Output {
        self.conv.forward(x)
    }
}

#[derive(Module)]
pub struct Head<C: Dim> {
    fc: Linear<C, Num<4>>,
    #[init(ones)]
    scale: Tensor<(Num<4>,)>,
}

impl<B: Dim, H: Dim, W: Dim, C: Dim> Forward<Tensor<(B, H, W)>> for Head<C>
where
    (H, W): Elements<Len: Features<C>>,
{
    type Output = Tensor<(B, Num<4>)>;

    fn forward(&self, x: Tensor<(B, H, W)>) -> Self::Output {
        self.fc.forward(Flatten.forward(x)) * &self.scale
    }
}

#[derive(Module)]
pub struct Scale<C: Dim> {
    #[init(ones)]
    scale: Tensor<(C,)>,
}

impl<C: Dim, I: Dim + BroadcastDim<C, Joined = O>, O: Dim> Forward<Tensor<(I,)>> for Scale<C> {
    type Output = Tensor<(O,)>;

    fn forward(&self, x: Tensor<(I,)>) -> Self::Output {
        x * &self.scale
    }
}

#[test]
fn main() {
    let rng = &mut StdRng::seed_from_u64(0);
    let block = Block::<Num<2>>::init(rng);
    let _: Tensor<shape![1, 2, 6, 4]> = block.forward(Tensor::<shape![1, 2, 8, 6]>::ones());
    let head = Head::<Num<12>>::init(rng);
    let _: Tensor<shape![5, 4]> = head.forward(Tensor::<shape![5, 3, 4]>::ones());
    let scale = Scale::<Num<3>>::init(rng);
    let _: Tensor<shape![3]> = scale.forward(Tensor::<shape![1]>::ones());
}
