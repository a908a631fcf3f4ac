//! Trainings of small networks on handwritten digits: one that goes well, and some with the mistakes that people make.

use fusion::log::Run;
use fusion::nn::{GradientReport, OperationReport};
use fusion::prelude::*;

model! { pub Relus: [64] -> [10] { fc1: Linear<_, 32>, Relu, fc2: Linear<_, 24>, Relu, fc3: Linear<_, 10> } }
model! { pub Tanhs: [64] -> [10] { fc1: Linear<_, 32>, Tanh, fc2: Linear<_, 24>, Tanh, fc3: Linear<_, 10> } }

model! { pub Sigmoids: [64] -> [10] { fc1: Linear<_, 32>, Sigmoid, fc2: Linear<_, 10> } }
model! {
    pub Convs: [1, 8, 8] -> [10] {
        conv1: Conv2d<_, 4, 3, padding = 1>, BatchNorm2d<_>, Relu,
        conv2: Conv2d<_, 8, 3, padding = 1>, norm2: BatchNorm2d<_>, Relu,
        MaxPool2d<2>,
        Flatten,
        fc: Linear<_, 10>,
    }
}

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mistake {
    Nothing,
    /// Nothing, with `tanh` in place of ReLU.
    NothingOfTanh,
    /// Nothing, with `sigmoid`.
    NothingOfSigmoid,
    /// Nothing, with convolutions and batch norms.
    NothingOfConvs,
    /// Nothing, of stochastic gradient descent with momentum.
    NothingOfSgd,
    /// A learning rate 100 times too high.
    Rate,
    /// The same of stochastic gradient descent.
    RateOfSgd,
    /// `tanh`, and pixels from 0 to 255.
    Unscaled,
    /// Biases of a layer so low that ReLU lets nothing through.
    Dead,
    /// The same of a batch norm behind a convolution.
    DeadChannels,
    /// What the first layer gives is cut off.
    Cut,
    /// The optimizer leaves a layer out.
    LeftOut,
}

type Images = Tensor<shape![Dyn, 64]>;
type Scores = Tensor<shape![Dyn, 10]>;

/// How a training goes.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    pub mistake: Mistake,
    pub seed: u64,
    pub steps: u64,
    /// Steps from report to report.
    pub every: u64,
    /// Does the log have histograms, a graph and predictions too?
    pub full: bool,
}

/// Trains, and writes all that a board shows.
pub fn train(run: &mut Run, plan: Plan) -> fusion::Result<()> {
    let mut rng = StdRng::seed_from_u64(plan.seed);
    match plan.mistake {
        Mistake::Unscaled | Mistake::NothingOfTanh => {
            let mut net = Tanhs::init(&mut rng);
            run.network(&net.sketch())?;
            steps(run, plan, &mut net, |net, x, trace| net.forward(x.trace_with(trace)), Adam::new(3e-3))
        }
        Mistake::NothingOfSigmoid => {
            let mut net = Sigmoids::init(&mut rng);
            run.network(&net.sketch())?;
            steps(run, plan, &mut net, |net, x, trace| net.forward(x.trace_with(trace)), Adam::new(1e-2))
        }
        Mistake::NothingOfConvs | Mistake::DeadChannels => {
            let mut net = Convs::init(&mut rng);
            if plan.mistake == Mistake::DeadChannels {
                net.norm2.bias = Tensor::full(-30.0).parameter();
            }
            run.network(&net.sketch())?;
            let forward = |net: &Convs, x: Images, trace: Trace| {
                net.forward(x.reshape::<shape![Dyn, 1, 8, 8]>().trace_with(trace))
            };
            steps(run, plan, &mut net, forward, Adam::new(1e-2))
        }
        mistake => {
            let mut net = Relus::init(&mut rng);
            run.network(&net.sketch())?;
            let forward = |net: &Relus, x: Images, trace: Trace| net.forward(x.trace_with(trace));
            match mistake {
                Mistake::Rate => steps(run, plan, &mut net, forward, Adam::new(0.3)),
                Mistake::NothingOfSgd => steps(run, plan, &mut net, forward, Sgd::new(0.1).momentum(0.9)),
                Mistake::RateOfSgd => steps(run, plan, &mut net, forward, Sgd::new(20.0)),
                Mistake::Cut => {
                    let late = |net: &Relus, x: Images, trace: Trace| {
                        let x = Relu.forward(net.fc1.forward(x)).detach().trace_with(trace);
                        net.fc3.forward(Relu.forward(net.fc2.forward(x)))
                    };
                    steps(run, plan, &mut net, late, Adam::new(3e-3))
                }
                Mistake::LeftOut => {
                    steps(run, plan, &mut net, forward, Adam::new(3e-3).group("fc2.*", |group| group.frozen()))
                }
                Mistake::Dead => {
                    net.fc2.bias = Some(Tensor::full(-30.0).parameter());
                    steps(run, plan, &mut net, forward, Adam::new(3e-3))
                }
                _ => steps(run, plan, &mut net, forward, Adam::new(3e-3)),
            }
        }
    }
}

