//! Networks that are known by name, each declared with `model!`: their source is how one would write them.
//!
//! Names, shapes and layouts of their tensors are torchvision's, so that its weights load as they are, and so do those of
//! everybody who trains with PyTorch: convert the `state_dict` once, `safetensors.torch.save_file(net.state_dict(), path)`.
//!
//! ```no_run
//! use fusion::models::ResNet18;
//! use fusion::prelude::*;
//!
//! let net = ResNet18::load("resnet18.safetensors")?; // torchvision's weights
//! let photo = Tensor::<shape![1, 3, 224, 224]>::zeros();
//! println!("class {}", net.forward(photo).argmax().to_vec()[0]);
//! # Ok::<(), fusion::Error>(())
//! ```
//!
//! # Other classes
//!
//! The number of classes is the last parameter of each, `K`; without it the name means the data that the network was made for:
//! ten digits, ten kinds of things in CIFAR-10, the thousand of ImageNet, the eighty of COCO, faces. For fine-tuning, all but the head is loaded:
//!
//! ```
//! use fusion::models::ResNet20;
//! use fusion::prelude::*;
//!
//! let (folder, rng) = (tempfile::tempdir()?, &mut StdRng::seed_from_u64(0));
//! let path = folder.path().join("cifar10.safetensors");
//! ResNet20::init(rng).save(&path)?;
//!
//! let mut net = ResNet20::<dim!(100)>::init(rng);
//! let report = net.load_part(&path, |name| (!name.starts_with("fc.")).then(|| name.to_owned()))?;
//! assert_eq!(report.kept, ["fc.weight", "fc.bias"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The head is called `fc` or `fc3` in [`Mlp`], [`LeNet5`] and the residual networks, `classifier` in [`DenseNet121`], and in the
//! others it is the last of `classifier`: `classifier.6` in [`AlexNet`], [`AlexNet28`] and [`Vgg16`], `classifier.1` in
//! [`MobileNetV2`].
//!
//! # What they are and what they cost
//!
//! Numbers to learn and multiply-adds for one sample of this size, for as many classes as the name alone means. Those for images of
//! any size, at least 32 x 32 ([`AlexNet`]: 63 x 63), have 3 x 224 x 224 here; `net.summary([3, 224, 224])` tells a size.
//!
//! | model | of | sample | parameters | multiply-adds | torchvision's |
//! | --- | --- | --- | --- | --- | --- |
//! | [`Mlp`] | features | 784 | 109,386 | 109,184 | |
//! | [`LeNet5`] | digits | 1 x 28 x 28 | 61,706 | 416,520 | |
//! | [`AlexNet28`] | digits | 1 x 28 x 28 | 382,570 | 11,279,360 | |
//! | [`ResNet20`] | small photographs | 3 x 32 x 32 | 272,474 | 40,813,184 | |
//! | [`ResNet32`] | small photographs | 3 x 32 x 32 | 466,906 | 69,124,736 | |
//! | [`ResNet56`] | small photographs | 3 x 32 x 32 | 855,770 | 125,747,840 | |
//! | [`AlexNet`] | photographs | 3 x 224 x 224 | 61,100,840 | 714,188,480 | `alexnet` |
//! | [`Vgg16`] | photographs | 3 x 224 x 224 | 138,357,544 | 15,470,264,320 | `vgg16` |
//! | [`Vgg16Bn`] | photographs | 3 x 224 x 224 | 138,365,992 | 15,470,264,320 | `vgg16_bn` |
//! | [`ResNet18`] | photographs | 3 x 224 x 224 | 11,689,512 | 1,814,073,344 | `resnet18` |
//! | [`ResNet34`] | photographs | 3 x 224 x 224 | 21,797,672 | 3,663,761,408 | `resnet34` |
//! | [`ResNet50`] | photographs | 3 x 224 x 224 | 25,557,032 | 4,089,184,256 | `resnet50` |
//! | [`DenseNet121`] | photographs | 3 x 224 x 224 | 7,978,856 | 2,834,161,664 | `densenet121` |
//! | [`MobileNetV2`] | photographs | 3 x 224 x 224 | 3,504,872 | 300,774,272 | `mobilenet_v2` |
//! | [`YoloV3`] | things in photographs | 3 x 416 x 416 | 61,949,149 | 32,932,037,632 | |
//! | [`YoloV3Tiny`] | things in photographs | 3 x 416 x 416 | 8,852,366 | 2,782,480,896 | |
//! | [`YoloV3Nano`] | things in photographs | 3 x 320 x 320 | 873,150 | 274,726,400 | |
//! | [`YoloFace500k`] | faces in photographs | 3 x 256 x 320 | 122,672 | 55,911,680 | |
//! | [`YoloFace500kV2`] | faces in photographs | 3 x 288 x 352 | 99,488 | 54,428,760 | |
//!
//! A test holds each to torchvision's network of that name: the names and shapes of its tensors, its outputs, its gradients, and these
//! numbers. Starting values are torchvision's, too. Detectors, which torchvision has not, are held to a reading of their descriptions in
//! PyTorch; trained weights are read by [`darknet::load`].
//!
//! For a network between these, take the blocks: [`resnet::Basic`], [`resnet::Bottleneck`], [`densenet::Dense`],
//! [`mobilenet::Inverted`], and those of [`yolo`].

mod alexnet;
pub mod darknet;
pub mod densenet;
mod digits;
pub mod mobilenet;
pub mod resnet;
mod speed;
mod vgg;
pub mod yolo;

pub use alexnet::AlexNet;
pub use densenet::DenseNet121;
pub use digits::{AlexNet28, LeNet5, Mlp};
pub use mobilenet::MobileNetV2;
pub use resnet::cifar::{ResNet20, ResNet32, ResNet56};
pub use resnet::imagenet::{ResNet18, ResNet34, ResNet50};
pub use speed::{SpeedGroup, SpeedNet};
pub use vgg::{Vgg16, Vgg16Bn};
pub use yolo::{
    YoloFace500k, YoloFace500kOutput, YoloFace500kV2, YoloFace500kV2Output, YoloV3, YoloV3Nano, YoloV3NanoOutput,
    YoloV3Output, YoloV3Tiny, YoloV3TinyOutput,
};
