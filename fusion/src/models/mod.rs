//! Networks that are known by name, each declared with `model!`.

mod digits;
pub mod resnet;
mod speed;

pub use digits::{AlexNet28, LeNet5, Mlp};
pub use resnet::cifar::{ResNet20, ResNet32, ResNet56};
pub use speed::{SpeedGroup, SpeedNet};
