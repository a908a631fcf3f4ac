//! Attention: means of values, weighted by how well keys go with queries.

use super::binary::{add, mul_scalar};
use super::dropout::dropout;
use super::index::masked_fill;
use super::matmul::matmul;
use super::or_panic;
use super::shape::transpose;
use super::softmax::softmax;
use crate::dim::{Broadcast, Features, SameSize};
use crate::graph::Value;
use crate::kernels::{Array, DType, Dims, elementwise as kernel};
use crate::tensor::{Float, Tensor};
use std::marker::PhantomData;

/// What attention is told besides queries, keys and values: what a place may not look at, and what is added to how well it
/// goes with another. `M` is the shape of a mask, `K` that of hidden keys; without them `()`.
///
/// ```
/// use fusion::prelude::*;
/// use fusion::nn::Attend;
///
/// let mut rng = StdRng::seed_from_u64(0);
/// let layer = MultiHeadAttention::<dim!(8), dim!(2)>::init(&mut rng);
/// let x = Tensor::<shape![1, 3, 8]>::normal(0.0, 1.0, &mut rng);
/// let padding = Tensor::from([[false, false, true]]);
/// let all = layer.attend_with(x.clone(), x.clone(), x.clone(), &Attend::new().causal().hide_keys(&padding));
/// let first = x.narrow::<dim!(1), _>(Axis::<1>, 0);
/// let one = layer.forward(first);
/// assert!((all.select(Axis::<1>, 0) - one.select(Axis::<1>, 0)).abs().max().item() < 1e-6);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Attend<M = (), K = ()> {
    causal: bool,
    mask: Option<Mask>,
    keys: Option<Array>,
    scale: Option<f64>,
    dropout: Option<(f64, u64)>,
    shapes: PhantomData<fn() -> (M, K)>,
}

#[derive(Clone, Debug)]
enum Mask {
    /// Truth values: these places are not looked at.
    Hide(Array),
    /// Truth values: no others are.
    Allow(Array),
    /// Numbers that are added.
    Bias(Value),
}

impl Attend {
    /// Everything is looked at.
    pub fn new() -> Self {
        Self::default()
    }
}

impl<M, K> Attend<M, K> {
    /// A place looks at none behind itself. PyTorch's `is_causal`.
    pub fn causal(self) -> Self {
        Self { causal: true, ..self }
    }

    /// No place looks where the mask, `[L, M]` or `[B, L, M]`, is true: the `attn_mask` of PyTorch's `MultiheadAttention`, of
    /// `bool`. A place that may look nowhere becomes 0, and has no gradient.
    pub fn hide<S>(self, mask: &Tensor<S, bool>) -> Attend<S, K> {
        self.masked(Mask::Hide(mask.value().array().clone()))
    }

    /// Places look only where the mask, `[L, M]` or `[B, L, M]`, is true: the `attn_mask` of PyTorch's
    /// `scaled_dot_product_attention`, of `bool`. A place that may look nowhere becomes 0, and has no gradient.
    pub fn allow<S>(self, mask: &Tensor<S, bool>) -> Attend<S, K> {
        self.masked(Mask::Allow(mask.value().array().clone()))
    }

    /// `mask`, `[L, M]` or `[B, L, M]`, is added to how well queries and keys go together: PyTorch's `attn_mask` of floats.
    /// Where it is negative infinity nothing is looked at, as with [`hide`](Attend::hide). It may have a gradient.
    pub fn bias<S, T: Float>(self, mask: &Tensor<S, T>) -> Attend<S, K> {
        self.masked(Mask::Bias(mask.value().clone()))
    }

    /// No place looks at the keys for which this, `[B, M]`, is true. PyTorch's `key_padding_mask`.
    pub fn hide_keys<S>(self, padding: &Tensor<S, bool>) -> Attend<M, S> {
        let Self { causal, mask, scale, dropout, .. } = self;
        Attend { causal, mask, keys: Some(padding.value().array().clone()), scale, dropout, shapes: PhantomData }
    }

    /// What products of queries and keys are multiplied by; else `1 / sqrt(E)`, of `E` features. PyTorch's `scale`.
    pub fn scale(self, scale: f64) -> Self {
        Self { scale: Some(scale), ..self }
    }

    /// Each weight becomes 0 with probability `p`, and the others grow by `1 / (1 - p)`, in training and otherwise; one seed
    /// drops the same weights. PyTorch's `dropout_p`.
    ///
    /// # Panics
    ///
    /// Unless `0 <= p <= 1`.
    #[track_caller]
    pub fn dropout(self, p: f64, seed: u64) -> Self {
        assert!((0.0..=1.0).contains(&p), "Attend: {p} is not a probability");
        Self { dropout: Some((p, seed)), ..self }
    }

