//! Where gradients go wrong: what they are like at each parameter, and at each operation.

use crate::graph::{Census, Gradients, Link, Node, Value};
use crate::kernels::Array;
use crate::kernels::dtype::{Scalar, float};
use crate::nn::module::{Module, Path};
use crate::ops::binary::sub;
use crate::tensor::{Float, Tensor};
use std::collections::HashSet;
use std::fmt;
use std::panic::Location;

/// What is wrong, if something is. Printed, it is a word or two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// Nothing.
    Fine,
    /// The loss does not depend on it.
    NoGradient,
    /// An element is NaN or infinite.
    NotFinite,
    /// All elements are 0: nothing is learned. A ReLU behind it lets nothing through.
    Dead,
    /// At least 9 of 10 elements are 0: most units are dead, or most rows of a table were not asked for.
    MostlyZero,
    /// The root of the mean square is below a ten-thousandth of the largest in this report, so that the others learn so much
    /// faster; or the norm is below 2⁻²⁴ of the weight's, so that a step of rate 1 is less than `f32` resolves.
    Vanishing,
    /// The norm is above a thousand times the weight's, so that a step of rate 1e-3 replaces the weight; of a weight of 0,
    /// the root of the mean square is above a thousand.
    Exploding,
    /// At least 9 of 10 elements lie where the function is flat: its slope is below a hundredth of its steepest.
    Saturated,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Fine => "",
            Self::NoGradient => "no gradient",
            Self::NotFinite => "NaN or infinite",
            Self::Dead => "dead: all are 0",
            Self::MostlyZero => "mostly 0",
            Self::Vanishing => "vanishing",
            Self::Exploding => "exploding",
            Self::Saturated => "saturated",
        })
    }
}

/// The least share of the largest that has not vanished.
const VANISHED: f64 = 1e-4;
/// The step of `f32`, as a share of the number.
const UNSEEN: f64 = 1.0 / (1 << 24) as f64;
/// The most that has not exploded.
const EXPLODED: f64 = 1e3;
/// The share of elements that counts as most.
const MOST: f64 = 0.9;
/// The slope of a function where it is flat, as a share of its steepest.
const FLAT: f64 = 0.01;

/// The root of the mean square.
fn rms(of: &Census) -> f64 {
    if of.count == 0 { 0.0 } else { of.norm / (of.count as f64).sqrt() }
}

/// The verdict on a gradient among others, of which `largest` is the root of the mean square of the largest. `weight` is
/// the norm of what it is the gradient of, if that is a parameter.
fn judge(of: &Census, largest: f64, weight: Option<f64>) -> Verdict {
    let rms = rms(of);
    match (of.nans + of.infinite, weight) {
        (1.., _) => Verdict::NotFinite,
        _ if of.count == 0 => Verdict::Fine,
        _ if of.zeros == of.count => Verdict::Dead,
        (_, Some(weight)) if weight > 0.0 && of.norm > EXPLODED * weight => Verdict::Exploding,
        (_, Some(0.0)) if rms > EXPLODED => Verdict::Exploding,
        (_, Some(weight)) if weight > 0.0 && of.norm < UNSEEN * weight => Verdict::Vanishing,
        _ if rms < VANISHED * largest => Verdict::Vanishing,
        _ if of.share_of_zeros() >= MOST => Verdict::MostlyZero,
        _ => Verdict::Fine,
    }
}

/// What the gradients of a network are like, a row for each parameter. [`Gradients::explain`] makes it; `Display` shows it
/// as a table.
#[derive(Clone, Debug)]
pub struct GradientReport {
    /// The parameters in the order of the network, each once.
    pub rows: Vec<GradientRow>,
    /// Their elements, for the length of a step.
    weights: Vec<Array>,
}

