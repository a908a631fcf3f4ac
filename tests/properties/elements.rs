//! Functions of each element.

use crate::arrays::{Draw, Values, equal};
use crate::{Outcome, Real};
use fusion::internals::graph::Value;
use fusion::internals::kernels::DType;
use fusion::internals::kernels::elementwise::cast;
use fusion::internals::ops::{self, activation, binary, choice, compare, index, pairs, unary};
use fusion::ndarray::{ArrayD, IxDyn};
use std::marker::PhantomData;

type One = (&'static str, fn(Value) -> Value, fn(f64) -> f64);
type Two = (&'static str, fn(Value, &Value) -> Value, fn(f64, f64) -> f64);

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// A function that is NaN for NaN, of a truth value.
fn truth(is: bool) -> f64 {
    f64::from(u8::from(is))
}

const ONE: &[One] = &[
    ("neg", binary::neg, |x| -x),
    ("abs", unary::abs, f64::abs),
    ("square", ops::square, |x| x * x),
    ("sqrt", ops::sqrt, f64::sqrt),
    ("rsqrt", unary::rsqrt, |x| 1.0 / x.sqrt()),
    ("recip", unary::recip, |x| 1.0 / x),
    ("exp", ops::exp, f64::exp),
    ("exp_m1", unary::exp_m1, f64::exp_m1),
    ("ln", ops::ln, f64::ln),
    ("ln_1p", unary::ln_1p, f64::ln_1p),
    ("log2", unary::log2, f64::log2),
    ("sin", ops::sin, f64::sin),
    ("cos", ops::cos, f64::cos),
    ("tan", unary::tan, f64::tan),
    ("asin", unary::asin, f64::asin),
    ("acos", unary::acos, f64::acos),
    ("atan", unary::atan, f64::atan),
    ("sinh", unary::sinh, f64::sinh),
    ("cosh", unary::cosh, f64::cosh),
    ("tanh", activation::tanh, f64::tanh),
    ("sigmoid", activation::sigmoid, sigmoid),
    ("relu", activation::relu, |x| if x.is_nan() { x } else { x.max(0.0) }),
    ("silu", activation::silu, |x| x * sigmoid(x)),
    ("floor", unary::floor, f64::floor),
    ("ceil", unary::ceil, f64::ceil),
    ("trunc", unary::trunc, f64::trunc),
    ("round", unary::round, f64::round_ties_even),
    ("x + s", |x| ops::add_scalar(x, 1.75), |x| x + 1.75),
    ("x * s", |x| ops::mul_scalar(x, -1.5), |x| x * -1.5),
    ("s - x", |x| ops::rsub_scalar(0.25, x), |x| 0.25 - x),
    ("s / x", |x| ops::rdiv_scalar(3.0, x), |x| 3.0 / x),
    ("x / s", |x| ops::div_scalar(x, 3.0), |x| x / 3.0),
    ("clamp", |x| unary::clamp(x, -1.0, 2.0), |x| if x.is_nan() { x } else { x.clamp(-1.0, 2.0) }),
    ("x^3", |x| ops::pow(x, 3.0), |x| x.powi(3)),
    ("x^-2", |x| ops::pow(x, -2.0), |x| x.powi(-2)),
    ("x^2.5", |x| ops::pow(x, 2.5), |x| x.powf(2.5)),
    ("is_nan", |x| mask(compare::is_nan, x), |x| truth(x.is_nan())),
    ("is_finite", |x| mask(compare::is_finite, x), |x| truth(x.is_finite())),
];

/// Truth values as numbers of the operand's type.
fn mask(f: impl Fn(Value) -> Value, x: Value) -> Value {
    let dtype = x.dtype();
    cast(f(x).array(), dtype).into()
}

const TWO: &[Two] = &[
    ("add", ops::add, |x, y| x + y),
    ("sub", ops::sub, |x, y| x - y),
    ("mul", ops::mul, |x, y| x * y),
    ("div", ops::div, |x, y| x / y),
    ("maximum", pairs::maximum, |x, y| if x.is_nan() || y.is_nan() { f64::NAN } else { x.max(y) }),
    ("minimum", pairs::minimum, |x, y| if x.is_nan() || y.is_nan() { f64::NAN } else { x.min(y) }),
    ("atan2", pairs::atan2, f64::atan2),
    ("hypot", pairs::hypot, f64::hypot),
    ("pow", pairs::pow, f64::powf),
    ("fmod", pairs::fmod, |x, y| x % y),
    ("eq", |x, y| mask(|x| compare::eq(x, y), x), |x, y| truth(x == y)),
    ("ne", |x, y| mask(|x| compare::ne(x, y), x), |x, y| truth(x != y)),
    ("lt", |x, y| mask(|x| compare::lt(x, y), x), |x, y| truth(x < y)),
    ("le", |x, y| mask(|x| compare::le(x, y), x), |x, y| truth(x <= y)),
    ("gt", |x, y| mask(|x| compare::gt(x, y), x), |x, y| truth(x > y)),
    ("ge", |x, y| mask(|x| compare::ge(x, y), x), |x, y| truth(x >= y)),
];

pub fn unary<T: Real>(draw: &mut Draw, _: PhantomData<T>) -> Outcome {
    let sizes = draw.sizes.clone();
    let (name, f, reference) = *draw.one_of(ONE);
    let x = draw.tensor::<T>(&sizes, Values::Far);
    // What is held elsewhere must not change; what is not may be written to.
    let held = (draw.below(2) == 1).then(|| x.value.clone());
    let numbers = x.numbers();
    let want = numbers.mapv(reference);
    equal::<T>(name, &f(x.value), &want, T::SHARE)?;
    held.map_or(Ok(()), |held| equal::<T>("the operand afterwards", &held, &numbers, 0.0))
}

/// The array stretched to these sizes.
fn stretched(x: &ArrayD<f64>, sizes: &[usize]) -> ArrayD<f64> {
    x.broadcast(IxDyn(sizes)).expect("sizes that broadcast").to_owned()
}

/// The sizes that two tensors have together.
fn joined(a: &[usize], b: &[usize]) -> Vec<usize> {
    let rank = a.len().max(b.len());
    let size = |sizes: &[usize], axis: usize| (axis + sizes.len()).checked_sub(rank).map_or(1, |axis| sizes[axis]);
    (0..rank)
        .map(|axis| match (size(a, axis), size(b, axis)) {
            (1, n) | (n, _) => n,
        })
        .collect()
}

pub fn binary<T: Real>(draw: &mut Draw, _: PhantomData<T>) -> Outcome {
    let sizes = draw.sizes.clone();
    let (name, f, reference) = *draw.one_of(TWO);
    let (a, b) = (draw.broadcast(&sizes), draw.broadcast(&sizes));
    let (a, b) = (draw.tensor::<T>(&a, Values::Far), draw.tensor::<T>(&b, Values::Far));
    let sizes = joined(a.array.shape(), b.array.shape());
    let mut want = stretched(&a.numbers(), &sizes);
    want.zip_mut_with(&stretched(&b.numbers(), &sizes), |x, &y| *x = reference(*x, y));
    equal::<T>(name, &f(a.value.clone(), &b.value), &want, T::SHARE)?;
    equal::<T>("the left operand afterwards", &a.value, &a.numbers(), 0.0)?;
    // Alone, so that it may be written to.
    equal::<T>(name, &f(a.value, &b.value), &want, T::SHARE)
}

/// `where`, of three tensors that broadcast, and `masked_fill`.
pub fn choices<T: Real>(draw: &mut Draw, _: PhantomData<T>) -> Outcome {
    let sizes = draw.sizes.clone();
    let shapes = [0, 1, 2].map(|_| draw.broadcast(&sizes));
    let (x, y) = (draw.tensor::<T>(&shapes[0], Values::Special), draw.tensor::<T>(&shapes[1], Values::Special));
    let mask = draw.tensor::<bool>(&shapes[2], Values::Any);
    let sizes = joined(&joined(x.array.shape(), y.array.shape()), mask.array.shape());
    let [xs, ys, ms] = [x.numbers(), y.numbers(), mask.numbers()].map(|array| stretched(&array, &sizes));
    let mut want = ys;
    fusion::ndarray::Zip::from(&mut want).and(&xs).and(&ms).for_each(|to, &x, &m| {
        if m == 1.0 {
            *to = x;
        }
    });
    let bits = cast(mask.value.array(), T::DTYPE);
    equal::<T>("where", &choice::choose(x.value.clone(), &y.value, bits), &want, 0.0)?;

    // The mask must not stretch what it fills.
    if joined(x.array.shape(), mask.array.shape()) == x.array.shape() {
        let mut want = x.numbers();
        let hidden = stretched(&mask.numbers(), x.array.shape());
        want.zip_mut_with(&hidden, |x, &m| *x = if m == 1.0 { 0.5 } else { *x });
        equal::<T>("masked_fill", &index::masked_fill(x.value, mask.value.array(), 0.5), &want, 0.0)?;
    }
    equal::<bool>("the mask afterwards", &mask.value, &mask.numbers(), 0.0)?;
    let flipped = cast(&cast(mask.value.array(), DType::F64), DType::Bool);
    equal::<bool>("to f64 and back", &flipped.into(), &mask.numbers(), 0.0)
}
