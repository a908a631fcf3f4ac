//! Addition, subtraction, multiplication, division; with scalars on either side and NumPy's broadcasting.

use super::operand::{Meets, Operand, Right};
use super::shape::{expand, sum_to};
use crate::Result;
use crate::dim::{Broadcast, Shape};
use crate::graph::{Value, record, will_record};
use crate::kernels::{Dims, elementwise as kernel};
use crate::tensor::{Float, Tensor};
use fusion_rules::Mistake;
use std::ops::{Add, Div, Mul, Neg, Sub};

/// Panics with the rule's sentence if the shapes do not broadcast: two run-time sizes that differ.
#[track_caller]
pub(super) fn check(a: &Value, b: &Value) {
    if a.shape() != b.shape() {
        super::or_panic(fusion_rules::broadcast(a.shape().sizes(), b.shape().sizes()));
    }
}

/// The rule that sizes of one name are equal, for the given axes.
pub(super) fn same_names(a: &Dims, b: &Dims, names: u8) -> std::result::Result<(), Mistake> {
    if names == 0 { Ok(()) } else { fusion_rules::same_names(a.sizes(), b.sizes(), names) }
}

/// `a + b`.
#[track_caller]
pub fn add(a: Value, b: &Value) -> Value {
    check(&a, b);
    let (a_shape, b_shape) = (*a.shape(), *b.shape());
    let (a, link) = a.into_parts();
    record("add", [&link, b.link()], kernel::add(a, b.array()), |_| {
        move |g, cx| {
            let db = cx.needs_grad(1).then(|| sum_to(g.clone(), &b_shape));
            [cx.needs_grad(0).then(|| sum_to(g, &a_shape)), db]
        }
    })
}

/// `a - b`.
#[track_caller]
pub fn sub(a: Value, b: &Value) -> Value {
    check(&a, b);
    let (a_shape, b_shape) = (*a.shape(), *b.shape());
    let (a, link) = a.into_parts();
    record("sub", [&link, b.link()], kernel::sub(a, b.array()), |_| {
        move |g, cx| {
            let db = cx.needs_grad(1).then(|| neg(sum_to(g.clone(), &b_shape)));
            [cx.needs_grad(0).then(|| sum_to(g, &a_shape)), db]
        }
    })
}

/// `a * b`.
#[track_caller]
pub fn mul(a: Value, b: &Value) -> Value {
    check(&a, b);
    let (a, link) = a.into_parts();
    // Each is kept for the gradient of the other.
    let a_for_b = (b.link().wants_gradient() && will_record(&[&link, b.link()])).then(|| a.clone());
    let (a_shape, b_shape) = (*a.shape(), *b.shape());
    record("mul", [&link, b.link()], kernel::mul(a, b.array()), |_| {
        let b_for_a = link.wants_gradient().then(|| b.array().clone());
        move |g, cx| {
            let db = a_for_b.as_ref().map(|a| sum_to(mul(g.clone(), &cx.input(0, a)), &b_shape));
            [b_for_a.as_ref().map(|b| sum_to(mul(g, &cx.input(1, b)), &a_shape)), db]
        }
    })
}

/// `a / b`.
#[track_caller]
pub fn div(a: Value, b: &Value) -> Value {
    check(&a, b);
    let (a, link) = a.into_parts();
    let a_shape = *a.shape();
    record("div", [&link, b.link()], kernel::div(a, b.array()), |y| {
        let (b, y) = (b.array().clone(), y.clone());
        move |g, cx| {
            let da = div(g, &cx.input(1, &b));
            // d(a/b)/db = -(a/b)/b
            let db = cx.needs_grad(1).then(|| neg(sum_to(mul(da.clone(), &cx.output(&y)), b.shape())));
            [cx.needs_grad(0).then(|| sum_to(da, &a_shape)), db]
        }
    })
}

/// `-a`.
#[track_caller]
pub fn neg(a: Value) -> Value {
    let (a, link) = a.into_parts();
    record("neg", [&link], kernel::neg(a), |_| |g, _| [Some(neg(g))])
}

/// `a + s`.
#[track_caller]
pub fn add_scalar(a: Value, s: f64) -> Value {
    let (a, link) = a.into_parts();
    record("add scalar", [&link], kernel::add_scalar(a, s), |_| |g, _| [Some(g)])
}

/// `a * s`.
#[track_caller]
pub fn mul_scalar(a: Value, s: f64) -> Value {
    let (a, link) = a.into_parts();
    record("mul scalar", [&link], kernel::mul_scalar(a, s), |_| move |g, _| [Some(mul_scalar(g, s))])
}

/// `s - a`.
#[track_caller]
pub fn rsub_scalar(s: f64, a: Value) -> Value {
    let (a, link) = a.into_parts();
    record("scalar sub", [&link], kernel::rsub_scalar(a, s), |_| |g, _| [Some(neg(g))])
}

/// `a / s`.
#[track_caller]
pub fn div_scalar(a: Value, s: f64) -> Value {
    let (a, link) = a.into_parts();
    record("div scalar", [&link], kernel::div_scalar(a, s), |_| move |g, _| [Some(div_scalar(g, s))])
}

