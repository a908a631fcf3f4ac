//! Running means of a network in training.

use crate::dim::Shape;
use crate::graph::{Trace, Value};
use crate::kernels::Element;
use crate::nn::{Buffer, Forward, Module, Path, follow};
use crate::tensor::Tensor;
use std::ops::Deref;

/// A running mean of a network in training: with fading weights (EMA), or with equal ones (SWA). It is a network, which
/// often does better than the one in training. PyTorch's `AveragedModel`.
///
/// ```
/// use fusion::prelude::*;
///
/// let mut net = Linear::<dim!(3), dim!(2)>::init(&mut StdRng::seed_from_u64(0));
/// let (mut mean, mut opt) = (Averaged::ema(&net, 0.99), Sgd::new(0.1));
/// let x = Tensor::<shape![4, 3]>::ones();
/// for _ in 0..10 {
///     let grads = net.forward(x.trace()).square().mean().backward();
///     opt.step(&mut net, grads);
///     mean.update(&net);
/// }
/// let y = mean.forward(x); // it is used as the network is
/// assert_ne!(mean.weight.to_vec(), net.weight.to_vec());
/// ```
///
/// The first [`update`](Averaged::update) takes the network over; then a parameter `a` of the mean becomes
/// `decay · a + (1 - decay) · p`, or `a + (p - a) / n` in the n-th. Buffers are taken over each time: running statistics
/// that were not made with the mean's parameters are made anew by [`update_statistics`](Averaged::update_statistics).
///
/// It is a [`Module`], which is saved and loaded with the number of its updates, under PyTorch's names (`module.weight`,
/// `n_averaged`); [`network`](Averaged::network) is saved under its own.
///
/// Polyak and Juditsky, [Acceleration of Stochastic Approximation by Averaging](https://doi.org/10.1137/0330046), 1992;
/// Izmailov et al., [Averaging Weights Leads to Wider Optima](https://arxiv.org/abs/1803.05407), 2018.
#[doc(alias = "ema")]
#[doc(alias = "swa")]
#[doc(alias = "AveragedModel")]
#[derive(Clone, Debug)]
pub struct Averaged<M> {
    network: M,
    /// None is that of equal weights.
    decay: Option<f64>,
    updates: Buffer<(), i64>,
}

impl<M: Module + Clone> Averaged<M> {
    /// A mean in which what is `n` updates old counts `decayⁿ` times as much: 0.999, say. PyTorch's `get_ema_multi_avg_fn`.
    ///
    /// # Panics
    /// If `decay` is not from 0 to 1.
    #[track_caller]
    pub fn ema(network: &M, decay: f64) -> Self {
        assert!((0.0..=1.0).contains(&decay), "decay must be from 0 to 1, but is {decay}");
        Self { decay: Some(decay), ..Self::equal(network) }
    }

    /// A mean in which all updates count alike. PyTorch's `get_swa_multi_avg_fn`.
    pub fn equal(network: &M) -> Self {
        Self { network: network.clone(), decay: None, updates: Buffer::new(Tensor::zeros()) }
    }

    /// Lets the mean follow the network as it is now.
    ///
    /// # Panics
    /// Where the types leave room for a difference: lists of other lengths, sizes that only the run knows.
    #[track_caller]
    pub fn update(&mut self, network: &M) {
        let before = self.updates();
        let fresh = match self.decay {
            _ if before == 0 => 1.0,
            Some(decay) => 1.0 - decay,
            None => 1.0 / (before + 1) as f64,
        };
        follow(&mut self.network, network, fresh, 1.0);
        self.updates.update(|updates| Tensor::full(updates.item() + 1));
    }
}

impl<M> Averaged<M> {
    /// The mean.
    pub fn network(&self) -> &M {
        &self.network
    }

    /// The mean, alone.
    pub fn into_network(self) -> M {
        self.network
    }

    /// How many updates there were.
    pub fn updates(&self) -> u64 {
        self.updates.get().item().unsigned_abs()
    }

    /// Makes the running statistics of the mean's layers (batch norm) anew, as the mean of those of all these batches:
    /// those of the network in training belong to other weights. PyTorch's `update_bn`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// model! { Net: [2] -> [1] { Linear<_, 4>, norm: BatchNorm1d<_>, Relu, Linear<_, 1> } }
    ///
    /// let rng = &mut StdRng::seed_from_u64(0);
    /// let net = Net::init(rng);
    /// let batches: Vec<_> = (0..3).map(|_| Tensor::<shape![8, 2]>::normal(0.0, 1.0, rng)).collect();
    /// let mut mean = Averaged::equal(&net);
    /// mean.update(&net);
    /// mean.update_statistics(&batches);
    /// assert_ne!(mean.norm.running_mean.get(), net.norm.running_mean.get());
    /// ```
    #[doc(alias = "update_bn")]
    #[track_caller]
    pub fn update_statistics<'a, S: Shape, T: Element>(&self, batches: impl IntoIterator<Item = &'a Tensor<S, T>>)
    where
        M: Forward<Tensor<S, T>>,
        Tensor<S, T>: 'a,
    {
        for (at, batch) in batches.into_iter().enumerate() {
            self.network.forward(batch.trace_with(Trace::training().momentum(1.0 / (at + 1) as f64)));
        }
    }
}

impl<M> Deref for Averaged<M> {
    type Target = M;

    fn deref(&self) -> &M {
        &self.network
    }
}

impl<M: Module> Module for Averaged<M> {
    fn walk(&self, path: &Path<'_>, visit: &mut dyn FnMut(&Path<'_>, &Value)) {
        self.updates.walk(&path.child("n_averaged"), visit);
        self.network.walk(&path.child("module"), visit);
    }

    fn walk_mut(&mut self, path: &Path<'_>, visit: &mut dyn FnMut(&Path<'_>, &mut Value)) {
        self.updates.walk_mut(&path.child("n_averaged"), visit);
        self.network.walk_mut(&path.child("module"), visit);
    }
}
