//! Operations: results, gradients and gradients of gradients, in both types, with inputs in every
//! layout.

use crate::golden::{Tolerance, compare, farthest, json, numbers, report, sizes};
use crate::ops::{Inputs, Scalars, apply, by_rank};
use crate::table::{self, Errors, Measured, tolerance};
use fusion::internals::graph::{Gradients, Value};
use fusion::internals::kernels::Dims;
use fusion::internals::ops::shape::{expand, permute};
use fusion::prelude::*;
use serde_json::Value as Json;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The weights that `make.py` gives the elements of a result, in C order.
fn weights<T: Float>(count: usize) -> Vec<T> {
    (0..count).map(|i| T::from_f64((2.0 * (37 * i % 64) as f64 - 63.0) / 32.0)).collect()
}

/// Every order of the axes of a tensor.
fn orders(rank: usize) -> Vec<Vec<usize>> {
    let mut orders = vec![vec![]];
    for axis in 0..rank {
        let longer = |order: &Vec<usize>| {
            let order = order.clone();
            (0..=axis).map(move |place| {
                let mut order = order.clone();
                order.insert(place, axis);
                order
            })
        };
        orders = orders.iter().flat_map(longer).collect();
    }
    orders.reverse(); // C order first
    orders
}

/// Elements given in C order, lying in memory with the axes in another order, the last one densest.
fn laid_out<T: Float>(elements: &[T], shape: &[usize], order: &[usize]) -> Value {
    let strides: Vec<usize> = (0..shape.len()).map(|axis| shape[axis + 1..].iter().product()).collect();
    let in_memory: Vec<usize> = order.iter().map(|&axis| shape[axis]).collect();
    let place = |mut i: usize| {
        let axes = order.iter().rev().map(|&axis| {
            let index = i % shape[axis];
            i /= shape[axis];
            index * strides[axis]
        });
        axes.sum::<usize>()
    };
    let moved: Vec<T> = (0..elements.len()).map(|i| elements[place(i)]).collect();
    let mut back = vec![0; order.len()];
    for (place, &axis) in order.iter().enumerate() {
        back[axis] = place;
    }
    by_rank!(shape.len(), S => {
        let tensor = Tensor::<S, T>::from_vec_sized(moved, &in_memory).expect("as many elements");
        permute(tensor.into_value(), &back)
    })
}

/// One line of the golden file in one element type.
struct Case<'a, T> {
    name: String,
    op: &'a str,
    params: &'a Json,
    inputs: Vec<Input<T>>,
    shape: Vec<usize>,
    y: Vec<T>,
    d: Vec<Vec<T>>,
    dd: Option<Vec<Vec<T>>>,
    finite: bool,
    smooth: bool,
    errors: Cell<Errors>,
}

struct Input<T> {
    shape: Vec<usize>,
    elements: Vec<T>,
    expand: Option<Vec<usize>>,
    wants: bool,
}

impl<T: Float> Input<T> {
    /// This input with its axes in one of the orders in memory.
    fn value(&self, layout: usize) -> Value {
        let x = laid_out(&self.elements, &self.shape, &orders(self.shape.len())[layout]);
        match &self.expand {
            Some(sizes) => expand(x, &Dims::new(sizes)),
            None => x,
        }
    }
}

impl<'a, T: Tolerance + Scalars> Case<'a, T> {
    fn read(line: &'a Json) -> Self {
        let input = |input: &Json| Input {
            shape: sizes(&input["shape"]),
            elements: numbers(&input["values"]),
            expand: input.get("expand").map(sizes),
            wants: input.get("wants").is_none(),
        };
        let lists = |lists: &Json| lists.as_array().expect("lists").iter().map(numbers).collect();
        let inputs: Vec<_> = line["inputs"].as_array().expect("inputs").iter().map(input).collect();
        let shapes: Vec<_> = inputs.iter().map(|x| x.expand.as_ref().unwrap_or(&x.shape)).collect();
        let (op, params) = (line["op"].as_str().expect("a name"), &line["params"]);
        let want = &line[T::NAME];
        let (y, d): (Vec<T>, Vec<Vec<T>>) = (numbers(&want["y"]), lists(&want["d"]));
        Self {
            name: format!("{op} {params} of {shapes:?} in {}", T::NAME),
            op,
            params,
            shape: sizes(&line["shape"]),
            // The inputs are exact in both types, so the second gradients of f64 are those that f32 should have.
            dd: line["f64"].get("dd").map(lists),
            finite: y.iter().chain(d.iter().flatten()).all(|&x| x.to_f64().is_finite()),
            smooth: line.get("smooth").is_some(),
            errors: Cell::default(),
            inputs,
            y,
            d,
        }
    }

