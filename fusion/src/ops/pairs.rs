//! Element-wise functions of two inputs that are no operators, with broadcasting.
//!
//! A function is a line of the table below and its formula in `kernels/elementwise/binary.rs`; the operation and the typed
//! methods are made of it, and `Pair` does the rest for all.

use super::binary::{add, add_scalar, check, div, mul, neg, same_names};
use super::choice::choose;
use super::operand::{Meets, Operand, Right};
use super::shape::sum_to;
use super::unary::{self, floor, ln, trunc, zeros_like};
use crate::Result;
use crate::dim::Broadcast;
use crate::graph::{Value, record, will_record};
use crate::kernels::{Array, Dims, elementwise as kernel};
use crate::tensor::{Float, Tensor};

/// A function of two elements at run time.
pub(super) struct Pair {
    pub name: &'static str,
    pub kernel: fn(Array, &Array) -> Array,
    /// The gradient by each argument for an incoming one, from both arguments and the result.
    pub gradients: [fn(Value, Value, Value, Value) -> Value; 2],
}

impl Pair {
    #[track_caller]
    pub fn of(&'static self, a: Value, b: &Value) -> Value {
        check(&a, b);
        let (a, link) = a.into_parts();
        let saved = will_record(&[&link, b.link()]).then(|| a.clone());
        record(self.name, [&link, b.link()], (self.kernel)(a, b.array()), |y| {
            let (a, b, y) = (saved.expect("recorded"), b.array().clone(), y.clone());
            move |g, cx| {
                let by = |i: usize, shape: &Dims| {
                    let (a, b, y) = (cx.input(0, &a), cx.input(1, &b), cx.output(&y));
                    cx.needs_grad(i).then(|| sum_to(self.gradients[i](g.clone(), a, b, y), shape))
                };
                [by(0, a.shape()), by(1, b.shape())]
            }
        })
    }
}

/// `f` of a tensor and an operand, a number of which is a tensor of one element.
#[track_caller]
pub(super) fn with_operand(a: Value, b: Right<'_>, names: u8, f: fn(Value, &Value) -> Value) -> Value {
    match b {
        Right::Tensor(b) => {
            super::or_panic(same_names(a.shape(), b.shape(), names));
            f(a, &b)
        }
        Right::Number(s) => {
            let b = Array::full_float(a.dtype(), s, Dims::default()).into();
            f(a, &b)
        }
    }
}

/// `f` of two tensors, or an error if their sizes differ or there is no room for the result.
pub(super) fn try_with(
    a: &Value,
    b: &Value,
    names: u8,
    dtype: crate::kernels::DType,
    f: fn(Value, &Value) -> Value,
) -> Result<Value> {
    let (m, n) = (a.shape().sizes(), b.shape().sizes());
    super::room(fusion_rules::broadcast(m, n)?, dtype)?;
    fusion_rules::same_names(m, n, names)?;
    Ok(f(a.clone(), b))
}

