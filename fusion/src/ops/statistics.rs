//! Variances, norms, products, logarithms of sums, and counts over axes, composed of other reductions.

use super::binary::{add, div, mul, mul_scalar, sub};
use super::choice::choose;
use super::concat::slice;
use super::reduce::{all as every, kept, max, mean, min, sum};
use super::shape::{expand, reshape, squeeze};
use super::unary::{abs, exp, pow, relu_grad, sign, zeros_like};
use crate::dim::Reduce;
use crate::dim::rule::{Said, SomeAxes};
use crate::graph::{Value, record};
use crate::kernels::{Array, DType, Dims, Element, elementwise as kernel, reduce};
use crate::tensor::{Float, Scalar, Tensor};

/// One number as an array that stretches to any shape.
fn number(like: &Array, value: f64) -> Array {
    Array::full_float(like.dtype(), value, Dims::default())
}

/// 1 where `x` has this value, else 0.
#[track_caller]
fn is(x: &Array, value: f64) -> Array {
    kernel::eq_mask(x.clone(), &number(x, value))
}

/// `x / y`, but 0 where `y` is 0, which there has no gradient either.
#[track_caller]
fn div_or_zero(x: Value, y: Value) -> Value {
    let zero = is(y.array(), 0.0);
    let divisor = choose(number(&zero, 1.0).into(), &y, zero.clone());
    relu_grad(div(x, &divisor), &kernel::rsub_scalar(zero, 1.0).expand(y.shape()).into())
}

/// The squares of what differs from the mean, summed over `axes` and divided by their number less `correction`.
#[track_caller]
fn spread(x: &Array, axes: u8, keep: bool, correction: f64) -> Array {
    let distance = kernel::sub(x.clone(), &reduce::mean(x, axes, true));
    let squares = reduce::sum(&kernel::square(distance), axes, keep);
    kernel::div_scalar(squares, freedom(x.shape(), axes, correction))
}

fn freedom(shape: &Dims, axes: u8, correction: f64) -> f64 {
    (reduce::group(shape, axes) as f64 - correction).max(0.0)
}

/// The variance over the axes of the bit set `axes`, in two passes, so that a large mean takes no digits.
#[track_caller]
pub fn var(x: &Value, axes: u8, keep: bool, correction: f64) -> Value {
    record("var", [x.link()], spread(x.array(), axes, keep, correction), |_| {
        let (x, sizes) = (x.array().clone(), kept(x.shape(), axes));
        let factor = 2.0 / freedom(x.shape(), axes, correction);
        move |g, cx| {
            let x = cx.input(0, &x);
            let distance = sub(x.clone(), &mean(&x, axes, true));
            [Some(mul(distance, &mul_scalar(reshape(g, &sizes), factor)))]
        }
    })
}

/// The square root of [`var`]; the gradient is 0 where it is 0.
#[track_caller]
pub fn std(x: &Value, axes: u8, keep: bool, correction: f64) -> Value {
    let deviation = kernel::sqrt(spread(x.array(), axes, keep, correction));
    record("std", [x.link()], deviation, |y| {
        let (x, y, sizes) = (x.array().clone(), y.clone(), kept(x.shape(), axes));
        let factor = 1.0 / freedom(x.shape(), axes, correction);
        move |g, cx| {
            let x = cx.input(0, &x);
            let distance = sub(x.clone(), &mean(&x, axes, true));
            let scale = div_or_zero(mul_scalar(g, factor), cx.output(&y));
            [Some(mul(distance, &reshape(scale, &sizes)))]
        }
    })
}

/// The sum of the absolute values to the power `p`, to the power `1 / p`, over the axes of the bit set `axes`: for `p` infinite
/// the largest absolute value, or the smallest if it is negative; for 0 how many are not 0. Where it is 0 the gradient is 0.
#[track_caller]
pub fn norm(x: &Value, axes: u8, keep: bool, p: f64) -> Value {
    match p {
        f64::INFINITY => max(&abs(x.clone()), axes, keep),
        f64::NEG_INFINITY => min(&abs(x.clone()), axes, keep),
        1.0 => sum(&abs(x.clone()), axes, keep),
        0.0 => record("norm", [x.link()], reduce::sum(&nonzero(x.array()), axes, keep), |_| {
            let x = x.array().clone();
            move |_, _| [Some(zeros_like(&x.clone().into()))]
        }),
        _ => record("norm", [x.link()], power_norm(x.array(), axes, keep, p), |y| {
            let (x, y, sizes) = (x.array().clone(), y.clone(), kept(x.shape(), axes));
            move |g, cx| {
                let (x, g) = (cx.input(0, &x), reshape(g, &sizes));
                let y = expand(reshape(cx.output(&y), &sizes), x.shape());
                // Of at most 1, so that no power of it overflows.
                let share = div_or_zero(x, y);
                if p == 2.0 {
                    return [Some(mul(share, &g))];
                }
                let (zero, size) = (is(share.array(), 0.0), abs(share.clone()));
                let power = pow(choose(number(&zero, 1.0).into(), &size, zero), p - 1.0);
                [Some(mul(mul(sign(share), &power), &g))]
            }
        }),
    }
}

