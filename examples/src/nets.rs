//! The image networks that are measured, as the peers' programs have them.

use fusion::prelude::*;

model! {
    /// LeNet as in PyTorch's `mnist` example.
    pub LeNet: [1, 28, 28] -> [10] {
        conv1: Conv2d<_, 32, 3>, Relu,
        conv2: Conv2d<_, 64, 3>, Relu,
        MaxPool2d<2>,
        Flatten,
        fc1: Linear<_, 128>, Relu,
        fc2: Linear<_, 10>,
    }
}

model! {
    /// A convolution as Darknet has them (Redmon and Farhadi 2018).
    pub Unit<I: Dim, O: Dim, K: Dim, S: Dim, P: Dim>: [I, H, W] {
        conv: Conv2d<_, O, K, stride = S, padding = P, bias = false>, bn: BatchNorm2d<_>,
        LeakyRelu<negative_slope = 0.1>,
    }
}

model! {
    /// Half the channels and back.
    pub Residual<C: Dim, HALF: Dim>: [C, H, W] -> [C, H, W] {
        _ + { one: Unit<C, HALF, 1, 1, 0>, two: Unit<HALF, C, 3, 1, 1> },
    }
}

model! {
    /// The body of YOLOv3: what it sees at three scales.
    pub Darknet53: [3, 416, 416] -> { fine: [256, 52, 52], middle: [512, 26, 26], coarse: [1024, 13, 13] } {
        stem: Unit<3, 32, 3, 1, 1>,
        first: { Unit<32, 64, 3, 2, 1>, Residual<64, 32> },
        second: { Unit<64, 128, 3, 2, 1>, 2 * Residual<128, 64> },
        fine: { Unit<128, 256, 3, 2, 1>, 8 * Residual<256, 128> },
        middle: { Unit<256, 512, 3, 2, 1>, 8 * Residual<512, 256> },
        coarse: { Unit<512, 1024, 3, 2, 1>, 4 * Residual<1024, 512> },
    }
}

model! {
    /// Five convolutions of `C` and `D`, twice as many, channels.
    pub Neck<I: Dim, C: Dim, D: Dim>: [I, H, W] {
        Unit<I, C, 1, 1, 0>, Unit<C, D, 3, 1, 1>, Unit<D, C, 1, 1, 0>, Unit<C, D, 3, 1, 1>, Unit<D, C, 1, 1, 0>,
    }
}

model! {
    /// Three boxes at each place, of four numbers, how sure it is, and one class.
    pub Head<C: Dim, D: Dim>: [C, H, W] { Unit<C, D, 3, 1, 1>, conv: Conv2d<D, 18, 1> }
}

model! {
    /// Half the channels, at each place four times.
    pub Up<C: Dim, HALF: Dim>: [C, H, W] { Unit<C, HALF, 1, 1, 0>, Upsample<2> }
}

/// For what is coarse, middle and fine.
type Necks = (
    Neck<dim!(1024), dim!(512), dim!(1024)>,
    Neck<dim!(768), dim!(256), dim!(512)>,
    Neck<dim!(384), dim!(128), dim!(256)>,
);
type Heads = (Head<dim!(512), dim!(1024)>, Head<dim!(256), dim!(512)>, Head<dim!(128), dim!(256)>);
type Ups = (Up<dim!(512), dim!(256)>, Up<dim!(256), dim!(128)>);

/// YOLOv3 of one class (Redmon and Farhadi 2018): necks and heads for what is coarse, middle and fine, and the ways up between
/// them.
#[derive(Module)]
pub struct YoloV3 {
    body: Darknet53,
    necks: Necks,
    heads: Heads,
    ups: Ups,
}

/// What [`YoloV3`] gives: boxes at three scales.
pub struct Boxes<B: Dim> {
    /// At 13 x 13 places.
    pub coarse: Tensor<shape![B, 18, 13, 13]>,
    /// At 26 x 26 places.
    pub middle: Tensor<shape![B, 18, 26, 26]>,
    /// At 52 x 52 places.
    pub fine: Tensor<shape![B, 18, 52, 52]>,
}

impl<B: Dim> Forward<Tensor<shape![B, 3, 416, 416]>> for YoloV3 {
    type Output = Boxes<B>;

    fn forward(&self, x: Tensor<shape![B, 3, 416, 416]>) -> Boxes<B> {
        let Darknet53Output { fine, middle, coarse } = self.body.forward(x);
        let coarse: Tensor<shape![B, 512, 13, 13]> = self.necks.0.forward(coarse);
        let up: Tensor<shape![B, 256, 26, 26]> = self.ups.0.forward(coarse.clone());
        let middle: Tensor<shape![B, 256, 26, 26]> = self.necks.1.forward(up.join(&middle));
        let up: Tensor<shape![B, 128, 52, 52]> = self.ups.1.forward(middle.clone());
        let fine: Tensor<shape![B, 128, 52, 52]> = self.necks.2.forward(up.join(&fine));
        Boxes {
            coarse: self.heads.0.forward(coarse),
            middle: self.heads.1.forward(middle),
            fine: self.heads.2.forward(fine),
        }
    }
}
