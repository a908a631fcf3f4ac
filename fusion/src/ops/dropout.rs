//! Dropout.

use super::binary::mul;
use crate::graph::{Value, record};
use crate::kernels::{Array, Dims, elementwise as kernel};

/// Each element becomes 0 with probability `p`, the others grow by `1 / (1 - p)`. The same `seed` drops the same
/// elements (Srivastava et al. 2014, inverted).
#[track_caller]
pub fn dropout(x: Value, p: f64, seed: u64) -> Value {
    let (x, link) = x.into_parts();
    record("dropout", [&link], kernel::dropout(x, p, seed), |_| move |g, _| [Some(dropout(g, p, seed))])
}

/// As [`dropout`], of whole channels (axis 1) of each sample.
#[track_caller]
pub fn dropout_channels(x: Value, p: f64, seed: u64) -> Value {
    let shape = *x.shape();
    assert!(shape.rank() >= 2, "dropout_channels: an input of {shape:?} has no channels");
    let mut channels = Dims::new(&[shape.get(0), shape.get(1)]);
    (2..shape.rank()).for_each(|_| channels.push(1));
    let scale = kernel::dropout(Array::full_float(x.dtype(), 1.0, channels), p, seed);
    mul(x, &scale.into())
}

#[cfg(test)]
mod tests {
    use super::super::derivatives::{any, first_and_second};
    use super::*;

    #[test]
    fn gradients_and_whole_channels() {
        first_and_second(&[any(1, &[3, 5])], |x| dropout(x[0].clone(), 0.3, 7));
        for shape in [&[4, 3][..], &[2, 5, 3], &[2, 3, 2, 2]] {
            first_and_second(&[any(1, shape)], |x| dropout_channels(x[0].clone(), 0.3, 7));
        }
        let ones = Value::from(Array::full(1f32, Dims::new(&[50, 20, 7])));
        let y = dropout_channels(ones.clone(), 0.25, 11).array().to_vec::<f32>();
        assert!(y.chunks(7).all(|channel| channel.iter().all(|&x| x == channel[0])));
        let kept = y.chunks(7).filter(|channel| channel[0] > 0.0).count();
        assert!((650..850).contains(&kept) && y.iter().all(|&x| x == 0.0 || x == 1.0 / 0.75), "{kept} of 1000");
        assert_eq!(dropout_channels(ones, 1.0, 11).array().to_vec::<f32>(), vec![0.0; 7000]);
    }
}
