//! Scaling and clipping gradients. If a gradient is itself recorded, so are these operations on it.

use super::binary::mul_scalar;
use super::unary::clamp;
use crate::graph::Gradients;
use crate::kernels::reduce;

impl Gradients {
    /// Multiplies every gradient by `factor`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let w = Tensor::<shape![2]>::from([3.0, 4.0]).parameter();
    /// let mut grads = w.trace().square().sum().backward();
    /// grads.scale(0.5);
    /// assert_eq!(grads.get(&w).unwrap().to_vec(), [3.0, 4.0]);
    /// ```
    #[track_caller]
    pub fn scale(&mut self, factor: f64) {
        self.each(|gradient| mul_scalar(gradient, factor));
    }

    /// The Euclidean norm of all gradients taken as one vector.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let w = Tensor::<shape![2]>::from([3.0, 4.0]).parameter();
    /// assert_eq!(w.trace().square().sum().backward().global_norm(), 10.0);
    /// ```
    #[track_caller]
    pub fn global_norm(&self) -> f64 {
        self.values().map(|gradient| reduce::sum_squares(gradient.array())).sum::<f64>().sqrt()
    }

    /// Scales all gradients so that their global norm is at most `max_norm`, and returns what it was. If the norm is
    /// NaN, so are all gradients then. PyTorch's `clip_grad_norm_`, without its added 1e-6; of recorded gradients the
    /// factor counts as a constant. Panics if `max_norm` is negative or NaN.
    #[track_caller]
    #[doc(alias = "clip_grad_norm_")]
    pub fn clip_norm(&mut self, max_norm: f64) -> f64 {
        assert!(max_norm >= 0.0, "clip_norm: the largest norm must be a number from 0 on, but is {max_norm}");
        let norm = self.global_norm();
        if norm > max_norm || norm.is_nan() {
            self.scale(max_norm / norm);
        }
        norm
    }

    /// Cuts every gradient's elements to `-limit..=limit`. PyTorch's `clip_grad_value_`. Panics if `limit` is negative
    /// or NaN.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let w = Tensor::<shape![2]>::from([3.0, 4.0]).parameter();
    /// let mut grads = w.trace().square().sum().backward();
    /// grads.clip_value(7.0);
    /// assert_eq!(grads.get(&w).unwrap().to_vec(), [6.0, 7.0]);
    /// ```
    #[track_caller]
    #[doc(alias = "clip_grad_value_")]
    pub fn clip_value(&mut self, limit: f64) {
        assert!(limit >= 0.0, "clip_value: the limit must be a number from 0 on, but is {limit}");
        self.each(|gradient| clamp(gradient, -limit, limit));
    }
}
