//! The formula of `goldens/nets.py` that fills a network by the names of its tensors, and the comparison of what the
//! network then gives with what PyTorch gives.

use crate::following::check_followed;
use fusion::DType;
use fusion::Value;
use fusion::internals::kernels::{Array, Dims};
use fusion::internals::ops::{binary, reduce};
use fusion::nn::{Path, Prepared};
use fusion::prelude::*;
use serde_json::Value as Json;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::LazyLock;

/// The numbers of the tensor `name`: 64 bits for each element, in C order.
#[derive(Clone, Copy)]
pub struct Formula {
    start: u64,
}

impl Formula {
    /// FNV-1a of the name.
    pub fn of(name: &str) -> Self {
        let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
        Self { start: name.bytes().fold(0xcbf2_9ce4_8422_2325, step) }
    }

    /// SplitMix64, `i` steps on.
    pub fn bits(self, i: usize) -> u64 {
        let mut z = self.start.wrapping_add((i as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Uniform in [-1, 1), exact in `f32`.
    pub fn uniform(self, i: usize) -> f64 {
        ((self.bits(i) >> 40) as f64 - 8_388_608.0) / 8_388_608.0
    }

    /// A whole number below `n`.
    pub fn below(self, n: i64, i: usize) -> i64 {
        (self.bits(i) >> 40) as i64 % n
    }
}

/// What the formula puts in a tensor of a network's state.
fn filled(name: &str, shape: &Dims) -> Array {
    let formula = Formula::of(name);
    let fan: usize = shape.iter().skip(1).product();
    let (center, width) = if shape.rank() > 1 {
        (0.0, (6.0 / fan as f64).sqrt())
    } else if name.ends_with("running_var") {
        (1.0, 0.5)
    } else if name.ends_with("running_mean") {
        (0.0, 0.25)
    } else if name.ends_with("bias") {
        (0.0, 0.125)
    } else if ["bn2.weight", "bn3.weight", "two.bn.weight"].iter().any(|end| name.ends_with(end)) {
        (0.03125, 0.007_812_5)
    } else {
        (0.5, 0.125)
    };
    Array::from_fn(*shape, |i| (center + width * formula.uniform(i)) as f32)
}

/// Fills every tensor of a network; whole numbers (counts of batches) become 0.
pub fn fill(net: &mut impl Module) {
    net.walk_mut(&Path::root(), &mut |path, value| {
        let shape = *value.shape();
        value.set(match value.dtype() {
            DType::F32 => filled(&path.to_string(), &shape),
            DType::I64 => Array::full(0i64, shape),
            other => panic!("`{path}` is a tensor of {other}"),
        });
    });
}

/// The outputs of a network with their names; a single one has none.
pub type Outputs = Vec<(&'static str, Value)>;

/// A single output.
pub fn one<S: Shape>(y: Tensor<S>) -> Outputs {
    vec![("", y.into_value())]
}

/// What a network is given, traced or not.
pub struct Feed<'a> {
    golden: &'a Golden,
    trace: Option<fn() -> Trace>,
}

impl Feed<'_> {
    /// The input of this name.
    pub fn floats<S: Shape>(&self, name: &str) -> Tensor<S> {
        let (formula, sizes) = (Formula::of(name), sizes(&self.golden.input(name)["shape"]));
        let x = Tensor::from_fn_sized(&sizes, |i| formula.uniform(i) as f32).expect("the input's shape is another");
        match self.trace {
            Some(trace) => x.trace_with(trace()),
            None => x,
        }
    }

    /// The input of this name, of whole numbers.
    pub fn tokens<S: Shape>(&self, name: &str) -> Tensor<S, i64> {
        let (formula, input) = (Formula::of(name), self.golden.input(name));
        let n = input["below"].as_i64().expect("a bound");
        let x = Tensor::from_fn_sized(&sizes(&input["shape"]), |i| formula.below(n, i));
        match (x.expect("the input's shape is another"), self.trace) {
            (x, Some(trace)) => x.trace_with(trace()),
            (x, None) => x,
        }
    }
}

/// Compares a network with PyTorch, by itself and made ready to run.
#[macro_export]
macro_rules! check {
    ($golden:literal, $net:expr, $($forward:tt)*) => {
        $crate::formula::Golden::of($golden).check($net, $($forward)*, $($forward)*)
    };
}

/// A network of `goldens/nets.json` or `goldens/models.json`.
pub struct Golden {
    name: &'static str,
    json: &'static Json,
}

/// A JSON file of `goldens/`.
pub fn golden(name: &str) -> Json {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "goldens", name].iter().collect();
    serde_json::from_str(&std::fs::read_to_string(path).expect("a golden file")).expect("valid JSON")
}

static NETS: LazyLock<[Json; 2]> = LazyLock::new(|| ["nets.json", "models.json"].map(golden));

fn number(json: &Json) -> f64 {
    json.as_f64().expect("a number")
}

/// A JSON list.
pub fn list(json: &Json) -> &[Json] {
    json.as_array().expect("a list")
}

/// A list of sizes.
pub fn sizes(json: &Json) -> Vec<usize> {
    list(json).iter().map(|n| n.as_u64().expect("a size") as usize).collect()
}

fn elements(value: &Value) -> Vec<f64> {
    value.array().to_vec::<f32>().into_iter().map(f64::from).collect()
}

/// The root of the mean square of a recorded output.
fn rms(output: &Json) -> f64 {
    number(&output["norm"]) / (sizes(&output["shape"]).iter().product::<usize>() as f64).sqrt()
}

fn norm(x: &[f64]) -> f64 {
    x.iter().map(|x| x * x).sum::<f64>().sqrt()
}

/// How far a number is off, in words, if that is beyond the tolerance.
fn beyond(tolerance: f64, found: f64, want: f64, scale: f64) -> Option<String> {
    let off = (found - want).abs() / scale;
    (off.is_nan() || off > tolerance).then(|| format!("off by {off:.1e}, where {tolerance:.1e} is allowed"))
}

/// The sum over the outputs of sum(y * u("loss")) / sqrt(count).
pub fn loss(outputs: &Outputs) -> Value {
    let formula = Formula::of("loss");
    let part = |y: &Value| {
        let scale = (y.array().count() as f64).sqrt();
        let weights = Array::from_fn(*y.shape(), |i| (formula.uniform(i) / scale) as f32).into();
        reduce::sum(&binary::mul(y.clone(), &weights), (1 << y.shape().rank()) - 1, false)
    };
    outputs.iter().map(|(_, y)| part(y)).reduce(|sum, y| binary::add(sum, &y)).expect("an output")
}

impl Golden {
    /// The network of this name.
    pub fn of(name: &'static str) -> Self {
        let json = NETS.iter().flat_map(|file| list(&file["nets"])).find(|net| net["name"] == name);
        Self { name, json: json.unwrap_or_else(|| panic!("there are no figures of `{name}`")) }
    }