/// The methods of functions of two inputs, each with its fallible twin. An entry is the documentation, the two names,
/// PyTorch's name, the element of the result and an example.
macro_rules! methods {
    ($($(#[$doc:meta])* $name:ident $try_name:ident $torch:literal $T:ty: $x:tt $y:expr => $z:tt;)*) => {
        impl<S, T: Float> Tensor<S, T> { $(
            $(#[$doc])*
            #[doc = concat!(
                "\n\n`other` is a tensor whose shape broadcasts with this one's, or a number. PyTorch's `", $torch,
                "`.\n\n# Panics\n\nIf two sizes known at run time differ. [`Tensor::", stringify!($try_name),
                "`] gives an error instead.\n\n```\nlet x = fusion::Tensor::from(", stringify!($x), ");\nassert_eq!(x.",
                stringify!($name), "(", stringify!($y), ").to_vec(), ", stringify!($z), ");\n```"
            )]
            #[track_caller]
            pub fn $name<O>(&self, other: O) -> Tensor<<O::Kind as Meets<S>>::Out, $T>
            where
                O: Operand<T, Kind: Meets<S>>,
            {
                let names = <O::Kind as Meets<S>>::NAMED;
                Tensor::wrap($crate::ops::pairs::with_operand(self.value().clone(), other.right(), names, $name))
            }

            #[doc = concat!(
                "[`Tensor::", stringify!($name), "`] of two tensors, or an error if two sizes known at run time differ or ",
                "there is no room for the result.\n\n```\nlet x = fusion::Tensor::from(", stringify!($x),
                ");\nassert!(x.", stringify!($try_name), "(&x).is_ok());\n```"
            )]
            #[track_caller]
            pub fn $try_name<R>(&self, other: &Tensor<R, T>) -> Result<Tensor<<S as Broadcast<R>>::Joined, $T>>
            where
                S: Broadcast<R>,
            {
                let (a, b, names) = (self.value(), other.value(), <S as Broadcast<R>>::NAMED);
                Ok(Tensor::wrap($crate::ops::pairs::try_with(a, b, names, T::DTYPE, $name)?))
            }
        )* }
    };
}
pub(super) use methods;

