//! Layers that do what follows them in their own pass, against the same layers one after another.
//!
//! A trace that looks at each result has each layer by itself, so it says what they are without fusing.

use crate::formula::{Outputs, fill, loss};
use fusion::Value;
use fusion::internals::kernels::{Array, Dims};
use fusion::nn::Path;
use fusion::prelude::*;

/// What one step gives: outputs, gradients by name and running statistics by name.
struct Step {
    outputs: Vec<(String, Vec<f64>)>,
    gradients: Vec<(String, Vec<f64>)>,
    buffers: Vec<(String, Vec<f64>)>,
}

fn elements(value: &Value) -> Vec<f64> {
    value.array().to_vec::<f32>().into_iter().map(f64::from).collect()
}

fn step<N: Module>(
    net: &mut N,
    trace: fn() -> Trace,
    back: bool,
    forward: &impl Fn(&N, fn() -> Trace) -> Outputs,
) -> Step {
    fill(net);
    let outputs = forward(net, trace);
    let found = outputs.iter().map(|(name, y)| (format!("output {name}"), elements(y))).collect();
    let grads = match back {
        true => loss(&outputs).backward(Array::full(1.0f32, Dims::default()).into()),
        false => Gradients::default(),
    };
    let (mut gradients, mut buffers) = (vec![], vec![]);
    net.walk(&Path::root(), &mut |path, value| {
        if let Some(gradient) = grads.get_value(value.link()) {
            gradients.push((format!("the gradient of `{path}`"), elements(gradient)));
        } else if value.dtype() == fusion::DType::F32 {
            buffers.push((format!("`{path}`"), elements(value)));
        }
    });
    Step { outputs: found, gradients, buffers }
}

/// The largest difference by the root of the mean square.
fn off((name, found): &(String, Vec<f64>), (other, want): &(String, Vec<f64>)) -> f64 {
    assert!(name == other && found.len() == want.len(), "{name} and {other}");
    let scale = (want.iter().map(|x| x * x).sum::<f64>() / want.len() as f64).sqrt().max(1e-12);
    let off = found.iter().zip(want).map(|(x, y)| (x - y).abs()).fold(0.0, f64::max) / scale;
    if off.is_nan() { f64::INFINITY } else { off }
}

/// Says how far the network is off from its layers one after another, in training and in evaluation; there without the
/// gradients, if they are not asked for.
pub fn check_followed<N: Module>(
    net: &mut N,
    gradients_in_evaluation: bool,
    [output, gradient]: [f64; 2],
    forward: impl Fn(&N, fn() -> Trace) -> Outputs,
) -> Result<(), String> {
    let modes: [[fn() -> Trace; 2]; 2] = [
        [|| Trace::training().seed(1), || Trace::training().seed(1).detect_nan()],
        [|| Trace::evaluation().seed(1), || Trace::evaluation().seed(1).detect_nan()],
    ];
    for [one, apart] in modes {
        let back = gradients_in_evaluation || one().is_training();
        let (one, apart) = (step(net, one, back, &forward), step(net, apart, back, &forward));
        assert_eq!(one.gradients.len(), apart.gradients.len());
        let parts = [
            (&one.outputs, &apart.outputs, output),
            (&one.buffers, &apart.buffers, output),
            (&one.gradients, &apart.gradients, gradient),
        ];
        for (one, apart, most) in parts {
            for (one, apart) in one.iter().zip(apart) {
                let off = off(one, apart);
                if off > most {
                    return Err(format!("{} is off by {off:.1e}, where {most:.1e} is allowed", one.0));
                }
            }
        }
    }
    Ok(())
}

model! {
    Rectified: [3, 8, 8] -> [4] {
        conv1: Conv2d<_, 6, 3, padding = 1>, Relu,
        conv2: Conv2d<_, 6, 3, stride = 2>, bn2: BatchNorm2d<_>, LeakyRelu<negative_slope = 0.2>,
        conv3: ConvTranspose2d<_, 4, 2>, LeakyRelu,
        Flatten, bn4: BatchNorm1d<_>, Relu,
        fc: Linear<_, 5>, LeakyRelu, out: Linear<_, 4>,
    }
}

model! {
    /// A slope that loses the sign.
    Turned: [3, 8, 8] -> [4] {
        conv: Conv2d<_, 4, 3>, LeakyRelu<negative_slope = -0.5>,
        bn: BatchNorm2d<_>, LeakyRelu<negative_slope = -0.5>,
        _ + { bn2: BatchNorm2d<_> }, LeakyRelu<negative_slope = -0.5>,
        Flatten, fc: Linear<_, 4>, LeakyRelu<negative_slope = -2.0>,
    }
}