    fn input(&self, name: &str) -> &Json {
        let input = list(&self.json["inputs"]).iter().find(|input| input["name"] == name);
        input.unwrap_or_else(|| panic!("{} has no input `{name}`", self.name))
    }

    /// Names and shapes of all tensors, in any order, and the number of parameters.
    fn check_state(&self, net: &impl Module, wrong: &mut Vec<String>) {
        let entry = |json: &Json| (json[0].as_str().expect("a name").to_owned(), sizes(&json[1]));
        let want: Vec<_> = list(&self.json["state"]).iter().map(entry).collect();
        let mut found = vec![];
        net.walk(&Path::root(), &mut |path, value| found.push((path.to_string(), value.shape().iter().collect())));
        let (missing, extra): (Vec<_>, Vec<_>) = (
            want.iter().filter(|x| !found.contains(x)).collect(),
            found.iter().filter(|x| !want.contains(x)).collect(),
        );
        if !missing.is_empty() || !extra.is_empty() {
            wrong.push(format!("the state lacks {missing:?} and has {extra:?}"));
        }
        let parameters = self.json["parameters"].as_u64().expect("a count") as usize;
        if net.num_parameters() != parameters {
            wrong.push(format!("{} parameters instead of {parameters}", net.num_parameters()));
        }
    }