    /// Layouts for all inputs and, last, the gradient of the result: all combinations of them, or
    /// sixty of many.
    fn layouts(&self) -> Vec<Vec<usize>> {
        let ranks = self.inputs.iter().map(|x| x.shape.len()).chain([self.shape.len()]);
        let counts: Vec<usize> = ranks.map(|rank| (1..=rank).product()).collect();
        let all: usize = counts.iter().product();
        let step = all.div_ceil(60);
        let split = |mut n: usize| {
            let digit = |&count: &usize| {
                let digit = n % count;
                n /= count;
                digit
            };
            counts.iter().map(digit).collect()
        };
        // An even step would keep some digits even.
        (0..all).step_by(step | 1).map(split).collect()
    }

    fn apply(&self, inputs: Vec<Value>, borrowed: [bool; 2]) -> Value {
        apply::<T>(self.op, &Inputs::new(inputs, self.params, borrowed))
    }

    /// Holds the value to the one that we want, and keeps how far it is.
    fn expect(&self, kind: Measured, what: &str, found: &Value, shape: &[usize], want: &[T]) -> Result<(), String> {
        let sizes: Vec<usize> = found.shape().iter().collect();
        if sizes != shape {
            return Err(format!("{}, {what}: the shape is {sizes:?} instead of {shape:?}", self.name));
        }
        let off =
            farthest(&format!("{}, {what}", self.name), &found.array().to_vec(), want, tolerance::<T>(self.op, kind))?;
        self.keep(kind, off);
        Ok(())
    }

    fn keep(&self, kind: Measured, off: f64) {
        let mut errors = self.errors.get();
        errors.keep(kind, off);
        self.errors.set(errors);
    }

    fn expect_result(&self, what: &str, found: &Value) -> Result<(), String> {
        self.expect(Measured::Value, what, found, &self.shape, &self.y)
    }

    /// The gradients by the inputs among `leaves`.
    fn expect_gradients(
        &self,
        kind: Measured,
        what: &str,
        grads: &Gradients,
        leaves: &[Option<Value>],
        want: &[Vec<T>],
    ) -> Result<(), String> {
        let wanted = self.inputs.iter().zip(leaves).enumerate().filter(|(_, (input, _))| input.wants);
        for ((i, (input, leaf)), want) in wanted.zip(want) {
            let Some(leaf) = leaf else { continue };
            let what = format!("{what}, gradient {i}");
            let shape = input.expand.as_ref().unwrap_or(&input.shape);
            match grads.get_value(leaf.link()) {
                Some(gradient) => self.expect(kind, &what, gradient, shape, want)?,
                None if want.iter().all(|&x| x == T::default()) => self.keep(kind, 0.0),
                None => return Err(format!("{}, {what}: there is none", self.name)),
            }
        }
        Ok(())
    }

    /// Everything that this case has to say, with its inputs in these layouts.
    fn check(&self, layouts: &[usize]) -> Result<(), String> {
        let (seed_layout, layouts) = layouts.split_last().expect("one for the gradient");
        let inputs = || self.inputs.iter().zip(layouts).map(|(x, &layout)| x.value(layout));
        let seed = || laid_out(&weights::<T>(self.y.len()), &self.shape, &orders(self.shape.len())[*seed_layout]);
        let at = format!("layouts {layouts:?}");

        // Inference: an operation is the last owner of what it takes by value, and may write there.
        for borrowed in [[false, false], [false, true], [true, false], [true, true]] {
            let y = self.apply(inputs().collect(), borrowed);
            self.expect_result(&format!("inference, {at}, borrowed {borrowed:?}"), &y)?;
        }
        // ... and not the last owner here: what is held elsewhere must not change.
        let held: Vec<Value> = inputs().collect();
        self.expect_result(&format!("inference of shared inputs, {at}"), &self.apply(held.clone(), [false; 2]))?;
        for (held, fresh) in held.iter().zip(inputs()) {
            compare(
                &format!("{}, an input afterwards, {at}", self.name),
                &held.array().to_vec::<T>(),
                &fresh.array().to_vec(),
            )?;
        }

        // Gradients by all inputs at once, by each alone, and by inputs that were computed.
        let alone = (0..self.inputs.len()).map(Some).filter(|_| self.inputs.len() > 1);
        for only in alone.chain([None]) {
            let wants = |i: usize| self.inputs[i].wants && only.is_none_or(|only| only == i);
            if !(0..self.inputs.len()).any(wants) {
                continue;
            }
            for inner in [false, true] {
                let what = format!(
                    "{at}, watching {}{}",
                    only.map_or("all".into(), |i| i.to_string()),
                    if inner { ", inside" } else { "" }
                );
                let trace = |(i, x): (usize, Value)| wants(i).then(|| x.watch());
                let leaves: Vec<Option<Value>> = inputs().enumerate().map(trace).collect();
                let used = leaves.iter().zip(inputs()).map(|(leaf, data)| match leaf {
                    Some(leaf) if inner => fusion::internals::ops::binary::mul_scalar(leaf.clone(), 1.0),
                    Some(leaf) => leaf.clone(),
                    None => data,
                });
                let y = self.apply(used.collect(), [inner; 2]);
                self.expect_result(&what, &y)?;
                self.expect_gradients(Measured::Gradient, &what, &y.backward(seed()), &leaves, &self.d)?;
            }
        }
        // In one layout for f32: what the operations are made of is the same code.
        let second = T::NAME == "f64" || layouts.iter().all(|&layout| layout == 0);
        if self.finite && second && self.inputs.iter().any(|input| input.wants) {
            self.check_second(inputs().collect(), seed(), &at)?;
        }
        Ok(())
    }

