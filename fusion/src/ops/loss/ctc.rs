//! Connectionist temporal classification.

use super::Reduction;
use crate::graph::{Value, record};
use crate::kernels::loss::Alignments;
use crate::kernels::{Array, Dims, elementwise, loss as kernel};
use crate::ops::binary::{div, mul, mul_scalar};
use crate::ops::reduce::{all, sum};
use crate::{Error, Result};
use std::sync::Arc;

/// What the sequences of a batch are to say.
#[derive(Clone, Copy, Debug)]
pub struct Said<'a> {
    /// The labels of each, `[B, S]`.
    pub targets: &'a Array,
    /// How many steps of each count, `[B]`.
    pub input_lengths: &'a Array,
    /// How many labels of each count, `[B]`.
    pub target_lengths: &'a Array,
    /// The class that says nothing.
    pub blank: usize,
}

impl Said<'_> {
    /// The alignments with logarithms `[T, B, C]`; or what is wrong.
    fn check(&self, x: &Value) -> Result<Alignments> {
        let shape = x.shape();
        let problem = |problem: String| Err(Error::shape(format!("ctc_loss: {problem}")));
        if shape.rank() != 3 || self.targets.shape().rank() != 2 {
            return problem(format!(
                "logarithms are [steps, batch, classes], and targets [batch, labels], not {shape:?} and {:?}",
                self.targets.shape()
            ));
        }
        let [steps, batch, classes] = [0, 1, 2].map(|axis| shape.get(axis));
        for (what, found) in [
            ("lists of targets", self.targets.shape().get(0)),
            ("lengths of inputs", self.input_lengths.count()),
            ("lengths of targets", self.target_lengths.count()),
        ] {
            if found != batch {
                return problem(format!("{found} {what} for a batch of {batch}"));
            }
        }
        if self.blank >= classes {
            let blank = self.blank;
            return Err(Error::argument(
                "blank",
                format!("ctc_loss: the blank is class {blank}, but there are {classes} classes"),
            ));
        }
        Array::room(shape, x.dtype())?;
        Array::room(self.targets.shape(), self.targets.dtype())?;
        let width = self.targets.shape().get(1);
        let lengths = [self.input_lengths, self.target_lengths].map(Array::to_vec::<i64>);
        for (lengths, most, what) in [(&lengths[0], steps, "steps"), (&lengths[1], width, "labels")] {
            if let Some(sample) = lengths.iter().position(|&n| n < 0 || n as u64 > most as u64) {
                let n = lengths[sample];
                let problem = format!("ctc_loss: sample {sample} has {n} {what}, but there is room for 0 to {most}");
                return Err(Error::index(n, most + 1, problem));
            }
        }
        let targets = self.targets.to_vec::<i64>();
        for (sample, &length) in lengths[1].iter().enumerate() {
            for (place, &label) in targets[sample * width..][..length as usize].iter().enumerate() {
                let usual = label >= 0 && (label as u64) < classes as u64 && label as u64 != self.blank as u64;
                if !usual {
                    let last = classes - 1;
                    let problem = format!(
                        "ctc_loss: label {place} of sample {sample} is {label}, but labels are classes (0 to {last}) other than the \
                        blank, {}",
                        self.blank
                    );
                    return Err(Error::index(label, classes, problem));
                }
            }
        }
        Ok(Alignments::new(self.targets, self.input_lengths, self.target_lengths, self.blank))
    }
}

/// Minus the logarithm of the probability that each sequence says its labels, of logarithms of probabilities `[T, B, C]`. A
/// mean is that of the samples, each divided by the number of its labels. Of what is impossible the loss is infinite, or 0
/// with the gradient 0 if `zero_infinity`.
#[track_caller]
pub fn ctc(x: &Value, said: &Said<'_>, zero_infinity: bool, reduction: Reduction) -> Result<Value> {
    let alignments = Arc::new(said.check(x)?);
    let mut losses = kernel::ctc(x.array(), &alignments);
    let mut counts = Array::full_float(x.dtype(), 1.0, Dims::default()).expand(losses.shape());
    if zero_infinity {
        counts = elementwise::finite_mask(losses.clone());
        let nothing = Array::full_float(x.dtype(), 0.0, Dims::default());
        losses = elementwise::choose(losses, &nothing, &counts);
    }
    let lengths = Array::from_fn(*losses.shape(), {
        let lengths: Vec<usize> = alignments.lengths().collect();
        move |b| lengths[b].max(1) as f64
    });
    let each = record("ctc_loss", [x.link()], losses, |_| {
        let x = x.array().clone();
        move |g, cx| [Some(slope(&cx.input(0, &x), &mul(g, &counts.clone().into()), &alignments))]
    });
    if reduction != Reduction::Mean {
        return Ok(reduction.of(each));
    }
    let lengths = elementwise::cast(&lengths, each.dtype());
    let batch = each.array().count() as f64;
    let shares = div(each, &lengths.into());
    Ok(mul_scalar(sum(&shares, all(&shares), false), 1.0 / batch))
}