/// A parameter in a [`GradientReport`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct GradientRow {
    /// Its path.
    pub path: String,
    /// Its sizes.
    pub shape: Vec<usize>,
    /// The Euclidean norm of its gradient, and how many elements of that are 0, NaN or infinite; all 0 if there is no
    /// gradient.
    pub gradient: Census,
    /// How many rows along the first axis have a gradient of 0: of a layer's weight, units that learn nothing.
    pub dead_rows: usize,
    /// The norm of the parameter.
    pub weight_norm: f64,
    /// The norm of the gradient as a multiple of the parameter's; none for a parameter of 0.
    pub ratio: Option<f64>,
    /// The norm of a step as a multiple of the parameter's, once [`GradientReport::measure`] knows: about 1e-3 is usual.
    pub update: Option<f64>,
    /// What is wrong.
    pub verdict: Verdict,
}

impl Gradients {
    /// What these gradients are like, for each parameter of a network: norm, largest absolute value, zeros, NaN, the norm
    /// as a multiple of the parameter's, and in a word what is wrong.
    ///
    /// ```
    /// use fusion::nn::Verdict;
    /// use fusion::prelude::*;
    ///
    /// model! { Net: [4] -> [1] { fc1: Linear<_, 8>, Relu, fc2: Linear<_, 1> } }
    ///
    /// let mut net = Net::init(&mut StdRng::seed_from_u64(0));
    /// net.fc1.bias = Some(Tensor::full(-100.0).parameter()); // ReLU lets nothing through
    /// let grads = net.forward(Tensor::<shape![16, 4]>::ones().trace()).square().mean().backward();
    /// let report = grads.explain(&net);
    /// assert_eq!((report.rows[0].path.as_str(), report.rows[0].verdict), ("fc1.weight", Verdict::Dead));
    /// assert_eq!(report.rows[3].verdict, Verdict::Fine); // the last bias
    /// println!("{report}");
    /// ```
    ///
    /// [`Tensor::explain`] tells the same of each operation.
    pub fn explain(&self, module: &impl Module) -> GradientReport {
        let (mut seen, mut rows, mut weights) = (HashSet::new(), Vec::new(), Vec::new());
        module.walk(&Path::root(), &mut |path, value| {
            if !value.is_parameter() || !seen.insert(value.link().id()) {
                return;
            }
            let (found, weight_norm) = (self.get_value(value.link()), Census::of(value.array()).norm);
            let gradient = found.map_or_else(Census::default, |found| Census::of(found.array()));
            rows.push(GradientRow {
                path: path.to_string(),
                shape: value.shape().iter().collect(),
                gradient,
                dead_rows: found.map_or(0, |found| dead_rows(found.array())),
                weight_norm,
                ratio: (found.is_some() && weight_norm > 0.0).then(|| gradient.norm / weight_norm),
                update: None,
                verdict: if found.is_some() { Verdict::Fine } else { Verdict::NoGradient },
            });
            weights.push(value.array().clone());
        });
        let largest = rows.iter().map(|row| rms(&row.gradient)).fold(0.0, f64::max);
        for row in rows.iter_mut().filter(|row| row.verdict != Verdict::NoGradient) {
            row.verdict = judge(&row.gradient, largest, Some(row.weight_norm));
        }
        GradientReport { rows, weights }
    }
}

impl GradientReport {
    /// The rows about which something is wrong.
    pub fn troubles(&self) -> impl Iterator<Item = &GradientRow> {
        self.rows.iter().filter(|row| row.verdict != Verdict::Fine)
    }