    fn masked<S>(self, mask: Mask) -> Attend<S, K> {
        let Self { causal, keys, scale, dropout, .. } = self;
        Attend { causal, mask: Some(mask), keys, scale, dropout, shapes: PhantomData }
    }

    /// For each query `[.., L, E]` a mean of the values `[.., M, F]`, weighted by how well their keys `[.., M, E]` go with it.
    #[track_caller]
    pub(crate) fn apply(&self, query: Value, key: Value, value: &Value) -> Value {
        let scale = self.scale.unwrap_or_else(|| 1.0 / (query.shape().last() as f64).sqrt());
        let mut scores = matmul(mul_scalar(query, scale), transpose(key));
        let (shape, last, dtype) = (*scores.shape(), scores.shape().rank() - 1, scores.dtype());
        let float = |mask: &Array| kernel::cast(mask, dtype);
        let mut hidden = self.causal.then(|| {
            let (rows, keys) = (shape.get(last - 1), shape.get(last));
            let behind = Array::from_fn(Dims::new(&[rows, keys]), |i| i % keys > i / keys);
            float(&behind)
        });
        let mut hide = |mask: Array| {
            hidden = Some(match hidden.take() {
                Some(hidden) => kernel::maximum(hidden, &mask),
                None => mask,
            });
        };
        match &self.mask {
            Some(Mask::Hide(mask)) => hide(float(&fitting(mask, &shape))),
            Some(Mask::Allow(mask)) => hide(kernel::rsub_scalar(float(&fitting(mask, &shape)), 1.0)),
            Some(Mask::Bias(bias)) => {
                let to = fitting(bias.array(), &shape);
                let none = Array::full_float(dtype, f64::NEG_INFINITY, Dims::default());
                hide(kernel::eq_mask(float(&to), &none));
                let bias = super::cast::cast(bias.clone(), dtype);
                scores = add(scores, &super::shape::reshape(bias, to.shape()));
            }
            None => {}
        }
        if let Some(keys) = &self.keys {
            let mut sizes = *keys.shape();
            if sizes.rank() > 1 {
                // `[B, M]`, of which each place of a sequence sees the same.
                sizes = Dims::new(&[sizes.get(0)]);
                (1..last).for_each(|_| sizes.push(1));
                sizes.push(keys.shape().last());
            }
            hide(float(&fitting(&keys.reshape(&sizes), &shape)));
        }
        let mut weights = match &hidden {
            None => softmax(&scores, last),
            Some(hidden) => {
                let hidden = kernel::cast(hidden, DType::Bool);
                let weights = softmax(&masked_fill(scores, &hidden, f64::NEG_INFINITY), last);
                // Of a row in which all is hidden the softmax is NaN.
                masked_fill(weights, &hidden, 0.0)
            }
        };
        if let Some((p, seed)) = self.dropout {
            weights = dropout(weights, p, seed);
        }
        matmul(weights, value.clone())
    }
}

/// A mask under the shape in which it stretches over scores: `[B, L, M]` is the same for all heads.
#[track_caller]
fn fitting(mask: &Array, scores: &Dims) -> Array {
    let mut shape = *mask.shape();
    if shape.rank() == 3 && scores.rank() == 4 {
        shape = Dims::new(&[shape.get(0), 1, shape.get(1), shape.get(2)]);
    }
    or_panic(fusion_rules::broadcast_to(shape.sizes(), scores.sizes()));
    mask.reshape(&shape)
}

impl<B, L, E, T: Float> Tensor<(B, L, E), T> {
    /// For each place of the queries `[B, L, E]` a mean of the values `[B, M, F]`, weighted by the softmax of its products
    /// with the keys `[B, M, E]` over `sqrt(E)`: `[B, L, F]`. Vaswani et al., [Attention Is All You
    /// Need](https://arxiv.org/abs/1706.03762), 2017. PyTorch's `scaled_dot_product_attention`, whose masks are what
    /// [`Attend`] holds.
    ///
    /// # Panics
    ///
    /// If two sizes known at run time only do not fit.
    ///
    /// ```
    /// use fusion::prelude::*;
    /// use fusion::nn::Attend;
    ///
    /// let (q, k) = (Tensor::<shape![1, 2, 4]>::zeros(), Tensor::<shape![1, 2, 4]>::ones());
    /// let v = Tensor::<shape![1, 2, 1]>::from([[[1.0], [3.0]]]);
    /// assert_eq!(q.scaled_dot_product_attention(&k, &v, &Attend::new()).to_vec(), [2.0, 2.0]);
    /// assert_eq!(q.scaled_dot_product_attention(&k, &v, &Attend::new().causal()).to_vec(), [1.0, 2.0]);
    /// ```
    #[track_caller]
    pub fn scaled_dot_product_attention<KB, KL, KE, VB, VL, F, M, K>(
        &self,
        key: &Tensor<(KB, KL, KE), T>,
        value: &Tensor<(VB, VL, F), T>,
        attend: &Attend<M, K>,
    ) -> Tensor<(B, L, F), T>
    where
        B: SameSize<KB> + SameSize<VB>,
        E: Features<KE>,
        KL: SameSize<VL>,
        (B, L, KL): Broadcast<M>,
        (B, KL): Broadcast<K>,
    {
        Tensor::wrap(attend.apply(self.value().clone(), key.value().clone(), value.value()))
    }
}

