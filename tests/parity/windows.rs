//! Whole layers over signals, and with windows that are not square, by the cases of `goldens/windows.json`.

use fusion::nn::{Forward, Init, Module, Path};
use fusion::prelude::*;
use serde_json::Value as Json;

fn list(json: &Json) -> Vec<f64> {
    json.as_array().expect("a list").iter().map(|n| n.as_f64().expect("a number")).collect()
}

fn close(found: &[f64], want: &Json, what: &str) {
    let want = list(want);
    assert_eq!(found.len(), want.len(), "{what}");
    for (found, want) in found.iter().zip(&want) {
        assert!((found - want).abs() <= 1e-9 * want.abs().max(1.0), "{what}: {found}, PyTorch {want}");
    }
}

/// The layer with the case's parameters on the case's input, and its gradients, against PyTorch's.
fn check<L, X, Y>(case: &Json)
where
    L: Init + Module + Forward<Tensor<X, f64>, Output = Tensor<Y, f64>>,
    X: StaticShape,
    Y: StaticShape,
{
    let name = case["name"].as_str().expect("a name");
    let mut layer = L::init_with(&mut StdRng::seed_from_u64(0));
    layer.walk_mut(&Path::root(), &mut |path, value| {
        if let Some(values) = case["state"].get(path.to_string()) {
            let shape = *value.array().shape();
            value.set(fusion::internals::kernels::Array::from_slice(&list(values), shape));
        }
    });
    let x = Tensor::<X, f64>::from_vec(list(&case["input"]["values"])).expect("an input");
    assert_eq!(case["input"]["shape"], Json::from(x.shape().to_vec()), "{name}");
    let watched = x.trace().watch();
    let y = layer.forward(watched.clone());
    assert_eq!(case["shape"], Json::from(y.shape().to_vec()), "{name}");
    close(&y.to_vec(), &case["y"], name);
    let weights: Vec<f64> = (0..y.to_vec().len()).map(|i| (2 * (37 * i % 64) as i64 - 63) as f64 / 32.0).collect();
    let weights = Tensor::<Y, f64>::from_vec(weights).expect("weights");
    let grads = (y * &weights).sum().backward();
    close(&grads.get(&watched).expect("a gradient").to_vec(), &case["d"][0], name);
    for (parameter, want) in layer.parameters().iter().zip(case["d"].as_array().expect("a list").iter().skip(1)) {
        close(&grads.get_value(parameter.link()).expect("a gradient").array().to_vec::<f64>(), want, name);
    }
}

macro_rules! checks {
    ($cases:ident; $($name:literal: [$($layer:tt)*] of [$($input:tt)*] -> [$($output:tt)*];)*) => {{
        let mut all = Vec::new();
        $(
            all.push($name);
            let case = $cases.iter().find(|case| case["name"] == $name).expect($name);
            check::<$($layer)*, shape![$($input)*], shape![$($output)*]>(case);
        )*
        assert!($cases.iter().all(|case| all.iter().any(|name| case["name"] == *name)), "no case is forgotten");
    }};
}

