//! What is measured: the workloads of the benchmark program, `cargo run --release --example bench`, and of the benchmarks,
//! `cargo bench -p fusion-benches`.

mod images;

use fusion::prelude::*;
use std::hint::black_box;

model! {
    /// The tiny network of micrograd's demo.
    pub Tiny: [2] -> [1] { fc1: Linear<_, 16>, Relu, fc2: Linear<_, 16>, Relu, fc3: Linear<_, 1> }
}

model! {
    /// A classic for MNIST.
    pub Mlp: [784] -> [10] { fc1: Linear<_, 128>, Relu, fc2: Linear<_, 64>, Relu, fc3: Linear<_, 10> }
}

fused! {
    /// What the peers' compilers are given to fuse, too.
    pub fn gate(x) = tanh(1.7 * x + 0.3) * sigmoid(x);
}

/// What is measured.
pub struct Measure {
    /// Its name.
    pub metric: &'static str,
    /// How it is told.
    pub unit: Unit,
    /// What is timed.
    pub call: Box<dyn FnMut()>,
}

/// How a time is told.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Calls in a second.
    StepsPerSecond,
    /// Microseconds of a call.
    Microseconds,
    /// Milliseconds of a call.
    Milliseconds,
}

impl Measure {
    fn new(metric: &'static str, unit: Unit, call: impl FnMut() + 'static) -> Vec<Self> {
        vec![Self { metric, unit, call: Box::new(call) }]
    }
}

/// The workloads, which the benchmark program lists with what they do.
pub const WORKLOADS: [&str; 22] = [
    "w2_train",
    "w3_train",
    "w3_infer1",
    "w4_train",
    "w5_train",
    "w5_infer1",
    "w5_infer128",
    "w6_infer1",
    "w6_infer8",
    "w7_infer1",
    "w7_train16",
    "w8_infer1",
    "w8_face1",
    "w9_ew",
    "w9_adam",
    "w9_softmax",
    "w9_sort",
    "w9_topk",
    "w9_cumsum",
    "w9_gather",
    "w9_scatter_add",
    "w9_norm",
];

/// The measures of a call for ten million numbers: along one row, along rows of a matrix, and along its columns. `$k` is how many
/// of the largest are asked for.
macro_rules! along {
    ($rng:ident, |$x:ident, $axis:ident, $index:ident, $K:ident| $call:expr) => {{
        type Row = shape![10_000_000];
        type Matrix = shape![1000, 10_000];
        let mut measures = Vec::new();
        along!(@ measures $rng "row", Row, Axis<0>, dim!(10_000_000), dim!(100), |$x, $axis, $index, $K| $call);
        along!(@ measures $rng "rows", Matrix, Axis<1>, dim!(10_000), dim!(10), |$x, $axis, $index, $K| $call);
        along!(@ measures $rng "columns", Matrix, Axis<0>, dim!(1000), dim!(10), |$x, $axis, $index, $K| $call);
        measures
    }};
    (@ $measures:ident $rng:ident $metric:literal, $S:ty, $A:ty, $N:ty, $k:ty,
        |$x:ident, $axis:ident, $index:ident, $K:ident| $call:expr) => {{
        #[allow(dead_code)]
        type $K = $k;
        let $axis = <$A>::default();
        let $x = Tensor::<$S>::normal(0.0, 1.0, &mut $rng);
        let $index = Tensor::<$S, i64>::from_fn(|_| $rng.random_range(0..<$N as Nat>::N as i64));
        $measures.extend(Measure::new($metric, Unit::Milliseconds, move || {
            let _ = &$index;
            black_box($call);
        }));
    }};
}

