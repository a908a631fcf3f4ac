//! Connectionist temporal classification: how probable it is that a sequence of classes, with blanks between, is what a longer
//! sequence of distributions says. Graves, Fernandez, Gomez and Schmidhuber, "Connectionist temporal classification", 2006.
//!
//! All is computed from logarithms, in `f64`: no product of many probabilities becomes 0. The same walk over dual numbers gives
//! the gradient of the gradient in a direction.

use crate::kernels::array::Array;
use crate::kernels::array::layout::Dims;
use crate::kernels::dtype::{Scalar, float};
use crate::kernels::simd::Float;
use std::mem::MaybeUninit;

/// What each sample of a batch is to say.
#[derive(Clone, Debug)]
pub struct Alignments {
    samples: Vec<Sample>,
    blank: usize,
}

#[derive(Clone, Debug)]
struct Sample {
    /// How many steps its sequence has.
    steps: usize,
    /// Its labels, a blank before, between and behind them.
    states: Vec<usize>,
}

impl Sample {
    /// Can a step lead to state `s` from the last but one before it? Not over a blank, nor between equal labels, between which
    /// the blank must be.
    fn skips_to(&self, s: usize, blank: usize) -> bool {
        s >= 2 && self.states[s] != blank && self.states[s] != self.states[s - 2]
    }
}

impl Alignments {
    /// Of `targets` `[B, S]`, of which `lengths` `[B]` count, in sequences of `steps` `[B]`; all `i64` and checked.
    #[track_caller]
    pub fn new(targets: &Array, steps: &Array, lengths: &Array, blank: usize) -> Self {
        let (targets, width) = (targets.contiguous(), targets.shape().last());
        let rows = targets.dense::<i64>().expect("contiguous");
        let lists = steps.to_vec::<i64>().into_iter().zip(lengths.to_vec::<i64>()).enumerate();
        let samples = lists.map(|(i, (steps, length))| {
            let labels = &rows[i * width..][..length as usize];
            let states = labels.iter().flat_map(|&label| [blank, label as usize]).chain([blank]).collect();
            Sample { steps: steps as usize, states }
        });
        Self { samples: samples.collect(), blank }
    }

    /// How many labels each sample has.
    pub fn lengths(&self) -> impl Iterator<Item = usize> {
        self.samples.iter().map(|sample| sample.states.len() / 2)
    }
}

/// The logarithm of a probability, alone or with a derivative.
trait Log: Copy {
    /// Of 0.
    const NOTHING: Self;
    /// Of 1.
    const SURE: Self;
    /// Of the product.
    fn times(self, other: Self) -> Self;
    /// Of the sum.
    fn plus(self, other: Self) -> Self;
}

impl Log for f64 {
    const NOTHING: Self = f64::NEG_INFINITY;
    const SURE: Self = 0.0;

    fn times(self, other: Self) -> Self {
        self + other
    }
    fn plus(self, other: Self) -> Self {
        let (most, least) = if self < other { (other, self) } else { (self, other) };
        if least == Self::NOTHING { most } else { most + (least - most).exp().ln_1p() }
    }
}

/// A logarithm and its derivative in a direction.
#[derive(Clone, Copy)]
struct Dual {
    log: f64,
    slope: f64,
}

impl Log for Dual {
    const NOTHING: Self = Self { log: f64::NOTHING, slope: 0.0 };
    const SURE: Self = Self { log: f64::SURE, slope: 0.0 };

    fn times(self, other: Self) -> Self {
        Self { log: self.log + other.log, slope: self.slope + other.slope }
    }
    fn plus(self, other: Self) -> Self {
        let log = self.log.plus(other.log);
        let share = |of: Self| if of.log == f64::NOTHING { 0.0 } else { (of.log - log).exp() * of.slope };
        Self { log, slope: share(self) + share(other) }
    }
}