/// `s / a`.
#[track_caller]
pub fn rdiv_scalar(s: f64, a: Value) -> Value {
    let (a, link) = a.into_parts();
    let saved = will_record(&[&link]).then(|| a.clone());
    record("scalar div", [&link], kernel::rdiv_scalar(a, s), |y| {
        let (a, y) = (saved.expect("recorded"), y.clone());
        move |g, cx| [Some(neg(mul(div(g, &cx.input(0, &a)), &cx.output(&y))))]
    })
}

/// `a` times a value of one element.
#[track_caller]
pub(super) fn mul_one(a: Value, one: &Value) -> Value {
    if one.traced().is_none() {
        mul_scalar(a, one.item())
    } else {
        let shape = *a.shape();
        mul(a, &expand(one.clone(), &shape))
    }
}

/// `a op b` of a tensor and an operand (a tensor or a number), owned or borrowed, and of a number and a tensor.
macro_rules! operator {
    ($Trait:ident $method:ident $try_method:ident $sign:literal $example:literal $op:ident,
     |$x:ident, $s:ident| $right:expr, $left:expr) => {
        impl<S, T, O> $Trait<O> for Tensor<S, T>
        where
            O: Operand<T, Kind: Meets<S>>,
        {
            type Output = Tensor<<O::Kind as Meets<S>>::Out, T>;
            #[track_caller]
            fn $method(self, other: O) -> Self::Output {
                let $x = self.into_value();
                Tensor::wrap(match other.right() {
                    Right::Tensor(other) => {
                        super::or_panic(same_names($x.shape(), other.shape(), <O::Kind as Meets<S>>::NAMED));
                        $op($x, &other)
                    }
                    Right::Number($s) => $right,
                })
            }
        }
        impl<S, T, O> $Trait<O> for &Tensor<S, T>
        where
            O: Operand<T, Kind: Meets<S>>,
        {
            type Output = Tensor<<O::Kind as Meets<S>>::Out, T>;
            #[track_caller]
            fn $method(self, other: O) -> Self::Output {
                self.clone().$method(other)
            }
        }
        impl<S: Shape, T: Float> Tensor<S, T> {
            #[doc = concat!("`self ", $sign, " other`, or an error if two sizes known at run time differ or there is no room for the result.\n\n```\n", $example, "\n```")]
            #[track_caller]
            pub fn $try_method<R>(&self, other: &Tensor<R, T>) -> Result<Tensor<<S as Broadcast<R>>::Joined, T>>
            where
                S: Broadcast<R>,
            {
                let (a, b) = (self.value().shape().sizes(), other.value().shape().sizes());
                super::room(fusion_rules::broadcast(a, b)?, T::DTYPE)?;
                fusion_rules::same_names(a, b, <S as Broadcast<R>>::NAMED)?;
                Ok(Tensor::wrap($op(self.value().clone(), other.value())))
            }
        }
        // `i32` is the type of a whole number that is written without one.
        operator!(@left $Trait $method |$x, $s| $left; f32 [] f32, f64 [] f64, i32 [T: Float] T);
    };
    (@left $Trait:ident $method:ident |$x:ident, $s:ident| $left:expr; $($N:ty [$($bound:tt)*] $T:ty),*) => { $(
        impl<S, $($bound)*> $Trait<Tensor<S, $T>> for $N {
            type Output = Tensor<S, $T>;
            #[track_caller]
            fn $method(self, tensor: Tensor<S, $T>) -> Tensor<S, $T> {
                let ($x, $s) = (tensor.into_value(), f64::from(self));
                Tensor::wrap($left)
            }
        }
        impl<S, $($bound)*> $Trait<&Tensor<S, $T>> for $N {
            type Output = Tensor<S, $T>;
            #[track_caller]
            fn $method(self, tensor: &Tensor<S, $T>) -> Tensor<S, $T> {
                self.$method(tensor.clone())
            }
        }
    )* };
}
operator!(Add add try_add "+" "let x = fusion::Tensor::from([1.0f32, 2.0]);\nassert_eq!(x.try_add(&x).unwrap().to_vec(), [2.0, 4.0]);" add, |x, s| add_scalar(x, s), add_scalar(x, s));
operator!(Sub sub try_sub "-" "let x = fusion::Tensor::from([1.0f32, 2.0]);\nassert_eq!(x.try_sub(&x).unwrap().to_vec(), [0.0, 0.0]);" sub, |x, s| add_scalar(x, -s), rsub_scalar(s, x));
operator!(Mul mul try_mul "*" "let x = fusion::Tensor::from([1.0f32, 2.0]);\nassert_eq!(x.try_mul(&x).unwrap().to_vec(), [1.0, 4.0]);" mul, |x, s| mul_scalar(x, s), mul_scalar(x, s));
operator!(Div div try_div "/" "let x = fusion::Tensor::from([1.0f32, 2.0]);\nassert_eq!(x.try_div(&x).unwrap().to_vec(), [1.0, 1.0]);" div, |x, s| div_scalar(x, s), rdiv_scalar(s, x));

impl<S, T: Float> Neg for Tensor<S, T> {
    type Output = Self;
    #[track_caller]
    fn neg(self) -> Self {
        Self::wrap(neg(self.into_value()))
    }
}

impl<S, T: Float> Neg for &Tensor<S, T> {
    type Output = Tensor<S, T>;
    #[track_caller]
    fn neg(self) -> Tensor<S, T> {
        -self.clone()
    }
}
