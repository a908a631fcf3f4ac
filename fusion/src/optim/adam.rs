//! Adam and AdamW.

use super::declare::optimizer;
use super::rule::{Rule, State, decay, decayed, kept};
use crate::kernels::Array;
use crate::kernels::optim::{Update, update};
use crate::kernels::simd::Vector;

optimizer! {
    /// Adam: PyTorch's `torch.optim.Adam`.
    ///
    /// With the gradient `g` (and `g + weight_decay · p` where there is weight decay) and the running means
    /// `m = β₁ · m + (1 - β₁) · g` and `v = β₂ · v + (1 - β₂) · g²`, both 0 at first, a parameter `p` becomes in its
    /// `t`-th step `p - learning_rate · m̂ / (√v̂ + ε)`, with `m̂ = m / (1 - β₁ᵗ)` and `v̂ = v / (1 - β₂ᵗ)`.
    ///
    /// Kingma and Ba, [Adam: A Method for Stochastic Optimization](https://arxiv.org/abs/1412.6980), 2014. A file has the
    /// means as `path.exp_avg` and `path.exp_avg_sq`, and `path.step`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let mut net = Linear::<dim!(3), dim!(2)>::init(&mut StdRng::seed_from_u64(0));
    /// let mut opt = Adam::new(1e-3);
    /// let x = Tensor::<shape![8, 3]>::ones();
    /// let loss = net.forward(x.trace()).square().mean();
    /// let before = loss.item();
    /// opt.step(&mut net, loss.backward());
    /// assert!(net.forward(x.clone()).square().mean().item() < before);
    ///
    /// // Saved now, training can go on in another process as if it had not ended.
    /// let folder = tempfile::tempdir()?;
    /// let [weights, moments] = ["net.safetensors", "opt.safetensors"].map(|name| folder.path().join(name));
    /// net.save(&weights)?;
    /// opt.save(&net, &moments)?;
    ///
    /// let mut net: Linear<dim!(3), dim!(2)> = fusion::state::load(&weights)?;
    /// let mut opt = Adam::new(0.0);
    /// opt.load(&net, &moments)?;
    /// assert_eq!(opt.learning_rate(), 1e-3);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    Adam with AdamRule {
        /// How much of the running means of the gradient and of its square stays from step to step; by default 0.9 and
        /// 0.999.
        ///
        /// # Panics
        /// If one is not in `0..1`.
        betas(beta1: f64 = 0.9 => below_one, beta2: f64 = 0.999 => below_one);

        /// What is added to the denominator; by default 1e-8.
        ///
        /// # Panics
        /// If it is negative or not finite.
        eps(eps: f64 = 1e-8 => not_negative);

        /// How much of each parameter is added to its gradient (an L2 penalty); by default 0.
        ///
        /// # Panics
        /// If it is negative or not finite.
        weight_decay(weight_decay: f64 = 0.0 => not_negative);
    }
}

optimizer! {
    /// AdamW, Adam with decoupled weight decay: PyTorch's `torch.optim.AdamW`.
    ///
    /// As [`Adam`], but weight decay is no part of the gradient: a step begins with
    /// `p = p - learning_rate · weight_decay · p`.
    ///
    /// Loshchilov and Hutter, [Decoupled Weight Decay Regularization](https://arxiv.org/abs/1711.05101), 2017.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let mut w = Tensor::<shape![2], f64>::from([1.0, -2.0]).parameter();
    /// let mut opt = AdamW::new(0.5).weight_decay(0.1).betas(0.9, 0.99).eps(0.0);
    /// let grads = w.trace().square().sum().backward();
    /// opt.step(&mut w, grads);
    /// // The first step is the learning rate along the gradient's sign; decay takes 5 % before it.
    /// let [a, b] = w.to_vec()[..] else { unreachable!() };
    /// assert!((a - 0.45).abs() < 1e-9 && (b + 1.4).abs() < 1e-9);
    /// ```
    AdamW with AdamWRule {
        /// How much of the running means of the gradient and of its square stays from step to step; by default 0.9 and
        /// 0.999.
        ///
        /// # Panics
        /// If one is not in `0..1`.
        betas(beta1: f64 = 0.9 => below_one, beta2: f64 = 0.999 => below_one);

        /// What is added to the denominator; by default 1e-8.
        ///
        /// # Panics
        /// If it is negative or not finite.
        eps(eps: f64 = 1e-8 => not_negative);

        /// How much of each parameter, times the learning rate, a step takes off first; by default 0.01.
        ///
        /// # Panics
        /// If it is negative or not finite.
        weight_decay(weight_decay: f64 = 0.01 => not_negative);
    }
}

impl Adam {
    /// PyTorch's settings, with this learning rate (PyTorch's default is 1e-3). What is trained is given to each step:
    /// `opt.step(&mut net, loss.backward())`.
    ///
    /// # Panics
    /// If the learning rate is negative or not finite.
    #[track_caller]
    #[must_use]
    pub fn new(learning_rate: f64) -> Self {
        AdamRule::new(learning_rate).into()
    }
}

impl AdamW {
    /// PyTorch's settings, with this learning rate (PyTorch's default is 1e-3). What is trained is given to each step:
    /// `opt.step(&mut net, loss.backward())`.
    ///
    /// # Panics
    /// If the learning rate is negative or not finite.
    #[track_caller]
    #[must_use]
    pub fn new(learning_rate: f64) -> Self {
        AdamWRule::new(learning_rate).into()
    }
}

macro_rules! rule {
    ($Rule:ident, decoupled: $decoupled:literal) => {
        impl Rule for $Rule {
            const KEPT: &'static [&'static str] = &["exp_avg", "exp_avg_sq"];
            const COUNTS_STEPS: bool = true;

            fn step(&self, p: &mut Array, g: &Array, state: &mut State) {
                let &Self { learning_rate, beta1, beta2, eps, weight_decay } = self;
                let t = state.steps as f64;
                let [first, second, _] = &mut state.arrays;
                let (first, second) = (kept(first, p), kept(second, p));
                let (correct1, correct2) = (1.0 - beta1.powf(t), (1.0 - beta2.powf(t)).sqrt());
                let [shrink, decay] = decay(weight_decay, $decoupled, learning_rate);
                // m / (sqrt(v) / c + eps) = c * m / (sqrt(v) + c * eps)
                let (rate, eps) = (-learning_rate / correct1 * correct2, eps * correct2);
                let numbers = [rate, eps, shrink, decay, 1.0 - beta1, beta2, 1.0 - beta2];
                update([p, first, second], g, numbers, Moments { decays: decay != 0.0 });
            }
        }
    };
}
rule!(AdamRule, decoupled: false);
rule!(AdamWRule, decoupled: true);

/// The parameter and the running means of its gradient and of the gradient's square.
#[derive(Clone, Copy)]
struct Moments {
    decays: bool,
}

impl Update<7, 3> for Moments {
    #[inline(always)]
    fn next<V: Vector>(
        self,
        [rate, eps, shrink, decay, fresh1, keep2, fresh2]: [V; 7],
        [p, m, v]: [V; 3],
        g: V,
    ) -> [V; 3] {
        let g = decayed(self.decays, decay, p, g);
        let m = fresh1.mul_add(g - m, m);
        let v = keep2.mul_add(v, fresh2 * g * g);
        [rate.mul_add(m.div_sqrt(v, eps), p * shrink), m, v]
    }
}
