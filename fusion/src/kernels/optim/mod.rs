//! The optimizers' steps, each one pass over memory and in place.

use crate::kernels::array::Array;
use crate::kernels::array::copy::copy;
use crate::kernels::dtype::float;
use crate::kernels::simd::{Float, Kernel, Vector, dispatch};

/// What a step of [`sgd`] needs to know.
#[derive(Clone, Copy, Debug)]
pub struct SgdStep {
    /// The learning rate.
    pub lr: f64,
    /// How much of the velocity stays.
    pub momentum: f64,
    /// How much of the gradient the velocity leaves out.
    pub dampening: f64,
    /// Does the parameter move along the gradient plus the next velocity (Nesterov), not the velocity alone?
    pub nesterov: bool,
    /// How much of the parameter is added to the gradient.
    pub weight_decay: f64,
    /// Is this the first step, whose velocity is the gradient?
    pub first: bool,
}

/// What a step of [`adam`] needs to know.
#[derive(Clone, Copy, Debug)]
pub struct AdamStep {
    /// The learning rate.
    pub lr: f64,
    /// How much of the first moment stays.
    pub beta1: f64,
    /// How much of the second moment stays.
    pub beta2: f64,
    /// Added to the denominator.
    pub eps: f64,
    /// How much of the parameter is added to the gradient, or taken from the parameter.
    pub weight_decay: f64,
    /// Does weight decay shrink the parameter itself by `lr * weight_decay` (AdamW) instead of changing the gradient?
    pub decoupled: bool,
    /// The number of this step, from 1 on.
    pub step: u64,
}

/// `x` laid out as `like`.
#[track_caller]
fn in_order_of<T: Float>(x: &Array, like: &Array) -> Array {
    assert_eq!(x.shape(), like.shape(), "a parameter and what belongs to it have one shape");
    if x.strides() == like.strides() { x.clone() } else { copy(x, *like.strides()) }
}

/// The elements of `x` for writing, laid out as `like`, which is dense.
fn writable<'a, T: Float>(x: &'a mut Array, like: &Array) -> &'a mut [T] {
    assert_eq!(x.shape(), like.shape(), "a parameter and what belongs to it have one shape");
    if x.strides() != like.strides() {
        *x = copy(x, *like.strides());
    }
    x.make_mut()
}

/// One step of stochastic gradient descent, as PyTorch's `SGD`: `p -= lr * d` with `d = g + weight_decay * p`, or, with a
/// velocity, that of `velocity = momentum * velocity + (1 - dampening) * d`.
pub fn sgd(p: &mut Array, g: &Array, velocity: Option<&mut Array>, s: &SgdStep) {
    float!(p.dtype(), T => {
        p.make_mut::<T>();
        let g = in_order_of::<T>(g, p);
        let velocity = velocity.map(|v| writable::<T>(v, p));
        let (p, g) = (p.make_mut::<T>(), g.dense::<T>().expect("dense"));
        dispatch(Sgd { p, g, velocity, s: *s });
    });
}

struct Sgd<'a, T> {
    p: &'a mut [T],
    g: &'a [T],
    velocity: Option<&'a mut [T]>,
    s: SgdStep,
}

impl<T: Float> Kernel<T> for Sgd<'_, T> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Vector<Elem = T>>(self) {
        let Self { p, g, velocity, s } = self;
        // SAFETY: the machine has the instructions, as the caller promises.
        let rates = unsafe {
            Rates {
                lr: splat::<V>(-s.lr),
                momentum: splat::<V>(s.momentum),
                decay: weight_decay::<V>(s.weight_decay),
                fresh: splat::<V>(1.0 - s.dampening),
            }
        };
        let Some(v) = velocity else {
            // SAFETY: the machine has the instructions, as the caller promises.
            return unsafe { update([p], g, Plain(rates)) };
        };
        match (s.first, s.nesterov) {
            // SAFETY: the machine has the instructions, as the caller promises.
            (false, false) => unsafe { update([p, v], g, Heavy(rates)) },
            // SAFETY: the machine has the instructions, as the caller promises.
            (false, true) => unsafe { update([p, v], g, Nesterov(rates)) },
            // SAFETY: the machine has the instructions, as the caller promises.
            (true, false) => unsafe { update([p, v], g, First(rates)) },
            (true, true) => {
                let rates = Rates { lr: rates.lr + rates.lr * rates.momentum, ..rates };
                // SAFETY: the machine has the instructions, as the caller promises.
                unsafe { update([p, v], g, First(rates)) }
            }
        }
    }
}

