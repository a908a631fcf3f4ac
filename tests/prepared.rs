//! Networks made ready to run give what the networks themselves give.

use fusion::models::SpeedNet;
use fusion::models::resnet::{Basic, BasicDown};
use fusion::nn::{Prepared, Sequential};
use fusion::prelude::*;

/// How far the results of a prepared network may be off, as a part of the largest.
const OFF: f32 = 1e-5;

fn rng() -> StdRng {
    StdRng::seed_from_u64(7)
}

#[track_caller]
fn close<S: Shape, R: Shape>(y: &Tensor<S>, want: &Tensor<R>) {
    assert_eq!(y.shape(), want.shape());
    let (y, want) = (y.to_vec(), want.to_vec());
    let scale = want.iter().fold(1e-3f32, |most, x| most.max(x.abs()));
    for (i, (y, want)) in y.iter().zip(&want).enumerate() {
        assert!((y - want).abs() <= OFF * scale, "element {i} is {y} instead of {want}, of {scale} at most");
    }
}

/// Noise of these sizes.
fn noise<S: Shape>(sizes: &[usize]) -> Tensor<S> {
    let mut rng = rng();
    Tensor::from_fn_sized(sizes, |_| rng.random_range(-1.0f32..1.0)).expect("the sizes fit")
}

/// Running statistics and scales that a norm could have after training.
fn stir(net: &mut impl Module) {
    let mut rng = rng();
    net.walk_mut(&fusion::nn::Path::root(), &mut |path, value| {
        let name = path.to_string();
        let range = match () {
            () if name.ends_with("running_var") => 0.5..2.0,
            () if name.ends_with("running_mean") => -0.5..0.5,
            () if value.shape().rank() == 1 && value.dtype() == fusion::DType::F32 => -1.0..1.0,
            () => return,
        };
        let fresh = Tensor::<(Dyn,)>::from_fn_sized(&[value.array().count()], |_| rng.random_range(range.clone()));
        value.set(fresh.expect("a vector").into_value().array().clone());
    });
}

/// Compares a network and its prepared form over batches of these sizes.
macro_rules! compare {
    ($net:expr, $($size:literal),+) => {{
        let mut net = $net;
        stir(&mut net);
        let ready = net.prepare();
        for batch in [1, 2, 5, 1] {
            let x = noise::<shape![Dyn, $($size),+]>(&[batch, $($size),+]);
            close(&ready.forward(x.clone()), &net.forward(x));
        }
        format!("{ready:?}")
    }};
}

model! {
    LeNet: [1, 28, 28] -> [10] {
        conv1: Conv2d<_, 8, 3>, bn1: BatchNorm2d<_>, Relu,
        conv2: Conv2d<_, 16, 3, bias = false>, bn2: BatchNorm2d<_>, LeakyRelu<0.1>,
        MaxPool2d<2>,
        Dropout2d<0.5>,
        Flatten,
        fc1: Linear<_, 32>, bn3: BatchNorm1d<_>, Relu, Dropout<0.5>,
        fc2: Linear<_, 10>,
    }
}

model! {
    ResNet: [3, 16, 16] -> [10] {
        conv: Conv2d<_, 8, 3, padding = 1, bias = false>, bn: BatchNorm2d<_>, Relu,
        layer1: { 2 * Basic<8> },
        layer2: { BasicDown<8, 16>, 1 * Basic<16> },
        GlobalAvgPool2d,
        fc: Linear<_, 10>,
    }
}

#[test]
fn norms_and_activations_are_part_of_what_is_before_them() {
    let shown = compare!(LeNet::init(&mut rng()), 1, 28, 28);
    let want = ["convolution + Relu", "convolution + LeakyRelu(0.1)", "call", "flatten", "linear + Relu", "linear"];
    assert_eq!(shown, format!("[{}]", want.join(", ")));
}

#[test]
fn sums_are_part_of_a_convolution() {
    let shown = compare!(ResNet::init(&mut rng()), 3, 16, 16);
    assert_eq!(shown.matches("convolution + sum + Relu").count(), 4);
    assert!(!shown.contains("norm") && !shown.contains("[sum") && !shown.contains(" sum,"), "{shown}");
}

/// A layer of the user's that says nothing of itself.
#[derive(Module)]
struct Gate<C: Dim> {
    #[init(ones)]
    weight: Tensor<(C,)>,
}

impl<B: Dim, C: Dim, H: Dim, W: Dim> Forward<Tensor<(B, C, H, W)>> for Gate<C> {
    type Output = Tensor<(B, C, H, W)>;
    fn forward(&self, x: Tensor<(B, C, H, W)>) -> Self::Output {
        x.clone() * x.sigmoid()
    }
}

