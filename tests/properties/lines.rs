//! What is made of the elements along axes.

use crate::arrays::{Draw, Values, along, equal, over};
use crate::{Number, Outcome, Real};
use fusion::internals::graph::Value;
use fusion::internals::kernels::elementwise::cast;
use fusion::internals::ops::{self, order, scan, statistics};
use std::cmp::Ordering;
use std::marker::PhantomData;

type Reduction = (&'static str, fn(&Value, u8, bool) -> Value, fn(&[f64]) -> f64, Values);

fn sum(x: &[f64]) -> f64 {
    x.iter().sum()
}

fn mean(x: &[f64]) -> f64 {
    sum(x) / x.len() as f64
}

fn variance(x: &[f64], correction: f64) -> f64 {
    let mean = mean(x);
    x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (x.len() as f64 - correction).max(0.0)
}

/// The largest one; NaN where there is one.
fn largest(x: &[f64]) -> f64 {
    x.iter().copied().fold(f64::NEG_INFINITY, |a, b| if a.is_nan() || b.is_nan() { f64::NAN } else { a.max(b) })
}

fn smallest(x: &[f64]) -> f64 {
    -largest(&x.iter().map(|x| -x).collect::<Vec<_>>())
}

fn log_sum_exp(x: &[f64]) -> f64 {
    let top = largest(x);
    let top = if top.is_finite() { top } else { 0.0 };
    top + x.iter().map(|x| (x - top).exp()).sum::<f64>().ln()
}

/// Truth values as numbers.
fn counted(f: impl Fn(&Value) -> Value, x: &Value) -> Value {
    cast(f(x).array(), x.dtype()).into()
}

const REDUCTIONS: &[Reduction] = &[
    ("sum", ops::sum, sum, Values::Special),
    ("mean", ops::mean, mean, Values::Special),
    ("max", ops::max, largest, Values::Special),
    ("min", ops::min, smallest, Values::Special),
    ("prod", statistics::prod, |x| x.iter().product(), Values::Ones),
    ("logsumexp", statistics::logsumexp, log_sum_exp, Values::Special),
    ("var", |x, a, k| statistics::var(x, a, k, 1.0), |x| variance(x, 1.0), Values::Any),
    ("std", |x, a, k| statistics::std(x, a, k, 0.0), |x| variance(x, 0.0).sqrt(), Values::Any),
    ("norm 1", |x, a, k| statistics::norm(x, a, k, 1.0), |x| x.iter().map(|x| x.abs()).sum(), Values::Any),
    ("norm 2", |x, a, k| statistics::norm(x, a, k, 2.0), |x| x.iter().map(|x| x * x).sum::<f64>().sqrt(), Values::Any),
    (
        "norm inf",
        |x, a, k| statistics::norm(x, a, k, f64::INFINITY),
        |x| x.iter().fold(0.0, |a, x| a.max(x.abs())),
        Values::Any,
    ),
    (
        "all",
        |x, a, k| counted(|x| statistics::all(x, a, k), x),
        |x| f64::from(u8::from(x.iter().all(|&x| x != 0.0))),
        Values::Ones,
    ),
    (
        "any",
        |x, a, k| counted(|x| statistics::any(x, a, k), x),
        |x| f64::from(u8::from(x.iter().any(|&x| x != 0.0))),
        Values::Special,
    ),
    (
        "count_nonzero",
        |x, a, k| counted(|x| statistics::count_nonzero(x, a, k), x),
        |x| x.iter().filter(|&&x| x != 0.0).count() as f64,
        Values::Special,
    ),
];

pub fn reductions<T: Real>(draw: &mut Draw, _: PhantomData<T>) -> Outcome {
    let sizes = draw.sizes.clone();
    let (name, f, reference, values) = *draw.one_of(REDUCTIONS);
    let (axes, keep) = (draw.axes(sizes.len()), draw.below(2) == 1);
    let x = draw.tensor::<T>(&sizes, values);
    let each: usize = sizes.iter().enumerate().filter(|(axis, _)| axes >> axis & 1 == 1).map(|(_, &n)| n).product();
    let count = sizes.iter().enumerate().filter(|(axis, _)| axes >> axis & 1 == 0).map(|(_, &n)| n).product::<usize>();
    if each == 0 && count > 0 && ["max", "min", "norm inf"].contains(&name) {
        return Ok(()); // refused, as in PyTorch
    }
    let want = over(&x.numbers(), axes, keep, reference);
    equal::<T>(&format!("{name} over {axes:b} of {sizes:?}"), &f(&x.value, axes, keep), &want, T::SHARE)
}

pub fn scans<T: Real>(draw: &mut Draw, _: PhantomData<T>) -> Outcome {
    let sizes = draw.sizes.clone();
    if sizes.is_empty() {
        return Ok(());
    }
    let axis = draw.axis(sizes.len());
    let product = draw.below(2) == 1;
    let x = draw.tensor::<T>(&sizes, if product { Values::Ones } else { Values::Special });
    let running = |line: &[f64]| {
        let mut so_far = if product { 1.0 } else { 0.0 };
        let next = |x: &f64| {
            so_far = if product { so_far * x } else { so_far + x };
            so_far
        };
        line.iter().map(next).collect::<Vec<_>>()
    };
    let want = along(&x.numbers(), axis, sizes[axis], running);
    let found = if product { scan::cumprod(&x.value, axis) } else { scan::cumsum(&x.value, axis, false) };
    equal::<T>(&format!("running along {axis} of {sizes:?}"), &found, &want, T::SHARE)
}

/// NaN is larger than all.
fn by_size(a: f64, b: f64) -> Ordering {
    a.partial_cmp(&b).unwrap_or(a.is_nan().cmp(&b.is_nan()))
}

/// The places of a line's elements in order, equal ones as they come.
fn places(line: &[f64], descending: bool) -> Vec<usize> {
    let mut places: Vec<usize> = (0..line.len()).collect();
    places.sort_by(|&a, &b| if descending { by_size(line[b], line[a]) } else { by_size(line[a], line[b]) });
    places
}

fn sorted(line: &[f64], descending: bool) -> Vec<f64> {
    places(line, descending).into_iter().map(|place| line[place]).collect()
}

pub fn orders<T: Real>(draw: &mut Draw, _: PhantomData<T>) -> Outcome {
    let sizes = draw.sizes.clone();
    if sizes.is_empty() {
        return Ok(());
    }
    let (axis, descending) = (draw.axis(sizes.len()), draw.below(2) == 1);
    let (n, x) = (sizes[axis], draw.tensor::<T>(&sizes, Values::Special));
    let all = x.numbers();
    let count = n - draw.below(n + 1).min(n);
    let what = format!("along {axis} of {sizes:?}, descending {descending}, first {count}");

    let (values, indices) = order::first(&x.value, axis, n, descending);
    equal::<T>(&format!("sort {what}"), &values, &along(&all, axis, n, |line| sorted(line, descending)), 0.0)?;
    let at = |line: &[f64]| places(line, descending).into_iter().map(|place| place as f64).collect::<Vec<_>>();
    equal::<i64>(&format!("argsort {what}"), &indices, &along(&all, axis, n, at), 0.0)?;
    let first = |line: &[f64]| sorted(line, descending)[..count].to_vec();
    equal::<T>(
        &format!("first {what}"),
        &order::first(&x.value, axis, count, descending).0,
        &along(&all, axis, count, first),
        0.0,
    )?;
    if n == 0 {
        return Ok(());
    }
    let k = 1 + draw.below(n);
    let kth = over(&all, 1 << axis, false, |line| sorted(line, false)[k - 1]);
    equal::<T>(&format!("the {k}th {what}"), &order::kthvalue(&x.value, axis, k).0, &kth, 0.0)?;
    let or_nan = |line: &[f64], f: &dyn Fn(&[f64]) -> f64| {
        if line.iter().any(|x| x.is_nan()) { f64::NAN } else { f(&sorted(line, false)) }
    };
    let median = over(&all, 1 << axis, false, |line| or_nan(line, &|line| line[(n - 1) / 2]));
    equal::<T>(&format!("median {what}"), &order::median(&x.value, axis).0, &median, 0.0)?;
    extremes(&x.value, &all, axis, PhantomData::<T>)
}

/// `argmax` and `argmin`, along the last axis, to which this one is moved: the first of equal ones, or the first NaN.
fn extremes<T: Real>(x: &Value, all: &fusion::ndarray::ArrayD<f64>, axis: usize, _: PhantomData<T>) -> Outcome {
    use fusion::prelude::*;
    let first = |line: &[f64], sign: f64| {
        let top = largest(&line.iter().map(|x| sign * x).collect::<Vec<_>>());
        line.iter().position(|x| sign * x == top || (x.is_nan() && top.is_nan())).expect("one of them") as f64
    };
    let last = all.ndim() - 1;
    let order: Vec<usize> = (0..=last).filter(|&other| other != axis).chain([axis]).collect();
    let x = ops::permute(x.clone(), &order);
    macro_rules! of {
        ($($rank:literal $S:ty),*) => {
            match last + 1 {
                $($rank => {
                    let x = Tensor::<$S, T>::from_value(x).expect("its rank");
                    (x.argmax_over(Axis::<-1>).into_value(), x.argmin_over(Axis::<-1>).into_value())
                })*
                rank => unreachable!("no case has rank {rank}"),
            }
        };
    }
    let (most, least) = of!(1(Dyn,), 2(Dyn, Dyn), 3(Dyn, Dyn, Dyn), 4(Dyn, Dyn, Dyn, Dyn), 5(Dyn, Dyn, Dyn, Dyn, Dyn));
    equal::<i64>("argmax", &most, &over(all, 1 << axis, false, |line| first(line, 1.0)), 0.0)?;
    equal::<i64>("argmin", &least, &over(all, 1 << axis, false, |line| first(line, -1.0)), 0.0)
}

pub fn softmaxes<T: Real>(draw: &mut Draw, _: PhantomData<T>) -> Outcome {
    let sizes = draw.sizes.clone();
    if sizes.is_empty() {
        return Ok(());
    }
    let (axis, log) = (draw.axis(sizes.len()), draw.below(2) == 1);
    let x = draw.tensor::<T>(&sizes, Values::Any);
    let share = |line: &[f64]| {
        let all = log_sum_exp(line);
        line.iter().map(|x| if log { x - all } else { (x - all).exp() }).collect::<Vec<_>>()
    };
    let want = along(&x.numbers(), axis, sizes[axis], share);
    let found = if log { ops::log_softmax(&x.value, axis) } else { ops::softmax(&x.value, axis) };
    equal::<T>(&format!("softmax along {axis} of {sizes:?}, log {log}"), &found, &want, T::SHARE)?;
    equal::<T>("the operand afterwards", &x.value, &x.array.mapv(Number::as_f64), 0.0)
}