#[test]
fn layers_agree_with_pytorch() {
    let golden: Json = serde_json::from_str(include_str!("../goldens/windows.json")).expect("valid JSON");
    let cases = golden["cases"].as_array().expect("cases");
    type N<const K: usize> = Num<K>;
    checks! { cases;
        "Conv1d<3, 4, 3>": [Conv1d<N<3>, N<4>, N<3>, N<1>, N<0>, N<1>, N<1>, true, f64>] of [2, 3, 9] -> [2, 4, 7];
        "Conv1d<4, 6, 3, stride = 2, padding = 1, groups = 2>":
            [Conv1d<N<4>, N<6>, N<3>, N<2>, N<1>, N<1>, N<2>, true, f64>] of [2, 4, 8] -> [2, 6, 4];
        "Conv1d<2, 3, 4, padding = \"same\", dilation = 2, bias = false>":
            [Conv1d<N<2>, N<3>, N<4>, N<1>, Same, N<2>, N<1>, false, f64>] of [1, 2, 7] -> [1, 3, 7];
        "MaxPool1d<3, stride = 2, padding = 1>": [MaxPool1d<N<3>, N<2>, N<1>>] of [2, 3, 8] -> [2, 3, 4];
        "MaxPool1d<2, stride = 1, dilation = 2>": [MaxPool1d<N<2>, N<1>, N<0>, N<2>>] of [2, 2, 6] -> [2, 2, 4];
        "AvgPool1d<3, stride = 2, padding = 1>": [AvgPool1d<N<3>, N<2>, N<1>>] of [2, 3, 8] -> [2, 3, 4];
        "BatchNorm1d<4> of [batch, channels]": [BatchNorm1d<N<4>, f64>] of [5, 4] -> [5, 4];
        "BatchNorm1d<3> of [batch, channels, length]": [BatchNorm1d<N<3>, f64>] of [2, 3, 5] -> [2, 3, 5];
        "GroupNorm<4, 2> of [batch, channels]": [GroupNorm<N<4>, N<2>, f64>] of [3, 4] -> [3, 4];
        "GroupNorm<6, 3> of images": [GroupNorm<N<6>, N<3>, f64>] of [2, 6, 3, 2] -> [2, 6, 3, 2];
        "Conv2d<2, 3, (1, 7), padding = (0, 3)>":
            [Conv2d<N<2>, N<3>, (N<1>, N<7>), N<1>, (N<0>, N<3>), N<1>, N<1>, true, f64>] of [1, 2, 4, 8] -> [1, 3, 4, 8];
        "Conv2d<2, 4, (3, 2), stride = (2, 1), padding = (1, 0), dilation = (1, 2)>":
            [Conv2d<N<2>, N<4>, (N<3>, N<2>), (N<2>, N<1>), (N<1>, N<0>), (N<1>, N<2>), N<1>, true, f64>]
            of [2, 2, 5, 6] -> [2, 4, 3, 4];
        "ConvTranspose2d<3, 2, (2, 3), stride = (1, 2), output_padding = (0, 1)>":
            [ConvTranspose2d<N<3>, N<2>, (N<2>, N<3>), (N<1>, N<2>), N<0>, (N<0>, N<1>), N<1>, true, N<1>, f64>]
            of [1, 3, 3, 4] -> [1, 2, 4, 10];
        "MaxPool2d<(3, 1), stride = (1, 2), padding = (1, 0)>":
            [MaxPool2d<(N<3>, N<1>), (N<1>, N<2>), (N<1>, N<0>)>] of [2, 2, 4, 5] -> [2, 2, 4, 3];
        "PixelShuffle<2>": [PixelShuffle<N<2>>] of [2, 8, 2, 3] -> [2, 2, 4, 6];
        "AvgPool2d<(1, 2)>": [AvgPool2d<(N<1>, N<2>)>] of [2, 2, 3, 4] -> [2, 2, 3, 2];
        "ZeroPad2d<2>": [ZeroPad2d<N<2>>] of [2, 2, 1, 3] -> [2, 2, 5, 7];
        "ReflectionPad2d<2>": [ReflectionPad2d<N<2>>] of [2, 2, 3, 4] -> [2, 2, 7, 8];
        "ReplicationPad2d<2>": [ReplicationPad2d<N<2>>] of [2, 2, 1, 3] -> [2, 2, 5, 7];
        "RmsNorm<6>": [RmsNorm<N<6>, f64>] of [3, 2, 6] -> [3, 2, 6];
        "InstanceNorm1d<3>": [InstanceNorm1d<N<3>, false, f64>] of [2, 3, 5] -> [2, 3, 5];
        "InstanceNorm1d<3, affine = true>": [InstanceNorm1d<N<3>, true, f64>] of [2, 3, 9] -> [2, 3, 9];
        "InstanceNorm2d<2>": [InstanceNorm2d<N<2>, false, f64>] of [2, 2, 3, 4] -> [2, 2, 3, 4];
        "InstanceNorm2d<2, affine = true>": [InstanceNorm2d<N<2>, true, f64>] of [2, 2, 2, 3] -> [2, 2, 2, 3];
        "PRelu<3> of [batch, channels]": [PRelu<N<3>, f64>] of [4, 3] -> [4, 3];
        "PRelu<2> of images": [PRelu<N<2>, f64>] of [2, 2, 3, 2] -> [2, 2, 3, 2];
        "UpsamplingBilinear2d<2>": [UpsamplingBilinear2d<N<2>>] of [1, 2, 3, 4] -> [1, 2, 6, 8];
        "UpsamplingBilinear2d<3, align_corners = false>": [UpsamplingBilinear2d<N<3>, false>] of [2, 1, 2, 3] -> [2, 1, 6, 9];
        "GeluTanh": [GeluTanh] of [3, 5] -> [3, 5];
        "LogSoftmax": [LogSoftmax] of [3, 5] -> [3, 5];
        "Softplus": [Softplus] of [3, 5] -> [3, 5];
        "Hardtanh": [Hardtanh] of [3, 5] -> [3, 5];
        "Softshrink": [Softshrink] of [3, 5] -> [3, 5];
        "Hardshrink": [Hardshrink] of [3, 5] -> [3, 5];
        "Elu": [Elu] of [3, 5] -> [3, 5];
    }
}

model! {
    /// Windows of both kinds, as a model has them.
    pub Mixed: [2, 16] -> [5] {
        conv: Conv1d<_, 8, 5, padding = "same">, BatchNorm1d<_>, Relu,
        MaxPool1d<2>,
        norm: GroupNorm<_, num_groups = 4>,
        wide: Conv1d<_, 6, 3, stride = 2, padding = 1, groups = 2>,
        Flatten,
        BatchNorm1d<_>,
        Linear<_, 5>,
    }
}

model! {
    pub Thin: [3, 8, 8] -> [4, 8, 4] {
        row: Conv2d<_, 6, (1, 7), padding = (0, 3)>, Relu,
        column: Conv2d<_, 4, (7, 1), padding = (3, 0)>,
        MaxPool2d<(1, 2)>,
    }
}

#[test]
fn models_have_them() {
    let rng = &mut StdRng::seed_from_u64(0);
    let net = Mixed::init(rng);
    let y: Tensor<shape![3, 5]> = net.forward(Tensor::<shape![3, 2, 16]>::ones().trace());
    assert!(y.is_traced());
    let rows: Vec<_> = net.summary().rows().iter().map(|row| row.layer.clone()).collect();
    assert_eq!(rows[0], "Conv1d<2, 8, 5, padding = \"same\">");
    assert_eq!(rows[4..6], ["GroupNorm<8, 4>", "Conv1d<8, 6, 3, stride = 2, padding = 1, groups = 2>"]);
    assert_eq!(net.summary().rows()[0].multiply_adds, Some(16 * 8 * 2 * 5));
    let net = Thin::init(rng);
    let _: Tensor<shape![3, 4, 8, 4]> = net.forward(Tensor::<shape![3, 3, 8, 8]>::ones());
    let text = net.summary().to_string();
    assert!(text.contains("Conv2d<3, 6, (1, 7), padding = (0, 3)>") && text.contains("MaxPool2d<(1, 2)>"), "{text}");
    assert_eq!(net.num_parameters(), 6 * 3 * 7 + 6 + 4 * 6 * 7 + 4);
}
