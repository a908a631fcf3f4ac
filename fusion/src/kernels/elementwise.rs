//! Element-wise operations on floats. An operand given by value is written in place where nobody else sees it; a result
//! keeps the order of the axes of its first operand that is dense and as large (else C order).

use super::array::Array;
use super::dtype::float;
use super::layout::Walk;
use super::map::{Map1, Map2, binary, binary_into, unary};
use super::math;
use super::vector::{Body, MAX_LANES, Real, Vector, dispatch};

pub use super::copy::{cast, copy};

/// Declares functions of one element.
macro_rules! unary {
    ($($(#[$doc:meta])* $name:ident($x:ident) = $e:expr;)*) => { $(
        $(#[$doc])*
        #[track_caller]
        pub fn $name(a: Array) -> Array {
            #[derive(Clone, Copy)]
            struct Op;
            impl<T: Real> Map1<T> for Op {
                #[inline(always)]
                fn map<V: Vector<Elem = T>>(self, $x: V) -> V {
                    $e
                }
            }
            float!(a.dtype(), T => unary::<T, Op>(a, Op))
        }
    )* };
}

unary! {
    /// `-x`.
    neg(x) = -x;
    /// `x` where it is positive (or NaN), else 0.
    relu(x) = x.set(T::ZERO).max(x);
    /// `1 / (1 + exp(-x))`.
    sigmoid(x) = x.sigmoid();
    /// The hyperbolic tangent.
    tanh(x) = x.tanh();
    /// e to the power of `x`.
    exp(x) = x.exp();
    /// The natural logarithm: negative infinity for 0, NaN for negative numbers.
    ln(x) = x.ln();
    /// The sine.
    sin(x) = x.each(T::sin);
    /// The cosine.
    cos(x) = x.each(T::cos);
    /// The square root: NaN for negative numbers.
    sqrt(x) = x.sqrt();
    /// `x * x`.
    square(x) = x * x;
    /// `1 / x`.
    recip(x) = x.set(T::ONE) / x;
    /// 1, whatever `x` is.
    one(x) = x.set(T::ONE);
    /// `x * x * x`.
    cube(x) = x * x * x;
    /// The probability that a standard normal variable is at most `x`.
    normal_cdf(x) = math::normal_cdf(x);
    /// `x` times [`normal_cdf`] of it.
    gelu(x) = x * math::normal_cdf(x);
    /// `x` times [`sigmoid`] of it.
    silu(x) = x * x.sigmoid();
}

/// Declares functions of one element and a number.
macro_rules! with_scalar {
    ($($(#[$doc:meta])* $name:ident($x:ident, $s:ident) = $e:expr;)*) => { $(
        $(#[$doc])*
        #[track_caller]
        pub fn $name(a: Array, s: f64) -> Array {
            #[derive(Clone, Copy)]
            struct Op<T>(T);
            impl<T: Real> Map1<T> for Op<T> {
                #[inline(always)]
                fn map<V: Vector<Elem = T>>(self, $x: V) -> V {
                    let $s = $x.set(self.0);
                    $e
                }
            }
            float!(a.dtype(), T => unary::<T, Op<T>>(a, Op(T::of(s))))
        }
    )* };
}

with_scalar! {
    /// `x + s`.
    add_scalar(x, s) = x + s;
    /// `x * s`.
    mul_scalar(x, s) = x * s;
    /// `s - x`.
    rsub_scalar(x, s) = s - x;
    /// `x / s`.
    div_scalar(x, s) = x / s;
    /// `s / x`.
    rdiv_scalar(x, s) = s / x;
    /// `x` where it is positive, else `x * s`.
    leaky_relu(x, s) = x.or_else(x.set(T::ZERO).less(x), x * s);
}

/// The gradient of [`leaky_relu`]: `g` where its argument `x` is positive, else `g * s`.
#[track_caller]
pub fn leaky_relu_grad(g: Array, x: &Array, s: f64) -> Array {
    #[derive(Clone, Copy)]
    struct Op<T>(T);
    impl<T: Real> Map2<T> for Op<T> {
        #[inline(always)]
        fn map<V: Vector<Elem = T>>(self, g: V, x: V) -> V {
            g.or_else(x.set(T::ZERO).less(x), g * x.set(self.0))
        }
    }
    float!(g.dtype(), T => binary::<T, Op<T>>(g, x, Op(T::of(s))))
}

/// `x` to the power of `s`: exact for the exponents 0, 1, 2, 3, -1 and 0.5 as in PyTorch, and right for negative `x` with
/// every whole exponent.
#[track_caller]
pub fn pow_scalar(a: Array, s: f64) -> Array {
    #[derive(Clone, Copy)]
    struct Power<T>(T);
    impl<T: Real> Map1<T> for Power<T> {
        #[inline(always)]
        fn map<V: Vector<Elem = T>>(self, x: V) -> V {
            x.each(|x| x.powf(self.0))
        }
    }
    match s {
        0.0 => one(a),
        1.0 => a,
        2.0 => square(a),
        3.0 => cube(a),
        -1.0 => recip(a),
        0.5 => sqrt(a),
        _ => float!(a.dtype(), T => unary::<T, Power<T>>(a, Power(T::of(s)))),
    }
}

/// `x` where it lies between `low` and `high`, else the nearer of the two; NaN stays.
#[track_caller]
pub fn clamp(a: Array, low: f64, high: f64) -> Array {
    #[derive(Clone, Copy)]
    struct Clamp<T>(T, T);
    impl<T: Real> Map1<T> for Clamp<T> {
        #[inline(always)]
        fn map<V: Vector<Elem = T>>(self, x: V) -> V {
            x.set(self.1).min(x.set(self.0).max(x))
        }
    }
    float!(a.dtype(), T => unary::<T, Clamp<T>>(a, Clamp(T::of(low), T::of(high))))
}

/// Declares functions of two elements.
macro_rules! binary {
    ($($(#[$doc:meta])* $name:ident($x:ident, $y:ident) = $e:expr;)*) => { $(
        $(#[$doc])*
        #[track_caller]
        pub fn $name(a: Array, b: &Array) -> Array {
            #[derive(Clone, Copy)]
            struct Op;
            impl<T: Real> Map2<T> for Op {
                #[inline(always)]
                fn map<V: Vector<Elem = T>>(self, $x: V, $y: V) -> V {
                    $e
                }
            }
            float!(a.dtype(), T => binary::<T, Op>(a, b, Op))
        }
    )* };
}

binary! {
    /// `x + y`, broadcast.
    add(x, y) = x + y;
    /// `x - y`, broadcast.
    sub(x, y) = x - y;
    /// `x * y`, broadcast.
    mul(x, y) = x * y;
    /// `x / y`, broadcast.
    div(x, y) = x / y;
    /// 1 where `x` equals `y`, else 0; broadcast.
    eq_mask(x, y) = x.set(T::ONE).or_else(x.same(y), x.set(T::ZERO));
    /// The gradient of [`relu`]: `g` where its result `y` is positive (or NaN), else 0.
    relu_grad(g, y) = {
        let zero = g.set(T::ZERO);
        zero.or_else(V::either(y.less(zero), y.same(zero)), g)
    };
    /// The gradient of [`sigmoid`] from its result `y`: `g * y * (1 - y)`.
    sigmoid_grad(g, y) = g * (y * (y.set(T::ONE) - y));
    /// The gradient of [`tanh`] from its result `y`: `g * (1 - y * y)`.
    tanh_grad(g, y) = g * (y.set(T::ONE) - y * y);
    /// The gradient of [`gelu`] from its argument: `g * (normal_cdf(x) + x * density(x))`.
    gelu_grad(g, x) = g * x.fma(math::normal_density(x), math::normal_cdf(x));
    /// The gradient of [`silu`] from its argument, with `s = sigmoid(x)`: `g * s * (1 + x * (1 - s))`.
    silu_grad(g, x) = {
        let (s, one) = (x.sigmoid(), x.set(T::ONE));
        g * (s * x.fma(one - s, one))
    };
}

/// Adds `b` to `a`: in place if nobody else sees `a`'s elements and `a` has the shape of the sum.
pub fn add_assign(a: &mut Array, b: &Array) {
    #[derive(Clone, Copy)]
    struct Sum;
    impl<T: Real> Map2<T> for Sum {
        #[inline(always)]
        fn map<V: Vector<Elem = T>>(self, x: V, y: V) -> V {
            x + y
        }
    }
    if let Some(sum) = float!(a.dtype(), T => binary_into::<T, Sum>(a, b, Sum)) {
        *a = sum;
    }
}

/// Each element with probability `1 - p`, scaled by `1 / (1 - p)`, else 0. Which ones is a function of `seed` and the
/// element's index in C order alone, so the same call on the gradient, in whatever layout, is the gradient.
#[track_caller]
pub fn dropout(a: Array, p: f64, seed: u64) -> Array {
    float!(a.dtype(), T => typed_dropout::<T>(a, p, seed))
}

#[track_caller]
fn typed_dropout<T: Real>(a: Array, p: f64, seed: u64) -> Array {
    let mut a = if a.is_dense() { a } else { a.dense_copy() };
    let (shape, strides) = (*a.shape(), *a.strides());
    let index = shape.row_major();
    let walk = if a.is_contiguous() { Walk::flat(a.count()) } else { Walk::new(&shape, [&strides, &index]) };
    let (key, next) = keys(seed);
    // Of 2^31 hashes, this many drop their element.
    let drop = (p.clamp(0.0, 1.0) * 2f64.powi(31)).round() as i64;
    let scale = T::of(if p < 1.0 { 1.0 / (1.0 - p) } else { 0.0 });
    let body = |out: *mut T, from: *const T| Dropout {
        out,
        a: from,
        walk: &walk,
        key,
        next,
        drop: drop.min(i64::from(i32::MAX)) as i32,
        scale,
    };
    if let Some(x) = a.dense_mut::<T>() {
        let out = x.as_mut_ptr();
        dispatch(body(out, out.cast_const()));
        return a;
    }
    // SAFETY: the walk visits every element of the shape once.
    unsafe { Array::build_like::<T>(shape, strides, |out| dispatch(body(out.as_mut_ptr().cast(), a.ptr::<T>()))) }
}

/// Two independent 32-bit keys from a seed (SplitMix64's finaliser).
fn keys(seed: u64) -> (u32, u32) {
    let z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    let z = z ^ (z >> 31);
    (z as u32, (z >> 32) as u32)
}

/// A hash of 32 bits to 32 bits without a visible pattern: Wellons' `lowbias32` with two keys.
#[inline(always)]
fn hash(index: u32, key: u32, next: u32) -> u32 {
    let x = index ^ key;
    let x = (x ^ (x >> 16)).wrapping_mul(0x7feb_352d).wrapping_add(next);
    let x = (x ^ (x >> 15)).wrapping_mul(0x846c_a68b);
    x ^ (x >> 16)
}

/// Drops elements along a walk over the elements and their indices; `out` may be `a`.
struct Dropout<'w, T> {
    out: *mut T,
    a: *const T,
    walk: &'w Walk<2>,
    key: u32,
    next: u32,
    /// Elements with a hash below this are dropped.
    drop: i32,
    scale: T,
}

impl<T: Real> Body<T> for Dropout<'_, T> {
    type Out = ();

    #[inline(always)]
    unsafe fn run<V: Vector<Elem = T>>(self) {
        let Self { out, a, walk, key, next, drop, scale } = self;
        let inner = walk.inner();
        let step = inner.step[1] as u32;
        for [at, index] in walk.rows() {
            for i in (0..inner.n).step_by(V::LANES) {
                let index = (index as u32).wrapping_add((i as u32).wrapping_mul(step));
                let mut factor = [T::ZERO; MAX_LANES];
                for (lane, factor) in factor[..V::LANES].iter_mut().enumerate() {
                    let hash = hash(index.wrapping_add((lane as u32).wrapping_mul(step)), key, next);
                    *factor = if ((hash >> 1) as i32) < drop { T::ZERO } else { scale };
                }
                // SAFETY: the walk stays inside the operands, which are contiguous along its inner axis.
                unsafe {
                    let mask = V::mask(inner.n - i);
                    let (x, factor) = (V::load_masked(a.add(at + i), mask), V::load(factor.as_ptr()));
                    let zero = x.set(T::ZERO);
                    zero.or_else(factor.same(zero), x * factor).store_masked(out.add(at + i), mask);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Dims;
    use super::super::samples::{close, dims, floats, laid, layouts, noise, shapes, sliced};
    use super::*;

    /// Compares `op` on both float types, in every layout, in place and not, with `exact`.
    #[track_caller]
    fn check_unary(tolerance: f64, range: (f64, f64), op: impl Fn(Array) -> Array, exact: impl Fn(f64) -> f64) {
        let value = |i: usize| range.0 + (range.1 - range.0) * (0.5 + 0.5 * noise(i));
        for shape in shapes() {
            let single = layouts(&shape, f32::NAN, |i| value(i) as f32);
            let double = layouts(&shape, f64::NAN, value);
            for (a, tolerance) in
                single.into_iter().map(|a| (a, tolerance)).chain(double.into_iter().map(|a| (a, 1e-14)))
            {
                let (want, strides) = (floats(&a), *a.strides());
                let dense = a.is_dense();
                let kept = a.clone();
                let copied = op(a.clone());
                assert_eq!(floats(&kept), want, "the operand has changed");
                drop(kept);
                let unique = a.is_unique();
                let at = a.ptr_of();
                let result = op(a);
                assert_eq!(result.ptr_of() == at, unique && dense, "in place if unique and dense");
                for result in [copied, result] {
                    assert_eq!(*result.strides(), if dense { strides } else { dims(&shape).row_major() });
                    for (got, &x) in floats(&result).into_iter().zip(&want) {
                        close(got, exact(x), tolerance);
                    }
                }
            }
        }
    }

    trait PtrOf {
        fn ptr_of(&self) -> usize;
    }

    impl PtrOf for Array {
        /// Where the elements lie; NaN-proof comparison of identity.
        fn ptr_of(&self) -> usize {
            match self.dtype() {
                super::super::DType::F32 => self.elements::<f32>().as_ptr() as usize,
                _ => self.elements::<f64>().as_ptr() as usize,
            }
        }
    }

    #[test]
    fn unary_operations() {
        let all = (-3.0, 3.0);
        let positive = (0.01, 9.0);
        check_unary(1e-6, all, neg, |x| -x);
        check_unary(1e-6, all, relu, |x| x.max(0.0));
        check_unary(1e-6, (-20.0, 20.0), sigmoid, |x| 1.0 / (1.0 + (-x).exp()));
        check_unary(1e-6, all, tanh, f64::tanh);
        check_unary(1e-6, (-20.0, 20.0), exp, f64::exp);
        check_unary(1e-6, positive, ln, f64::ln);
        check_unary(1e-6, all, sin, f64::sin);
        check_unary(1e-6, all, cos, f64::cos);
        check_unary(1e-6, positive, sqrt, f64::sqrt);
        check_unary(1e-6, all, square, |x| x * x);
        check_unary(1e-6, positive, recip, |x| 1.0 / x);
        check_unary(1e-6, all, |a| add_scalar(a, 0.25), |x| x + 0.25);
        check_unary(1e-6, all, |a| mul_scalar(a, 0.25), |x| x * 0.25);
        check_unary(1e-6, all, |a| rsub_scalar(a, 0.25), |x| 0.25 - x);
        check_unary(1e-6, all, |a| div_scalar(a, 3.0), |x| x / 3.0);
        check_unary(1e-6, positive, |a| rdiv_scalar(a, 0.25), |x| 0.25 / x);
        check_unary(1e-6, all, |a| leaky_relu(a, 0.25), |x| if x > 0.0 { x } else { x * 0.25 });
        check_unary(1e-6, (-20.0, 20.0), silu, |x| x / (1.0 + (-x).exp()));
        check_unary(1e-6, all, |a| clamp(a, -0.5, 1.25), |x| x.clamp(-0.5, 1.25));
        for s in [0.0, 2.0, 3.0, 4.0] {
            check_unary(1e-6, all, |a| pow_scalar(a, s), |x| x.powf(s));
        }
        for s in [-1.0, 0.5, -0.5, 1.7, -3.0] {
            check_unary(1e-6, positive, |a| pow_scalar(a, s), |x| x.powf(s));
        }
    }

    #[test]
    fn special_values() {
        let (nan, inf) = (f32::NAN, f32::INFINITY);
        let x = |values: &[f32]| Array::from_slice(values, dims(&[values.len()]));
        let got = relu(x(&[nan, inf, -inf, -1.0])).to_vec::<f32>();
        assert!(got[0].is_nan() && got[1..] == [inf, 0.0, 0.0]);
        assert_eq!(ln(x(&[0.0, -0.0, inf])).to_vec::<f32>(), [-inf, -inf, inf]);
        assert!(ln(x(&[-1.0])).to_vec::<f32>()[0].is_nan());
        assert_eq!(pow_scalar(x(&[-2.0, -2.0, nan]), 0.0).to_vec::<f32>(), [1.0; 3]);
        assert_eq!(pow_scalar(x(&[-2.0, 0.0]), -1.0).to_vec::<f32>(), [-0.5, inf]);
        assert_eq!(pow_scalar(x(&[-2.0, 3.0]), 5.0).to_vec::<f32>(), [-32.0, 243.0]);
        assert_eq!(pow_scalar(x(&[-2.0]), -3.0).to_vec::<f32>(), [-0.125]);
        assert!(pow_scalar(x(&[-2.0]), 1.5).to_vec::<f32>()[0].is_nan());
        let clamped = clamp(x(&[nan, -inf, inf]), -1.0, 1.0).to_vec::<f32>();
        assert!(clamped[0].is_nan() && clamped[1..] == [-1.0, 1.0]);
        assert_eq!(eq_mask(x(&[nan, 1.0, 0.0]), &x(&[nan, 1.0, -0.0])).to_vec::<f32>(), [0.0, 1.0, 1.0]);
        assert_eq!(relu_grad(x(&[1.0, 2.0, 3.0]), &x(&[0.0, 1.0, nan])).to_vec::<f32>(), [0.0, 2.0, 3.0]);
        assert_eq!(relu_grad(x(&[1.0, 2.0]), &x(&[-0.0, inf])).to_vec::<f32>(), [0.0, 2.0]);
        let leaky = leaky_relu(x(&[nan, inf, -inf, -4.0]), 0.25).to_vec::<f32>();
        assert!(leaky[0].is_nan() && leaky[1..] == [inf, -inf, -1.0]);
        for f in [gelu, silu] {
            let y = f(x(&[0.0, -1000.0, 1000.0, nan, inf])).to_vec::<f32>();
            assert!(y[..3] == [0.0, 0.0, 1000.0] && y[3].is_nan() && y[4] == inf, "{y:?}");
        }
    }

    /// Element `i` (C order) of `shape` of an operand broadcast from `of`.
    fn source(i: usize, shape: &Dims, of: &Dims) -> usize {
        let (mut i, mut at, mut step) = (i, 0, 1);
        for axis in (0..shape.rank()).rev() {
            let index = i % shape.get(axis);
            i /= shape.get(axis);
            if axis + of.rank() >= shape.rank() {
                let n = of.get(axis + of.rank() - shape.rank());
                at += if n == 1 { 0 } else { index * step };
                step *= n;
            }
        }
        at
    }

    type Exact = fn(f64, f64) -> f64;

    const BINARY: [(fn(Array, &Array) -> Array, Exact); 10] = [
        (add, |x, y| x + y),
        (sub, |x, y| x - y),
        (mul, |x, y| x * y),
        (div, |x, y| x / y),
        (relu_grad, |g, y| if y > 0.0 { g } else { 0.0 }),
        (sigmoid_grad, |g, y| g * y * (1.0 - y)),
        (tanh_grad, |g, y| g * (1.0 - y * y)),
        (eq_mask, |x, y| f64::from(u8::from(x == y))),
        (|g, x| leaky_relu_grad(g, x, 0.25), |g, x| if x > 0.0 { g } else { 0.25 * g }),
        (silu_grad, |g, x| {
            let s = 1.0 / (1.0 + (-x).exp());
            g * (s + x * s * (1.0 - s))
        }),
    ];

    #[track_caller]
    fn check_binary(a: &Array, b: &Array, shape: &Dims, tolerance: f64, ops: &[(fn(Array, &Array) -> Array, Exact)]) {
        let (x, y) = (floats(a), floats(b));
        for (op, exact) in ops {
            let shared = op(a.clone(), b);
            let own = if a.is_dense() { a.dense_copy() } else { a.clone() };
            let at = own.ptr_of();
            let place = own.is_unique() && own.shape() == shape;
            let result = op(own, b);
            assert!(!place || result.ptr_of() == at, "not in place");
            for result in [shared, result] {
                assert_eq!(result.shape(), shape);
                let full = |x: &&Array| x.shape() == shape && x.is_dense();
                assert_eq!(
                    *result.strides(),
                    [a, b].into_iter().find(full).map_or(shape.row_major(), |x| *x.strides())
                );
                for (i, got) in floats(&result).into_iter().enumerate() {
                    close(got, exact(x[source(i, shape, a.shape())], y[source(i, shape, b.shape())]), tolerance);
                }
            }
        }
        assert_eq!((floats(a), floats(b)), (x, y), "an operand has changed");
    }

    #[test]
    fn binary_operations_in_any_two_layouts() {
        for shape in shapes() {
            let d = dims(&shape);
            let a = layouts(&shape, f32::NAN, |i| noise(i) as f32);
            let b = layouts(&shape, f32::NAN, |i| if i % 3 == 0 { noise(i) } else { noise(i + 7777) } as f32);
            for (i, (a, b)) in a.iter().flat_map(|a| b.iter().map(move |b| (a, b))).enumerate() {
                check_binary(a, b, &d, 1e-6, if i == 0 { &BINARY } else { &BINARY[1..2] });
            }
            let a = layouts(&shape, f64::NAN, noise);
            for b in layouts(&shape, f64::NAN, |i| noise(i + 7777)) {
                check_binary(&a[0], &b, &d, 1e-14, &BINARY);
            }
        }
    }

    #[test]
    fn broadcasting() {
        let cases: [(&[usize], &[usize], &[usize]); 16] = [
            (&[100, 16], &[16], &[100, 16]),
            (&[37, 10], &[10], &[37, 10]),
            (&[37, 10], &[1, 10], &[37, 10]),
            (&[5, 130], &[130], &[5, 130]),
            (&[300, 3], &[3], &[300, 3]),
            (&[16], &[9, 16], &[9, 16]),
            (&[20, 17], &[20, 1], &[20, 17]),
            (&[20, 1], &[1, 17], &[20, 17]),
            (&[20, 17], &[], &[20, 17]),
            (&[], &[20, 17], &[20, 17]),
            (&[1], &[1, 1, 1], &[1, 1, 1]),
            (&[2, 3, 4, 5], &[3, 1, 1], &[2, 3, 4, 5]),
            (&[2, 3, 4, 5], &[2, 1, 4, 1], &[2, 3, 4, 5]),
            (&[3, 1, 5], &[2, 3, 4, 5], &[2, 3, 4, 5]),
            (&[0, 3], &[3], &[0, 3]),
            (&[4, 1], &[1, 0], &[4, 0]),
        ];
        for (a, b, shape) in cases {
            for x in layouts(a, f32::NAN, |i| noise(i) as f32) {
                for y in layouts(b, f32::NAN, |i| noise(i + 999) as f32) {
                    check_binary(&x, &y, &dims(shape), 1e-6, &BINARY[1..4]);
                }
            }
            let x = laid(a, &(0..a.len()).collect::<Vec<_>>(), noise);
            check_binary(&x, &sliced(b, f64::NAN, |i| noise(i + 999)), &dims(shape), 1e-14, &BINARY[..4]);
        }
        // A stretched view as an operand.
        let row = Array::from_fn(dims(&[1, 5]), |i| i as f32).expand(&dims(&[4, 5]));
        check_binary(&row, &row, &dims(&[4, 5]), 0.0, &BINARY[..1]);
        assert_eq!(floats(&neg(row)), [[0.0, -1.0, -2.0, -3.0, -4.0]; 4].concat());
    }

    #[test]
    fn accumulating() {
        for b in layouts(&[7, 18], f32::NAN, |i| i as f32) {
            let mut a = Array::full(1f32, dims(&[7, 18]));
            let at = a.ptr_of();
            add_assign(&mut a, &b);
            assert_eq!(a.ptr_of(), at);
            let kept = a.clone();
            add_assign(&mut a, &b);
            assert_eq!(a.to_vec::<f32>()[5], 11.0);
            assert_eq!(kept.to_vec::<f32>()[5], 6.0);
        }
    }

    #[test]
    fn dropout_is_a_function_of_seed_and_index() {
        let n = 200_000;
        for p in [0.0, 0.1, 0.5, 0.9] {
            let y = dropout(Array::full(1f32, dims(&[n])), p, 42).to_vec::<f32>();
            let kept = y.iter().filter(|&&y| y != 0.0).count() as f64 / n as f64;
            assert!((kept - (1.0 - p)).abs() < 4.0 * (p * (1.0 - p) / n as f64).sqrt() + 1e-12, "{kept} kept of {p}");
            assert!(y.iter().all(|&y| y == 0.0 || (f64::from(y) - 1.0 / (1.0 - p)).abs() < 1e-6));
            // Neighbours, and the same elements under the next seed, are independent.
            let pairs = y.windows(2).filter(|w| w[0] != 0.0 && w[1] != 0.0).count() as f64 / n as f64;
            assert!((pairs - (1.0 - p) * (1.0 - p)).abs() < 0.006);
            let other = dropout(Array::full(1f32, dims(&[n])), p, 43).to_vec::<f32>();
            let both = y.iter().zip(&other).filter(|(a, b)| **a != 0.0 && **b != 0.0).count() as f64 / n as f64;
            assert!((both - (1.0 - p) * (1.0 - p)).abs() < 0.006);
        }
        assert_eq!(dropout(Array::full(f32::NAN, dims(&[50])), 1.0, 1).to_vec::<f32>(), [0.0; 50]);
        for shape in [vec![21, 34], vec![3, 5, 7], vec![1000]] {
            let want = dropout(layouts(&shape, 0.0, |i| i as f64)[0].clone(), 0.3, 7).to_vec::<f64>();
            for x in layouts(&shape, f64::NAN, |i| i as f64) {
                assert_eq!(dropout(x, 0.3, 7).to_vec::<f64>(), want);
            }
            for x in layouts(&shape, f32::NAN, |i| i as f32) {
                for (got, want) in floats(&dropout(x, 0.3, 7)).into_iter().zip(&want) {
                    close(got, *want, 1e-6);
                }
            }
        }
    }
}