/// How probable a sample is, where `at` says how probable a class is at a step; and to `visit`, if there is one, for each step
/// and state the class, and how probable the sample is by way of it.
fn walk<L: Log>(
    sample: &Sample,
    blank: usize,
    at: &dyn Fn(usize, usize) -> L,
    visit: Option<&mut dyn FnMut(usize, usize, L, L)>,
) -> L {
    let Sample { steps, states } = sample;
    let (steps, n) = (*steps, states.len());
    if steps == 0 {
        return if n == 1 { L::SURE } else { L::NOTHING };
    }
    let mut before = vec![L::NOTHING; steps * n];
    for s in 0..n.min(2) {
        before[s] = at(0, states[s]);
    }
    for t in 1..steps {
        let (past, now) = before.split_at_mut(t * n);
        let past = &past[(t - 1) * n..];
        for s in 0..n {
            let mut way = past[s];
            if s >= 1 {
                way = way.plus(past[s - 1]);
            }
            if sample.skips_to(s, blank) {
                way = way.plus(past[s - 2]);
            }
            now[s] = way.times(at(t, states[s]));
        }
    }
    let ends = n - n.min(2);
    let last = &before[(steps - 1) * n..];
    let total = last[ends..].iter().fold(L::NOTHING, |total, &way| total.plus(way));
    let Some(visit) = visit else { return total };
    // What is behind each state, without the state itself.
    let mut behind = vec![L::NOTHING; n];
    behind[ends..].fill(L::SURE);
    for t in (0..steps).rev() {
        if t + 1 < steps {
            // In place and from the end: `next` has the ways by the two states behind, which are of this step already.
            let mut next = [L::NOTHING; 2];
            for s in (0..n).rev() {
                let own = behind[s].times(at(t + 1, states[s]));
                let mut way = own.plus(next[0]);
                if s + 2 < n && sample.skips_to(s + 2, blank) {
                    way = way.plus(next[1]);
                }
                behind[s] = way;
                next = [own, next[0]];
            }
        }
        for s in 0..n {
            visit(t, states[s], before[t * n + s].times(behind[s]), total);
        }
    }
    total
}

/// The place of a class at a step of a sample in logarithms `[T, B, C]`.
fn place(shape: &Dims, t: usize, b: usize, c: usize) -> usize {
    (t * shape.get(1) + b) * shape.get(2) + c
}

/// The negative logarithm of the probability of each sample, `[B]`: `x` is `[T, B, C]`, logarithms of probabilities.
#[track_caller]
pub fn ctc(x: &Array, alignments: &Alignments) -> Array {
    let (x, shape) = (x.contiguous(), *x.shape());
    float!(x.dtype(), T => {
        let all = x.dense::<T>().expect("contiguous");
        Array::from_fn(Dims::new(&[shape.get(1)]), |b| {
            let at = |t, c| all[place(&shape, t, b, c)].to_f64();
            T::from_f64(-walk(&alignments.samples[b], alignments.blank, &at, None))
        })
    })
}

/// The gradient of [`ctc`], times the factor of each sample: `[T, B, C]`. A sample whose factor is 0 has the gradient 0.
#[track_caller]
pub fn ctc_grad(x: &Array, alignments: &Alignments, factors: &Array) -> Array {
    let (x, shape) = (x.contiguous(), *x.shape());
    float!(x.dtype(), T => {
        let all = x.dense::<T>().expect("contiguous");
        each_sample::<T>(&shape, alignments, factors, |b, sample, add| {
            let at = |t, c| all[place(&shape, t, b, c)].to_f64();
            walk(sample, alignments.blank, &at, Some(&mut |t, c, way, total| add(t, c, -(way - total).exp())));
        })
    })
}

/// The derivative of [`ctc_grad`] in a direction, which has the shape of `x`.
#[track_caller]
pub fn ctc_hessian(x: &Array, direction: &Array, alignments: &Alignments, factors: &Array) -> Array {
    assert!(x.shape() == direction.shape(), "a direction of another shape");
    let (x, direction, shape) = (x.contiguous(), direction.contiguous(), *x.shape());
    float!(x.dtype(), T => {
        let (all, slopes) = (x.dense::<T>().expect("contiguous"), direction.dense::<T>().expect("contiguous"));
        each_sample::<T>(&shape, alignments, factors, |b, sample, add| {
            let at = |t, c| {
                let at = place(&shape, t, b, c);
                Dual { log: all[at].to_f64(), slope: slopes[at].to_f64() }
            };
            let mut visit = |t, c, way: Dual, total: Dual| {
                if way.log > f64::NOTHING {
                    add(t, c, -(way.log - total.log).exp() * (way.slope - total.slope));
                }
            };
            walk(sample, alignments.blank, &at, Some(&mut visit));
        })
    })
}