fn steps<N: Module>(
    run: &mut Run,
    plan: Plan,
    net: &mut N,
    forward: impl Fn(&N, Images, Trace) -> Scores,
    mut optimizer: impl Optimizer,
) -> fusion::Result<()> {
    let mut rng = StdRng::seed_from_u64(plan.seed + 1000);
    let scale = if plan.mistake == Mistake::Unscaled { 255.0 / 16.0 } else { 1.0 / 16.0 };
    let digits = fusion::data::digits().map_x(|x| x * scale);
    let (train, test) = digits.split_stratified(0.2, &mut rng);
    run.settings(&[
        ("lr", &optimizer.learning_rate()),
        ("seed", &plan.seed),
        ("mistake", &format!("{:?}", plan.mistake)),
    ])?;
    let mut step = 0;
    while step < plan.steps {
        for (x, y) in train.batches(32).shuffle(&mut rng) {
            let is_told = step % plan.every == 0;
            let trace = if is_told { Trace::training().keep_values() } else { Trace::training() };
            let loss = forward(net, x, trace).cross_entropy(&y);
            run.scalar(step, "loss", loss.item().into())?;
            if is_told {
                run.operations(step, &loss.explain(), net)?;
            }
            let gradients = loss.backward();
            let mut report = is_told.then(|| gradients.explain(net));
            optimizer.step(net, gradients);
            if let Some(report) = &mut report {
                report.measure(net);
                run.gradients(step, report)?;
                if plan.full {
                    tell(run, step, net, &forward, &test)?;
                }
            }
            step += 1;
            if step >= plan.steps {
                break;
            }
        }
    }
    Ok(())
}

/// A report on parameters with these paths, all of them alike.
pub fn gradients(paths: &[&str]) -> GradientReport {
    let net = Linear::<dim!(4), dim!(3)>::init(&mut StdRng::seed_from_u64(0));
    let gradients = net.forward(Tensor::<shape![2, 4]>::ones().trace()).square().mean().backward();
    let mut report = gradients.explain(&net);
    let row = report.rows[0].clone();
    report.rows = paths
        .iter()
        .map(|path| {
            let mut row = row.clone();
            (row.path, row.update) = ((*path).to_owned(), Some(1e-3));
            row
        })
        .collect();
    report
}

/// A report on the operations of a network.
pub fn operations() -> (OperationReport, Relus) {
    let net = Relus::init(&mut StdRng::seed_from_u64(0));
    let x = Tensor::<shape![Dyn, 64]>::zeros_sized(&[2, 64]).expect("room").trace_with(Trace::training().keep_values());
    (net.forward(x).square().mean().explain(), net)
}

/// Weights, and what the network says of the digits that it was not trained on.
fn tell<N: Module>(
    run: &mut Run,
    step: u64,
    net: &N,
    forward: impl Fn(&N, Images, Trace) -> Scores,
    test: &Dataset<Images, Tensor<shape![Dyn], i64>>,
) -> fusion::Result<()> {
    run.histograms(step, net)?;
    let scores = forward(net, test.x.clone(), Trace::evaluation()).detach();
    let images = test.x.clone().reshape::<shape![Dyn, 1, 8, 8]>();
    let names: Vec<String> = (0..10).map(|digit| digit.to_string()).collect();
    run.predictions_of(step, "test", &images, &scores, &test.y, &names)
}