    /// Ten times the largest error of PyTorch's own `f32` in a field, at least 1e-5.
    fn tolerance(&self, field: &str) -> f64 {
        let mut worst = 1e-6f64;
        for (single, double) in list(&self.json["f32"][field]).iter().zip(list(&self.json["f64"][field])) {
            let (single, double, scale) = if field == "gradients" {
                (list(single), list(double), number(&double[0]))
            } else {
                (list(&single["samples"]), list(&double["samples"]), rms(double))
            };
            for (single, double) in single.iter().zip(double) {
                worst = worst.max((number(single) - number(double)).abs() / scale);
            }
        }
        10.0 * worst
    }

    /// The multiply-adds of a network of one input; of several they are not known.
    fn check_cost(&self, net: &impl Module, wrong: &mut Vec<String>) {
        let [input] = list(&self.json["inputs"]) else { return };
        // A network's own sum does not need to be told what it gives.
        let (found, want) = (net.multiply_adds(&sizes(&input["shape"])), self.json["multiply_adds"].as_u64());
        if found != want {
            wrong.push(format!("{found:?} multiply-adds instead of {want:?}"));
        }
    }

    fn check_outputs(&self, field: &str, found: &Outputs, wrong: &mut Vec<String>) {
        let (want, tolerance) = (list(&self.json["f64"][field]), self.tolerance(field));
        let names: Vec<_> = want.iter().map(|y| y["name"].as_str().expect("a name")).collect();
        if found.iter().map(|(name, _)| *name).ne(names.iter().copied()) {
            return wrong.push(format!("the outputs are not {names:?}"));
        }
        for ((name, found), want) in found.iter().zip(want) {
            let label = format!("{field} {name}");
            let label = label.trim_end();
            let (shape, found): (Vec<_>, _) = (found.shape().iter().collect(), elements(found));
            if shape != sizes(&want["shape"]) {
                wrong.push(format!("{label}: the shape is {shape:?} instead of {}", want["shape"]));
                continue;
            }
            let (count, scale, formula) = (found.len(), rms(want), Formula::of("sample"));
            let sample = |(k, want): (usize, &Json)| {
                let at = (formula.bits(k) % count as u64) as usize;
                (format!("element {at}"), found[at], number(want))
            };
            let mut checks: Vec<_> = list(&want["samples"]).iter().enumerate().map(sample).collect();
            checks.push(("the mean".into(), found.iter().sum::<f64>() / count as f64, number(&want["mean"])));
            checks.push(("the rms".into(), norm(&found) / (count as f64).sqrt(), scale));
            for (what, found, want) in checks {
                if let Some(off) = beyond(tolerance, found, want, scale) {
                    wrong.push(format!("{label}: {what} is {found} instead of {want}, {off}"));
                }
            }
        }
    }

    /// What a field says of each floating-point parameter or buffer, by its name.
    fn of_each(&self, field: &str, parameters: bool) -> HashMap<&str, &Json> {
        let names = list(&self.json["state"]).iter().map(|entry| entry[0].as_str().expect("a name"));
        let names = names.filter(|name| !name.ends_with("num_batches_tracked"));
        let names = names.filter(|name| name.contains(".running_") != parameters);
        let figures = list(&self.json["f64"][field]);
        let of_each: HashMap<_, _> = names.zip(figures).collect();
        assert_eq!(of_each.len(), figures.len(), "one for each");
        of_each
    }

