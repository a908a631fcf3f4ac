//! Gradients of formulas as operations: what is recorded where a gradient of the gradient is asked for.

use crate::graph::Value;
use crate::kernels::{Array, DType, elementwise as kernel};
use crate::ops::binary::{add, add_scalar, div, div_scalar, mul, mul_scalar, rdiv_scalar, rsub_scalar, sub};
use crate::ops::choice::choose;
use crate::ops::pairs::{maximum, minimum, pow};
use crate::ops::unary;

/// How a value is computed, from those of the steps before.
#[derive(Clone, Copy, Debug)]
pub enum Step {
    /// The gradient of the result.
    Incoming,
    /// What was kept in this place.
    Saved(usize),
    /// A number that the function takes.
    Parameter(usize),
    /// A constant.
    Number(f64),
    /// An operation on one.
    Unary(fn(Value) -> Value, usize),
    /// An operation on two.
    Binary(Binary, usize, usize),
    /// Where the first two compare so the third, else the fourth.
    Where(Comparison, [usize; 4]),
}

/// An operation on two values.
#[derive(Clone, Copy, Debug)]
pub enum Binary {
    /// `a + b`.
    Add,
    /// `a - b`.
    Sub,
    /// `a * b`.
    Mul,
    /// `a / b`.
    Div,
    /// `a` to the power of `b`.
    Pow,
    /// The larger.
    Max,
    /// The smaller.
    Min,
}

/// A comparison.
#[derive(Clone, Copy, Debug)]
pub enum Comparison {
    /// Less.
    Lt,
    /// Less or equal.
    Le,
    /// Equal.
    Eq,
}

/// A value, or a number that is the same for all elements.
#[derive(Clone)]
enum Term {
    Value(Value),
    Number(f64),
}

impl Term {
    fn into_value(self, dtype: DType) -> Value {
        match self {
            Self::Value(value) => value,
            Self::Number(x) => Array::full_float(dtype, x, Default::default()).into(),
        }
    }
}

/// The values of the steps at `results`, of the incoming gradient `g`.
#[track_caller]
pub fn run(steps: &[Step], results: &[usize], g: Value, saved: &[Value], numbers: &[f64]) -> Vec<Value> {
    let dtype = g.dtype();
    let mut terms: Vec<Term> = Vec::with_capacity(steps.len());
    for step in steps {
        let value = |k: usize| terms[k].clone().into_value(dtype);
        let term = match *step {
            Step::Incoming => Term::Value(g.clone()),
            Step::Saved(k) => Term::Value(saved[k].clone()),
            Step::Parameter(k) => Term::Number(numbers[k]),
            Step::Number(x) => Term::Number(x),
            Step::Unary(f, x) => Term::Value(f(value(x))),
            Step::Binary(f, a, b) => binary(f, terms[a].clone(), terms[b].clone(), dtype),
            Step::Where(how, [a, b, x, y]) => {
                let compare = match how {
                    Comparison::Lt => kernel::lt_mask,
                    Comparison::Le => kernel::le_mask,
                    Comparison::Eq => kernel::eq_mask,
                };
                let mask = compare(value(a).into_parts().0, value(b).array());
                Term::Value(choose(value(x), &value(y), mask))
            }
        };
        terms.push(term);
    }
    results.iter().map(|&k| terms[k].clone().into_value(dtype)).collect()
}

#[track_caller]
fn binary(f: Binary, a: Term, b: Term, dtype: DType) -> Term {
    Term::Value(match (f, a, b) {
        (Binary::Add, Term::Value(x), Term::Number(s)) | (Binary::Add, Term::Number(s), Term::Value(x)) => {
            add_scalar(x, s)
        }
        (Binary::Sub, Term::Value(x), Term::Number(s)) => add_scalar(x, -s),
        (Binary::Sub, Term::Number(s), Term::Value(x)) => rsub_scalar(s, x),
        (Binary::Mul, Term::Value(x), Term::Number(s)) | (Binary::Mul, Term::Number(s), Term::Value(x)) => {
            mul_scalar(x, s)
        }
        (Binary::Div, Term::Value(x), Term::Number(s)) => div_scalar(x, s),
        (Binary::Div, Term::Number(s), Term::Value(x)) => rdiv_scalar(s, x),
        (Binary::Pow, Term::Value(x), Term::Number(s)) => unary::pow(x, s),
        (Binary::Add, Term::Number(a), Term::Number(b)) => return Term::Number(a + b),
        (Binary::Sub, Term::Number(a), Term::Number(b)) => return Term::Number(a - b),
        (Binary::Mul, Term::Number(a), Term::Number(b)) => return Term::Number(a * b),
        (Binary::Div, Term::Number(a), Term::Number(b)) => return Term::Number(a / b),
        (Binary::Pow, Term::Number(a), Term::Number(b)) => return Term::Number(a.powf(b)),
        (f, a, b) => {
            let (a, b) = (a.into_value(dtype), b.into_value(dtype));
            match f {
                Binary::Add => add(a, &b),
                Binary::Sub => sub(a, &b),
                Binary::Mul => mul(a, &b),
                Binary::Div => div(a, &b),
                Binary::Max => maximum(a, &b),
                Binary::Min => minimum(a, &b),
                Binary::Pow => pow(a, &b),
            }
        }
    })
}
