//! Rules against PyTorch's formulas on one element, in every pair of layouts.

use super::adadelta::AdadeltaRule;
use super::adagrad::AdagradRule;
use super::adam::{AdamRule, AdamWRule};
use super::lamb::{LambRule, LarsRule};
use super::lion::LionRule;
use super::nadam::{NAdamRule, RAdamRule};
use super::rmsprop::RmsPropRule;
use super::rule::{Rule, State};
use super::settings::Settings;
use super::sgd::SgdRule;
use crate::kernels::testing::{close, floats, layouts, noise, shapes};
use crate::kernels::{Array, DType, Dims, elementwise};
use crate::ops;

fn cast(x: &Array, to: DType) -> Array {
    ops::cast(x.clone().into(), to).array().clone()
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

/// Holds a step of `rule` from every layout against `formula`, which takes the parameter, the gradient and what is kept.
/// What is kept is at first the square of the gradient, half of it, and a quarter of the gradient, or nothing.
fn check<R: Rule>(values: &[f64], steps: u64, kept: bool, formula: impl Fn(f64, f64, [f64; 3]) -> [f64; 4]) {
    let rule = R::from_values(values).expect("in range");
    each_pair(|p, g, tolerance| {
        let square = elementwise::square(g.clone());
        let of = [square.clone(), elementwise::mul_scalar(square, 0.5), elementwise::mul_scalar(g.clone(), 0.25)];
        let mut state = State { steps, ..State::default() };
        for (to, from) in state.arrays.iter_mut().zip(&of).take(if kept { R::KEPT.len() } else { 0 }) {
            *to = Some(from.clone());
        }
        let (old, gradient) = (floats(&p), floats(&g));
        let before = state.arrays.clone().map(|x| x.map_or(vec![0.0; old.len()], |x| floats(&x)));
        let mut next = p.clone();
        rule.step(&mut next, &g, &mut state);
        assert_eq!(floats(&p), old, "a clone has changed");
        let after = state.arrays.map(|x| x.map(|x| (x.strides() == next.strides(), floats(&x))));
        let next = floats(&next);
        for i in 0..old.len() {
            let want = formula(old[i], gradient[i], [0, 1, 2].map(|k| before[k][i]));
            close(next[i], want[0], tolerance);
            for ((found, want), _) in after.iter().zip(&want[1..]).zip(rule.needs()).filter(|(_, needed)| *needed) {
                if let Some((in_order, found)) = found {
                    close(found[i], *want, tolerance);
                    assert!(in_order, "what is kept lies as its parameter does");
                }
            }
        }
    });
}

#[test]
fn sgd_is_pytorchs() {
    for (momentum, dampening, nesterov, decay, first) in [
        (0.0, 0.0, 0.0, 0.0, true),
        (0.0, 0.0, 0.0, 0.1, true),
        (0.9, 0.0, 0.0, 0.01, false),
        (0.9, 0.3, 0.0, 0.01, false),
        (0.9, 0.3, 0.0, 0.01, true),
        (0.9, 0.0, 1.0, 0.01, false),
        (0.9, 0.0, 1.0, 0.01, true),
    ] {
        check::<SgdRule>(&[0.1, momentum, dampening, nesterov, decay], 1, !first, |p, g, [velocity, ..]| {
            let d = g + decay * p;
            let v = if first { d } else { momentum * velocity + (1.0 - dampening) * d };
            let along = if momentum == 0.0 {
                d
            } else if nesterov != 0.0 {
                d + momentum * v
            } else {
                v
            };
            [p - 0.1 * along, v, 0.0, 0.0]
        });
    }
}

/// PyTorch's formula of Adam, or of AdamW.
fn adam(decay: f64, decoupled: bool, steps: u64) -> impl Fn(f64, f64, [f64; 3]) -> [f64; 4] {
    move |p, g, [m, v, _]| {
        let (p, g) = if decoupled { (p * (1.0 - 1e-3 * decay), g) } else { (p, g + decay * p) };
        let (m, v) = (0.9 * m + 0.1 * g, 0.999 * v + (1.0 - 0.999) * g * g);
        let (c1, c2) = (1.0 - 0.9f64.powi(steps as i32), 1.0 - 0.999f64.powi(steps as i32));
        [p - 1e-3 / c1 * m / ((v / c2).sqrt() + 1e-8), m, v, 0.0]
    }
}

#[test]
fn adam_is_pytorchs() {
    for (steps, decay, kept) in [(1, 0.0, false), (1, 0.1, false), (7, 0.0, true), (100_000, 0.1, true)] {
        check::<AdamRule>(&[1e-3, 0.9, 0.999, 1e-8, decay], steps, kept, adam(decay, false, steps));
        check::<AdamWRule>(&[1e-3, 0.9, 0.999, 1e-8, decay], steps, kept, adam(decay, true, steps));
    }
}

#[test]
fn rmsprop_is_pytorchs() {
    for (momentum, centered, decay, is_kept) in [
        (0.0, false, 0.0, false),
        (0.0, true, 0.1, true),
        (0.9, false, 0.1, true),
        (0.9, true, 0.0, true),
        (0.9, true, 0.1, false),
    ] {
        let values = [0.01, 0.9, 1e-2, decay, momentum, f64::from(u8::from(centered))];
        check::<RmsPropRule>(&values, 1, is_kept, |p, g, [v, u, m]| {
            let g = g + decay * p;
            let v = 0.9 * v + 0.1 * g * g;
            let m = if centered { m + 0.1 * (g - m) } else { m };
            let along = g / ((if centered { v - m * m } else { v }).sqrt() + 1e-2);
            let u = if momentum != 0.0 { momentum * u + along } else { u };
            [p - 0.01 * if momentum != 0.0 { u } else { along }, v, u, m]
        });
    }
}

#[test]
fn adagrad_and_adadelta_are_pytorchs() {
    for (steps, decay, kept) in [(1, 0.0, false), (1, 0.1, true), (9, 0.1, true)] {
        // What is kept, or what it starts from if that is nothing.
        let start = if kept { 0.0 } else { 0.3 };
        check::<AdagradRule>(&[0.1, 0.2, decay, start, 1e-3], steps, kept, |p, g, [sum, ..]| {
            let g = g + decay * p;
            let sum = sum + start + g * g;
            [p - 0.1 / (1.0 + (steps as f64 - 1.0) * 0.2) * g / (sum.sqrt() + 1e-3), sum, 0.0, 0.0]
        });
        check::<AdadeltaRule>(&[0.5, 0.8, 1e-3, decay], steps, kept, |p, g, [v, u, _]| {
            let g = g + decay * p;
            let v = 0.8 * v + 0.2 * g * g;
            let d = ((u + 1e-3) / (v + 1e-3)).sqrt() * g;
            [p - 0.5 * d, v, 0.8 * u + 0.2 * d * d, 0.0]
        });
    }
}

#[test]
fn nadam_and_radam_are_pytorchs() {
    let moments = |g: f64, m: f64, v: f64| (0.9 * m + 0.1 * g, 0.999 * v + (1.0 - 0.999) * g * g);
    let decayed = |p: f64, g: f64, decoupled| if decoupled { (p * (1.0 - 1e-4), g) } else { (p, g + 0.1 * p) };
    for (steps, decoupled, kept) in [(1u64, false, false), (1, true, false), (7, false, true), (3000, true, true)] {
        let t = steps as f64;
        let yes = f64::from(u8::from(decoupled));
        let c2 = 1.0 - 0.999f64.powf(t);
        let mu = |t: f64| 0.9 * (1.0 - 0.5 * 0.96f64.powf(t * 4e-3));
        let product: f64 = (1..=steps).map(|t| mu(t as f64)).product();
        check::<NAdamRule>(&[1e-3, 0.9, 0.999, 1e-8, 0.1, 4e-3, yes], steps, kept, |p, g, [m, v, _]| {
            let (p, g) = decayed(p, g, decoupled);
            let (m, v) = moments(g, m, v);
            let next = mu(t + 1.0);
            let along = (1.0 - mu(t)) / (1.0 - product) * g + next / (1.0 - product * next) * m;
            [p - 1e-3 * along / ((v / c2).sqrt() + 1e-8), m, v, 0.0]
        });
        check::<RAdamRule>(&[1e-3, 0.9, 0.999, 1e-8, 0.1, yes], steps, kept, |p, g, [m, v, _]| {
            let (p, g) = decayed(p, g, decoupled);
            let (m, v) = moments(g, m, v);
            let most = 2.0 / (1.0 - 0.999) - 1.0;
            let rho = most - 2.0 * t * 0.999f64.powf(t) / c2;
            let along = 1e-3 * m / (1.0 - 0.9f64.powf(t));
            let rect = ((rho - 4.0) * (rho - 2.0) * most / ((most - 4.0) * (most - 2.0) * rho)).sqrt();
            let step = if rho > 5.0 { along * rect * c2.sqrt() / (v.sqrt() + 1e-8) } else { along };
            [p - step, m, v, 0.0]
        });
    }
}

#[test]
fn lion_is_the_papers() {
    for (decay, kept) in [(0.0, false), (0.1, false), (0.1, true)] {
        check::<LionRule>(&[1e-2, 0.8, 0.95, decay], 1, kept, |p, g, [m, ..]| {
            let along = 0.8 * m + 0.2 * g;
            let sign = if along == 0.0 { 0.0 } else { along.signum() };
            [p - 1e-2 * (sign + decay * p), 0.95 * m + 0.05 * g, 0.0, 0.0]
        });
    }
}

#[test]
fn lars_and_lamb_are_the_papers() {
    let norm = |x: &[f64]| x.iter().map(|x| x * x).sum::<f64>().sqrt();
    for (start, decay) in [(0.5, 0.0), (0.5, 0.1), (0.0, 0.1)] {
        let at = |t: u64, i: usize| noise(i + 31 * t as usize);
        let first: Vec<f64> = (0..23).map(|i| start * at(99, i)).collect();
        let array = |x: &[f64]| Array::from_fn(Dims::new(&[x.len()]), |i| x[i]);
        let lars = LarsRule::from_values(&[0.5, 0.9, decay, 0.1, 1e-8]).expect("in range");
        let lamb = LambRule::from_values(&[0.1, 0.9, 0.999, 1e-6, decay]).expect("in range");
        let (mut a, mut of_a) = (array(&first), State::default());
        let (mut b, mut of_b) = (array(&first), State::default());
        let (mut p, mut u) = (first.clone(), vec![0.0; 23]);
        let (mut q, mut m, mut v) = (first, vec![0.0; 23], vec![0.0; 23]);
        for t in 1..=5 {
            let g: Vec<f64> = (0..23).map(|i| at(t, i)).collect();
            of_a.steps = t;
            of_b.steps = t;
            lars.step(&mut a, &array(&g), &mut of_a);
            lamb.step(&mut b, &array(&g), &mut of_b);

            let own = if norm(&p) > 0.0 { 0.1 * norm(&p) / (norm(&g) + decay * norm(&p) + 1e-8) } else { 1.0 };
            for i in 0..23 {
                u[i] = 0.9 * u[i] + own * (g[i] + decay * p[i]);
                p[i] -= 0.5 * u[i];
                close(floats(&a)[i], p[i], 1e-13);
            }
            let (c1, c2) = (1.0 - 0.9f64.powi(t as i32), 1.0 - 0.999f64.powi(t as i32));
            let mut along = [0.0; 23];
            for i in 0..23 {
                m[i] = 0.9 * m[i] + 0.1 * g[i];
                v[i] = 0.999 * v[i] + (1.0 - 0.999) * g[i] * g[i];
                along[i] = m[i] / c1 / ((v[i] / c2).sqrt() + 1e-6) + decay * q[i];
            }
            let trust = if norm(&q) > 0.0 { norm(&q) / norm(&along) } else { 1.0 };
            for i in 0..23 {
                q[i] -= 0.1 * trust * along[i];
                close(floats(&b)[i], q[i], 1e-13);
            }
        }
    }
}

/// Without weight decay the parameter is no part of the gradient: 0 times infinity must not get there.
#[test]
fn an_infinite_parameter_without_weight_decay() {
    fn steps<R: Rule>(values: &[f64]) {
        let infinite = Array::from_fn(Dims::new(&[19]), |i| if i % 2 == 0 { f64::INFINITY } else { f64::NEG_INFINITY });
        let g = Array::full(0.5, Dims::new(&[19]));
        let (mut p, mut state) = (infinite.clone(), State::default());
        for _ in 0..2 {
            state.steps += 1;
            R::from_values(values).expect("in range").step(&mut p, &g, &mut state);
            assert_eq!(p.to_vec::<f64>(), infinite.to_vec::<f64>(), "{} {values:?}", R::OWNER);
            assert!(state.arrays.iter().flatten().all(|x| x.to_vec::<f64>().iter().all(|x| x.is_finite())));
        }
    }
    steps::<SgdRule>(&[0.1, 0.0, 0.0, 0.0, 0.0]);
    steps::<SgdRule>(&[0.1, 0.9, 0.0, 0.0, 0.0]);
    steps::<SgdRule>(&[0.1, 0.9, 0.0, 1.0, 0.0]);
    steps::<AdamRule>(&[1e-3, 0.9, 0.999, 1e-8, 0.0]);
    steps::<AdamWRule>(&[1e-3, 0.9, 0.999, 1e-8, 0.0]);
    steps::<AdagradRule>(&[0.1, 0.0, 0.0, 0.0, 1e-10]);
    steps::<AdadeltaRule>(&[1.0, 0.9, 1e-6, 0.0]);
    steps::<NAdamRule>(&[1e-3, 0.9, 0.999, 1e-8, 0.0, 4e-3, 0.0]);
    steps::<RAdamRule>(&[1e-3, 0.9, 0.999, 1e-8, 0.0, 0.0]);
    steps::<LionRule>(&[1e-4, 0.9, 0.99, 0.0]);
}
