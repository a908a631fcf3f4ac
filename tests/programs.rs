//! Random programs: each parameter that the losses depend on has the gradient that differences give, or the program
//! panics with a sentence at the line that did it.
//!
//! `FUSION_PROGRAMS=20000 cargo test --release -p fusion-tests --test programs` runs more of them.

use fusion::prelude::*;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};

type X = Tensor<shape![4, 4], f64>;

/// A network with a parameter that its forward pass prepares before it meets the input.
#[derive(Module)]
struct Net {
    fc: Linear<dim!(4), dim!(4), true, f64>,
    #[init(normal(1.0, 0.1))]
    scale: Tensor<shape![4, 4], f64>,
    norm: LayerNorm<dim!(4), f64>,
    batch: BatchNorm2d<dim!(4), f64>,
    drop: Dropout,
}

impl Net {
    fn dense(&self, x: X) -> X {
        (self.fc.forward(x) * &self.scale.square()).tanh()
    }

    fn normed(&self, x: X) -> X {
        // Rows of equal numbers have too steep a gradient for differences.
        let image: Tensor<shape![4, 4, 1, 1], f64> = self.norm.forward(x + apart() * 20).reshape();
        self.batch.forward(image).reshape()
    }
}

/// What a program starts with: two networks, a copy of one, and two parameters of its own.
struct World {
    a: Net,
    b: Net,
    copy: Net,
    w: X,
    v: X,
}

impl World {
    fn new() -> Self {
        let mut rng = StdRng::seed_from_u64(11);
        let mut own = || X::normal(0.0, 0.5, &mut rng).parameter();
        let (w, v) = (own(), own());
        let a = Net::init(&mut rng);
        Self { copy: a.clone(), a, b: Net::init(&mut rng), w, v }
    }

    fn modules(&mut self) -> (&mut Net, &mut Net, &mut Net, &mut X, &mut X) {
        (&mut self.a, &mut self.b, &mut self.copy, &mut self.w, &mut self.v)
    }
}

/// One step: what is done, and to which of the values so far.
#[derive(Clone, Copy, Debug)]
struct Step {
    op: u8,
    left: u8,
    right: u8,
}

/// The operations by number; those that stand several times are chosen more often.
const OPS: &[&str] = &[
    "data",
    "trace",
    "trace",
    "trace_as",
    "watch",
    "detach",
    "clone",
    "w",
    "v",
    "a.dense",
    "a.dense",
    "b.dense",
    "copy.dense",
    "a.normed",
    "b.normed",
    "dropout",
    "add",
    "add",
    "sub",
    "mul",
    "mul",
    "div",
    "matmul",
    "matmul",
    "tanh",
    "sigmoid",
    "relu",
    "gelu",
    "silu",
    "exp",
    "ln",
    "sqrt",
    "square",
    "pow",
    "sin",
    "scale",
    "softmax",
    "log_softmax",
    "transpose",
    "reshape",
    "contiguous",
    "dynamic",
    "concat",
    "join",
    "row_sums",
    "column_means",
    "maxima",
    "minima",
    "mean",
    "cast",
    "zeros_like",
    "second",
    "loss",
    "cross_entropy",
    "bce",
];

/// What is moved for a difference: a parameter by its place in the walk, or the value that a `watch` gave.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Place {
    Parameter(usize),
    Watched(usize),
}

/// A run of a program.
#[derive(Default)]
struct Run {
    losses: Vec<f64>,
    gradients: Option<Gradients>,
    /// What `detach` gave, in order: constants of the differences.
    constants: Vec<X>,
    watched: Vec<X>,
}

/// The direction in which a place is moved.
fn direction(place: Place) -> X {
    let seed = match place {
        Place::Parameter(i) => i as u64,
        Place::Watched(i) => 1000 + i as u64,
    };
    X::normal(0.0, 1.0, &mut StdRng::seed_from_u64(seed))
}

/// Numbers of which no two are equal, so that the largest stays the largest.
fn apart() -> X {
    X::from_fn(|i| ((i * 7) % 16) as f64 * 0.01)
}