    fn check_gradients(&self, net: &impl Module, grads: &Gradients, wrong: &mut Vec<String>) {
        let (want, tolerance) = (self.of_each("gradients", true), self.tolerance("gradients"));
        net.walk(&Path::root(), &mut |path, value| {
            if !value.is_parameter() {
                return;
            }
            let want = want[&*path.to_string()];
            let Some(found) = grads.get_value(value.link()) else {
                return wrong.push(format!("`{path}` has no gradient"));
            };
            if found.shape() != value.shape() {
                let (found, shape) = (found.shape(), value.shape());
                return wrong.push(format!("the gradient of `{path}` has the shape {found:?} instead of {shape:?}"));
            }
            let (found, formula, scale) = (elements(found), Formula::of(&format!("grad.{path}")), number(&want[0]));
            let dot: f64 = found.iter().enumerate().map(|(i, g)| g * formula.uniform(i)).sum();
            for (what, found, want) in [("norm", norm(&found), number(&want[0])), ("product", dot, number(&want[1]))] {
                if let Some(off) = beyond(tolerance, found, want, scale) {
                    wrong.push(format!("the gradient of `{path}`: its {what} is {found} instead of {want}, {off}"));
                }
            }
        });
    }

    fn check_buffers(&self, net: &impl Module, wrong: &mut Vec<String>) {
        let want = self.of_each("buffers", false);
        net.walk(&Path::root(), &mut |path, value| {
            if value.is_parameter() || value.dtype() != DType::F32 {
                return;
            }
            let (found, want) = (norm(&elements(value)), number(want[&*path.to_string()]));
            if let Some(off) = beyond(1e-5, found, want, want) {
                wrong.push(format!("`{path}` after the step: its norm is {found} instead of {want}, {off}"));
            }
        });
    }

    /// Fills the network and compares what it gives, in training and after it, with PyTorch; and so the network made ready
    /// to run, which is `forward` once more. See [`check!`](crate::check).
    pub fn check<N: Prepare>(
        &self,
        mut net: N,
        forward: impl Fn(&N, &Feed<'_>) -> Outputs,
        ready: impl Fn(&Prepared<N>, &Feed<'_>) -> Outputs,
    ) {
        let mut wrong = vec![];
        self.check_state(&net, &mut wrong);
        self.fail_if(&wrong); // the rest is told by these names
        fill(&mut net);
        let trace = if self.json["mode"] == "train" { Trace::training } else { Trace::evaluation };

        let outputs = forward(&net, &Feed { golden: self, trace: Some(trace) });
        self.check_outputs("outputs", &outputs, &mut wrong);
        self.check_cost(&net, &mut wrong);
        let loss = loss(&outputs);
        drop(outputs);
        let (found, want) = (loss.item(), number(&self.json["f64"]["loss"]));
        if let Some(off) = beyond(self.tolerance("outputs"), found, want, want.abs().max(1.0)) {
            wrong.push(format!("the loss is {found} instead of {want}, {off}"));
        }
        let grads = loss.backward(Array::full(1.0f32, Dims::default()).into());
        self.check_gradients(&net, &grads, &mut wrong);
        self.check_buffers(&net, &mut wrong);

        let outputs = forward(&net, &Feed { golden: self, trace: None });
        self.check_outputs("eval", &outputs, &mut wrong);
        drop(outputs);
        let (prepared, feed) = (net.prepare(), Feed { golden: self, trace: None });
        println!("{}: {prepared:?}", self.name);
        self.check_outputs("eval", &ready(&prepared, &feed), &mut wrong);
        drop(prepared);
        let most = [self.tolerance("outputs"), self.tolerance("gradients")];
        let followed = check_followed(&mut net, false, most, |net, trace| {
            forward(net, &Feed { golden: self, trace: Some(trace) })
        });
        wrong.extend(followed.err());
        self.fail_if(&wrong);
    }

    /// Compares state and multiply-adds only, of an input that would take long to compute.
    pub fn check_structure(&self, net: &impl Module) {
        let mut wrong = vec![];
        self.check_state(net, &mut wrong);
        self.check_cost(net, &mut wrong);
        self.fail_if(&wrong);
    }

    /// Fails with what is wrong, of which the first thirty are shown.
    fn fail_if(&self, wrong: &[String]) {
        let shown = wrong.iter().take(30).map(String::as_str).collect::<Vec<_>>().join("\n");
        assert!(wrong.is_empty(), "{}: {} of its figures are not PyTorch's:\n{shown}", self.name, wrong.len());
    }
}