/// What a step of SGD multiplies by; `lr` is negative.
#[derive(Clone, Copy)]
struct Rates<V> {
    lr: V,
    momentum: V,
    decay: Option<V>,
    fresh: V,
}

/// Without a velocity.
#[derive(Clone, Copy)]
struct Plain<V>(Rates<V>);

impl<V: Vector> Update<V, 1> for Plain<V> {
    #[inline(always)]
    fn next(self, [p]: [V; 1], g: V) -> [V; 1] {
        [self.0.lr.mul_add(decayed(self.0.decay, p, g), p)]
    }
}

/// Along the velocity.
#[derive(Clone, Copy)]
struct Heavy<V>(Rates<V>);

impl<V: Vector> Update<V, 2> for Heavy<V> {
    #[inline(always)]
    fn next(self, [p, v]: [V; 2], g: V) -> [V; 2] {
        let Rates { lr, momentum, decay, fresh } = self.0;
        let v = momentum.mul_add(v, fresh * decayed(decay, p, g));
        [lr.mul_add(v, p), v]
    }
}

/// Along the gradient and the next velocity.
#[derive(Clone, Copy)]
struct Nesterov<V>(Rates<V>);

impl<V: Vector> Update<V, 2> for Nesterov<V> {
    #[inline(always)]
    fn next(self, [p, v]: [V; 2], g: V) -> [V; 2] {
        let Rates { lr, momentum, decay, fresh } = self.0;
        let d = decayed(decay, p, g);
        let v = momentum.mul_add(v, fresh * d);
        [lr.mul_add(momentum.mul_add(v, d), p), v]
    }
}

/// The velocity becomes the gradient.
#[derive(Clone, Copy)]
struct First<V>(Rates<V>);

impl<V: Vector> Update<V, 2> for First<V> {
    #[inline(always)]
    fn next(self, [p, _]: [V; 2], g: V) -> [V; 2] {
        let d = decayed(self.0.decay, p, g);
        [self.0.lr.mul_add(d, p), d]
    }
}

/// All lanes `x`.
///
/// # Safety
/// The machine must have the instructions of `V`.
#[inline(always)]
unsafe fn splat<V: Vector>(x: f64) -> V {
    // SAFETY: the caller's promise.
    unsafe { V::splat(V::Elem::of(x)) }
}

/// Weight decay for all lanes; none if it is 0, as 0 times an infinite parameter would be NaN.
///
/// # Safety
/// The machine must have the instructions of `V`.
#[inline(always)]
unsafe fn weight_decay<V: Vector>(x: f64) -> Option<V> {
    match x {
        0.0 => None,
        // SAFETY: the caller's promise.
        _ => Some(unsafe { splat(x) }),
    }
}

/// The gradient `g` of the parameter `p`, with weight decay.
#[inline(always)]
fn decayed<V: Vector>(decay: Option<V>, p: V, g: V) -> V {
    match decay {
        Some(decay) => decay.mul_add(p, g),
        None => g,
    }
}

/// The next values of `K` numbers, the parameter first, after a gradient.
trait Update<V, const K: usize>: Copy {
    /// The next values of `x`.
    fn next(self, x: [V; K], g: V) -> [V; K];
}

/// Updates the elements of `K` slices by the gradient `g`.
///
/// # Safety
/// The machine must have the instructions of `V`.
#[inline(always)]
unsafe fn update<V: Vector, const K: usize>(mut of: [&mut [V::Elem]; K], g: &[V::Elem], f: impl Update<V, K>) {
    let n = of.iter().map(|x| x.len()).fold(g.len(), usize::min);
    let p: [*mut V::Elem; K] = std::array::from_fn(|k| of[k].as_mut_ptr());
    let g = g.as_ptr();
    let mut at = 0;
    // SAFETY: all slices hold `n` elements; the mask covers what is left.
    unsafe {
        while at + V::LANES <= n {
            let mut x = [V::zero(); K];
            for k in 0..K {
                x[k] = V::load(p[k].add(at));
            }
            let x = f.next(x, V::load(g.add(at)));
            for k in 0..K {
                x[k].store(p[k].add(at));
            }
            at += V::LANES;
        }
        if at < n {
            let mask = V::tail(n - at);
            let mut x = [V::zero(); K];
            for k in 0..K {
                x[k] = V::load_tail(p[k].add(at), mask);
            }
            let x = f.next(x, V::load_tail(g.add(at), mask));
            for k in 0..K {
                x[k].store_tail(p[k].add(at), mask);
            }
        }
    }
}

