//! Pooling of every kind.
#![deny(warnings)]

use fusion::prelude::*;

model! {
    pub Net: [3, 33, 31] -> [3] {
        MaxPool2d<3, stride = 2, padding = 1>,
        AvgPool2d<2>,
        MaxPool2d<2, 1, dilation = 2>,
        AdaptiveAvgPool2d<4, 3>,
        AdaptiveMaxPool2d<2>,
        Upsample<3>,
        GlobalAvgPool2d,
    }
}

model! {
    /// Padding by numbers and by a parameter, for images of any size.
    pub Framed<P: Dim>: [3, H, W] {
        frame: ZeroPad2d<1>,
        more: ZeroPad2d<P>,
    }
}

model! {
    /// Padding by what is in the image.
    pub Mirrored<P: Dim>: [3, H, W] {
        ReflectionPad2d<1>,
        more: ReflectionPad2d<P>,
        rim: ReplicationPad2d<P>,
    }
}

#[test]
fn mirrors() {
    let net = Mirrored::<dim!(2)>::init(&mut StdRng::seed_from_u64(0));
    let y: Tensor<shape![2, 3, 14, 15]> = net.forward(Tensor::<shape![2, 3, 4, 5]>::ones());
    assert_eq!(y.sum().item(), 2.0 * 3.0 * 14.0 * 15.0);
    let y: Tensor<shape![Dyn, 3, Dyn, 15]> =
        net.forward(Tensor::<shape![2, 3, 4, 5]>::ones().to_dynamic::<shape![Dyn, 3, Dyn, 5]>());
    assert_eq!(y.shape(), [2, 3, 14, 15]);
}

#[test]
fn frames() {
    let net = Framed::<dim!(2)>::init(&mut StdRng::seed_from_u64(0));
    let y: Tensor<shape![2, 3, 10, 11]> = net.forward(Tensor::<shape![2, 3, 4, 5]>::ones());
    assert_eq!(y.sum().item(), 2.0 * 3.0 * 4.0 * 5.0);
    assert_eq!(format!("{:?}", net.more), "ZeroPad2d<2>");
    let y: Tensor<shape![Dyn, 3, Dyn, 11]> =
        net.forward(Tensor::<shape![2, 3, 4, 5]>::ones().to_dynamic::<shape![Dyn, 3, Dyn, 5]>());
    assert_eq!(y.shape(), [2, 3, 10, 11]);
}

#[test]
fn main() {
    let net = Net::init(&mut StdRng::seed_from_u64(0));
    let y: Tensor<shape![2, 3]> = net.forward(Tensor::<shape![2, 3, 33, 31]>::ones());
    assert_eq!(y.to_vec(), [1.0; 6]);
    let outputs: Vec<_> = net.summary().rows().iter().map(|row| row.output.clone()).collect();
    assert_eq!(outputs[..4], [vec![3, 17, 16], vec![3, 8, 8], vec![3, 6, 6], vec![3, 4, 3]]);
}
