//! Small networks learn scikit-learn's sets as PyTorch does, step by step; `goldens/learning.py` describes the runs.

use crate::golden::{json, numbers};
use crate::table::{Chapter, WRITE, bound, is_written, is_written_anew, limit, wider};
use fusion::data::{self, Dataset};
use fusion::prelude::*;

const STEPS: usize = 200;
const BATCH: usize = 32;
/// How far the loss of a step may be from PyTorch's, relative to it where it is larger than 0.1.
const MOST: f64 = 1e-4;

model! {
    Mlp<F: Dim, C: Dim>: [F] -> [C] { fc1: Linear<_, 32>, Tanh, fc2: Linear<_, 16>, Tanh, fc3: Linear<_, C> }
}

/// The numbers of `Lcg` in `make.py`.
pub struct Lcg(pub u64);

impl Lcg {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0
    }

    /// A whole number below `n`.
    pub fn below(&mut self, n: u64) -> u64 {
        (self.next() >> 33) % n
    }

    /// The weights or the biases of a layer of `features`, between plus and minus one over their root.
    pub fn parameter<S: Shape>(&mut self, like: &Tensor<S>, features: usize) -> Tensor<S> {
        let number = |_| (((self.next() >> 40) as f64 / f64::from(1 << 23) - 1.0) / (features as f64).sqrt()) as f32;
        Tensor::from_vec_sized((0..like.num_elements()).map(number).collect(), &like.shape())
            .expect("its own sizes")
            .parameter()
    }
}

fn network<F: Nat, C: Nat>() -> Mlp<F, C> {
    let mut net = Mlp::init(&mut StdRng::seed_from_u64(0));
    let mut rng = Lcg(42);
    macro_rules! start {
        ($($layer:ident, $features:expr;)*) => { $(
            net.$layer.weight = rng.parameter(&net.$layer.weight, $features);
            net.$layer.bias = net.$layer.bias.as_ref().map(|bias| rng.parameter(bias, $features));
        )* };
    }
    start! { fc1, F::N; fc2, 32; fc3, 16; }
    net
}

/// Each feature from -2 to 2; one that is the same everywhere is -2. Each step is exact or rounded once, as in PyTorch.
fn scaled<F: Nat>(x: &Tensor<(Dyn, F)>) -> Tensor<(Dyn, F)> {
    let low = x.min_over(Axis::<0>);
    let span = x.max_over(Axis::<0>) - &low;
    let span = span.where_(&span.gt(0.0), 1.0);
    (x - low) / span * 4.0 - 2.0
}

/// What each of `STEPS` steps finds, and what the network has learned in the end.
struct Run {
    losses: Vec<f64>,
    learned: f64,
}

/// The optimizer of a run, and what sets its rate before each step.
fn optimizer(name: &str) -> (Box<dyn Optimizer>, Box<dyn Fn(usize) -> Option<f64>>) {
    let (mut cycle, adam) = (None, Adam::new(3e-3));
    let opt: Box<dyn Optimizer> = match name {
        "SGD" => Box::new(Sgd::new(0.1)),
        "SGD, momentum" => Box::new(Sgd::new(0.02).momentum(0.9)),
        "Adam" => Box::new(adam),
        "AdamW" => Box::new(AdamW::new(3e-3).weight_decay(0.1)),
        "RMSprop" => Box::new(RmsProp::new(1e-3)),
        "one-cycle" => {
            cycle = Some(schedule::OneCycle::new(0.01, STEPS));
            Box::new(adam)
        }
        other => panic!("{other} is new"),
    };
    (opt, Box::new(move |step| cycle.as_ref().map(|cycle| cycle.rate(step))))
}

/// Learns `data`, of which `loss` makes a loss of what the network gives, and says what it has learned.
fn learn<F: Nat, C: Nat, Y: data::Samples>(
    data: &Dataset<Tensor<(Dyn, F)>, Y>,
    name: &str,
    loss: impl Fn(&Tensor<(Dyn, C)>, &Y) -> Tensor<()>,
    learned: impl Fn(&Tensor<(Dyn, C)>, &Y) -> f64,
) -> Run {
    let mut net = network::<F, C>();
    let (mut opt, rate) = optimizer(name);
    let mut losses = vec![];
    for t in 0..STEPS {
        if let Some(rate) = rate(t) {
            opt.set_learning_rate(rate);
        }
        let rows: Vec<usize> = (0..BATCH).map(|k| (1009 * (BATCH * t + k) + 5) % data.len()).collect();
        let batch = data.select(&rows);
        let loss = loss(&net.forward(batch.x.trace()), &batch.y);
        losses.push(f64::from(loss.item()));
        opt.step(&mut net, loss.backward());
    }
    Run { losses, learned: learned(&net.forward(data.x.clone()), &data.y) }
}

