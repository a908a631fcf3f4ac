use fusion::prelude::*;

use fusion::dim::{Channels, Image};

fn layer_of_3_channels<S: Image<Channels: Channels<Num<3>>>>(_: Tensor<S>) {}

fn main() {
    layer_of_3_channels(Tensor::<shape![1, 1, 28, 28]>::zeros());
}