/// The measures of a workload; none if there is no such.
pub fn workload(name: &str) -> Vec<Measure> {
    let mut rng = StdRng::seed_from_u64(7);
    match name {
        "w2_train" => {
            let x = Tensor::<shape![100, 2]>::normal(0.0, 1.0, &mut rng);
            let y = Tensor::<shape![100, 1]>::from_fn(|i| (i % 2) as f32);
            let (mut net, mut opt) = (Tiny::init(&mut rng), Sgd::new(0.1));
            Measure::new("steps_per_s", Unit::StepsPerSecond, move || {
                let loss = net.forward(x.trace()).bce_with_logits(&y);
                opt.step(&mut net, loss.backward());
            })
        }
        "w3_train" => {
            let x = Tensor::<shape![64, 784]>::normal(0.0, 1.0, &mut rng);
            let y = Tensor::<shape![64], i64>::from_fn(|i| (i as i64 * 7) % 10);
            let (mut net, mut opt) = (Mlp::init(&mut rng), Adam::new(1e-3));
            Measure::new("steps_per_s", Unit::StepsPerSecond, move || {
                let loss = net.forward(x.trace()).cross_entropy(&y);
                opt.step(&mut net, loss.backward());
            })
        }
        "w3_infer1" => {
            let x = Tensor::<shape![1, 784]>::normal(0.0, 1.0, &mut rng);
            let net = Mlp::init(&mut rng);
            Measure::new("latency_us", Unit::Microseconds, move || {
                black_box(net.forward(x.clone()));
            })
        }
        "w9_ew" => {
            let x = Tensor::<shape![16777216]>::normal(0.0, 1.0, &mut rng);
            let (leaf, seed) = (x.watch(), x.ones_like());
            let mut measures = Measure::new("ew_fwd", Unit::Milliseconds, move || {
                black_box(gate(&x));
            });
            measures.extend(Measure::new("ew_fwdbwd", Unit::Milliseconds, move || {
                let _ = black_box(gate(&leaf).backward_with(seed.clone()));
            }));
            measures
        }
        "w9_sort" => along!(rng, |x, axis, _index, _K| x.sort(axis)),
        "w9_topk" => along!(rng, |x, axis, _index, K| x.topk::<K, _>(axis)),
        "w9_cumsum" => along!(rng, |x, axis, _index, _K| x.cumsum(axis)),
        "w9_gather" => along!(rng, |x, axis, index, _K| x.gather(axis, &index)),
        "w9_scatter_add" => along!(rng, |x, axis, index, _K| x.zeros_like().scatter_add(axis, &index, &x)),
        "w9_norm" => {
            let rows = |rng: &mut StdRng| Tensor::<shape![4096, 3136]>::normal(0.0, 1.0, rng);
            let (x, seed) = (rows(&mut rng).watch(), rows(&mut rng));
            let (layer, root) = (LayerNorm::<dim!(3136)>::init(&mut rng), RmsNorm::<dim!(3136)>::init(&mut rng));
            let (leaf, g) = (x.clone(), seed.clone());
            let mut measures = Measure::new("layernorm_fwdbwd", Unit::Milliseconds, move || {
                let _ = black_box(layer.forward(leaf.clone()).backward_with(g.clone()));
            });
            measures.extend(Measure::new("rmsnorm_fwdbwd", Unit::Milliseconds, move || {
                let _ = black_box(root.forward(x.clone()).backward_with(seed.clone()));
            }));
            let images = |rng: &mut StdRng| Tensor::<shape![64, 64, 56, 56]>::normal(0.0, 1.0, rng);
            let (x, seed) = (images(&mut rng).watch(), images(&mut rng));
            let batch = BatchNorm2d::<dim!(64)>::init(&mut rng);
            measures.extend(Measure::new("batchnorm_fwdbwd", Unit::Milliseconds, move || {
                let _ = black_box(batch.forward(x.clone()).backward_with(seed.clone()));
            }));
            measures
        }
        "w9_adam" => {
            let mut random = || Tensor::<shape![1000, 1000]>::normal(0.0, 1.0, &mut rng);
            let mut net: Vec<_> = (0..25).map(|_| random().parameter()).collect();
            let mut grads = Gradients::default();
            net.iter().for_each(|w| grads.accumulate((w.trace() * random()).sum().backward()));
            let mut opt = Adam::new(1e-3);
            Measure::new("adam_25M", Unit::Milliseconds, move || opt.step(&mut net, &grads))
        }
        "w9_softmax" => {
            let x = Tensor::<shape![4096, 1000]>::normal(0.0, 1.0, &mut rng);
            let y = Tensor::<shape![4096], i64>::from_fn(|i| (i as i64 * 7) % 1000);
            let (leaf, labels) = (x.watch(), y.clone());
            let mut measures = Measure::new("softmax_ce_fwd", Unit::Milliseconds, move || {
                black_box(x.cross_entropy(&y));
            });
            measures.extend(Measure::new("softmax_ce_fwdbwd", Unit::Milliseconds, move || {
                let _ = black_box(leaf.cross_entropy(&labels).backward());
            }));
            measures
        }
        _ => images::workload(name, &mut rng),
    }
}