    /// Fills in how far a step of an optimizer went, from the network after it.
    ///
    /// # Panics
    /// If the network is not the one that was explained.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let mut net = Linear::<dim!(3), dim!(2)>::init(&mut StdRng::seed_from_u64(0));
    /// let grads = net.forward(Tensor::<shape![4, 3]>::ones().trace()).square().mean().backward();
    /// let mut report = grads.explain(&net);
    /// Sgd::new(0.1).step(&mut net, grads);
    /// report.measure(&net);
    /// let row = &report.rows[0];
    /// assert!((row.update.unwrap() - 0.1 * row.ratio.unwrap()).abs() < 1e-6);
    /// ```
    #[track_caller]
    pub fn measure(&mut self, module: &impl Module) {
        let after = module.parameters();
        let alike = after.len() == self.weights.len()
            && after
                .iter()
                .zip(&self.weights)
                .all(|(new, old)| new.shape() == old.shape() && new.dtype() == old.dtype());
        assert!(alike, "measure: this is not the network that was explained");
        for ((row, old), new) in self.rows.iter_mut().zip(&self.weights).zip(&after) {
            let step = sub(new.detach(), &old.clone().into());
            row.update = (row.weight_norm > 0.0).then(|| Census::of(step.array()).norm / row.weight_norm);
        }
    }
}

/// How many rows along the first axis are 0; none of a vector, whose rows are its elements.
fn dead_rows(array: &Array) -> usize {
    let rows = array.shape().iter().next().filter(|&rows| rows > 0 && array.shape().rank() > 1 && array.count() > 0);
    let Some(rows) = rows else { return 0 };
    let array = array.contiguous();
    float!(array.dtype(), T => {
        let elements = array.as_slice::<T>().expect("contiguous");
        elements.chunks(elements.len() / rows).filter(|row| row.iter().all(|x| x.to_f64() == 0.0)).count()
    })
}

/// What a recorded computation is like, a row for each operation. [`Tensor::explain`] makes it; `Display` shows it as a
/// table.
#[derive(Clone, Debug)]
pub struct OperationReport {
    /// The operations in the order in which they were called.
    pub rows: Vec<OperationRow>,
}

/// An operation in an [`OperationReport`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct OperationRow {
    /// Its name.
    pub name: &'static str,
    /// Where the program called it: of a layer in `model!`, where that is written.
    pub at: &'static Location<'static>,
    /// The sizes of its result.
    pub shape: Vec<usize>,
    /// What its result is like, if the trace keeps values.
    pub result: Option<Census>,
    /// What the gradient that reaches it is like.
    pub gradient: Census,
    /// The share of the elements of the result at which the function is flat, of those that are flat somewhere: `sigmoid`,
    /// `tanh`, `softsign`, `hardtanh`, `hardsigmoid`.
    pub saturated: Option<f64>,
    /// How many units let nothing through, for no sample, and how many there are: of `relu` and `relu6`, and of a layer
    /// that does ReLU in its own pass. A unit is a place along the last axis, of images a channel.
    pub dead_units: Option<(usize, usize)>,
    /// What is wrong.
    pub verdict: Verdict,
    pub(crate) id: u64,
    /// The ids of the parameters and of the operations whose results it takes, frozen ones too.
    pub(crate) inputs: Vec<u64>,
}

impl<S, T: Float> Tensor<S, T> {
    /// What the recorded computation behind this tensor, a loss, is like: for each operation the gradient that reaches it,
    /// and, on a trace that [keeps values](crate::Trace::keep_values), what its result is like. It runs a backward pass, of
    /// which nothing else is kept.
    ///
    /// # Panics
    /// As [`Tensor::backward`].
    ///
    /// ```
    /// use fusion::nn::Verdict;
    /// use fusion::prelude::*;
    ///
    /// let x = Tensor::<shape![2, 2]>::from([[-20.0, 30.0], [25.0, -40.0]]);
    /// let loss = x.watch_with(Trace::training().keep_values()).sigmoid().square().sum();
    /// let report = loss.explain();
    /// let sigmoid = &report.rows[0];
    /// assert_eq!((sigmoid.name, sigmoid.saturated, sigmoid.verdict), ("sigmoid", Some(1.0), Verdict::Saturated));
    /// assert_eq!(sigmoid.at.file(), file!());
    /// println!("{report}");
    /// ```
    #[track_caller]
    pub fn explain(&self) -> OperationReport {
        let mut rows = Vec::new();
        let seed = Array::full_float(self.value().dtype(), 1.0, *self.value().shape());
        let _ = self.value().clone().backward_seeing(seed.into(), 0, &mut |node, gradient| {
            rows.push(row(node, gradient));
        });
        rows.sort_by_key(|row| row.id);
        let largest = rows.iter().map(|row| rms(&row.gradient)).fold(0.0, f64::max);
        for row in &mut rows {
            row.verdict = match (&row.result, row.saturated, row.dead_units) {
                (Some(result), ..) if result.nans + result.infinite > 0 => Verdict::NotFinite,
                (_, Some(share), _) if share >= MOST => Verdict::Saturated,
                (_, _, Some((dead, all))) if all > 0 && dead == all => Verdict::Dead,
                (_, _, Some((dead, all))) if dead > 0 && dead as f64 >= MOST * all as f64 => Verdict::MostlyZero,
                _ => judge(&row.gradient, largest, None),
            };
        }
        OperationReport { rows }
    }
}