impl<B, H, L, E, T: Float> Tensor<(B, H, L, E), T> {
    /// As that of queries `[B, L, E]`, with heads: `[B, H, L, E]`, keys `[B, H, M, E]` and values `[B, H, M, F]` give
    /// `[B, H, L, F]`. A mask is `[L, M]`, or has all four axes, of which some may be 1.
    ///
    /// ```
    /// use fusion::prelude::*;
    /// use fusion::nn::Attend;
    ///
    /// let (q, k) = (Tensor::<shape![1, 2, 1, 4]>::zeros(), Tensor::<shape![1, 2, 3, 4]>::ones());
    /// let mask = Tensor::from([[true, false, false]]);
    /// let y: Tensor<shape![1, 2, 1, 4]> = q.scaled_dot_product_attention(&k, &k, &Attend::new().allow(&mask));
    /// assert_eq!(y.to_vec(), [1.0; 8]);
    /// ```
    #[track_caller]
    pub fn scaled_dot_product_attention<KB, KH, KL, KE, VB, VH, VL, F, M, K>(
        &self,
        key: &Tensor<(KB, KH, KL, KE), T>,
        value: &Tensor<(VB, VH, VL, F), T>,
        attend: &Attend<M, K>,
    ) -> Tensor<(B, H, L, F), T>
    where
        B: SameSize<KB> + SameSize<VB>,
        H: SameSize<KH> + SameSize<VH>,
        E: Features<KE>,
        KL: SameSize<VL>,
        (B, H, L, KL): Broadcast<M>,
        (B, KL): Broadcast<K>,
    {
        Tensor::wrap(attend.apply(self.value().clone(), key.value().clone(), value.value()))
    }
}

#[cfg(test)]
mod tests {
    use super::super::derivatives::{any, first_and_second};
    use super::*;

    fn mask(shape: &[usize], of: impl Fn(usize) -> bool) -> Tensor<(), bool> {
        Tensor::wrap(Array::from_fn(Dims::new(shape), of).into())
    }

    #[test]
    fn gradients() {
        let inputs = [any(1, &[2, 3, 4]), any(2, &[2, 5, 4]), any(3, &[2, 5, 2]), any(4, &[3, 5])];
        let some = mask(&[2, 3, 5], |i| i % 3 == 0 || i / 5 == 4);
        let keys = mask(&[2, 5], |i| i % 4 == 1);
        let of = |attend: &Attend<(), ()>| {
            first_and_second(&inputs[..3], |x| attend.apply(x[0].clone(), x[1].clone(), &x[2]));
        };
        of(&Attend::new());
        of(&Attend::new().causal().scale(0.75));
        // A row in which all is hidden too.
        of(&Attend::new().hide(&some));
        of(&Attend::new().allow(&some).hide_keys(&keys).causal());
        of(&Attend::new().dropout(0.25, 3));
        first_and_second(&inputs, |x| {
            let bias = Tensor::<(), f64>::wrap(x[3].clone());
            Attend::new().bias(&bias).apply(x[0].clone(), x[1].clone(), &x[2])
        });
    }

    #[test]
    fn nothing_to_look_at_is_0() {
        let (q, k, v) = (any(1, &[1, 2, 3]), any(2, &[1, 2, 3]), any(3, &[1, 2, 1]));
        let leaf = q.watch();
        let none = Array::from_slice(&[f64::NEG_INFINITY, f64::NEG_INFINITY, 0.0, 0.0], Dims::new(&[2, 2]));
        let y = Attend::new().bias(&Tensor::<(), f64>::wrap(none.into())).apply(leaf.clone(), k, &v);
        assert!(y.array().to_vec::<f64>()[0] == 0.0 && y.array().to_vec::<f64>()[1] != 0.0);
        let grads = y.backward(Array::full(1.0, Dims::new(&[1, 2, 1])).into());
        let gradient = grads.get_value(leaf.link()).expect("a gradient").array().to_vec::<f64>();
        assert!(gradient[..3] == [0.0; 3] && gradient[3..].iter().all(|g| g.is_finite() && *g != 0.0), "{gradient:?}");
    }

    #[test]
    #[should_panic(expected = "5")]
    fn a_mask_of_other_keys() {
        let of = |kind| any(kind, &[2, 3, 4]);
        Attend::new().hide(&mask(&[3, 5], |_| false)).apply(of(1), of(2), &of(3));
    }
}