    /// Gradients of gradients: of the sum of all of them with weights.
    fn check_second(&self, inputs: Vec<Value>, seed: Value, at: &str) -> Result<(), String> {
        let what = format!("second order, {at}");
        let trace = |(x, input): (Value, &Input<T>)| input.wants.then(|| x.watch());
        let leaves: Vec<Option<Value>> = inputs.iter().cloned().zip(&self.inputs).map(trace).collect();
        let used = leaves.iter().zip(inputs).map(|(leaf, data)| leaf.clone().unwrap_or(data));
        let y = self.apply(used.collect(), [true; 2]);
        let first = y.backward(seed.trace());
        self.expect_gradients(Measured::Gradient, &format!("{what}, first"), &first, &leaves, &self.d)?;
        let mut sum = Value::from(laid_out(&[T::default()], &[], &[]).array().clone());
        for leaf in leaves.iter().flatten() {
            // The gradient of a linear operation depends on nothing: this keeps the leaf in the sum, without weight.
            let all = fusion::internals::ops::sum(leaf, (1 << leaf.shape().rank()) - 1, false);
            sum = fusion::internals::ops::add(sum, &fusion::internals::ops::mul_scalar(all, 0.0));
            let Some(gradient) = first.get_value(leaf.link()) else {
                continue;
            };
            let shape: Vec<usize> = gradient.shape().iter().collect();
            let weights =
                laid_out(&weights::<T>(gradient.array().count()), &shape, &(0..shape.len()).collect::<Vec<_>>());
            let term = fusion::internals::ops::mul(gradient.clone(), &weights);
            let all = fusion::internals::ops::sum(&term, (1 << shape.len()) - 1, false);
            sum = fusion::internals::ops::add(sum, &all);
        }
        let zeros: Vec<Vec<T>> = self.d.iter().map(|d| vec![T::default(); d.len()]).collect();
        let one = laid_out(&[T::from_f64(1.0)], &[], &[]);
        let second = sum.backward(one);
        let want = self.dd.as_ref().unwrap_or(&zeros);
        self.expect_gradients(Measured::Second, &what, &second, &leaves, want)
    }
}

/// The cases of a golden file.
pub fn lines(file: &str) -> Vec<Json> {
    let mut file = json(file);
    match file["cases"].take() {
        Json::Array(lines) => lines,
        _ => panic!("no cases"),
    }
}

/// Every case of a golden file, in every layout, and the errors that the table of operations states.
pub fn check_all<T: Tolerance + Scalars>(file: &str) {
    let (mut count, mut wrong) = (0, vec![]);
    let mut errors = BTreeMap::<String, Errors>::new();
    for line in &lines(file) {
        let case = Case::<T>::read(line);
        for layouts in case.layouts() {
            count += 1;
            let outcome = catch_unwind(AssertUnwindSafe(|| case.check(&layouts)));
            if let Err(mistake) = outcome.unwrap_or_else(|_| Err(format!("{}: panicked", case.name))) {
                wrong.push(mistake);
                break;
            }
        }
        errors.entry(case.op.to_owned()).or_default().join(case.errors.get());
    }
    report(T::NAME, count, &wrong);
    table::hold(T::NAME, &errors);
}