/// One step of Adam or AdamW, as PyTorch's: with the moments `m = beta1 * m + (1 - beta1) * g` and
/// `v = beta2 * v + (1 - beta2) * g^2`, `p -= lr / (1 - beta1^t) * m / (sqrt(v) / sqrt(1 - beta2^t) + eps)`.
pub fn adam(p: &mut Array, g: &Array, m: &mut Array, v: &mut Array, s: &AdamStep) {
    float!(p.dtype(), T => {
        p.make_mut::<T>();
        let g = in_order_of::<T>(g, p);
        let (m, v) = (writable::<T>(m, p), writable::<T>(v, p));
        let (p, g) = (p.make_mut::<T>(), g.dense::<T>().expect("dense"));
        dispatch(Adam { p, g, m, v, s: *s });
    });
}

struct Adam<'a, T> {
    p: &'a mut [T],
    g: &'a [T],
    m: &'a mut [T],
    v: &'a mut [T],
    s: AdamStep,
}

impl<T: Float> Kernel<T> for Adam<'_, T> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Vector<Elem = T>>(self) {
        let Self { p, g, m, v, s } = self;
        let t = s.step as f64;
        let (correct1, correct2) = (1.0 - s.beta1.powf(t), (1.0 - s.beta2.powf(t)).sqrt());
        let (shrink, decay) = if s.decoupled { (1.0 - s.lr * s.weight_decay, 0.0) } else { (1.0, s.weight_decay) };
        // m / (sqrt(v) / c + eps) = c * m / (sqrt(v) + c * eps)
        // SAFETY: the machine has the instructions, as the caller promises.
        unsafe {
            let moments = Moments {
                lr: splat::<V>(-s.lr / correct1 * correct2),
                eps: splat::<V>(s.eps * correct2),
                shrink: splat::<V>(shrink),
                decay: weight_decay::<V>(decay),
                fresh1: splat::<V>(1.0 - s.beta1),
                keep2: splat::<V>(s.beta2),
                fresh2: splat::<V>(1.0 - s.beta2),
            };
            update([p, m, v], g, moments);
        }
    }
}

/// What a step of Adam multiplies by and adds; `lr` is negative.
#[derive(Clone, Copy)]
struct Moments<V> {
    lr: V,
    eps: V,
    shrink: V,
    decay: Option<V>,
    fresh1: V,
    keep2: V,
    fresh2: V,
}