/// It scales what its layer gives, so what it shows is not what it computes.
#[derive(Module)]
#[module(transparent)]
struct Doubled {
    layer: Conv2d<dim!(4), dim!(4), dim!(1)>,
}

impl<X> Forward<Tensor<X>> for Doubled
where
    Conv2d<dim!(4), dim!(4), dim!(1)>: Forward<Tensor<X>, Output = Tensor<X>>,
{
    type Output = Tensor<X>;
    fn forward(&self, x: Tensor<X>) -> Tensor<X> {
        self.layer.forward(x) * 2.0
    }
}

#[derive(Module)]
#[module(sequential)]
struct Chain {
    first: Conv2d<dim!(4), dim!(4), dim!(3)>,
    norm: BatchNorm2d<dim!(4)>,
    relu: Relu,
}

fn halve<S: Shape>(x: Tensor<S>) -> Tensor<S> {
    x * 0.5
}

model! {
    Custom: [4, 8, 8] -> [3, 6, 6] {
        gate: Gate<4>,
        doubled: Doubled,
        halve,
        chain: Chain,
        Conv2d<_, 3, 1>,
        halve,
    }
}

#[test]
fn layers_and_functions_of_the_users() {
    let shown = compare!(Custom::init(&mut rng()), 4, 8, 8);
    assert_eq!(shown, "[call, call, call, convolution + Relu, convolution, call]");
}

model! {
    /// In another order than they are computed in.
    Several: [2, 8, 8] -> { last: [3, 8, 8], first: [4, 8, 8], middle: [4, 8, 8] } {
        first: Conv2d<_, 4, 3, padding = 1>,
        middle: Relu,
        BatchNorm2d<_>,
        Relu,
        last: Conv2d<_, 3, 1>,
    }
}

#[test]
fn several_outputs() {
    let mut net = Several::init(&mut rng());
    stir(&mut net);
    let ready = net.prepare();
    for batch in [1, 3] {
        let x = noise::<shape![Dyn, 2, 8, 8]>(&[batch, 2, 8, 8]);
        let (y, want) = (ready.forward(x.clone()), net.forward(x));
        close(&y.first, &want.first);
        close(&y.middle, &want.middle);
        close(&y.last, &want.last);
    }
}

model! {
    Joined: [3, 9, 7] -> [5] {
        { Conv2d<_, 4, 1>, BatchNorm2d<_> } | { Conv2d<_, 4, 3, padding = 1>, Relu } | _ ,
        // A norm in front of its convolution, as in DenseNet.
        BatchNorm2d<_>, Relu, 3 * Conv2d<_, 11, 3, padding = 1>,
        { Conv2d<_, 6, 3, padding = "same"> } + { Conv2d<_, 6, 1>, Relu } + { Conv2d<_, 6, 5, padding = 2> },
        Tanh,
        _ + { Conv2d<_, 6, 3, padding = 1> },
        _ + _,
        AvgPool2d<3, stride = 2, padding = 1>,
        Dropout<0.5>,
        Flatten,
        { Linear<_, 5>, Sigmoid } + { Linear<_, 5> },
        Softmax,
    }
}

#[test]
fn joins_sums_and_repeats() {
    let shown = compare!(Joined::init(&mut rng()), 3, 9, 7);
    assert_eq!(shown.matches("convolution").count(), 9, "{shown}");
    assert_eq!(shown.matches("norm").count(), 1, "{shown}");
}

model! {
    /// The neck of a detector.
    Neck: [3, H, W] -> { coarse, medium, fine } {
        wide: Conv2d<_, 8, 3, stride = 2, padding = 1>, BatchNorm2d<_>, relu: Relu,
        Conv2d<_, 12, 3, stride = 2, padding = 1>, BatchNorm2d<_>, Relu,
        coarse: Conv2d<_, 10, 1>,
        { Upsample<2> } | @relu,
        Conv2d<18, 6, 1, bias = false>, BatchNorm2d<_>, medium: LeakyRelu<0.1>,
        // Here the convolution has a window, and there the join another reader.
        @relu | { Upsample<2>, MaxPool2d<2> },
        Conv2d<14, 9, 3, padding = 1>,
        _ | @medium,
        { Conv2d<15, 4, 1> } + { Conv2d<15, 4, 3, padding = 1> },
        fine: { Upsample<2>, Conv2d<_, 7, 1>, Relu },
    }
}