/// An operation, with the gradients by both arguments.
macro_rules! operation {
    ($(#[$doc:meta])* $name:ident [$by_a:expr, $by_b:expr]) => {
        $(#[$doc])*
        #[track_caller]
        pub fn $name(a: Value, b: &Value) -> Value {
            static FUNCTION: Pair =
                Pair { name: stringify!($name), kernel: kernel::$name, gradients: [$by_a, $by_b] };
            FUNCTION.of(a, b)
        }
    };
}

pub(super) use operation;

/// The operations with their methods.
macro_rules! functions {
    ($(
        $(#[$doc:meta])*
        $name:ident $try_name:ident $torch:literal: $x:tt $other:expr => $z:tt $gradients:tt
    )*) => {
        $(operation! { $(#[$doc])* $name $gradients })*
        methods! { $($(#[$doc])* $name $try_name $torch T: $x $other => $z;)* }
    };
}
functions! {
    /// The larger of each two elements, NaN if one is. Of equal ones each gets half of the gradient.
    maximum try_maximum "maximum": [1.0, 5.0] 2.0 => [2.0, 5.0] [
        |g, a, b, _| share(g, &a, &b),
        |g, a, b, _| share(g, &b, &a)
    ]
    /// The smaller of each two elements, NaN if one is. Of equal ones each gets half of the gradient.
    minimum try_minimum "minimum": [1.0, 5.0] 2.0 => [1.0, 2.0] [
        |g, a, b, _| share(g, &b, &a),
        |g, a, b, _| share(g, &a, &b)
    ]
    /// The angle of the point whose coordinates are `other` and the element, in radians from -pi to pi; the gradient at the
    /// origin is 0.
    atan2 try_atan2 "atan2": [0.0, 1.0] 0.0 => [0.0, std::f64::consts::FRAC_PI_2] [
        |g, y, x, _| mul(g, &by_square(x, &y)),
        |g, y, x, _| neg(mul(g, &by_square(y, &x)))
    ]
    /// The length of the vector whose coordinates are each two elements, without overflow in between; the gradient at the
    /// origin is 0, where PyTorch's is NaN.
    hypot try_hypot "hypot": [3.0, 0.0] 4.0 => [5.0, 4.0] [
        |g, a, _, y| mul(g, &div(a, &not_0(y))),
        |g, _, b, y| mul(g, &div(b, &not_0(y)))
    ]
    /// What remains of each element after division by another with the quotient rounded towards 0: it has the sign of the
    /// element, as with Rust's `%`.
    #[doc(alias = "rem")]
    fmod try_fmod "fmod": [5.0, -5.0] 3.0 => [2.0, -2.0] [
        |g, _, _, _| g,
        |g, a, b, _| neg(mul(g, &trunc(div(a, &b))))
    ]
    /// What remains of each element after division by another with the quotient rounded down: it has the sign of the
    /// divisor, as with Python's `%`.
    remainder try_remainder "remainder": [5.0, -5.0] 3.0 => [2.0, 1.0] [
        |g, _, _, _| g,
        |g, a, b, _| neg(mul(g, &floor(div(a, &b))))
    ]
}
operation! {
    /// `a` to the power of `b`. By `a` the gradient is 0 where `b` is 0; by `b` it is 0 where `a` is 0 and `b` is not
    /// negative, and NaN where `a` is negative.
    pow [
        |g, a, b, _| {
            let constant = kernel::eq_mask(b.array().clone(), &zero(&b));
            let slope = mul(pow(a, &add_scalar(b.clone(), -1.0)), &b);
            choose(zeros_like(&g), &mul(g, &slope), constant)
        },
        |g, a, b, y| {
            let flat = kernel::mul(kernel::le_mask(zero(&b), b.array()), &kernel::eq_mask(zero(&a), a.array()));
            choose(zeros_like(&g), &mul(g, &mul(y, &ln(a))), flat)
        }
    ]
}

/// 0, as an array of one element.
pub(super) fn zero(like: &Value) -> Array {
    Array::full_float(like.dtype(), 0.0, Dims::default())
}

/// `x`, but 1 where it is 0.
pub(super) fn not_0(x: Value) -> Value {
    let mask = kernel::eq_mask(x.array().clone(), &zero(&x)).into();
    add(x, &mask)
}

/// `a / (a^2 + b^2)`, without overflow in between, and 0 at the origin.
fn by_square(a: Value, b: &Value) -> Value {
    let length = hypot(a.clone(), b);
    let elsewhere = kernel::lt_mask(zero(&a), length.array());
    let length = not_0(length);
    choose(div(div(a, &length), &length), &zero(b).into(), elsewhere)
}

/// What of `g` the larger of two numbers gets that is `x`, the other one being `y`.
fn share(g: Value, x: &Value, y: &Value) -> Value {
    share_of(g, x.array().clone(), y.array().clone())
}

fn share_of(g: Value, x: Array, y: Array) -> Value {
    let (g, link) = g.into_parts();
    record("share", [&link], kernel::share(g, &x, &y), |_| move |g, _| [Some(share_of(g, x.clone(), y.clone()))])
}

impl<S, T: Float> Tensor<S, T> {
    /// Each element to the power of an exponent, a number or a tensor whose shape broadcasts with this one's: 1 for the
    /// exponent 0, also of 0 and of NaN; NaN for a negative element and an exponent that is no whole number. PyTorch's
    /// `pow`.
    ///
    /// By the element the gradient is 0 where the exponent is 0. By the exponent, if that is a tensor, it is 0 where the
    /// element is 0 and the exponent is not negative, and NaN where the element is negative.
    ///
    /// # Panics
    ///
    /// If two sizes known at run time differ. [`Tensor::try_pow`] gives an error instead.
    ///
    /// ```
    /// let x = fusion::Tensor::from([2.0f32, -2.0]);
    /// assert_eq!(x.pow(3).to_vec(), [8.0, -8.0]);
    /// assert_eq!(x.pow(&fusion::Tensor::from([0.0, 2.0])).to_vec(), [1.0, 4.0]);
    /// ```
    #[doc(alias = "power")]
    #[track_caller]
    pub fn pow<O>(&self, exponent: O) -> Tensor<<O::Kind as Meets<S>>::Out, T>
    where
        O: Operand<T, Kind: Meets<S>>,
    {
        Tensor::wrap(match exponent.right() {
            Right::Number(s) => unary::pow(self.value().clone(), s),
            other => with_operand(self.value().clone(), other, <O::Kind as Meets<S>>::NAMED, pow),
        })
    }

    /// [`Tensor::pow`] of two tensors, or an error if two sizes known at run time differ or there is no room for the result.
    ///
    /// ```
    /// let x = fusion::Tensor::from([2.0f32, 3.0]);
    /// assert_eq!(x.try_pow(&x).unwrap().to_vec(), [4.0, 27.0]);
    /// ```
    #[track_caller]
    pub fn try_pow<R>(&self, exponent: &Tensor<R, T>) -> Result<Tensor<<S as Broadcast<R>>::Joined, T>>
    where
        S: Broadcast<R>,
    {
        let (a, b, names) = (self.value(), exponent.value(), <S as Broadcast<R>>::NAMED);
        Ok(Tensor::wrap(try_with(a, b, names, T::DTYPE, pow)?))
    }
}

#[cfg(test)]
mod tests {
    use super::super::derivatives::{any, first_and_second};
    use super::*;

    #[test]
    fn gradients_of_functions() {
        let x = [any(1, &[3, 7]), add_scalar(any(2, &[7]), 0.03)];
        let all: [fn(Value, &Value) -> Value; 4] = [maximum, minimum, atan2, hypot];
        for f in all {
            first_and_second(&x, |x| f(x[0].clone(), &x[1]));
        }
        let far = [any(3, &[3, 7]), add_scalar(any(4, &[3, 1]), 3.0)];
        for f in [fmod, remainder] {
            first_and_second(&far, |x| f(x[0].clone(), &x[1]));
        }
        let positive = [add_scalar(any(5, &[3, 7]), 2.0), any(6, &[7])];
        first_and_second(&positive, |x| pow(x[0].clone(), &x[1]));
        let chosen = |x: &[Value]| {
            let mask = Array::from_fn(Dims::new(&[7]), |i| (i % 2) as f64);
            choose(mul(x[0].clone(), &x[0]), &mul(x[1].clone(), &x[1]), mask)
        };
        first_and_second(&[any(7, &[3, 7]), any(8, &[3, 1])], chosen);
    }

    /// The gradients of `f` at each two numbers.
    fn slopes<const N: usize>(f: impl Fn(Value, &Value) -> Value, a: [f64; N], b: [f64; N]) -> [[f64; N]; 2] {
        let shape = Dims::new(&[N]);
        let leaf = |x: [f64; N]| Value::from(Array::from_slice(&x, shape)).watch();
        let (a, b) = (leaf(a), leaf(b));
        let grads = f(a.clone(), &b).backward(Array::full(1.0, shape).into());
        [a, b].map(|x| grads.get_value(x.link()).expect("one").array().to_vec::<f64>().try_into().expect("as many"))
    }

    #[test]
    fn gradients_at_special_points() {
        assert_eq!(slopes(maximum, [1.0, 2.0, 3.0], [2.0; 3]), [[0.0, 0.5, 1.0], [1.0, 0.5, 0.0]]);
        assert_eq!(slopes(minimum, [1.0, 2.0, 3.0], [2.0; 3]), [[1.0, 0.5, 0.0], [0.0, 0.5, 1.0]]);
        assert_eq!(slopes(hypot, [0.0, 3e300], [0.0, 4e300]), [[0.0, 0.6], [0.0, 0.8]]);
        assert_eq!(slopes(atan2, [0.0, 0.0], [0.0, 2.0]), [[0.0, 0.5], [0.0, -0.0]]);
        // 0^0 is 1 with gradients 0, and 0^2 has the gradient 0 by both.
        assert_eq!(slopes(pow, [0.0, 0.0, 2.0], [0.0, 2.0, 0.0]), [[0.0, 0.0, 0.0], [0.0, 0.0, 2f64.ln()]]);
        // What is not chosen may be NaN.
        let chosen = |a: Value, b: &Value| choose(a, b, Array::from_slice(&[0.0, 1.0], Dims::new(&[2])));
        assert_eq!(slopes(chosen, [f64::NAN, 4.0], [7.0, f64::NAN]), [[0.0, 1.0], [1.0, 0.0]]);
    }
}
