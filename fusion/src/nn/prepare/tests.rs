use super::graph::{Affine, At, Convolution, Gives, Graph, Node, Op, Weights};
use super::plan::Plan;
use super::run::Results;
use crate::kernels::activation::Activation;
use crate::kernels::conv::Window;
use crate::kernels::{Array, Dims};
use crate::ops;
use crate::prelude::*;
use fusion_rules::Size;
use fusion_rules::model::BUILTINS;

model! {
    LeNet: [1, 28, 28] -> [10] {
        conv1: Conv2d<_, 32, 3>, BatchNorm2d<_>, Relu,
        conv2: Conv2d<_, 64, 3>, Relu,
        MaxPool2d<2>,
        Flatten,
        fc1: Linear<_, 128>, Relu, Dropout<>,
        fc2: Linear<_, 10>,
    }
}

#[test]
fn lenet() {
    let rng = &mut StdRng::seed_from_u64(0);
    let net = LeNet::init(rng);
    let ready = net.prepare();
    let x = Tensor::<shape![5, 1, 28, 28]>::normal(0.0, 1.0, rng);
    let (want, y) = (net.forward(x.clone()), ready.forward(x));
    for (a, b) in want.to_vec().iter().zip(y.to_vec()) {
        assert!((a - b).abs() < 1e-5, "{a} {b}");
    }
}

/// The sizes of a sample that goes into [`random`].
const SAMPLE: [usize; 3] = [3, 4, 5];

/// Operations on images, each of them of a few of the results before it.
fn random(rng: &mut StdRng) -> Graph {
    let mut graph = Graph::default();
    graph.push(Node::new(Op::Input, Vec::new(), Gives::Same));
    let mut sizes = vec![SAMPLE];
    for _ in 0..rng.random_range(3..14) {
        // Mostly the last result, so that there are chains.
        let last = sizes.len() - 1;
        let from: At = if rng.random_bool(0.7) { last } else { rng.random_range(0..=last) };
        let [channels, high, wide] = sizes[from];
        let number = |rng: &mut StdRng| rng.random_range(-1.0..1.0f64);
        let numbers = |rng: &mut StdRng, count| -> Vec<f64> { (0..count).map(|_| number(rng)).collect() };
        let mut fits: Vec<At> = (0..=last).filter(|&at| sizes[at][1..] == [high, wide]).collect();
        let (mut node, gives) = match rng.random_range(0..10) {
            0..4 => {
                let (outputs, side) = (rng.random_range(1..20), if rng.random_bool(0.8) { 1 } else { 3 });
                let shape = Dims::new(&[outputs, channels, side, side]);
                let weights = Weights {
                    array: Array::from_fn(shape, |_| number(rng) as f32),
                    scale: rng.random_bool(0.5).then(|| numbers(rng, outputs)),
                    bias: rng.random_bool(0.5).then(|| numbers(rng, outputs)),
                };
                let window = Window { padding: [[side / 2; 2]; 2], ..Window::square(side) };
                let op = Op::Convolution(Convolution { weights, window, transposed: false });
                (Node::new(op, vec![from], Gives::Channels(outputs)), [outputs, high, wide])
            }
            4..6 if high < 20 => {
                let scale = rng.random_range(1..4);
                let row = BUILTINS.iter().find(|row| row.name == "Upsample").expect("a row");
                let gives = Gives::Row(row, vec![Size::Known(scale)]);
                (Node::new(Op::Upsample(scale), vec![from], gives), [channels, high * scale, wide * scale])
            }
            4..8 => {
                let parts: Vec<At> =
                    (0..rng.random_range(1..4)).map(|_| fits[rng.random_range(0..fits.len())]).collect();
                let parts = [&[from][..], &parts].concat();
                let channels = parts.iter().map(|&part| sizes[part][0]).sum();
                (Node::new(Op::Join, parts, Gives::Same), [channels, high, wide])
            }
            8 => {
                fits.retain(|&at| sizes[at] == sizes[from]);
                let op = if rng.random_bool(0.5) { Op::Sum } else { Op::Same };
                let other = matches!(op, Op::Sum).then(|| fits[rng.random_range(0..fits.len())]);
                (Node::new(op, other.into_iter().chain([from]).collect(), Gives::Same), sizes[from])
            }
            _ => {
                let (scale, shift) = (numbers(rng, channels), numbers(rng, channels));
                let op = Op::Affine(Affine { scale, shift, features: false });
                let call = Op::Call(Box::new(ops::activation::tanh));
                let (op, gives) = if rng.random_bool(0.7) { (op, Gives::Same) } else { (call, Gives::Called) };
                (Node::new(op, vec![from], gives), sizes[from])
            }
        };
        if node.takes_activation() && rng.random_bool(0.3) {
            node.activation = Activation::LeakyRelu(0.1);
        }
        graph.push(node);
        sizes.push(gives);
    }
    let more = rng.random_bool(0.5).then(|| rng.random_range(0..sizes.len()));
    graph.outputs = [Some(sizes.len() - 1), more].into_iter().flatten().map(|at| (at.to_string(), at)).collect();
    graph
}

/// What it gives of `x`.
fn results(graph: &Graph, x: &Array) -> Vec<Array> {
    let plan = Plan::new(graph, &SAMPLE, x.shape().get(0), &[]);
    let results = Results::of(graph, &plan, x.clone());
    (0..graph.outputs.len()).map(|number| results.output(number)).collect()
}

/// Whatever joins, is upsampled, and is read by several.
#[test]
fn random_graphs_give_the_same_after_the_passes() {
    let count = |graph: &Graph, op: fn(&Op) -> bool| graph.nodes.iter().filter(|node| op(&node.op)).count();
    let is_join = |op: &Op| matches!(op, Op::Join);
    let (mut split, mut later) = (0, 0);
    for seed in 0..600 {
        let [graph, mut folded] = [0; 2].map(|_| random(&mut StdRng::seed_from_u64(seed)));
        folded.fold();
        split += count(&graph, is_join) - count(&folded, is_join);
        later += folded
            .nodes
            .iter()
            .filter(|node| {
                let before = node.from.first().map(|&before| &folded.nodes[before].op);
                matches!((&node.op, before), (Op::Upsample(_), Some(Op::Convolution(_))))
            })
            .count();
        for batch in [1, 3] {
            let rng = &mut StdRng::seed_from_u64(seed);
            let shape = Dims::new(&[batch, SAMPLE[0], SAMPLE[1], SAMPLE[2]]);
            let x = Array::from_fn(shape, |_| rng.random_range(-1.0..1.0f32));
            for (want, y) in results(&graph, &x).iter().zip(results(&folded, &x)) {
                assert_eq!(want.shape(), y.shape());
                let (want, y) = (want.to_vec::<f32>(), y.to_vec::<f32>());
                let scale = want.iter().fold(1e-3f32, |most, x| most.max(x.abs()));
                let far = want.iter().zip(&y).map(|(want, y)| (want - y).abs()).fold(0.0, f32::max);
                assert!(far <= 1e-5 * scale, "{far} of {scale} with seed {seed}: {:?}", graph.nodes);
            }
        }
    }
    assert!(split > 50 && later > 50, "{split} joins are split, {later} images upsampled later");
}
