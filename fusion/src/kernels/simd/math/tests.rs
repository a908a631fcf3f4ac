use crate::kernels::simd::{Float, Kernel, MAX_LANES, Vector};
use crate::kernels::testing::{noise, on_each};

/// The distance in units in the last place of `want`, of a type with so many bits of mantissa and this least normal number.
fn ulps(got: f64, near: f64, want: f64, mantissa: i32, least: f64) -> f64 {
    if got.to_bits() == near.to_bits() || (got.is_nan() && near.is_nan()) {
        return 0.0;
    }
    if !got.is_finite() || !near.is_finite() || (got == 0.0 && near == 0.0) {
        return f64::INFINITY;
    }
    let exponent = (near.abs().max(least).to_bits() >> 52) as i32 - 1023;
    (got - want).abs() / (2f64.powi(exponent) / 2f64.powi(mantissa))
}

fn ulps_single(got: f32, want: f64) -> f64 {
    ulps(got.into(), (want as f32).into(), want, 23, f32::MIN_POSITIVE.into())
}

/// Zeros, infinities, NaN, ends of ranges and round numbers.
const SPECIAL: [f32; 28] = [
    0.0,
    -0.0,
    f32::INFINITY,
    f32::NEG_INFINITY,
    f32::NAN,
    f32::MAX,
    f32::MIN,
    f32::MIN_POSITIVE,
    -f32::MIN_POSITIVE,
    1e-45,
    -1e-45,
    1.0,
    -1.0,
    0.5,
    -0.5,
    1.5,
    -1.5,
    2.0,
    -2.0,
    3.0,
    -3.0,
    88.722_83,
    88.722_84,
    89.415_98,
    -149.5,
    127.999_99,
    1_048_576.0,
    16_777_217.0,
];

/// [`SPECIAL`] and, with a prime step, about every pattern of mantissas of every exponent and sign.
fn sweep() -> Vec<f32> {
    let step = if cfg!(debug_assertions) { 200_003 } else { 1009 };
    SPECIAL.into_iter().chain((0..u32::MAX).step_by(step).map(f32::from_bits)).collect()
}

/// A function by its name among those of a table, of all elements of `x` and `y`.
#[derive(Clone)]
struct Call<'a, T> {
    name: &'a str,
    x: &'a [T],
    y: &'a [T],
}

macro_rules! table {
    ($($name:ident)*; $($two:ident)*) => {
        impl<T: Float> Kernel<T> for Call<'_, T> {
            type Output = Vec<T>;

            #[inline(always)]
            unsafe fn run<V: Vector<Elem = T>>(self) -> Vec<T> {
                let mut out = self.x.to_vec();
                // Whole vectors: each list ends with as many elements as the widest has lanes, whose values do not count.
                for at in (0..out.len() / MAX_LANES * MAX_LANES).step_by(V::LANES) {
                    // SAFETY: so many elements follow in all lists.
                    unsafe {
                        let (x, y) = (V::load(self.x.as_ptr().add(at)), V::load(self.y.as_ptr().add(at)));
                        let value = match self.name {
                            $(stringify!($name) => x.$name(),)*
                            $(stringify!($two) => x.$two(y),)*
                            other => panic!("no {other}"),
                        };
                        value.store(out.as_mut_ptr().add(at));
                    }
                }
                out
            }
        }
    };
}
table! {
    exp exp2 exp_m1 ln ln_1p log2 sin cos tan asin acos atan sinh cosh tanh sigmoid erf floor ceil trunc round_ties_even;
    powf atan2
}

/// The values of a function on each kind of vector that this machine has.
fn call<T: Float>(name: &str, x: &[T], y: &[T]) -> Vec<Vec<T>> {
    let padded = |x: &[T]| [x, &[T::ONE; MAX_LANES]].concat();
    let mut all = on_each(&Call { name, x: &padded(x), y: &padded(y) });
    all.iter_mut().for_each(|values| values.truncate(x.len()));
    all
}

/// Panics unless each value of a function is so near to the exact one.
fn check(name: &str, limit: f64, x: &[f32], y: &[f32], exact: impl Fn(f64, f64) -> f64) {
    for (kind, values) in call(name, x, y).into_iter().enumerate() {
        let (mut worst, mut at) = (0.0, 0);
        for i in 0..x.len() {
            let off = ulps_single(values[i], exact(x[i].into(), y[i].into()));
            if off > worst {
                (worst, at) = (off, i);
            }
        }
        println!("{name} {kind}: {worst:.3} ulp at {:e} {:e}", x[at], y[at]);
        assert!(worst <= limit, "{name} of {:e} and {:e} is {} and {worst} ulp off", x[at], y[at], values[at]);
    }
}