/// Runs a program on a world of its own; `moved` says which place is moved, by how much, and the constants to keep.
#[allow(clippy::too_many_lines)] // one arm for each operation
fn run(program: &[Step], world: &mut World, moved: Option<(Place, f64, &[X])>) -> Run {
    if let Some((Place::Parameter(place), by, _)) = moved {
        let mut at = 0;
        let mut shift = |value: &mut fusion::Value| {
            if value.is_parameter() {
                if at == place {
                    let along = direction(Place::Parameter(place)).to_vec();
                    let elements = value.array_mut().make_mut::<f64>();
                    elements.iter_mut().zip(along).for_each(|(x, d)| *x += by * d);
                }
                at += 1;
            }
        };
        world.modules().walk_mut(&fusion::nn::Path::root(), &mut |_, value| shift(value));
    }
    let World { a, b, copy, w, v } = world;
    let mut rng = StdRng::seed_from_u64(5);
    let data = X::normal(0.0, 1.0, &mut rng);
    let mut run = Run::default();
    let mut values = vec![v.clone(), data.trace(), a.dense(data.trace())];
    let mut detached = 0;
    let mut losses: Vec<Tensor<(), f64>> = Vec::new();
    for step in program {
        // Mostly recent values, so that programs are deep.
        let pick = |i: u8| values[values.len() - 1 - (usize::from(i) * usize::from(i) / 256) % values.len()].clone();
        let (x, y) = (pick(step.left), pick(step.right));
        let z = match OPS[usize::from(step.op)] {
            "data" => X::from_fn(|i| (i as f64 * 1.7 + f64::from(step.left)).sin()),
            "trace" => x.trace(),
            "trace_as" => x.trace_as(&y),
            "watch" => {
                let place = Place::Watched(run.watched.len());
                // What is moved is what is watched: a later `watch` is of the same.
                let x = match moved {
                    Some((at, by, _)) if at == place => (x.trace() + direction(place) * by).watch(),
                    _ => x.watch(),
                };
                run.watched.push(x.clone());
                x
            }
            "detach" => {
                let constant = match moved {
                    Some((_, _, constants)) => constants[detached].clone(),
                    None => x.detach(),
                };
                detached += 1;
                run.constants.push(constant.clone());
                constant
            }
            "clone" => x.clone(),
            "w" => w.clone(),
            "v" => v.clone(),
            "a.dense" => a.dense(x),
            "b.dense" => b.dense(x),
            "copy.dense" => copy.dense(x),
            "a.normed" => a.normed(x),
            "b.normed" => b.normed(x),
            "dropout" => a.drop.forward(x),
            "add" => x + y,
            "sub" => &x - y,
            "mul" => (x * &y).tanh(),
            "div" => &x / &(y.square() + 1.0),
            "matmul" => (x.matmul(&y) * 0.5).tanh(),
            "tanh" => x.tanh(),
            "sigmoid" => x.sigmoid(),
            "relu" => (x + 0.0123).relu(),
            "gelu" => x.gelu(),
            "silu" => x.silu(),
            "exp" => x.tanh().exp(),
            "ln" => (x.square() + 1.0).ln(),
            "sqrt" => (x.square() + 0.5).sqrt(),
            "square" => x.tanh().square(),
            "pow" => x.tanh().pow(3.0),
            "sin" => x.sin(),
            "scale" => 0.5 * x - 0.25,
            "softmax" => x.softmax(Axis::<1>),
            "log_softmax" => x.log_softmax(Axis::<0>).tanh(),
            "transpose" => x.t(),
            "reshape" => x.reshape::<shape![2, 8]>().sin().reshape(),
            "contiguous" => x.t().contiguous(),
            "dynamic" => x.to_dynamic::<shape![Dyn, 4]>().t().to_dynamic::<shape![Dyn, Dyn]>().check_shape().unwrap(),
            "concat" => x.concat(&y, Axis::<0>).reshape::<shape![2, 4, 4]>().mean_over(Axis::<0>),
            "join" => x.concat(&y, Axis::<1>).reshape::<shape![4, 2, 4]>().sum_over(Axis::<1>).tanh(),
            "row_sums" => (x.sum_keep(Axis::<1>).expand::<shape![4, 4]>() * 0.25).tanh(),
            "column_means" => x - y.mean_keep(Axis::<0>),
            "maxima" => &x - (x.clone() + apart()).max_keep(Axis::<1>),
            "minima" => x.clone() * (x + apart()).min_keep(Axis::<0>).tanh(),
            "mean" => &x * y.mean().tanh(),
            "cast" => {
                // Differences would see single precision: they leave the rounding out, not the operation.
                if moved.is_some() { x * 1 } else { x.cast::<f32>().cast() }
            }
            "zeros_like" => X::zeros().trace_as(&x) + 0.1,
            "second" => {
                // The gradient of one value by another as a value of its own.
                let y = y.watch();
                let seed = X::from_fn(|i| (i as f64).cos()).trace();
                match ((x + &y).tanh() * &y).backward_with(seed).get(&y) {
                    Some(gradient) => gradient.tanh(),
                    None => y,
                }
            }
            "loss" => {
                losses.push(x.square().mean());
                continue;
            }
            "cross_entropy" => {
                losses.push(x.cross_entropy(&Tensor::<shape![4], i64>::from([0, 3, 1, 1])));
                continue;
            }
            "bce" => {
                let targets = X::from_fn(|i| f64::from(u8::from(i % 3 == 0)));
                losses.push(x.bce_with_logits(&targets));
                continue;
            }
            op => unreachable!("{op}"),
        };
        values.push(z);
    }
    let end = values.iter().rev().take(4).fold(values[2].clone(), |sum, x| sum * 0.7 + x);
    losses.push(end.mse_loss(&X::full(0.3)));
    // The first losses as one, the last one accumulated.
    run.losses = losses.iter().map(|loss| loss.item()).collect();
    if moved.is_none() {
        let last = losses.pop().expect("one was pushed");
        let mut grads = last.backward();
        if let Some(sum) = losses.into_iter().reduce(|a, b| a + b) {
            grads.accumulate(sum.backward());
        }
        run.gradients = Some(grads);
    }
    run
}