fn classify<F: Nat, C: Nat>(data: data::ClassificationSet<F>, name: &str) -> Run {
    let data = data.map_x(scaled);
    learn::<F, C, _>(&data, name, |scores, y| scores.cross_entropy(y), |scores, y| scores.accuracy(y))
}

/// The share of the variance that is explained.
fn r2(found: &Tensor<shape![Dyn, 1]>, want: &Tensor<shape![Dyn, 1]>) -> f64 {
    let (found, want) = (found.cast::<f64>(), want.cast::<f64>());
    let rest = (&want - &want.mean()).square().mean();
    1.0 - (found - want).square().mean().item() / rest.item()
}

fn run(set: &str, optimizer: &str) -> Run {
    match set {
        "iris" => classify::<_, dim!(3)>(data::iris(), optimizer),
        "wine" => classify::<_, dim!(3)>(data::wine(), optimizer),
        "breast_cancer" => classify::<_, dim!(2)>(data::breast_cancer(), optimizer),
        "digits" => classify::<_, dim!(10)>(data::digits(), optimizer),
        "diabetes" => {
            let data = data::diabetes().map_x(scaled).map_y(|y| (y - 152.0) / 77.0);
            learn::<_, dim!(1), _>(&data, optimizer, |found, y| found.mse_loss(y), r2)
        }
        other => panic!("{other} is new"),
    }
}

#[test]
fn networks_learn_as_in_pytorch() {
    let file = json("learning.json");
    let (mut wrong, mut rows) = (vec![], vec![]);
    for golden in file["runs"].as_array().expect("runs") {
        let name = |key: &str| golden[key].as_str().expect("a name").to_owned();
        let (set, optimizer) = (name("set"), name("optimizer"));
        let want: Vec<f64> = numbers(&golden["losses"]);
        let Run { losses, learned } = run(&set, &optimizer);
        assert_eq!((want.len(), losses.len()), (STEPS, STEPS));
        let off = |(found, want): (&f64, &f64)| (found - want).abs() / want.max(0.1);
        let worst = losses.iter().zip(&want).map(off).fold(0.0, f64::max);
        // NaN is never within.
        if !losses.iter().zip(&want).all(|pair| off(pair) <= MOST) {
            let step = losses.iter().zip(&want).position(|pair| off(pair).partial_cmp(&MOST).is_none_or(|o| o.is_gt()));
            wrong.push(format!("{set}, {optimizer}: from step {step:?} on, off by {worst:e}"));
        }
        let pytorch = golden["learned"].as_f64().expect("a number");
        let most = if set == "diabetes" { MOST } else { 1e-12 };
        if (learned - pytorch).abs().partial_cmp(&most).is_none_or(|order| order.is_gt()) {
            wrong.push(format!("{set}, {optimizer}: learned {learned} instead of {pytorch}"));
        }
        println!("{set}, {optimizer}: off by {worst:e}, learned {learned} and {pytorch}");
        rows.push([set, optimizer, bound(worst, [1e-6, MOST]), format!("{learned:.4}"), format!("{pytorch:.4}")]);
    }
    let mut chapter = Chapter::open();
    let table = chapter.rows("learning");
    if is_written() {
        for row in table.iter().filter(|_| !is_written_anew()) {
            if let Some(now) = rows.iter_mut().find(|now| now[..2] == row[..2]) {
                now[2] = wider(std::mem::take(&mut now[2]), &row[2]);
            }
        }
        let lines = rows.iter().map(|row| format!("| {} |\n", row.join(" | ")));
        let head = "| set | optimizer | off | learned | PyTorch |\n| --- | --- | --- | --- | --- |\n";
        chapter.write("learning", &(head.to_owned() + &lines.collect::<String>()));
    } else {
        let as_stated = |now: &[String; 5], row: &Vec<String>| {
            now[..2] == row[..2] && now[3..] == row[3..] && limit(&now[2]) <= limit(&row[2])
        };
        if table.len() != rows.len() || !rows.iter().zip(&table).all(|(now, row)| as_stated(now, row)) {
            wrong.push(format!("the table says otherwise; {WRITE}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