fn sigmoid(x: f64) -> f64 {
    if x > -700.0 { 1.0 / (1.0 + (-x).exp()) } else { x.exp() }
}

/// A series with terms of one sign; far out, 1.
fn erf(x: f64) -> f64 {
    if x.abs() > 6.0 {
        return 1f64.copysign(x);
    }
    let (mut sum, mut term, mut n) = (x, x, 1.0);
    while term.abs() > 1e-18 * sum.abs() {
        n += 2.0;
        term *= 2.0 * x * x / n;
        sum += term;
    }
    std::f64::consts::FRAC_2_SQRT_PI * (-x * x).exp() * sum
}

/// Each function with its bound.
const SINGLE: [(&str, f64, fn(f64) -> f64); 21] = [
    ("exp", 1.1, f64::exp),
    ("exp2", 1.3, f64::exp2),
    ("exp_m1", 1.8, f64::exp_m1),
    ("ln", 0.9, f64::ln),
    ("ln_1p", 1.5, f64::ln_1p),
    ("log2", 1.8, f64::log2),
    ("sin", 0.6, f64::sin),
    ("cos", 0.6, f64::cos),
    ("tan", 1.2, f64::tan),
    ("asin", 1.4, f64::asin),
    ("acos", 1.2, f64::acos),
    ("atan", 1.7, f64::atan),
    ("sinh", 1.7, f64::sinh),
    ("cosh", 1.5, f64::cosh),
    ("tanh", 1.4, f64::tanh),
    ("sigmoid", 2.0, sigmoid),
    ("erf", 1.3, erf),
    ("floor", 0.0, f64::floor),
    ("ceil", 0.0, f64::ceil),
    ("trunc", 0.0, f64::trunc),
    ("round_ties_even", 0.0, f64::round_ties_even),
];

#[test]
fn within_their_bounds_over_the_whole_range() {
    let x = sweep();
    let mut failed = Vec::new();
    for (name, limit, exact) in SINGLE {
        if std::panic::catch_unwind(|| check(name, limit, &x, &x, |x, _| exact(x))).is_err() {
            failed.push(name);
        }
    }
    assert!(failed.is_empty(), "{failed:?}");
}

/// Every two special numbers, and others.
fn pairs(other: impl Fn(usize, f32) -> f32) -> (Vec<f32>, Vec<f32>) {
    let special = SPECIAL.iter().flat_map(|&x| SPECIAL.map(|y| (x, y)));
    special.chain(sweep().into_iter().enumerate().map(|(i, x)| (x, other(i, x)))).unzip()
}

#[test]
fn powers_and_angles_of_points() {
    // Exponents with which most powers are finite, some of them whole.
    let exponent = |i: usize, x: f32| {
        let e = noise(i) as f32 * 110.0 / x.abs().ln();
        if i.is_multiple_of(3) { e.round() } else { e }
    };
    let (x, e) = pairs(exponent);
    check("powf", 0.51, &x, &e, f64::powf);
    let (y, x) =
        pairs(|i, y| if i.is_multiple_of(2) { y * noise(i) as f32 * 3.0 } else { f32::from_bits(i as u32 * 104_729) });
    check("atan2", 0.6, &y, &x, f64::atan2);
}

#[test]
fn in_f64() {
    let bits = (0..u64::MAX).step_by(if cfg!(debug_assertions) { 1 << 51 } else { 1 << 44 } + 12_345);
    let special = SPECIAL.map(f64::from);
    let x: Vec<f64> = special.into_iter().chain(bits.map(f64::from_bits)).collect();
    // The bounds are those to the standard library's values, which are themselves not exact.
    let all: [(&str, f64, fn(f64) -> f64); 8] = [
        ("exp", 2.0, f64::exp),
        ("ln", 2.0, f64::ln),
        ("exp_m1", 3.0, f64::exp_m1),
        ("ln_1p", 3.0, f64::ln_1p),
        ("tanh", 3.0, f64::tanh),
        ("sigmoid", 3.0, sigmoid),
        ("floor", 0.0, f64::floor),
        ("round_ties_even", 0.0, f64::round_ties_even),
    ];
    for (name, limit, exact) in all {
        for values in call(name, &x, &x) {
            for (&x, got) in x.iter().zip(values) {
                let want = exact(x);
                let off = ulps(got, want, want, 52, f64::MIN_POSITIVE);
                assert!(off <= limit, "{name} of {x:e} is {got:e} and {off} ulp off");
            }
        }
    }
    let x: Vec<f64> = (-700..700).map(|i| f64::from(i) / 100.0).collect();
    for values in call("erf", &x, &x) {
        x.iter()
            .zip(values)
            .for_each(|(&x, got)| assert!((got - erf(x)).abs() <= 2e-15 * erf(x).abs(), "erf of {x}: {got:e}"));
    }
}