/// The tests of a golden file's cases, beside that no operation is forgotten.
macro_rules! tests_of {
    ($file:expr) => {
        #[test]
        fn f32_agrees_with_pytorch() {
            $crate::operations::check_all::<f32>($file);
        }

        #[test]
        fn f64_agrees_with_pytorch() {
            $crate::operations::check_all::<f64>($file);
        }

        #[test]
        fn gradients_agree_with_differences() {
            $crate::operations::check_differences($file);
        }

        #[test]
        fn a_wrong_number_is_noticed() {
            $crate::operations::check_notices($file);
        }
    };
}
pub(crate) use tests_of;

tests_of!("ops.json");

/// The gradient of each input, the others fixed, against differences of the results.
pub fn check_differences(file: &str) {
    let (mut count, mut wrong) = (0, vec![]);
    for line in &lines(file) {
        let case = Case::<f64>::read(line);
        let all = case.layouts();
        for layouts in [&all[0], &all[all.len() - 1]] {
            for (i, input) in case.inputs.iter().enumerate().filter(|(_, input)| case.smooth && input.wants) {
                let others: Vec<Value> = case.inputs.iter().zip(layouts).map(|(x, &layout)| x.value(layout)).collect();
                let shape = input.expand.as_ref().unwrap_or(&input.shape);
                let outcome = by_rank!(shape.len(), S => by_rank!(case.shape.len(), R => {
                    let f = |x: &Tensor<S, f64>| {
                        let mut inputs = others.clone();
                        inputs[i] = x.value().clone();
                        let y = case.apply(inputs, [false; 2]);
                        Tensor::<R, f64>::from_value(y).expect("the result's rank")
                    };
                    let x = Tensor::from_value(others[i].clone()).expect("the input's rank");
                    fusion::gradcheck(f, &x)
                }));
                count += 1;
                wrong.extend(outcome.err().map(|e| format!("{}, input {i}: {e}", case.name)));
            }
        }
    }
    report("gradcheck", count, &wrong);
}

/// Every operation has its share of cases: four at least that differences can check, too.
pub fn check_coverage(file: &str, operations: &[&str]) {
    let lines = lines(file);
    for op in operations {
        let count = lines.iter().filter(|line| line["op"] == *op && line.get("smooth").is_some()).count();
        assert!(count >= 4, "{op}: {count} smooth cases");
    }
}

#[test]
fn no_operation_is_forgotten() {
    let operations = [
        "add",
        "sub",
        "mul",
        "div",
        "neg",
        "x+s",
        "s+x",
        "x-s",
        "s-x",
        "x*s",
        "s*x",
        "x/s",
        "s/x",
        "matmul",
        "linear",
        "linear_relu",
        "relu",
        "sigmoid",
        "tanh",
        "exp",
        "ln",
        "sin",
        "sqrt",
        "square",
        "pow",
        "sum",
        "mean",
        "max",
        "min",
        "reshape",
        "flatten",
        "flatten_batch",
        "t",
        "transpose",
        "permute",
        "squeeze",
        "unsqueeze",
        "expand",
        "softmax",
        "log_softmax",
        "cross_entropy",
        "bce_with_logits",
        "mse_loss",
    ];
    check_coverage("ops.json", &operations);
}

/// These tests can fail: any golden number of any case, changed, is noticed.
pub fn check_notices(file: &str) {
    fn check<T: Tolerance + Scalars>(lines: &[Json]) {
        for line in lines {
            let layouts = vec![0; Case::<T>::read(line).inputs.len() + 1];
            type Change<T> = dyn for<'a> Fn(&'a mut Case<'_, T>) -> Option<&'a mut T>;
            let wrong = |kind: Measured, change: &Change<T>| {
                let mut case = Case::<T>::read(line);
                let most = tolerance::<T>(case.op, kind);
                let Some(number) = change(&mut case) else {
                    return;
                };
                let far = T::from_f64(20.0 * most);
                let size = number.to_f64().abs();
                *number = if size.is_finite() { *number + far * T::from_f64(size.max(1.0)) } else { far };
                assert!(case.check(&layouts).is_err(), "{}: a wrong number is not noticed", case.name);
            };
            wrong(Measured::Value, &|case| case.y.last_mut());
            wrong(Measured::Gradient, &|case| case.d.first_mut()?.first_mut());
            wrong(Measured::Gradient, &|case| case.d.last_mut()?.last_mut());
            wrong(Measured::Second, &|case| case.dd.as_mut()?.first_mut()?.first_mut());
        }
    }
    check::<f32>(&lines(file));
    check::<f64>(&lines(file));
}