impl<V: Vector> Update<V, 3> for Moments<V> {
    #[inline(always)]
    fn next(self, [p, m, v]: [V; 3], g: V) -> [V; 3] {
        let g = decayed(self.decay, p, g);
        let m = self.fresh1.mul_add(g - m, m);
        let v = self.keep2.mul_add(v, self.fresh2 * g * g);
        [self.lr.mul_add(m.div_sqrt(v, self.eps), p * self.shrink), m, v]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::DType;
    use crate::kernels::array::copy::cast;
    use crate::kernels::testing::{close, floats, layouts, noise, shapes};

    /// PyTorch's formula on one element: the parameter and the velocity after the step.
    fn sgd_of(p: f64, g: f64, velocity: f64, s: &SgdStep) -> (f64, f64) {
        let d = g + s.weight_decay * p;
        if s.momentum == 0.0 {
            return (p - s.lr * d, velocity);
        }
        let v = if s.first { d } else { s.momentum * velocity + (1.0 - s.dampening) * d };
        (p - s.lr * if s.nesterov { d + s.momentum * v } else { v }, v)
    }

    /// PyTorch's formula on one element: the parameter and the moments after the step.
    fn adam_of(p: f64, g: f64, m: f64, v: f64, s: &AdamStep) -> (f64, f64, f64) {
        let (p, g) = if s.decoupled { (p * (1.0 - s.lr * s.weight_decay), g) } else { (p, g + s.weight_decay * p) };
        let (m, v) = (s.beta1 * m + (1.0 - s.beta1) * g, s.beta2 * v + (1.0 - s.beta2) * g * g);
        let (c1, c2) = (1.0 - s.beta1.powi(s.step as i32), 1.0 - s.beta2.powi(s.step as i32));
        (p - s.lr / c1 * m / ((v / c2).sqrt() + s.eps), m, v)
    }

    /// Parameters and gradients in every pair of layouts, of both types, with the tolerance of the type.
    fn each_pair(f: impl Fn(Array, Array, f64)) {
        for shape in shapes() {
            let p = layouts(&shape, f32::NAN, |i| noise(i) as f32);
            let g = layouts(&shape, f32::NAN, |i| noise(i + 9999) as f32);
            for (k, (p, g)) in p.iter().flat_map(|p| g.iter().map(move |g| (p, g))).enumerate() {
                match k % 2 {
                    0 => f(p.clone(), g.clone(), 1e-6),
                    _ => f(cast(p, DType::F64), cast(g, DType::F64), 1e-14),
                }
            }
        }
    }

    #[test]
    fn sgd_is_pytorchs() {
        let plain =
            SgdStep { lr: 0.1, momentum: 0.0, dampening: 0.0, nesterov: false, weight_decay: 0.0, first: false };
        let heavy = SgdStep { momentum: 0.9, weight_decay: 0.01, ..plain };
        let steps = [
            plain,
            SgdStep { weight_decay: 0.1, ..plain },
            heavy,
            SgdStep { dampening: 0.3, ..heavy },
            SgdStep { first: true, dampening: 0.3, ..heavy },
            SgdStep { nesterov: true, ..heavy },
            SgdStep { nesterov: true, first: true, ..heavy },
        ];
        each_pair(|p, g, tolerance| {
            for s in steps {
                let (old, gs) = (floats(&p), floats(&g));
                let mut next = p.clone();
                let mut velocity = cast(&g, DType::F64);
                velocity = cast(&velocity, p.dtype());
                let with = s.momentum != 0.0;
                sgd(&mut next, &g, with.then_some(&mut velocity), &s);
                assert_eq!(floats(&p), old, "a clone has changed");
                for (i, (got, v)) in floats(&next).into_iter().zip(floats(&velocity)).enumerate() {
                    let want = sgd_of(old[i], gs[i], gs[i], &s);
                    close(got, want.0, tolerance);
                    close(v, want.1, tolerance);
                }
            }
        });
    }

    /// Without weight decay the parameter is no part of the gradient: 0 times infinity must not get there.
    #[test]
    fn an_infinite_parameter_without_weight_decay() {
        let (inf, n) = (f64::INFINITY, 19);
        let infinite = || Array::from_fn(crate::kernels::Dims::new(&[n]), |i| if i % 2 == 0 { inf } else { -inf });
        let g = Array::full(0.5, crate::kernels::Dims::new(&[n]));
        let plain =
            SgdStep { lr: 0.1, momentum: 0.0, dampening: 0.0, nesterov: false, weight_decay: 0.0, first: false };
        for (momentum, nesterov, first) in
            [(0.0, false, false), (0.9, false, false), (0.9, false, true), (0.9, true, false), (0.9, true, true)]
        {
            let (mut p, mut velocity) = (infinite(), g.clone());
            let s = SgdStep { momentum, nesterov, first, ..plain };
            sgd(&mut p, &g, (momentum > 0.0).then_some(&mut velocity), &s);
            assert_eq!(p.to_vec::<f64>(), infinite().to_vec::<f64>(), "{s:?}");
            assert!(velocity.to_vec::<f64>().iter().all(|v| v.is_finite()), "{s:?}");
        }
        for decoupled in [false, true] {
            let (mut p, mut m, mut v) = (infinite(), g.clone(), g.clone());
            let s = AdamStep { lr: 1e-3, beta1: 0.9, beta2: 0.999, eps: 1e-8, weight_decay: 0.0, decoupled, step: 1 };
            adam(&mut p, &g, &mut m, &mut v, &s);
            assert_eq!(p.to_vec::<f64>(), infinite().to_vec::<f64>(), "{s:?}");
        }
    }

    #[test]
    fn adam_is_pytorchs() {
        let plain =
            AdamStep { lr: 1e-3, beta1: 0.9, beta2: 0.999, eps: 1e-8, weight_decay: 0.0, decoupled: false, step: 1 };
        let steps = [
            plain,
            AdamStep { step: 7, ..plain },
            AdamStep { step: 100_000, weight_decay: 0.1, ..plain },
            AdamStep { step: 3, weight_decay: 0.1, decoupled: true, ..plain },
        ];
        each_pair(|p, g, tolerance| {
            for s in steps {
                let (old, gs) = (floats(&p), floats(&g));
                let mut next = p.dense_copy();
                let mut m = crate::kernels::elementwise::mul_scalar(g.clone(), 0.5);
                let mut v = crate::kernels::elementwise::square(g.clone());
                let (ms, vs) = (floats(&m), floats(&v));
                adam(&mut next, &g, &mut m, &mut v, &s);
                assert!([&next, &m, &v].iter().all(|x| x.strides() == next.strides()));
                for i in 0..old.len() {
                    let want = adam_of(old[i], gs[i], ms[i], vs[i], &s);
                    close(floats(&next)[i], want.0, tolerance);
                    close(floats(&m)[i], want.1, tolerance);
                    close(floats(&v)[i], want.2, tolerance);
                }
            }
        });
    }
}
