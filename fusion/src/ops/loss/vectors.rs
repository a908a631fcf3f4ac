//! Losses of vectors: how near two are, and which of two is nearer.

use super::elements::signs;
use super::{Reduction, same_shape};
use crate::graph::Value;
use crate::kernels::{Array, Dims};
use crate::ops::activation::relu;
use crate::ops::binary::{add_scalar, div, mul, rsub_scalar, sub};
use crate::ops::choice::choose;
use crate::ops::pairs::minimum;
use crate::ops::reduce::sum;
use crate::ops::statistics::norm;
use crate::ops::unary::{sqrt, square};
use crate::{Error, Result};

/// What keeps the cosine of a vector of zeros finite.
const SMALL: f64 = 1e-12;

/// The last axis of vectors, and the shape of their lists.
fn vectors(name: &str, x: &Value) -> Result<(usize, Dims)> {
    match x.shape().rank().checked_sub(1) {
        Some(last) => Ok((last, x.shape().without(last))),
        None => Err(Error::shape(format!("{name}: a single number is no vector"))),
    }
}

/// Of vectors along the last axis: `1 - cos` where the label is 1, and `max(0, cos - margin)` where it is -1.
#[track_caller]
pub fn cosine_embedding(a: &Value, b: &Value, labels: &Array, margin: f64, reduction: Reduction) -> Result<Value> {
    same_shape(a, b)?;
    let (last, list) = vectors("CosineEmbeddingLoss", a)?;
    fusion_rules::same_shape(list.sizes(), labels.shape().sizes())?;
    let alike = signs("CosineEmbeddingLoss", labels, a)?;
    let along = |x: Value| sum(&x, 1 << last, false);
    let size = |x: &Value| add_scalar(along(square(x.clone())), SMALL);
    let cosine = div(along(mul(a.clone(), b)), &sqrt(mul(size(a), &size(b))));
    let apart = relu(add_scalar(cosine.clone(), -margin));
    Ok(reduction.of(choose(rsub_scalar(1.0, cosine), &apart, alike)))
}

/// The settings of [`triplet_margin`].
#[derive(Clone, Copy, Debug)]
pub struct Triplets {
    /// How much farther the negative is to be.
    pub margin: f64,
    /// The norm that measures distances.
    pub p: f64,
    /// What is added to each difference.
    pub eps: f64,
    /// Whether the positive may stand in the anchor's place.
    pub swap: bool,
    /// What is made of the losses.
    pub reduction: Reduction,
}

/// Of vectors along the last axis: `max(0, d(anchor, positive) - d(anchor, negative) + margin)`.
#[track_caller]
pub fn triplet_margin(anchor: &Value, positive: &Value, negative: &Value, settings: &Triplets) -> Result<Value> {
    same_shape(anchor, positive)?;
    same_shape(anchor, negative)?;
    let (last, _) = vectors("TripletMarginLoss", anchor)?;
    let &Triplets { margin, p, eps, swap, reduction } = settings;
    let distance = |a: &Value, b: &Value| norm(&add_scalar(sub(a.clone(), b), eps), 1 << last, false, p);
    let near = distance(anchor, positive);
    let mut far = distance(anchor, negative);
    if swap {
        far = minimum(far, &distance(positive, negative));
    }
    Ok(reduction.of(relu(add_scalar(sub(near, &far), margin))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::derivatives::{any, first_and_second};

    #[test]
    fn gradients() {
        let x = [any(1, &[5, 3]), any(2, &[5, 3]), any(3, &[5, 3])];
        let labels = Array::from_fn(Dims::new(&[5]), |i| if i % 2 == 0 { 1i64 } else { -1 });
        for reduction in [Reduction::Each, Reduction::Sum, Reduction::Mean] {
            first_and_second(&x[..2], |x| cosine_embedding(&x[0], &x[1], &labels, -0.25, reduction).unwrap());
            for (p, swap) in [(2.0, false), (2.0, true), (3.0, true)] {
                let settings = Triplets { margin: 0.5, p, eps: 1e-6, swap, reduction };
                first_and_second(&x, |x| triplet_margin(&x[0], &x[1], &x[2], &settings).unwrap());
            }
        }
        let deep = [any(1, &[2, 2, 4]), any(2, &[2, 2, 4])];
        let labels = labels.reshape(&Dims::new(&[5])).view(Dims::new(&[2, 2]), Dims::new(&[2, 1]), 0);
        first_and_second(&deep, |x| cosine_embedding(&x[0], &x[1], &labels, 0.0, Reduction::Each).unwrap());
    }

    #[test]
    fn mistakes() {
        let said = |result: Result<Value>| result.err().expect("a mistake").to_string();
        let (one, x) = (any(1, &[]), any(1, &[2, 3]));
        let settings = Triplets { margin: 1.0, p: 2.0, eps: 1e-6, swap: false, reduction: Reduction::Mean };
        assert_eq!(
            said(triplet_margin(&one, &one, &one, &settings)),
            "TripletMarginLoss: a single number is no vector"
        );
        assert!(said(triplet_margin(&x, &x, &one, &settings)).contains("the shapes must be equal"));
        let labels = Array::from_slice(&[1i64, 1, 1], Dims::new(&[3]));
        let of = |labels: &Array| said(cosine_embedding(&x, &x, labels, 0.0, Reduction::Mean));
        assert!(of(&labels).contains("[2] and [3]"));
        let labels = Array::from_slice(&[1i64, 3], Dims::new(&[2]));
        assert_eq!(of(&labels), "CosineEmbeddingLoss: the label at place 1 is 3, but labels are 1 or -1");
    }
}