/// The norm for a finite `p`. If powers leave the range of the type, all are taken of the elements' shares of the largest.
#[track_caller]
fn power_norm(x: &Array, axes: u8, keep: bool, p: f64) -> Array {
    let norm = |x: Array, keep| match p {
        2.0 => kernel::sqrt(reduce::sum(&kernel::square(x), axes, keep)),
        _ => kernel::pow_scalar(reduce::sum(&kernel::pow_scalar(kernel::abs(x), p), axes, keep), 1.0 / p),
    };
    let direct = norm(x.clone(), keep);
    // Where the powers and their sum are far from both ends of the range.
    let widest = if x.dtype() == DType::F32 { 1e15f64 } else { 1e140 }.powf(1.0f64.min(2.0 / p.abs()));
    let inside = kernel::mul(
        kernel::lt_mask(direct.clone(), &number(x, widest)),
        &kernel::lt_mask(number(x, 1.0 / widest), &direct),
    );
    if x.count() == 0 || is_one(&inside) {
        return direct;
    }
    scaled(x, axes, keep, norm)
}

/// Are all elements 1?
#[track_caller]
fn is_one(mask: &Array) -> bool {
    Value::from(reduce::min(mask, (1 << mask.shape().rank()) - 1, false)).item() == 1.0
}

/// The sizes of the axes that are not in `axes`.
fn others(shape: &Dims, axes: u8) -> Dims {
    Dims::of_sizes(fusion_rules::reduce(shape.sizes(), axes))
}

/// `norm` of what `x` is by its largest elements, times these.
#[track_caller]
fn scaled(x: &Array, axes: u8, keep: bool, norm: impl Fn(Array, bool) -> Array) -> Array {
    let largest = reduce::max(&kernel::abs(x.clone()), axes, true);
    // Zeros, infinities and NaN are not divided by.
    let usable = kernel::mul(kernel::finite_mask(largest.clone()), &kernel::rsub_scalar(is(&largest, 0.0), 1.0));
    let by = kernel::choose(largest, &number(x, 1.0), &usable);
    let norm = kernel::mul(norm(kernel::div(x.clone(), &by), true), &by);
    if keep { norm } else { norm.reshape(&others(x.shape(), axes)) }
}

/// The logarithm of the sum of the exponentials over the axes of the bit set `axes`, without overflow: `-inf` of nothing and of
/// elements that are all `-inf`, where the gradient is 0.
#[track_caller]
pub fn logsumexp(x: &Value, axes: u8, keep: bool) -> Value {
    let a = x.array();
    let largest = if a.count() == 0 { reduce::sum(a, axes, true) } else { reduce::max(a, axes, true) };
    let shift = kernel::choose(largest.clone(), &number(a, 0.0), &kernel::finite_mask(largest));
    let total = reduce::sum(&kernel::exp(kernel::sub(a.clone(), &shift)), axes, true);
    let y = kernel::add(kernel::ln(total), &shift);
    let y = if keep { y } else { y.reshape(&others(a.shape(), axes)) };
    record("logsumexp", [x.link()], y, |y| {
        let (x, sizes) = (x.array().clone(), kept(x.shape(), axes));
        // Of nothing but `-inf` the sum is 0, and so is each share of it.
        let none = is(&y.reshape(&sizes), f64::NEG_INFINITY);
        move |g, cx| {
            let each = exp(sub(cx.input(0, &x), &shift.clone().into()));
            let total = add(sum(&each, axes, true), &none.clone().into());
            [Some(mul(div(each, &total), &reshape(g, &sizes)))]
        }
    })
}