impl OperationReport {
    /// The rows about which something is wrong.
    pub fn troubles(&self) -> impl Iterator<Item = &OperationRow> {
        self.rows.iter().filter(|row| row.verdict != Verdict::Fine)
    }
}

fn row(node: &dyn Node, gradient: &Value) -> OperationRow {
    let elements = |value: &Array| {
        let value = value.contiguous();
        float!(value.dtype(), T => value.as_slice::<T>().expect("contiguous").iter().map(|x| x.to_f64()).collect::<Vec<_>>())
    };
    // The slope at a result, as a share of the steepest.
    let slope: Option<fn(f64) -> f64> = match node.name() {
        "sigmoid" => Some(|y| 4.0 * y * (1.0 - y)),
        "tanh" => Some(|y| 1.0 - y * y),
        "softsign" => Some(|y| (1.0 - y.abs()).powi(2)),
        "hardtanh" => Some(|y| f64::from(u8::from(y.abs() < 1.0))),
        "hardsigmoid" => Some(|y| f64::from(u8::from(y > 0.0 && y < 1.0))),
        _ => None,
    };
    let rectifies = matches!(node.name().rsplit(' ').next(), Some("relu" | "relu6"));
    let flat = |(slope, value): (fn(f64) -> f64, &Array)| {
        let elements = elements(value);
        elements.iter().filter(|&&y| slope(y) < FLAT).count() as f64 / elements.len().max(1) as f64
    };
    OperationRow {
        name: node.name(),
        at: node.location(),
        shape: node.shape().iter().collect(),
        result: node.value().map(Census::of),
        gradient: Census::of(gradient.array()),
        saturated: slope.zip(node.value()).map(flat),
        dead_units: node.value().filter(|_| rectifies).map(|value| dead_units(value, &elements(value))),
        verdict: Verdict::Fine,
        id: node.id(),
        inputs: node
            .inputs()
            .iter()
            .filter_map(|link| match link {
                Link::Parameter(id) | Link::Leaf(id, _) | Link::Frozen(id) => Some(*id),
                Link::Node(node) => Some(node.id()),
                _ => None,
            })
            .collect(),
    }
}

/// How many units are 0 throughout, and how many there are.
fn dead_units(value: &Array, elements: &[f64]) -> (usize, usize) {
    let (shape, rank) = (value.shape(), value.shape().rank());
    if rank == 0 {
        return (usize::from(elements == [0.0]), 1);
    }
    let axis = if rank == 4 { 1 } else { rank - 1 };
    let (units, inner) = (shape.get(axis), shape.iter().skip(axis + 1).product::<usize>());
    let mut alive = vec![false; units];
    for (i, _) in elements.iter().enumerate().filter(|(_, y)| **y != 0.0) {
        alive[i / inner % units] = true;
    }
    (alive.iter().filter(|alive| !**alive).count(), units)
}

/// A number of a table, three digits of it.
fn short(x: f64) -> String {
    match x.abs() {
        0.0 => "0".into(),
        size if (0.01..1000.0).contains(&size) => format!("{x:.3}"),
        _ => format!("{x:.2e}"),
    }
}