#[test]
fn joins_and_upsampled_images_in_front_of_convolutions() {
    let mut net = Neck::init(&mut rng());
    stir(&mut net);
    let ready = net.prepare();
    for (batch, size) in [(1, 8), (3, 12), (2, 8), (1, 16)] {
        let x = noise::<shape![Dyn, 3, Dyn, Dyn]>(&[batch, 3, size, size + 4]);
        let (y, want) = (ready.forward(x.clone()), net.forward(x));
        close(&y.coarse, &want.coarse);
        close(&y.medium, &want.medium);
        close(&y.fine, &want.fine);
    }
    let shown = format!("{ready:?}");
    let want = [
        "convolution + Relu, convolution + Relu, convolution",
        "convolution, upsample, convolution + sum + LeakyRelu(0.1)",
        "upsample, call, join, convolution, join, convolution, convolution + sum",
        "convolution + Relu, upsample",
    ];
    assert_eq!(shown, format!("[{}]", want.join(", ")));
}

model! {
    Larger: [12] -> [2, 16, 16] {
        Linear<_, 32>, BatchNorm1d<_>, Relu,
        Unflatten<8, 2, 2>,
        ConvTranspose2d<_, 6, 4, stride = 2, padding = 1, groups = 2>, BatchNorm2d<_>, LeakyRelu<0.2>,
        Upsample<2>,
        ConvTranspose2d<_, 2, 3, stride = 2, padding = 1, output_padding = 1, bias = false>, BatchNorm2d<_>,
        Tanh,
    }
}

#[test]
fn images_made_of_features() {
    let shown = compare!(Larger::init(&mut rng()), 12);
    assert!(!shown.contains("norm"), "{shown}");
}

model! {
    Signals: [3, 20] -> [4] {
        Conv1d<_, 6, 3>, BatchNorm1d<_>, Relu, MaxPool1d<2>,
        // Here the last axis are no channels.
        Linear<_, 6>, BatchNorm1d<_>, LayerNorm<_>,
        Flatten,
        Linear<_, 4>,
    }
}

#[test]
fn signals() {
    assert!(compare!(Signals::init(&mut rng()), 3, 20).contains("norm"));
}

model! {
    Words: [6] -> [6, 8] {
        Embedding<10, 8>,
        _ + { MultiHeadAttention<_, 2> },
        LayerNorm<_>,
        _ + { Linear<_, 16>, Gelu, Linear<_, 8> },
    }
}

#[test]
fn sequences() {
    let net = Words::init(&mut rng());
    let ready = net.prepare();
    for batch in [1usize, 4] {
        let x = Tensor::<shape![Dyn, 6], i64>::from_fn_sized(&[batch, 6], |i| (i * 7 % 10) as i64).unwrap();
        close(&ready.forward(x.clone()), &net.forward(x));
    }
}

model! {
    AnySize: [3, H, W] -> [2] {
        Conv2d<_, 4, 3, stride = 2>, BatchNorm2d<_>, Relu,
        Basic<4>,
        AdaptiveAvgPool2d<2>,
        Flatten,
        Linear<16, 2>,
    }
}

#[test]
fn images_of_any_size() {
    let mut net = AnySize::init(&mut rng());
    stir(&mut net);
    let ready = net.prepare();
    for size in [9, 10, 21, 9, 12, 13, 14, 15, 16, 17, 18, 19, 9] {
        let x = noise::<shape![Dyn, 3, Dyn, Dyn]>(&[2, 3, size, size + 1]);
        close(&ready.forward(x.clone()), &net.forward(x));
    }
    let fixed = noise::<shape![1, 3, 11, 12]>(&[1, 3, 11, 12]);
    close(&ready.forward(fixed.clone()), &net.forward(fixed));
}

#[test]
fn models_with_a_parameter_know_their_blocks() {
    let shown = compare!(SpeedNet::init(&mut rng()), 3, 32, 32);
    // Of each block one norm stands behind a convolution, and the other behind a maximum.
    assert_eq!((shown.matches("convolution").count(), shown.matches("norm").count()), (7, 3), "{shown}");
}

#[test]
#[should_panic(expected = "a window of 3 (stride 2, padding 0) does not fit an input of size 2")]
fn an_image_smaller_than_a_window() {
    AnySize::init(&mut rng()).prepare().forward(noise::<shape![1, 3, Dyn, Dyn]>(&[1, 3, 2, 2]));
}

#[test]
fn sequences_of_layers_and_layers() {
    type Net = model!(Linear<6, 8>, BatchNorm1d<8>, Relu, Linear<8, 3>);
    assert_eq!(compare!(Net::init(&mut rng()), 6), "[]");
    let chain: Sequential<(Basic<dim!(4)>, Chain, Flatten)> = Sequential::init(&mut rng());
    assert_eq!(compare!(chain, 4, 5, 6), "[convolution + Relu, convolution + sum + Relu]");
    let layers = vec![Box::new(Basic::<dim!(4)>::init(&mut rng())), Box::new(Basic::init(&mut rng()))];
    assert_eq!(compare!(layers, 4, 5, 6).matches("sum").count(), 2);
    assert_eq!(compare!(Gate::<dim!(4)>::init(&mut rng()), 4, 3, 3), "[]");
}