/// The product over the axes of the bit set `axes`, 1 of nothing. It is multiplied by halves, so the gradient of an element is
/// the product of the others, also where there are zeros.
#[track_caller]
pub fn prod(x: &Value, axes: u8, keep: bool) -> Value {
    let mut y = x.clone();
    for axis in (0..x.shape().rank()).rev().filter(|axis| axes >> axis & 1 == 1) {
        y = product(y, axis);
        y = if keep { y } else { squeeze(y, axis) };
    }
    y
}

/// The product along `axis`, which stays with size 1.
#[track_caller]
fn product(x: Value, axis: usize) -> Value {
    match x.shape().get(axis) {
        // A sum of nothing, so that the result belongs to the trace of `x`.
        0 => super::binary::add_scalar(sum(&x, 1 << axis, true), 1.0),
        1 => x,
        n => {
            let product_of = |from, to| slice(x.clone(), axis, from, to);
            let both = mul(product_of(0, n / 2), &product_of(n / 2, n / 2 * 2));
            let both = product(both, axis);
            if n % 2 == 0 { both } else { mul(both, &product_of(n - 1, n)) }
        }
    }
}

/// 1 for each element that is not 0, else 0.
#[track_caller]
fn nonzero(x: &Array) -> Array {
    kernel::cast(&kernel::cast(x, DType::Bool), if x.dtype().is_float() { x.dtype() } else { DType::F64 })
}

/// How many elements are not 0, over the axes of the bit set `axes`.
#[track_caller]
fn count(x: &Array, axes: u8, keep: bool) -> Array {
    // In `f64` each count is exact.
    let truth = kernel::cast(&kernel::cast(x, DType::Bool), DType::F64);
    reduce::sum(&truth, axes, keep)
}

/// How many elements over the axes of the bit set `axes` are not 0, as `i64`; NaN is not 0.
#[track_caller]
pub fn count_nonzero(x: &Value, axes: u8, keep: bool) -> Value {
    kernel::cast(&count(x.array(), axes, keep), DType::I64).into()
}

/// Is every element over the axes of the bit set `axes` true, or a number that is not 0? True of nothing.
#[track_caller]
pub fn all(x: &Value, axes: u8, keep: bool) -> Value {
    let (found, of) = (count(x.array(), axes, keep), reduce::group(x.shape(), axes) as f64);
    kernel::cast(&is(&found, of), DType::Bool).into()
}

/// Is an element over the axes of the bit set `axes` true, or a number that is not 0? False of nothing.
#[track_caller]
pub fn any(x: &Value, axes: u8, keep: bool) -> Value {
    kernel::cast(&count(x.array(), axes, keep), DType::Bool).into()
}