/// The gradient of the losses by `x`, that of each being `g`.
#[track_caller]
fn slope(x: &Value, g: &Value, alignments: &Arc<Alignments>) -> Value {
    let y = kernel::ctc_grad(x.array(), alignments, g.array());
    record("ctc_loss gradient", [x.link(), g.link()], y, |_| {
        let (x, g, alignments) = (x.array().clone(), g.array().clone(), alignments.clone());
        move |h, cx| {
            assert!(
                !cx.is_traced(),
                "ctc_loss has gradients and gradients of these, but no third ones: do not trace the second backward pass"
            );
            let by_x = cx.needs_grad(0).then(|| kernel::ctc_hessian(&x, h.array(), &alignments, &g).into());
            let by_g = cx.needs_grad(1).then(|| {
                let ones = Array::full_float(g.dtype(), 1.0, *g.shape());
                sum(&mul(h, &kernel::ctc_grad(&x, &alignments, &ones).into()), 0b101, false)
            });
            [by_x, by_g]
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::binary::add_scalar;
    use crate::ops::derivatives::{any, first_and_second};

    fn list(shape: &[usize], of: &[i64]) -> Array {
        Array::from_slice(of, Dims::new(shape))
    }

    /// Three samples: with padding, of no labels, impossible.
    fn said(f: impl Fn(&Said<'_>)) {
        let targets = list(&[3, 3], &[1, 2, 2, 0, -1, 9, 1, 1, 1]);
        let (input_lengths, target_lengths) = (list(&[3], &[5, 2, 4]), list(&[3], &[3, 0, 3]));
        f(&Said { targets: &targets, input_lengths: &input_lengths, target_lengths: &target_lengths, blank: 0 });
    }

    #[test]
    fn gradients() {
        let x = [add_scalar(any(1, &[5, 3, 4]), -1.0)];
        for reduction in [Reduction::Each, Reduction::Sum, Reduction::Mean] {
            said(|said| first_and_second(&x, |x| ctc(&x[0], said, true, reduction).unwrap()));
        }
    }

    #[test]
    fn what_is_impossible() {
        let x = add_scalar(any(1, &[5, 3, 4]), -1.0).watch();
        said(|said| {
            let y = ctc(&x, said, false, Reduction::Each).unwrap();
            let losses = y.array().to_vec::<f64>();
            assert!(losses[0].is_finite() && losses[1].is_finite() && losses[2] == f64::INFINITY);
            let grads = y.backward(Array::full(1.0, Dims::new(&[3])).into());
            let gradient = grads.get_value(x.link()).unwrap().array().to_vec::<f64>();
            let of = |b: usize| gradient.chunks(4).skip(b).step_by(3).flatten();
            assert!(of(0).chain(of(1)).all(|x| x.is_finite()) && of(2).any(|x| x.is_nan()));
            // Steps behind the end of a sample have no part.
            assert!(of(1).skip(8).all(|&x| x == 0.0) && of(1).take(8).filter(|&&x| x == -1.0).count() == 2);
            let y = ctc(&x, said, true, Reduction::Each).unwrap();
            assert_eq!(y.array().to_vec::<f64>(), [losses[0], losses[1], 0.0]);
            let sum = |reduction| ctc(&x, said, true, reduction).unwrap().item();
            assert!((sum(Reduction::Sum) - losses[0] - losses[1]).abs() < 1e-12);
            assert!((sum(Reduction::Mean) - (losses[0] / 3.0 + losses[1]) / 3.0).abs() < 1e-12);
        });
    }

    #[test]
    #[should_panic(expected = "ctc_loss has gradients and gradients of these, but no third ones")]
    fn a_third_gradient_is_refused() {
        let x = add_scalar(any(1, &[5, 3, 4]), -1.0).watch();
        said(|said| {
            let seed = Value::from(Array::full(1.0, Dims::new(&[]))).trace();
            let first = ctc(&x, said, true, Reduction::Sum).unwrap().backward(seed.clone());
            let first = first.get_value(x.link()).unwrap();
            let second = sum(first, all(first), false).backward(seed);
            let _ = second.get_value(x.link());
        });
    }

    #[test]
    fn mistakes() {
        let x = add_scalar(any(1, &[5, 3, 4]), -1.0);
        said(|said| {
            let says = |said: Said<'_>| ctc(&x, &said, true, Reduction::Mean).err().expect("a mistake").to_string();
            let two = list(&[2], &[1, 1]);
            assert_eq!(says(Said { input_lengths: &two, ..*said }), "ctc_loss: 2 lengths of inputs for a batch of 3");
            assert_eq!(says(Said { target_lengths: &two, ..*said }), "ctc_loss: 2 lengths of targets for a batch of 3");
            let few = list(&[2, 1], &[1, 1]);
            assert_eq!(says(Said { targets: &few, ..*said }), "ctc_loss: 2 lists of targets for a batch of 3");
            let long = list(&[3], &[5, 6, 5]);
            let sentence = "ctc_loss: sample 1 has 6 steps, but there is room for 0 to 5";
            assert_eq!(says(Said { input_lengths: &long, ..*said }), sentence);
            let long = list(&[3], &[3, 6, 3]);
            let sentence = "ctc_loss: sample 1 has 6 labels, but there is room for 0 to 3";
            assert_eq!(says(Said { target_lengths: &long, ..*said }), sentence);
            let sentence = "ctc_loss: the blank is class 4, but there are 4 classes";
            assert_eq!(says(Said { blank: 4, ..*said }), sentence);
            let sentence =
                "ctc_loss: label 1 of sample 0 is 2, but labels are classes (0 to 3) other than the blank, 2";
            assert_eq!(says(Said { blank: 2, ..*said }), sentence);
        });
    }
}