model! {
    /// The last batch norm of a branch does the sum: of the second, of the first, of one of both; with and without what follows.
    Sums: [4, 6, 6] -> [4, 6, 6] {
        _ + { conv1: Conv2d<_, 4, 3, padding = 1>, bn1: BatchNorm2d<_> }, Relu,
        { conv2: Conv2d<_, 4, 3, padding = 1>, bn2: BatchNorm2d<_> } + _, LeakyRelu,
        { conv3: Conv2d<_, 4, 1>, bn3: BatchNorm2d<_> } + { conv4: Conv2d<_, 4, 1>, bn4: BatchNorm2d<_>, Relu },
        { conv5: Conv2d<_, 4, 1>, bn5: BatchNorm2d<_> } + { conv6: Conv2d<_, 4, 1>, bn6: BatchNorm2d<_> }, Relu,
        _ + { bn7: BatchNorm2d<_> },
        _ + { bn8: BatchNorm2d<_> } + { bn9: BatchNorm2d<_> }, Relu,
        _ + { conv10: Conv2d<_, 4, 1>, _ + { bn10: BatchNorm2d<_> } }, Relu,
    }
}

model! {
    /// What is an output stays a result of its own.
    Tapped: [4, 6, 6] -> { conv: [4, 6, 6], bn: [4, 6, 6], last: [4, 6, 6] } {
        conv: Conv2d<_, 4, 3, padding = 1>, Relu, bn: BatchNorm2d<_>, Relu,
        _ + { inner: Conv2d<_, 4, 1>, bn2: BatchNorm2d<_> }, last: Relu,
    }
}

model! {
    Any<C: Dim, O: Dim, K: Dim>: [C, H, W] {
        conv: Conv2d<_, O, K, padding = "same">, Relu,
        _ + { inner: Conv2d<_, O, K, padding = "same">, bn: BatchNorm2d<_> }, Relu,
        bn2: BatchNorm2d<_>, LeakyRelu,
    }
}

fn halved<B: Dim, C: Dim, H: Dim, W: Dim>(x: Tensor<(B, C, H, W)>) -> Tensor<(B, C, H, W)> {
    x * 0.5
}

model! {
    /// Behind layers of the program's own.
    Own: [3, 6, 6] -> [5] {
        any: Any<3, 4, 3>, conv: Conv2d<_, 4, 3>, Relu, halved,
        twice: 2 * Linear<_, 4>, Relu, _ + { BatchNorm2d<_> }, Relu, Flatten, Linear<_, 5>, Relu,
    }
}

fn x<S: StaticShape>(trace: Trace) -> Tensor<S> {
    Tensor::from_fn(|i| ((i * 37 % 101) as f32 * 0.21).sin()).trace_with(trace)
}

/// Most of these are sums of few numbers.
const CLOSE: [f64; 2] = [1e-5, 1e-4];

macro_rules! check {
    ($net:ident, $shape:ty) => {{
        let mut net = $net::init(&mut StdRng::seed_from_u64(0));
        check_followed(&mut net, true, CLOSE, |net, trace| crate::formula::one(net.forward(x::<$shape>(trace()))))
            .unwrap();
    }};
}

#[test]
fn layers_with_what_follows_them_are_the_layers() {
    check!(Rectified, shape![3, 3, 8, 8]);
    check!(Turned, shape![2, 3, 8, 8]);
    check!(Sums, shape![2, 4, 6, 6]);
    check!(Own, shape![2, 3, 6, 6]);
    let mut net = Tapped::init(&mut StdRng::seed_from_u64(0));
    check_followed(&mut net, true, CLOSE, |net, trace| {
        let y = net.forward(x::<shape![2, 4, 6, 6]>(trace()));
        vec![("conv", y.conv.into_value()), ("bn", y.bn.into_value()), ("last", y.last.into_value())]
    })
    .unwrap();
}

/// The operations that a step records.
fn operations<S: Shape>(y: &Tensor<S>) -> usize {
    y.dot().to_string().lines().filter(|line| line.starts_with("  n") && line.contains("[label=")).count()
}

#[test]
fn what_follows_is_no_operation_of_its_own() {
    let rng = &mut StdRng::seed_from_u64(0);
    // Three convolutions, two norms, two linear layers and what makes rows of images.
    let y = Rectified::init(rng).forward(x::<shape![3, 3, 8, 8]>(Trace::training()));
    assert_eq!(operations(&y), 8, "{}", y.dot());
    // Seven convolutions, ten norms, one activation in a branch, the sum of three with what follows, and one of a sum.
    let y = Sums::init(rng).forward(x::<shape![2, 4, 6, 6]>(Trace::training()));
    assert_eq!(operations(&y), 22, "{}", y.dot());
}

#[test]
fn what_is_an_output_is_not_changed_by_what_follows() {
    let net = Tapped::init(&mut StdRng::seed_from_u64(0));
    let y = net.forward(x::<shape![2, 4, 6, 6]>(Trace::training()));
    assert!(y.conv.to_vec().iter().any(|&x| x < 0.0) && y.bn.to_vec().iter().any(|&x| x < 0.0));
    assert!(y.last.to_vec().iter().all(|&x| x >= 0.0));
}
