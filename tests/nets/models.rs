//! `fusion::models` against torchvision: names and shapes of the state, outputs, gradients, costs, and how they start.

use crate::formula::{Golden, golden, list, one};
use fusion::models::*;
use fusion::nn::{Path, cost};
use fusion::prelude::*;

fn made<M: Init>() -> M {
    M::init(&mut StdRng::seed_from_u64(0))
}

macro_rules! equal {
    ($($test:ident: $Model:ident $golden:literal, $input:literal [$($size:tt)*];)*) => { $(
        #[test]
        fn $test() {
            let net = made::<$Model>();
            crate::check!($golden, net, |net, feed| one(net.forward(feed.floats::<shape![$($size)*]>($input))));
        }
    )* };
}

equal! {
    mlp: Mlp "mlp", "input" [20, 784];
    lenet5: LeNet5 "lenet5_relu", "input" [4, 1, 28, 28];
    alexnet: AlexNet "alexnet", "input" [1, 3, 96, 96];
    alexnet28: AlexNet28 "alexnet28", "photo" [4, 1, 28, 28];
    vgg16: Vgg16 "vgg16", "photo" [1, 3, 32, 32];
    resnet18: ResNet18 "resnet18", "input" [2, 3, 64, 64];
    resnet20: ResNet20 "resnet20", "photo" [2, 3, 32, 32];
    resnet34: ResNet34 "resnet34", "photo" [2, 3, 64, 64];
    resnet50: ResNet50 "resnet50", "photo" [Dyn, 3, 64, 64];
    densenet121: DenseNet121 "densenet121", "photo" [2, 3, Dyn, Dyn];
    mobilenet_v2: MobileNetV2 "mobilenet_v2", "photo1" [1, 3, 64, 64];
}

/// The standard deviation of a tensor of the state around 0, by its name.
fn spread(net: &impl Module, name: &str) -> f64 {
    let mut squares = Vec::new();
    net.walk(&Path::root(), &mut |path, value| {
        if path.to_string() == name {
            squares = value.array().to_vec::<f32>().into_iter().map(|x| f64::from(x).powi(2)).collect();
        }
    });
    assert!(!squares.is_empty(), "there is no `{name}`");
    (squares.iter().sum::<f64>() / squares.len() as f64).sqrt()
}

/// Starting values are torchvision's: a tensor's standard deviation, within what so many numbers scatter.
fn starts(net: &impl Module, tensors: &[(&str, f64)]) {
    for (name, want) in tensors {
        let found = spread(net, name);
        assert!((found - want).abs() <= 0.06 * want, "{name} starts with {found} instead of {want}");
    }
}

/// Of a weight of so many channels out, by windows of `window` pixels: variance 2 / fan_out.
fn out(channels: usize, window: usize) -> f64 {
    (2.0 / (channels * window) as f64).sqrt()
}

/// PyTorch's start of a linear layer: uniform in ±1/√inputs.
fn linear(inputs: usize) -> f64 {
    (1.0 / (3 * inputs) as f64).sqrt()
}

#[test]
fn starting_values() {
    let last = ("fc.weight", linear(64));
    starts(&made::<ResNet20>(), &[("conv1.weight", out(16, 9)), ("layer3.0.downsample.0.weight", out(64, 1)), last]);
    starts(
        &made::<ResNet18<dim!(10)>>(),
        &[
            ("conv1.weight", out(64, 49)),
            ("layer2.0.conv1.weight", out(128, 9)),
            ("layer2.0.bn2.weight", 1.0),
            ("layer2.0.bn2.bias", 0.0),
            ("fc.weight", linear(512)),
        ],
    );
    starts(
        &made::<DenseNet121>(),
        &[
            ("features.conv0.weight", (2.0f64 / 147.0).sqrt()),
            ("features.denseblock4.denselayer16.conv1.weight", (2.0f64 / 992.0).sqrt()),
            ("classifier.weight", linear(1024)),
            ("classifier.bias", 0.0),
        ],
    );
    starts(
        &made::<MobileNetV2>(),
        &[
            ("features.0.0.weight", out(32, 9)),
            // Fans count the channels of all groups, as PyTorch's do.
            ("features.2.conv.1.0.weight", out(96, 9)),
            ("features.18.0.weight", out(1280, 1)),
            ("classifier.1.weight", 0.01),
            ("classifier.1.bias", 0.0),
        ],
    );
    starts(&made::<LeNet5>(), &[("fc1.weight", linear(400))]);
}