/// The typed methods of reductions. A line says of each its names, PyTorch's, its argument, the type of its result where that
/// is another one, and an example: a matrix, and the results over all axes, over axis 0, and along the last, kept.
macro_rules! reductions {
    ($T:ident: $Bound:ident; $(
        $(#[$doc:meta])*
        $name:ident $over:ident $keep:ident $torch:literal
        ($($argument:ident = $value:literal)?) -> $Out:ty: $x:tt => $all:expr, $some:tt, $kept:tt;
    )*) => { impl<S, $T: $Bound> Tensor<S, $T> { $(
        $(#[$doc])*
        #[doc = concat!(
            "\n\nOver all axes. PyTorch's `", $torch, "`.\n\n```\nlet x = fusion::Tensor::from(", stringify!($x),
            ");\nassert_eq!(x.", stringify!($name), "(" $(, $value)?, ").item(), ", stringify!($all), ");\n```"
        )]
        #[track_caller]
        pub fn $name(&self $(, $argument: impl Scalar)?) -> Tensor<(), $Out> {
            Tensor::wrap($name(self.value(), every(self.value()), false $(, $argument.to_f64())?))
        }

        #[doc = concat!(
            "As [`Tensor::", stringify!($name), "`], over one axis, or several in a tuple, which the result does not have.",
            "\n\n```\nuse fusion::prelude::*;\n\nlet x = Tensor::from(", stringify!($x), ");\nlet y = x.",
            stringify!($over), "(Axis::<0>" $(, ", ", $value)?, ");\nassert_eq!(y.to_vec(), ", stringify!($some), ");\n```"
        )]
        #[track_caller]
        pub fn $over<A>(&self, _axes: A $(, $argument: impl Scalar)?) -> Tensor<S::Out, $Out>
        where
            S: Said<SomeAxes, A> + Reduce<A>,
        {
            Tensor::wrap($name(self.value(), S::AXES, false $(, $argument.to_f64())?))
        }

        #[doc = concat!(
            "As [`Tensor::", stringify!($name), "`], over one axis, or several in a tuple, which stay with size 1 (`keepdim`).",
            "\n\n```\nuse fusion::prelude::*;\n\nlet x = Tensor::from(", stringify!($x), ");\nlet y: Tensor<shape![2, 1], _> = x.",
            stringify!($keep), "(Axis::<-1>" $(, ", ", $value)?, ");\nassert_eq!(y.to_vec(), ", stringify!($kept), ");\n```"
        )]
        #[track_caller]
        pub fn $keep<A>(&self, _axes: A $(, $argument: impl Scalar)?) -> Tensor<S::Keep, $Out>
        where
            S: Said<SomeAxes, A> + Reduce<A>,
        {
            Tensor::wrap($name(self.value(), S::AXES, true $(, $argument.to_f64())?))
        }
    )* } };
}
reductions! { T: Float;
    /// The variance: the mean square of what differs from the mean, with the number of elements less `correction` (1 for the
    /// unbiased one of a sample, PyTorch's default; 0 for that of all) in place of their number; NaN if that leaves nothing. It
    /// is computed in two passes, so a large mean takes no digits.
    var var_over var_keep "var(correction=c)" (correction = "0") -> T:
        [[1.0, 2.0], [3.0, 4.0]] => 1.25, [1.0, 1.0], [0.25, 0.25];
    /// The standard deviation, the square root of [`Tensor::var`]; where it is 0 the gradient is 0.
    std std_over std_keep "std(correction=c)" (correction = "0") -> T:
        [[1.0, 3.0], [1.0, 3.0]] => 1.0, [0.0, 0.0], [1.0, 1.0];
    /// The `p`-norm, `sum(|x|^p)^(1 / p)`: 2 is the Euclidean one, `f64::INFINITY` the largest absolute value (equal ones share the
    /// gradient), `f64::NEG_INFINITY` the smallest, 0 the number of elements that are not 0. Powers do not overflow; where the
    /// norm is 0 the gradient is 0.
    norm norm_over norm_keep "linalg.vector_norm(x, p)" (p = "2") -> T:
        [[3.0, 0.0], [4.0, 12.0]] => 13.0, [5.0, 12.0], [3.0, 160.0f64.sqrt()];
    /// The logarithm of the sum of the exponentials, without overflow; `-inf` of nothing and of elements that are all `-inf`,
    /// which have the gradient 0.
    logsumexp logsumexp_over logsumexp_keep "logsumexp" () -> T:
        [[1000.0, f64::NEG_INFINITY], [f64::NEG_INFINITY, 7.0]] => 1000.0, [1000.0, 7.0], [1000.0, 7.0];
    /// The product, 1 of nothing. The gradient of an element is the product of the others, also where there are zeros.
    #[doc(alias = "product")]
    prod prod_over prod_keep "prod" () -> T: [[1.0, 2.0], [3.0, 4.0]] => 24.0, [3.0, 8.0], [2.0, 12.0];
}
reductions! { T: Element;
    /// Is every element true, or a number that is not 0? True of nothing; NaN is not 0.
    all all_over all_keep "all" () -> bool:
        [[true, false], [true, true]] => false, [true, false], [false, true];
    /// Is any element true, or a number that is not 0? False of nothing; NaN is not 0.
    any any_over any_keep "any" () -> bool:
        [[true, false], [false, false]] => true, [true, false], [true, false];
    /// How many elements are true, or numbers that are not 0 (NaN is not).
    count_nonzero count_nonzero_over count_nonzero_keep "count_nonzero" () -> i64:
        [[1.0, 0.0], [3.0, 4.0]] => 3, [2, 1], [1, 2];
}

#[cfg(test)]
mod tests {
    use super::super::derivatives::{any as noise, first_and_second};
    use super::*;

    #[test]
    fn gradients() {
        let x = [noise(1, &[2, 3, 4])];
        for axes in [0b001, 0b010, 0b110, 0b101, 0b111] {
            for keep in [false, true] {
                for correction in [0.0, 1.0] {
                    first_and_second(&x, |x| var(&x[0], axes, keep, correction));
                    first_and_second(&x, |x| std(&x[0], axes, keep, correction));
                }
                for p in [0.0, 1.0, 2.0, 3.0, 2.5, -1.0, f64::INFINITY, f64::NEG_INFINITY] {
                    first_and_second(&x, |x| norm(&x[0], axes, keep, p));
                }
                first_and_second(&x, |x| logsumexp(&x[0], axes, keep));
                first_and_second(&x, |x| prod(&x[0], axes, keep));
            }
        }
        let zeros = Value::from(Array::from_slice(&[0.0, 2.0, 3.0, 0.0, 0.0, 5.0, 1.0, -2.0, 3.0], Dims::new(&[3, 3])));
        first_and_second(&[zeros], |x| prod(&x[0], 0b10, false));
    }