fn percent(share: f64) -> String {
    format!("{:.0}%", share * 100.0)
}

/// A table with a rule below its head; the columns of `left` stand to the left.
fn table<const N: usize>(f: &mut fmt::Formatter<'_>, left: [bool; N], lines: &[[String; N]]) -> fmt::Result {
    let width: [usize; N] =
        std::array::from_fn(|i| lines.iter().map(|line| line[i].chars().count()).max().unwrap_or(0));
    for (at, line) in lines.iter().enumerate() {
        let cells = line.iter().zip(width).zip(left).filter(|((_, width), _)| *width > 0);
        let cells: Vec<String> = cells
            .map(|((cell, width), left)| if left { format!("{cell:<width$}") } else { format!("{cell:>width$}") })
            .collect();
        writeln!(f, "{}", cells.join("  ").trim_end())?;
        if at == 0 {
            let shown = width.iter().filter(|width| **width > 0);
            writeln!(f, "{}", "─".repeat(shown.clone().sum::<usize>() + 2 * shown.count().saturating_sub(1)))?;
        }
    }
    Ok(())
}

impl fmt::Display for GradientReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_measured = self.rows.iter().any(|row| row.update.is_some());
        let head =
            ["parameter", "sizes", "|g|", "largest", "zeros", "|g|/|w|", if is_measured { "step/|w|" } else { "" }, ""];
        let mut lines = vec![head.map(String::from)];
        lines.extend(self.rows.iter().map(|row| {
            let (g, or_dash) = (&row.gradient, |x: Option<f64>| x.map_or("-".into(), short));
            let update = if is_measured { or_dash(row.update) } else { String::new() };
            let mut says = row.verdict.to_string();
            if row.verdict == Verdict::NotFinite {
                says = format!("{} NaN, {} infinite", g.nans, g.infinite);
            } else if row.dead_rows > 0 && row.verdict != Verdict::Dead {
                let gap = if says.is_empty() { "" } else { "; " };
                says += &format!("{gap}{} of {} rows are 0", row.dead_rows, row.shape[0]);
            }
            let sizes = format!("{:?}", row.shape);
            if row.verdict == Verdict::NoGradient {
                return [row.path.clone(), sizes, "-".into(), "-".into(), "-".into(), "-".into(), update, says];
            }
            let zeros = percent(g.share_of_zeros());
            [row.path.clone(), sizes, short(g.norm), short(g.largest), zeros, or_dash(row.ratio), update, says]
        }));
        table(f, [true, true, false, false, false, false, false, true], &lines)
    }
}

impl fmt::Display for OperationReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = ["operation", "called at", "sizes", "largest", "zeros", "|g|", ""];
        let mut lines = vec![head.map(String::from)];
        lines.extend(self.rows.iter().map(|row| {
            let result = |of: fn(&Census) -> String| row.result.as_ref().map_or_else(String::new, of);
            let mut says = row.verdict.to_string();
            let mut add = |text: String| {
                says += if says.is_empty() { "" } else { "; " };
                says += &text;
            };
            match (&row.result, row.saturated, row.dead_units) {
                (Some(result), ..) if result.nans + result.infinite > 0 => {
                    add(format!("{} NaN, {} infinite", result.nans, result.infinite));
                }
                (_, Some(share), _) if share > 0.0 => add(format!("{} flat", percent(share))),
                (_, _, Some((dead, all))) if dead > 0 => add(format!("{dead} of {all} units dead")),
                _ => {}
            }
            [
                row.name.into(),
                row.at.to_string(),
                format!("{:?}", row.shape),
                result(|of| short(of.largest)),
                result(|of| percent(of.share_of_zeros())),
                short(row.gradient.norm),
                says,
            ]
        }));
        table(f, [true, true, true, false, false, false, true], &lines)
    }
}