/// What is as the others, or too large to compute: its names and shapes, and its cost.
#[test]
fn structures() {
    Golden::of("resnet32").check_structure(&made::<ResNet32>());
    Golden::of("resnet56").check_structure(&made::<ResNet56>());
    let vgg = made::<Vgg16Bn>();
    Golden::of("vgg16_bn").check_structure(&vgg);
    starts(
        &vgg,
        &[
            ("features.0.weight", out(64, 9)),
            ("features.0.bias", 0.0),
            ("features.1.weight", 1.0),
            ("classifier.6.weight", 0.01),
            ("classifier.6.bias", 0.0),
        ],
    );
}

/// Each model with its parameters and multiply-adds for one sample, by the compiler.
macro_rules! known {
    ($($Model:ident [$($size:tt)*]),* $(,)?) => { [$({
        let cost = cost::<$Model, Tensor<shape![1, $($size)*]>>();
        (stringify!($Model), cost.parameters, cost.multiply_adds)
    }),*] };
}

/// The same as their layers say it.
macro_rules! counted {
    ($($Model:ident [$($size:tt)*]),* $(,)?) => { [$({
        let net = made::<$Model>();
        (stringify!($Model), Some(net.num_parameters()), net.multiply_adds(&[1, $($size)*]))
    }),*] };
}

/// The table in the documentation tells what the models say of themselves, and that is torchvision's.
#[test]
fn costs() {
    macro_rules! quickly_made {
        ($told:ident! $($more:tt)*) => {
            $told![
                $($more)*
                Mlp [784],
                LeNet5 [1, 28, 28],
                AlexNet28 [1, 28, 28],
                ResNet20 [3, 32, 32],
                ResNet32 [3, 32, 32],
                ResNet56 [3, 32, 32],
                ResNet18 [3, 224, 224],
                ResNet34 [3, 224, 224],
                ResNet50 [3, 224, 224],
                DenseNet121 [3, 224, 224],
                MobileNetV2 [3, 224, 224],
                YoloV3 [3, 416, 416],
                YoloV3Tiny [3, 416, 416],
                YoloV3Nano [3, 320, 320],
                YoloFace500k [3, 256, 320],
                YoloFace500kV2 [3, 288, 352],
            ]
        };
    }
    let all = quickly_made!(known! AlexNet [3, 224, 224], Vgg16 [3, 224, 224], Vgg16Bn [3, 224, 224],);
    for counted in quickly_made!(counted!) {
        assert!(all.contains(&counted), "{counted:?} as the layers say");
    }
    let page = include_str!("../../fusion/src/models/mod.rs");
    let rows = page.lines().filter_map(|line| line.strip_prefix("//! | [`"));
    let rows: Vec<Vec<&str>> = rows.map(|row| row.split('|').map(str::trim).collect()).collect();
    assert_eq!(rows.len(), all.len(), "each model has a row");
    let file = golden("models.json");
    let torchvision = list(&file["costs"]);
    let number = |text: &str| text.replace(',', "").parse::<u64>().expect("a number");
    let mut compared = 0;
    for row in rows {
        let told = all.iter().find(|(model, ..)| row[0] == format!("{model}`]"));
        let (model, parameters, multiply_adds) = *told.unwrap_or_else(|| panic!("{} is no model", row[0]));
        let found = (parameters.map(|n| n as u64), multiply_adds);
        assert_eq!(found, (Some(number(row[3])), Some(number(row[4]))), "{model}");
        if let Some(entry) = torchvision.iter().find(|entry| row[5] == format!("`{}`", entry[0].as_str().unwrap())) {
            assert_eq!(found, (entry[1].as_u64(), entry[2].as_u64()), "{model} beside torchvision");
            compared += 1;
        }
    }
    assert_eq!(compared, torchvision.len(), "each of torchvision's has a row");
}

/// Any size of image, known or not; pictures and tables of what is in them.
#[test]
fn they_tell_what_they_are() {
    let net = made::<MobileNetV2<dim!(7)>>();
    let x = Tensor::<shape![Dyn, 3, Dyn, Dyn]>::zeros_sized(&[2, 3, 40, 33]).unwrap();
    let y: Tensor<shape![Dyn, 7]> = net.forward(x);
    assert_eq!(y.shape(), [2, 7]);
    let text = net.summary([3, 224, 224]).to_string();
    assert!(text.contains("InvertedResidual<24, 144>") && text.contains("Linear<1280, 7>"), "{text}");
    assert!(net.sketch([3, 224, 224]).svg().starts_with("<svg"));
    assert!(made::<AlexNet28>().summary().to_string().contains("382,570"));
}