    /// The gradient of `f`, whose result has one element, at these numbers.
    fn slopes(f: impl Fn(&Value) -> Value, x: &[f64]) -> Vec<f64> {
        let leaf = Value::from(Array::from_slice(x, Dims::new(&[x.len()]))).watch();
        let grads = f(&leaf).backward(Array::full(1.0, Dims::default()).into());
        grads.get_value(leaf.link()).expect("a gradient").array().to_vec()
    }

    #[test]
    fn gradients_at_special_points() {
        let inf = f64::INFINITY;
        for p in [0.5, 1.0, 1.5, 2.0, 3.0, inf, 0.0] {
            assert_eq!(slopes(|x| norm(x, 1, false, p), &[0.0, 0.0]), [0.0, 0.0], "{p}");
        }
        assert_eq!(slopes(|x| norm(x, 1, false, inf), &[-3.0, 3.0, 1.0]), [-0.5, 0.5, 0.0]);
        assert!(slopes(|x| norm(x, 1, false, 2.0), &[3e200, 4e200])[1] == 0.8);
        assert_eq!(slopes(|x| std(x, 1, false, 1.0), &[2.0; 3]), [0.0; 3]);
        assert_eq!(slopes(|x| logsumexp(x, 1, false), &[-inf, -inf]), [0.0, 0.0]);
        assert_eq!(slopes(|x| logsumexp(x, 1, false), &[0.0, -inf]), [1.0, 0.0]);
        // Here the result is the largest element, as ln 2 is lost in its rounding: the gradient is of the elements alone.
        assert_eq!(slopes(|x| logsumexp(x, 1, false), &[1e300, 1e300]), [0.5, 0.5]);
    }

    #[test]
    fn nothing_overflows() {
        let of = |x: &[f32]| Value::from(Array::from_slice(x, Dims::new(&[x.len()])));
        let only = |y: Value| y.item();
        for p in [2.0, 3.0, 7.5] {
            for size in [1e30f32, 1e-30, 1e-42] {
                let (norm, want) = (only(norm(&of(&[size; 4]), 1, false, p)), f64::from(size) * 4f64.powf(1.0 / p));
                assert!(
                    (norm / want - 1.0).abs() < 1e-3 * f64::from(f32::EPSILON / size).clamp(1e-3, 100.0),
                    "{norm} {want}"
                );
            }
        }
        assert_eq!(only(norm(&of(&[f32::INFINITY, 1.0]), 1, false, 2.0)), f64::INFINITY);
        assert!(only(norm(&of(&[f32::NAN, 1.0]), 1, false, 2.0)).is_nan());
        assert_eq!(only(norm(&of(&[0.0, 0.0]), 1, true, 2.0)), 0.0);
        // The variance of numbers whose squares have no room for it.
        assert_eq!(only(var(&of(&[1e6, 1e6 + 1.0, 1e6 + 2.0]), 1, false, 1.0)), 1.0);
        assert_eq!(only(logsumexp(&of(&[1000.0, 1000.0]), 1, false)), f64::from(1000.0 + 2f32.ln()));
    }

    #[test]
    fn of_nothing() {
        let none = Value::from(Array::full(0.0f64, Dims::new(&[2, 0])));
        let numbers = |y: Value| y.array().to_vec::<f64>();
        assert!(numbers(var(&none, 0b10, false, 1.0)).iter().all(|y| y.is_nan()));
        assert_eq!(numbers(norm(&none, 0b10, false, 2.0)), [0.0; 2]);
        assert_eq!(numbers(logsumexp(&none, 0b10, true)), [f64::NEG_INFINITY; 2]);
        assert_eq!(numbers(prod(&none, 0b10, false)), [1.0; 2]);
        assert_eq!(all(&none, 0b10, false).array().to_vec::<bool>(), [true; 2]);
        assert_eq!(any(&none, 0b10, false).array().to_vec::<bool>(), [false; 2]);
        assert_eq!(count_nonzero(&none, 0b10, false).array().to_vec::<i64>(), [0; 2]);
    }
}