model! { Head: [4, 8, 8] -> [2, 8, 8] { conv: Conv2d<_, 2, 1>, BatchNorm2d<_>, Relu } }

/// Nobody but its own `forward` knows what it computes of two inputs, but its parts are known.
#[derive(Module)]
struct Two {
    body: Several,
    #[module(default = vec![Head::init_with(rng), Head::init_with(rng)])]
    heads: Vec<Head>,
    scale: Linear<dim!(8), dim!(8)>,
}

struct Found<B: Dim> {
    left: Tensor<shape![B, 2, 8, 8]>,
    right: Tensor<shape![B, 2, 8, 8]>,
}

impl<B: Dim> Forward<(Tensor<shape![B, 2, 8, 8]>, Tensor<shape![B, 4, 8, 8]>)> for Two {
    type Output = Found<B>;
    fn forward(&self, (x, more): (Tensor<shape![B, 2, 8, 8]>, Tensor<shape![B, 4, 8, 8]>)) -> Found<B> {
        let y = self.body.forward(x);
        let right = self.heads[1].forward(y.middle + more);
        Found { left: self.scale.forward(self.heads[0].forward(y.first)), right }
    }
}

#[test]
fn parts_of_a_network_with_a_forward_of_its_own() {
    let mut net = Two::init(&mut rng());
    stir(&mut net);
    let ready = net.prepare();
    let parts = "convolution, activation + Relu, norm + Relu, convolution, convolution + Relu, convolution + Relu";
    assert_eq!(format!("{ready:?}"), format!("[{parts}]"));
    let x = || (noise::<shape![3, 2, 8, 8]>(&[3, 2, 8, 8]), noise::<shape![3, 4, 8, 8]>(&[3, 4, 8, 8]));
    let (y, want) = (ready.forward(x()), net.forward(x()));
    close(&y.left, &want.left);
    close(&y.right, &want.right);
}

#[test]
fn what_is_trained_on_is_another_network() {
    let mut net = ResNet::init(&mut rng());
    let x = noise::<shape![4, 3, 16, 16]>(&[4, 3, 16, 16]);
    let labels = Tensor::<shape![4], i64>::from([0, 1, 2, 3]);
    let before = net.prepare();
    let want = before.forward(x.clone());
    let mut opt = Sgd::new(0.1);
    for _ in 0..3 {
        let loss = net.forward(x.trace()).cross_entropy(&labels);
        opt.step(&mut net, loss.backward());
    }
    assert_eq!(before.forward(x.clone()).to_vec(), want.to_vec());
    // The running statistics have moved.
    let after = net.prepare().forward(x.clone());
    assert_ne!(after.to_vec(), want.to_vec());
    close(&after, &net.forward(x));
}

#[test]
fn several_threads_at_once() {
    fn shared<T: Send + Sync>(_: &T) {}
    let ready = ResNet::init(&mut rng()).prepare();
    shared(&ready);
    let x = noise::<shape![3, 3, 16, 16]>(&[3, 3, 16, 16]);
    let want = ready.forward(x.clone()).to_vec();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..10 {
                    assert_eq!(ready.forward(x.clone()).to_vec(), want);
                }
            });
        }
    });
}

#[test]
fn it_loads_straight_from_a_file() -> fusion::Result<()> {
    let folder = tempfile::tempdir().expect("a folder");
    let (path, net) = (folder.path().join("net.safetensors"), LeNet::init(&mut rng()));
    net.save(&path)?;
    let ready: Prepared<LeNet> = LeNet::load(&path)?.prepare();
    let x = noise::<shape![1, 1, 28, 28]>(&[1, 1, 28, 28]);
    close(&ready.forward(x.clone()), &net.forward(x));
    Ok(())
}

#[test]
fn nothing_and_no_gradient() {
    let ready = ResNet::init(&mut rng()).prepare();
    assert_eq!(ready.forward(Tensor::<shape![0, 3, 16, 16]>::zeros()).num_elements(), 0);
    let x = Tensor::<shape![1, 3, 16, 16]>::ones();
    let traced = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| ready.forward(x.trace())));
    let said = traced.err().and_then(|said| said.downcast::<String>().ok()).expect("a sentence");
    assert!(said.starts_with("a prepared network has no gradients"), "{said}");
}

/// A norm by itself takes a traced tensor, but statistics that move would change what is immutable.
#[test]
#[should_panic(expected = "a prepared network has no gradients")]
fn it_is_not_trained() {
    let ready = BatchNorm2d::<dim!(3)>::init(&mut rng()).prepare();
    ready.forward(Tensor::<shape![2, 3, 4, 4]>::ones().trace());
}
