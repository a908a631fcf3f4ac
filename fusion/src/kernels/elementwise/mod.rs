//! Element-wise operations on floats. An operand given by value is written in place where nobody else sees it; a result
//! keeps the order of the axes of its first operand that is dense and as large (else C order).

pub(in crate::kernels) mod loops;

use self::loops::{Map1, Map2, binary, binary_into, unary};
use crate::kernels::array::Array;
use crate::kernels::array::walk::Walk;
use crate::kernels::dtype::float;
use crate::kernels::simd::math;
use crate::kernels::simd::{Float, Kernel, MAX_LANES, Mask, Vector, dispatch};

pub use crate::kernels::array::copy::{cast, copy};

/// Declares functions of one element.
macro_rules! unary {
    ($($(#[$doc:meta])* $name:ident($x:ident) = $e:expr;)*) => { $(
        $(#[$doc])*
        #[track_caller]
        pub fn $name(a: Array) -> Array {
            #[derive(Clone, Copy)]
            struct Op;
            impl<T: Float> Map1<T> for Op {
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
    relu(x) = x.splat_like(T::ZERO).simd_max(x);
    /// `1 / (1 + exp(-x))`.
    sigmoid(x) = x.sigmoid();
    /// The hyperbolic tangent.
    tanh(x) = x.tanh();
    /// e to the power of `x`.
    exp(x) = x.exp();
    /// The natural logarithm: negative infinity for 0, NaN for negative numbers.
    ln(x) = x.ln();
    /// The sine.
    sin(x) = x.map_lanes(T::sin);
    /// The cosine.
    cos(x) = x.map_lanes(T::cos);
    /// The square root: NaN for negative numbers.
    sqrt(x) = x.sqrt();
    /// `x * x`.
    square(x) = x * x;
    /// `1 / x`.
    recip(x) = x.splat_like(T::ONE) / x;
    /// 1, whatever `x` is.
    one(x) = x.splat_like(T::ONE);
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
            impl<T: Float> Map1<T> for Op<T> {
                #[inline(always)]
                fn map<V: Vector<Elem = T>>(self, $x: V) -> V {
                    let $s = $x.splat_like(self.0);
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
    leaky_relu(x, s) = x.splat_like(T::ZERO).simd_lt(x).select(x, x * s);
}

/// The gradient of [`leaky_relu`]: `g` where its argument `x` is positive, else `g * s`.
#[track_caller]
pub fn leaky_relu_grad(g: Array, x: &Array, s: f64) -> Array {
    #[derive(Clone, Copy)]
    struct Op<T>(T);
    impl<T: Float> Map2<T> for Op<T> {
        #[inline(always)]
        fn map<V: Vector<Elem = T>>(self, g: V, x: V) -> V {
            x.splat_like(T::ZERO).simd_lt(x).select(g, g * x.splat_like(self.0))
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
    impl<T: Float> Map1<T> for Power<T> {
        #[inline(always)]
        fn map<V: Vector<Elem = T>>(self, x: V) -> V {
            x.map_lanes(|x| x.powf(self.0))
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
    impl<T: Float> Map1<T> for Clamp<T> {
        #[inline(always)]
        fn map<V: Vector<Elem = T>>(self, x: V) -> V {
            x.splat_like(self.1).simd_min(x.splat_like(self.0).simd_max(x))
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
            impl<T: Float> Map2<T> for Op {
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
    eq_mask(x, y) = x.simd_eq(y).select(x.splat_like(T::ONE), x.splat_like(T::ZERO));
    /// The gradient of [`relu`]: `g` where its result `y` is positive (or NaN), else 0.
    relu_grad(g, y) = {
        let zero = g.splat_like(T::ZERO);
        y.simd_lt(zero).or(y.simd_eq(zero)).select(zero, g)
    };
    /// The gradient of [`sigmoid`] from its result `y`: `g * y * (1 - y)`.
    sigmoid_grad(g, y) = g * (y * (y.splat_like(T::ONE) - y));
    /// The gradient of [`tanh`] from its result `y`: `g * (1 - y * y)`.
    tanh_grad(g, y) = g * (y.splat_like(T::ONE) - y * y);
    /// The gradient of [`gelu`] from its argument: `g * (normal_cdf(x) + x * density(x))`.
    gelu_grad(g, x) = g * x.mul_add(math::normal_density(x), math::normal_cdf(x));
    /// The gradient of [`silu`] from its argument, with `s = sigmoid(x)`: `g * s * (1 + x * (1 - s))`.
    silu_grad(g, x) = {
        let (s, one) = (x.sigmoid(), x.splat_like(T::ONE));
        g * (s * x.mul_add(one - s, one))
    };
}

/// Adds `b` to `a`: in place if nobody else sees `a`'s elements and `a` has the shape of the sum.
pub fn add_assign(a: &mut Array, b: &Array) {
    #[derive(Clone, Copy)]
    struct Sum;
    impl<T: Float> Map2<T> for Sum {
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
fn typed_dropout<T: Float>(a: Array, p: f64, seed: u64) -> Array {
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

impl<T: Float> Kernel<T> for Dropout<'_, T> {
    type Output = ();

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
                    let mask = V::tail(inner.n - i);
                    let (x, factor) = (V::load_tail(a.add(at + i), mask), V::load(factor.as_ptr()));
                    let zero = x.splat_like(T::ZERO);
                    factor.simd_eq(zero).select(zero, x * factor).store_tail(out.add(at + i), mask);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
