//! Two hundred layers, forty of them of the user's: the other program whose compile time is measured by `time.py`.

use fusion::prelude::*;

/// Scales each channel.
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
    /// Forty times a convolution, a norm, an activation, a layer of one's own and a pool or another activation.
    pub Deep: [3, 64, 64] -> [10] {
        conv0: Conv2d<_, 16, 3, padding = 1, bias = false>, bn0: BatchNorm2d<_>, Relu, scale0: Scale<16>, LeakyRelu<0.1>,
        conv1: Conv2d<_, 16, 3, padding = 1, bias = false>, bn1: BatchNorm2d<_>, Relu, scale1: Scale<16>, LeakyRelu<0.1>,
        conv2: Conv2d<_, 16, 3, padding = 1, bias = false>, bn2: BatchNorm2d<_>, Relu, scale2: Scale<16>, LeakyRelu<0.1>,
        conv3: Conv2d<_, 16, 3, padding = 1, bias = false>, bn3: BatchNorm2d<_>, Relu, scale3: Scale<16>, LeakyRelu<0.1>,
        conv4: Conv2d<_, 16, 3, padding = 1, bias = false>, bn4: BatchNorm2d<_>, Relu, scale4: Scale<16>, LeakyRelu<0.1>,
        conv5: Conv2d<_, 16, 3, padding = 1, bias = false>, bn5: BatchNorm2d<_>, Relu, scale5: Scale<16>, LeakyRelu<0.1>,
        conv6: Conv2d<_, 16, 3, padding = 1, bias = false>, bn6: BatchNorm2d<_>, Relu, scale6: Scale<16>, LeakyRelu<0.1>,
        conv7: Conv2d<_, 16, 3, padding = 1, bias = false>, bn7: BatchNorm2d<_>, Relu, scale7: Scale<16>, LeakyRelu<0.1>,
        conv8: Conv2d<_, 16, 3, padding = 1, bias = false>, bn8: BatchNorm2d<_>, Relu, scale8: Scale<16>, LeakyRelu<0.1>,
        conv9: Conv2d<_, 16, 3, padding = 1, bias = false>, bn9: BatchNorm2d<_>, Relu, scale9: Scale<16>, MaxPool2d<2>,
        conv10: Conv2d<_, 32, 3, padding = 1, bias = false>, bn10: BatchNorm2d<_>, Relu, scale10: Scale<32>, LeakyRelu<0.1>,
        conv11: Conv2d<_, 32, 3, padding = 1, bias = false>, bn11: BatchNorm2d<_>, Relu, scale11: Scale<32>, LeakyRelu<0.1>,
        conv12: Conv2d<_, 32, 3, padding = 1, bias = false>, bn12: BatchNorm2d<_>, Relu, scale12: Scale<32>, LeakyRelu<0.1>,
        conv13: Conv2d<_, 32, 3, padding = 1, bias = false>, bn13: BatchNorm2d<_>, Relu, scale13: Scale<32>, LeakyRelu<0.1>,
        conv14: Conv2d<_, 32, 3, padding = 1, bias = false>, bn14: BatchNorm2d<_>, Relu, scale14: Scale<32>, LeakyRelu<0.1>,
        conv15: Conv2d<_, 32, 3, padding = 1, bias = false>, bn15: BatchNorm2d<_>, Relu, scale15: Scale<32>, LeakyRelu<0.1>,
        conv16: Conv2d<_, 32, 3, padding = 1, bias = false>, bn16: BatchNorm2d<_>, Relu, scale16: Scale<32>, LeakyRelu<0.1>,
        conv17: Conv2d<_, 32, 3, padding = 1, bias = false>, bn17: BatchNorm2d<_>, Relu, scale17: Scale<32>, LeakyRelu<0.1>,
        conv18: Conv2d<_, 32, 3, padding = 1, bias = false>, bn18: BatchNorm2d<_>, Relu, scale18: Scale<32>, LeakyRelu<0.1>,
        conv19: Conv2d<_, 32, 3, padding = 1, bias = false>, bn19: BatchNorm2d<_>, Relu, scale19: Scale<32>, MaxPool2d<2>,
        conv20: Conv2d<_, 48, 3, padding = 1, bias = false>, bn20: BatchNorm2d<_>, Relu, scale20: Scale<48>, LeakyRelu<0.1>,
        conv21: Conv2d<_, 48, 3, padding = 1, bias = false>, bn21: BatchNorm2d<_>, Relu, scale21: Scale<48>, LeakyRelu<0.1>,
        conv22: Conv2d<_, 48, 3, padding = 1, bias = false>, bn22: BatchNorm2d<_>, Relu, scale22: Scale<48>, LeakyRelu<0.1>,
        conv23: Conv2d<_, 48, 3, padding = 1, bias = false>, bn23: BatchNorm2d<_>, Relu, scale23: Scale<48>, LeakyRelu<0.1>,
        conv24: Conv2d<_, 48, 3, padding = 1, bias = false>, bn24: BatchNorm2d<_>, Relu, scale24: Scale<48>, LeakyRelu<0.1>,
        conv25: Conv2d<_, 48, 3, padding = 1, bias = false>, bn25: BatchNorm2d<_>, Relu, scale25: Scale<48>, LeakyRelu<0.1>,
        conv26: Conv2d<_, 48, 3, padding = 1, bias = false>, bn26: BatchNorm2d<_>, Relu, scale26: Scale<48>, LeakyRelu<0.1>,
        conv27: Conv2d<_, 48, 3, padding = 1, bias = false>, bn27: BatchNorm2d<_>, Relu, scale27: Scale<48>, LeakyRelu<0.1>,
        conv28: Conv2d<_, 48, 3, padding = 1, bias = false>, bn28: BatchNorm2d<_>, Relu, scale28: Scale<48>, LeakyRelu<0.1>,
        conv29: Conv2d<_, 48, 3, padding = 1, bias = false>, bn29: BatchNorm2d<_>, Relu, scale29: Scale<48>, MaxPool2d<2>,
        conv30: Conv2d<_, 64, 3, padding = 1, bias = false>, bn30: BatchNorm2d<_>, Relu, scale30: Scale<64>, LeakyRelu<0.1>,
        conv31: Conv2d<_, 64, 3, padding = 1, bias = false>, bn31: BatchNorm2d<_>, Relu, scale31: Scale<64>, LeakyRelu<0.1>,
        conv32: Conv2d<_, 64, 3, padding = 1, bias = false>, bn32: BatchNorm2d<_>, Relu, scale32: Scale<64>, LeakyRelu<0.1>,
        conv33: Conv2d<_, 64, 3, padding = 1, bias = false>, bn33: BatchNorm2d<_>, Relu, scale33: Scale<64>, LeakyRelu<0.1>,
        conv34: Conv2d<_, 64, 3, padding = 1, bias = false>, bn34: BatchNorm2d<_>, Relu, scale34: Scale<64>, LeakyRelu<0.1>,
        conv35: Conv2d<_, 64, 3, padding = 1, bias = false>, bn35: BatchNorm2d<_>, Relu, scale35: Scale<64>, LeakyRelu<0.1>,
        conv36: Conv2d<_, 64, 3, padding = 1, bias = false>, bn36: BatchNorm2d<_>, Relu, scale36: Scale<64>, LeakyRelu<0.1>,
        conv37: Conv2d<_, 64, 3, padding = 1, bias = false>, bn37: BatchNorm2d<_>, Relu, scale37: Scale<64>, LeakyRelu<0.1>,
        conv38: Conv2d<_, 64, 3, padding = 1, bias = false>, bn38: BatchNorm2d<_>, Relu, scale38: Scale<64>, LeakyRelu<0.1>,
        conv39: Conv2d<_, 64, 3, padding = 1, bias = false>, bn39: BatchNorm2d<_>, Relu, scale39: Scale<64>, MaxPool2d<2>,
        Flatten, fc: Linear<_, 10>,
    }
}

fn main() {
    let rng = &mut StdRng::seed_from_u64(0);
    let net = Deep::init(rng);
    let y: Tensor<shape![2, 10]> = net.forward(Tensor::<shape![2, 3, 64, 64]>::normal(0.0, 1.0, rng));
    println!("{}\n{y:?}", net.summary());
}
