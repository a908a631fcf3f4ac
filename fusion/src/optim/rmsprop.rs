//! RMSprop.

use super::declare::optimizer;
use super::rule::{MOST_KEPT, Rule, State, decayed, kept};
use crate::kernels::Array;
use crate::kernels::optim::{Update, update};
use crate::kernels::simd::Vector;

optimizer! {
    /// RMSprop, which divides each gradient by the running root mean square of its past: PyTorch's
    /// `torch.optim.RMSprop`.
    ///
    /// With the gradient `g` (and `g + weight_decay · p` where there is weight decay) and the running mean of its square
    /// `v = α · v + (1 - α) · g²`, 0 at first, a parameter `p` becomes `p - learning_rate · g / (√v + ε)`. The centred
    /// form divides by `√(v - m²) + ε`, with the running mean `m` of `g`. With momentum there is a velocity
    /// `u = momentum · u + g / (√v + ε)`, and `p` becomes `p - learning_rate · u`.
    ///
    /// Tieleman and Hinton, [Lecture 6.5: rmsprop](https://www.cs.toronto.edu/~tijmen/csc321/slides/lecture_slides_lec6.pdf),
    /// 2012; the centred form is from Graves, [Generating Sequences With Recurrent Neural
    /// Networks](https://arxiv.org/abs/1308.0850), 2013. A file has `v`, `u` and `m` as `path.square_avg`,
    /// `path.momentum_buffer` and `path.grad_avg`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let mut w = Tensor::<shape![2], f64>::from([3.0, -4.0]).parameter();
    /// let mut opt = RmsProp::new(0.1).alpha(0.75).eps(0.0);
    /// let grads = w.trace().square().sum().backward();
    /// opt.step(&mut w, grads);
    /// // The first step is the learning rate along the gradient's sign, times 1 / √(1 - α).
    /// assert_eq!(w.to_vec(), [2.8, -3.8]);
    /// ```
    RmsProp with RmsPropRule {
        /// How much of the running means stays from step to step; by default 0.99.
        ///
        /// # Panics
        /// If it is not in `0..1`.
        alpha(alpha: f64 = 0.99 => below_one);

        /// What is added to the denominator; by default 1e-8.
        ///
        /// # Panics
        /// If it is negative or not finite.
        eps(eps: f64 = 1e-8 => not_negative);

        /// How much of each parameter is added to its gradient; by default 0.
        ///
        /// # Panics
        /// If it is negative or not finite.
        weight_decay(weight_decay: f64 = 0.0 => not_negative);

        /// How much of the velocity stays from step to step; by default 0, no velocity.
        ///
        /// # Panics
        /// If it is negative or not finite.
        momentum(momentum: f64 = 0.0 => not_negative);

        /// The centred form, which divides by the gradient's standard deviation; by default not.
        centered(centered: bool = false => any);
    }
}

impl RmsProp {
    /// PyTorch's settings, with this learning rate (PyTorch's default is 1e-2).
    ///
    /// # Panics
    /// If the learning rate is negative or not finite.
    #[track_caller]
    #[must_use]
    pub fn new(learning_rate: f64) -> Self {
        RmsPropRule::new(learning_rate).into()
    }
}

impl Rule for RmsPropRule {
    const KEPT: &'static [&'static str] = &["square_avg", "momentum_buffer", "grad_avg"];

    fn needs(&self) -> [bool; MOST_KEPT] {
        [true, self.momentum != 0.0, self.centered]
    }

    fn step(&self, p: &mut Array, g: &Array, state: &mut State) {
        let &Self { learning_rate, alpha, eps, weight_decay, momentum, centered } = self;
        let [square, velocity, mean] = &mut state.arrays;
        let square = kept(square, p);
        let numbers = [-learning_rate, weight_decay, alpha, 1.0 - alpha, eps, momentum];
        let form = Form { decays: weight_decay != 0.0, moves: momentum != 0.0, centered };
        let (velocity, mean) = (form.moves.then(|| kept(velocity, p)), centered.then(|| kept(mean, p)));
        match (velocity, mean) {
            (None, None) => update([p, square], g, numbers, form),
            (Some(u), None) => update([p, square, u], g, numbers, form),
            (None, Some(m)) => update([p, square, m], g, numbers, form),
            (Some(u), Some(m)) => update([p, square, u, m], g, numbers, form),
        }
    }
}

#[derive(Clone, Copy)]
struct Form {
    decays: bool,
    moves: bool,
    centered: bool,
}

/// The parameter, the mean of the square, then the velocity if it moves, and last the mean if it is centred.
impl<const K: usize> Update<6, K> for Form {
    #[inline(always)]
    fn next<V: Vector>(self, [lr, decay, alpha, fresh, eps, momentum]: [V; 6], mut x: [V; K], g: V) -> [V; K] {
        let g = decayed(self.decays, decay, x[0], g);
        x[1] = alpha.mul_add(x[1], fresh * g * g);
        let mut square = x[1];
        if self.centered {
            x[K - 1] = fresh.mul_add(g - x[K - 1], x[K - 1]);
            square = square - x[K - 1] * x[K - 1];
        }
        let mut along = g.div_sqrt(square, eps);
        if self.moves {
            x[2] = momentum.mul_add(x[2], along);
            along = x[2];
        }
        x[0] = lr.mul_add(along, x[0]);
        x
    }
}