/// Zeros `[T, B, C]` to which `sums` adds for each sample, at a step and a class, what is then times the sample's factor.
#[track_caller]
fn each_sample<T: Float>(
    shape: &Dims,
    alignments: &Alignments,
    factors: &Array,
    sums: impl Fn(usize, &Sample, &mut dyn FnMut(usize, usize, f64)),
) -> Array {
    let factors = factors.to_vec::<T>();
    // SAFETY: every element is filled before any is read.
    unsafe {
        Array::build::<T>(*shape, |out| {
            out.fill(MaybeUninit::new(T::ZERO));
            let out = out.assume_init_mut();
            for (b, sample) in alignments.samples.iter().enumerate() {
                let factor = factors[b].to_f64();
                if factor != 0.0 {
                    sums(b, sample, &mut |t, c, x| {
                        let at = place(shape, t, b, c);
                        out[at] = T::from_f64(out[at].to_f64() + factor * x);
                    });
                }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::testing::{close, dims, noise};

    /// What a sequence of states says: repeated ones are one, blanks are nothing.
    fn says(path: &[usize]) -> Vec<usize> {
        let mut said = path.to_vec();
        said.dedup();
        said.retain(|&class| class != 0);
        said
    }

    /// Every path by itself.
    fn by_definition(x: &[f64], steps: usize, classes: usize, labels: &[usize]) -> f64 {
        let mut total = 0.0;
        for number in 0..classes.pow(steps as u32) {
            let path: Vec<usize> = (0..steps).map(|t| number / classes.pow(t as u32) % classes).collect();
            if says(&path) == labels {
                total += path.iter().enumerate().map(|(t, &c)| x[t * classes + c]).sum::<f64>().exp();
            }
        }
        -total.ln()
    }

    #[test]
    fn every_path_counts_once() {
        let classes = 3;
        for (steps, labels) in
            [(1, &[][..]), (1, &[2]), (3, &[]), (4, &[1]), (4, &[1, 2]), (5, &[1, 1]), (5, &[2, 1, 2]), (2, &[1, 1])]
        {
            let x = Array::from_fn(dims(&[steps, 1, classes]), |i| 0.3 * noise(i) - 1.0);
            let targets = Array::from_fn(dims(&[1, labels.len()]), |i| labels[i] as i64);
            let one = |n: usize| Array::full(n as i64, dims(&[1]));
            let alignments = Alignments::new(&targets, &one(steps), &one(labels.len()), 0);
            let got = ctc(&x, &alignments).to_vec::<f64>()[0];
            let of = |x: &[f64]| by_definition(x, steps, classes, labels);
            let x = x.to_vec::<f64>();
            if of(&x).is_infinite() {
                assert_eq!(got, f64::INFINITY);
                continue;
            }
            close(got, of(&x), 1e-12);
            let (half, direction) =
                (Array::full(0.5, dims(&[1])), Array::from_fn(dims(&[steps, 1, classes]), |i| noise(i + 7)));
            let array = |x: &[f64]| Array::from_slice(x, dims(&[steps, 1, classes]));
            let gradient = |x: &[f64]| ctc_grad(&array(x), &alignments, &half).to_vec::<f64>();
            let second = ctc_hessian(&array(&x), &direction, &alignments, &half).to_vec::<f64>();
            let along = direction.to_vec::<f64>();
            for i in 0..x.len() {
                let moved = |by: f64| {
                    let mut moved = x.clone();
                    moved[i] += by;
                    moved
                };
                close(gradient(&x)[i], (of(&moved(1e-6)) - of(&moved(-1e-6))) / 4e-6, 1e-8);
                let moved = |by: f64| x.iter().zip(&along).map(|(x, d)| x + by * d).collect::<Vec<_>>();
                close(second[i], (gradient(&moved(1e-6))[i] - gradient(&moved(-1e-6))[i]) / 2e-6, 1e-8);
            }
        }
    }

    /// A thousand steps, whose probabilities are no numbers.
    #[test]
    fn long_sequences_do_not_vanish() {
        let (steps, classes) = (1000, 4);
        let x = Array::full(-100f32, dims(&[steps, 1, classes]));
        let targets = Array::from_slice(&[1i64, 2, 3], dims(&[1, 3]));
        let one = |n: i64| Array::full(n, dims(&[1]));
        let alignments = Alignments::new(&targets, &one(1000), &one(3), 0);
        let loss = ctc(&x, &alignments).to_vec::<f32>()[0];
        assert!((9.9e4..1e5).contains(&loss), "{loss}");
        let sums = ctc_grad(&x, &alignments, &Array::full(1f32, dims(&[1]))).to_vec::<f32>();
        close(sums.iter().map(|&x| f64::from(x)).sum::<f64>(), -1000.0, 1e-5);
    }
}