/// With what a program may refuse to lose a gradient.
const SENTENCES: &[&str] = &[
    "would be lost",
    "backward() of a tensor that is not traced",
    "backward() of a tensor in which no parameter and no watched tensor took part",
];

thread_local! { static PLACE: RefCell<Option<(String, u32)>> = const { RefCell::new(None) }; }

enum Outcome {
    Right,
    Refused(&'static str),
}

fn check(program: &[Step]) -> Result<Outcome, String> {
    let mut world = World::new();
    let base = match catch_unwind(AssertUnwindSafe(|| run(program, &mut world, None))) {
        Ok(run) => run,
        Err(payload) => {
            let text = payload.downcast_ref::<String>().cloned();
            let text = text.or_else(|| payload.downcast_ref::<&str>().map(|text| text.to_string())).unwrap_or_default();
            let place = PLACE.take();
            if place.as_ref().is_none_or(|(file, _)| !file.ends_with("programs.rs")) {
                return Err(format!("a panic at {place:?}, not in the program: {text}"));
            }
            return match SENTENCES.iter().find(|sentence| text.contains(*sentence)) {
                Some(sentence) => Ok(Outcome::Refused(sentence)),
                None => Err(format!("a panic without a sentence: {text}")),
            };
        }
    };
    let gradients = base.gradients.as_ref().expect("of the first run");
    // The places of the first run's world, with their gradients.
    let mut places: Vec<(Place, Option<Vec<f64>>, usize)> = Vec::new();
    let parameters = world.modules().parameters();
    for (i, value) in parameters.iter().enumerate() {
        let gradient = gradients.get_value(value.link()).map(|gradient| gradient.array().to_vec::<f64>());
        places.push((Place::Parameter(i), gradient, value.array().count()));
    }
    for (i, x) in base.watched.iter().enumerate() {
        // A value that is watched twice is one place, and so is a parameter that is watched.
        let again = base.watched[..i].iter().any(|other| other.value().link().id() == x.value().link().id());
        if !again && !parameters.iter().any(|p| p.link().id() == x.value().link().id()) {
            places.push((Place::Watched(i), gradients.get(x).map(|gradient| gradient.to_vec()), x.num_elements()));
        }
    }
    for (place, gradient, count) in places {
        let along = direction(place).to_vec();
        let analytic: f64 = gradient.iter().flatten().zip(&along).map(|(g, d)| g * d).sum();
        let loss = |by: f64| {
            let moved = run(program, &mut World::new(), Some((place, by, &base.constants)));
            moved.losses.iter().sum::<f64>()
        };
        // A smaller step where a larger one crosses a kink.
        let numeric = [1e-4, 1e-5, 1e-6, 1e-7].map(|h| (loss(h) - loss(-h)) / (2.0 * h));
        let near = |numeric: &f64| (numeric - analytic).abs() <= 1e-5 + 1e-4 * numeric.abs();
        if !numeric.iter().any(near) {
            let what = if gradient.is_none() { "no gradient" } else { "another gradient" };
            return Err(format!("{what} at {place:?} of {count} elements: {analytic}, differences {numeric:?}"));
        }
    }
    Ok(Outcome::Right)
}

#[test]
fn random_programs_lose_no_gradient() {
    let programs = std::env::var("FUSION_PROGRAMS").map_or(1000, |n| n.parse().expect("a number of programs"));
    std::panic::set_hook(Box::new(|info| {
        PLACE.set(info.location().map(|place| (place.file().to_string(), place.line())));
    }));
    let step = (0..OPS.len() as u8, any::<u8>(), any::<u8>()).prop_map(|(op, left, right)| Step { op, left, right });
    let config = Config { cases: programs, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let (right, refused) = (RefCell::new(0), RefCell::new(vec![0; SENTENCES.len()]));
    let result = runner.run(&proptest::collection::vec(step, 10..=40), |program| {
        match check(&program) {
            Ok(Outcome::Right) => *right.borrow_mut() += 1,
            Ok(Outcome::Refused(sentence)) => {
                let at = SENTENCES.iter().position(|other| *other == sentence).expect("one of them");
                refused.borrow_mut()[at] += 1;
            }
            Err(problem) => {
                let steps: Vec<_> =
                    program.iter().map(|step| (OPS[usize::from(step.op)], step.left, step.right)).collect();
                return Err(TestCaseError::fail(format!("{problem}\n{steps:?}")));
            }
        }
        Ok(())
    });
    let _ = std::panic::take_hook();
    if let Err(problem) = result {
        panic!("{problem}");
    }
    let (right, refused) = (right.into_inner(), refused.into_inner());
    println!(
        "{right} programs with right gradients; refused: {:?}",
        SENTENCES.iter().zip(&refused).collect::<Vec<_>>()
    );
    assert!(right * 3 > programs, "only {right} of {programs} programs ran to their end");
}
