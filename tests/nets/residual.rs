//! Sums of branches: Darknet-53 with three outputs.

use fusion::prelude::*;

model! {
    Unit<I: Dim, O: Dim, K: Dim, S: Dim, P: Dim>: [I, H, W] {
        conv: Conv2d<_, O, K, stride = S, padding = P, bias = false>, bn: BatchNorm2d<_>,
        LeakyRelu<negative_slope = 0.1>,
    }
}

model! {
    /// Half the channels and back.
    Residual<C: Dim, HALF: Dim>: [C, H, W] -> [C, H, W] {
        _ + { one: Unit<C, HALF, 1, 1, 0>, two: Unit<HALF, C, 3, 1, 1> },
    }
}

model! {
    Darknet53: [3, 64, 64] -> { p3: [256, 8, 8], p4: [512, 4, 4], p5: [1024, 2, 2] } {
        stem: Unit<3, 32, 3, 1, 1>,
        p1: { Unit<32, 64, 3, 2, 1>, 1 * Residual<64, 32> },
        p2: { Unit<64, 128, 3, 2, 1>, 2 * Residual<128, 64> },
        p3: { Unit<128, 256, 3, 2, 1>, 8 * Residual<256, 128> },
        p4: { Unit<256, 512, 3, 2, 1>, 8 * Residual<512, 256> },
        p5: { Unit<512, 1024, 3, 2, 1>, 4 * Residual<1024, 512> },
    }
}

#[test]
fn darknet53() {
    let net = Darknet53::init(&mut StdRng::seed_from_u64(0));
    crate::check!("darknet53", net, |net, feed| {
        let y = net.forward(feed.floats::<shape![2, 3, 64, 64]>("photo278"));
        vec![("p3", y.p3.into_value()), ("p4", y.p4.into_value()), ("p5", y.p5.into_value())]
    });
}
