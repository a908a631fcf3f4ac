#![no_main]

use fusion::models::darknet;
use fusion::prelude::*;

model! {
    Net: [1, 4, 4] {
        first: Conv2d<_, 2, 3, padding = 1, bias = false>, BatchNorm2d<_>, LeakyRelu<0.1>,
        last: Conv2d<_, 1, 1>,
    }
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let mut net = Net::init(&mut StdRng::seed_from_u64(0));
    if darknet::load_bytes(&mut net, bytes).is_ok() {
        net.forward(Tensor::<shape![1, 1, 4, 4]>::ones());
    }
});
