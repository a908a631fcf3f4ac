//! The ways to fold elements into one: sums, and the largest and smallest.

use crate::kernels::dtype::Scalar;
use crate::kernels::simd::{Float, MAX_LANES, Mask, Total, Vector};

/// A way to fold elements into one.
pub trait Fold: Copy {
    /// The result of nothing.
    const START: f64;
    /// A result for each lane.
    type Lanes<V: Vector>: Copy;
    /// A result so far.
    type Running: Copy;

    /// Lanes of nothing.
    ///
    /// # Safety
    /// The machine must have the instructions of `V`.
    unsafe fn start<V: Vector>() -> Self::Lanes<V>;
    /// The lanes joined with those of `x`.
    fn push<V: Vector>(lanes: Self::Lanes<V>, x: V) -> Self::Lanes<V>;
    /// The lanes joined with those of four vectors: sums of them are taken by pairs, in their own type, which is exact for
    /// equal numbers and loses less than the rounding of the result otherwise.
    fn push_4<V: Vector>(lanes: Self::Lanes<V>, x: [V; 4]) -> Self::Lanes<V>;
    /// The lanes joined with those of eight vectors.
    #[inline(always)]
    fn push_8<V: Vector>(lanes: Self::Lanes<V>, a: [V; 4], b: [V; 4]) -> Self::Lanes<V> {
        Self::push_4(Self::push_4(lanes, a), b)
    }
    /// Both joined, lane by lane.
    fn join<V: Vector>(a: Self::Lanes<V>, b: Self::Lanes<V>) -> Self::Lanes<V>;
    /// All lanes joined.
    fn all<V: Vector>(lanes: Self::Lanes<V>) -> f64;
    /// The result of each lane.
    fn each<V: Vector>(lanes: Self::Lanes<V>) -> [f64; MAX_LANES];

    /// The result so far of nothing.
    fn nothing() -> Self::Running;
    /// Joins one more result.
    fn take(running: &mut Self::Running, x: f64);
    /// Joins what was folded elsewhere.
    fn merge(running: &mut Self::Running, other: Self::Running);
    /// The result, joined with itself `n` times in all.
    fn result(running: Self::Running, n: usize) -> f64;
    /// A result joined with itself `n` times in all.
    fn repeat(x: f64, n: usize) -> f64;
}

#[derive(Clone, Copy)]
pub struct Sum;

impl Fold for Sum {
    const START: f64 = 0.0;
    type Lanes<V: Vector> = V::Sums;
    type Running = Total;

    #[inline(always)]
    unsafe fn start<V: Vector>() -> V::Sums {
        // SAFETY: the machine has the instructions, as the caller promises.
        unsafe { V::sums() }
    }
    #[inline(always)]
    fn push<V: Vector>(lanes: V::Sums, x: V) -> V::Sums {
        x.add_to(lanes)
    }
    #[inline(always)]
    fn push_4<V: Vector>(lanes: V::Sums, [a, b, c, d]: [V; 4]) -> V::Sums {
        ((a + b) + (c + d)).add_to(lanes)
    }
    #[inline(always)]
    fn push_8<V: Vector>(lanes: V::Sums, [a, b, c, d]: [V; 4], [e, f, g, h]: [V; 4]) -> V::Sums {
        (((a + b) + (c + d)) + ((e + f) + (g + h))).add_to(lanes)
    }
    #[inline(always)]
    fn join<V: Vector>(a: V::Sums, b: V::Sums) -> V::Sums {
        V::join(a, b)
    }
    #[inline(always)]
    fn all<V: Vector>(lanes: V::Sums) -> f64 {
        V::total(lanes)
    }
    #[inline(always)]
    fn each<V: Vector>(lanes: V::Sums) -> [f64; MAX_LANES] {
        V::each_sum(lanes)
    }
    #[inline(always)]
    fn nothing() -> Total {
        Total::default()
    }
    #[inline(always)]
    fn take(running: &mut Total, x: f64) {
        running.add(x);
    }
    #[inline(always)]
    fn merge(running: &mut Total, other: Total) {
        running.join(other);
    }
    #[inline(always)]
    fn result(running: Total, n: usize) -> f64 {
        Self::repeat(running.get(), n)
    }
    #[inline(always)]
    fn repeat(x: f64, n: usize) -> f64 {
        x * n as f64
    }
}

/// Folds that pick one of their elements, NaN where there is one: `a` gives way to `b` where `less` says so.
macro_rules! extreme {
    ($Name:ident, $start:expr, |$a:ident, $b:ident| $less:expr, $less_2:expr) => {
        #[derive(Clone, Copy)]
        pub struct $Name;

        impl Fold for $Name {
            const START: f64 = $start;
            type Lanes<V: Vector> = V;
            type Running = f64;

            #[inline(always)]
            unsafe fn start<V: Vector>() -> V {
                // SAFETY: the machine has the instructions, as the caller promises.
                unsafe { V::splat(V::Elem::from_f64(Self::START)) }
            }
            #[inline(always)]
            fn push<V: Vector>($a: V, $b: V) -> V {
                // A NaN in `a` stays, as no comparison with it is true.
                $less.or($b.is_nan()).select($b, $a)
            }
            #[inline(always)]
            fn push_4<V: Vector>(lanes: V, [a, b, c, d]: [V; 4]) -> V {
                Self::push(lanes, Self::push(Self::push(a, b), Self::push(c, d)))
            }
            #[inline(always)]
            fn join<V: Vector>(a: V, b: V) -> V {
                Self::push(a, b)
            }
            #[inline(always)]
            fn all<V: Vector>(lanes: V) -> f64 {
                lanes.reduce(Self::push::<V>).to_f64()
            }
            #[inline(always)]
            fn each<V: Vector>(lanes: V) -> [f64; MAX_LANES] {
                let (mut x, mut each) = ([V::Elem::ZERO; MAX_LANES], [0.0; MAX_LANES]);
                // SAFETY: the array holds as many elements as the widest vector.
                unsafe { lanes.store(x.as_mut_ptr()) };
                for (each, x) in each.iter_mut().zip(x) {
                    *each = x.to_f64();
                }
                each
            }
            #[inline(always)]
            fn nothing() -> f64 {
                Self::START
            }
            #[inline(always)]
            fn take($a: &mut f64, $b: f64) {
                if $less_2 || $b.is_nan() {
                    *$a = $b;
                }
            }
            #[inline(always)]
            fn merge(running: &mut f64, other: f64) {
                Self::take(running, other);
            }
            #[inline(always)]
            fn result(running: f64, _: usize) -> f64 {
                running
            }
            #[inline(always)]
            fn repeat(x: f64, _: usize) -> f64 {
                x
            }
        }
    };
}
extreme!(Max, f64::NEG_INFINITY, |a, b| a.simd_lt(b), *a < b);
extreme!(Min, f64::INFINITY, |a, b| b.simd_lt(a), b < *a);
