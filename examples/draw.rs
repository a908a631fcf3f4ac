//! Networks as pictures: AlexNet and a residual block, drawn from their declarations.
//!
//! `cargo run --example draw -- FOLDER` writes `alexnet.svg`, `residual.svg` and the same as Graphviz text, `.dot`.

use fusion::nn::Sketch;
use fusion::prelude::*;
use std::path::{Path, PathBuf};

model! {
    /// AlexNet (Krizhevsky 2014, "One weird trick"; torchvision's).
    pub AlexNet: [3, 224, 224] -> [1000] {
        conv1: Conv2d<_, 64, 11, stride = 4, padding = 2>, Relu,
        MaxPool2d<3, stride = 2>,
        conv2: Conv2d<_, 192, 5, padding = 2>, Relu,
        MaxPool2d<3, stride = 2>,
        conv3: Conv2d<_, 384, 3, padding = 1>, Relu,
        conv4: Conv2d<_, 256, 3, padding = 1>, Relu,
        conv5: Conv2d<_, 256, 3, padding = 1>, Relu,
        MaxPool2d<3, stride = 2>,
        AdaptiveAvgPool2d<6>,
        Flatten,
        Dropout, fc6: Linear<_, 4096>, Relu,
        Dropout, fc7: Linear<_, 4096>, Relu,
        fc8: Linear<_, 1000>,
    }
}

model! {
    /// ResNet's basic block (He et al. 2015).
    pub Residual: [64, 56, 56] -> [64, 56, 56] {
        _ + {
            conv1: Conv2d<_, 64, 3, padding = 1, bias = false>, bn1: BatchNorm2d<_>, Relu,
            conv2: Conv2d<_, 64, 3, padding = 1, bias = false>, bn2: BatchNorm2d<_>,
        },
        Relu,
    }
}

/// Writes a network's picture and its Graphviz text.
fn draw(folder: &Path, name: &str, sketch: &Sketch) -> fusion::Result<()> {
    for (ending, text) in [("svg", sketch.svg()), ("dot", sketch.dot())] {
        let path = folder.join(name).with_extension(ending);
        std::fs::write(&path, text).map_err(|source| fusion::Error::File { path: path.clone(), source })?;
        println!("wrote {}", path.display());
    }
    Ok(())
}

fn main() -> fusion::Result<()> {
    let folder = PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| ".".into()));
    let rng = &mut StdRng::seed_from_u64(0);
    draw(&folder, "alexnet", &AlexNet::init(rng).sketch())?;
    draw(&folder, "residual", &Residual::init(rng).sketch())
}
