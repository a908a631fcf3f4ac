//! Attention.

use crate::dim::{Broadcast, Dyn, Features, Nat, SameShape, SameSize, Sequence};
use crate::graph::{Link, Value};
use crate::kernels::Dims;
use crate::nn::init::{uniform_sized, zeros};
use crate::nn::layers::linear::Linear;
use crate::nn::module::{Forward, Init};
use crate::ops::attention::Attend;
use crate::ops::concat::slice;
use crate::ops::matmul::{Activation, linear};
use crate::ops::shape::{permute, reshape};
use crate::tensor::{Float, Tensor};
use fusion_macros::Module;
use rand::Rng;
use std::marker::PhantomData;

/// Attention with `HEADS` heads: each place of a sequence `[B, L, E]` becomes a weighted mean of all places, `[B, L, E]`.
/// PyTorch's `nn.MultiheadAttention(E, HEADS, batch_first=True)`, whose starting values, layouts and names it has:
/// `in_proj_weight` `[3E, E]` (queries, keys, values), `in_proj_bias` `[3E]`, `out_proj.weight` and `out_proj.bias`.
/// Vaswani et al., [Attention Is All You Need](https://arxiv.org/abs/1706.03762), 2017.
///
/// `forward` is self-attention: queries, keys and values are of one sequence. [`attend`](Self::attend) takes them apart.
///
/// ```
/// use fusion::prelude::*;
///
/// let mut rng = StdRng::seed_from_u64(0);
/// let layer = MultiHeadAttention::<dim!(8), dim!(2)>::init(&mut rng);
/// let x = Tensor::<shape![3, 5, 8]>::normal(0.0, 1.0, &mut rng);
/// let y: Tensor<shape![3, 5, 8]> = layer.forward(x);
/// assert_eq!(layer.names(), ["in_proj_weight", "in_proj_bias", "out_proj.weight", "out_proj.bias"]);
/// ```
#[doc(alias = "MultiheadAttention")]
#[derive(Module)]
#[module(layer)]
pub struct MultiHeadAttention<E, HEADS, T = f32> {
    /// `[3 * embedding, embedding]`: of queries, keys and values
    #[init(xavier(3 * E::N, E::N, rng))]
    pub in_proj_weight: Tensor<(Dyn, E), T>,
    /// `[3 * embedding]`
    #[init(Tensor::wrap(uniform_sized::<T>(&[3 * E::N], 0.0, rng)))]
    pub in_proj_bias: Tensor<(Dyn,), T>,
    /// What the heads become together.
    #[init(without_shift(rng))]
    pub out_proj: Linear<E, E, true, T>,
    heads: PhantomData<fn() -> HEADS>,
}

impl<E, HEADS, T> MultiHeadAttention<E, HEADS, T> {
    /// For each place of `query` `[B, L, E]` a weighted mean of `value` `[B, M, E]`, by how well `key` `[B, M, E]` goes
    /// with it: `[B, L, E]`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let mut rng = StdRng::seed_from_u64(0);
    /// let layer = MultiHeadAttention::<dim!(8), dim!(2)>::init(&mut rng);
    /// let (text, image) = (Tensor::<shape![3, 5, 8]>::ones(), Tensor::<shape![3, 7, 8]>::ones());
    /// let y: Tensor<shape![3, 5, 8]> = layer.attend(text, image.clone(), image);
    /// ```
    #[track_caller]
    pub fn attend<Q, K, V>(&self, query: Tensor<Q, T>, key: Tensor<K, T>, value: Tensor<V, T>) -> Tensor<Q, T>
    where
        Q: Sequence<Batch: SameSize<K::Batch>, Features: Features<E>>,
        K: Sequence<Features: Features<E>> + SameShape<V>,
        HEADS: Nat,
    {
        self.attend_value([query.into_value(), key.into_value(), value.into_value()], &Attend::new())
    }

    /// As [`attend`](Self::attend), of which some places see less: what [`Attend`] says. A mask is `[L, M]` or `[B, L, M]`,
    /// hidden keys are `[B, M]`. PyTorch's `attn_mask`, `key_padding_mask` and `is_causal`.
    ///
    /// ```
    /// use fusion::prelude::*;
    /// use fusion::nn::Attend;
    ///
    /// let mut rng = StdRng::seed_from_u64(0);
    /// let layer = MultiHeadAttention::<dim!(8), dim!(2)>::init(&mut rng);
    /// let x = Tensor::<shape![3, 5, 8]>::ones();
    /// let y: Tensor<shape![3, 5, 8]> = layer.attend_with(x.clone(), x.clone(), x, &Attend::new().causal());
    /// ```
    #[track_caller]
    pub fn attend_with<Q, K, V, M, P>(
        &self,
        query: Tensor<Q, T>,
        key: Tensor<K, T>,
        value: Tensor<V, T>,
        attend: &Attend<M, P>,
    ) -> Tensor<Q, T>
    where
        Q: Sequence<Batch: SameSize<K::Batch>, Features: Features<E>>,
        K: Sequence<Features: Features<E>> + SameShape<V>,
        (Q::Batch, Q::Length, K::Length): Broadcast<M>,
        (K::Batch, K::Length): Broadcast<P>,
        HEADS: Nat,
    {
        self.attend_value([query.into_value(), key.into_value(), value.into_value()], attend)
    }

    #[track_caller]
    fn attend_value<Q, M, P>(&self, inputs: [Value; 3], attend: &Attend<M, P>) -> Tensor<Q, T>
    where
        HEADS: Nat,
    {
        let [weights, biases] = [self.in_proj_weight.value(), self.in_proj_bias.value()].map(thirds);
        let [query, key, value] = together(inputs);
        // Three calls and no closure: a panic names the caller's line.
        let query = linear(query, &weights[0], Some(&biases[0]), Activation::Identity);
        let key = linear(key, &weights[1], Some(&biases[1]), Activation::Identity);
        let value = linear(value, &weights[2], Some(&biases[2]), Activation::Identity);
        let (weight, bias) = (self.out_proj.weight.value(), self.out_proj.bias.as_ref().map(Tensor::value));
        Tensor::wrap(mix([query, key, value], (weight, bias), HEADS::N, attend))
    }
}

/// If one of them is traced, so are all that are data: each meets the parameters before it meets the others.
fn together(inputs: [Value; 3]) -> [Value; 3] {
    let Some(trace) = inputs.iter().find_map(|x| x.link().trace().cloned()) else { return inputs };
    inputs.map(|x| match x.into_parts() {
        (array, Link::None | Link::Frozen(_)) => Value::new(array, Link::Traced(trace.clone())),
        (array, link) => Value::new(array, link),
    })
}

/// `[B, L, E]` as `[B, heads, L, E / heads]`.
fn split(x: Value, heads: usize) -> Value {
    let shape = *x.shape();
    let [batch, length, embed] = [0, 1, 2].map(|axis| shape.get(axis));
    permute(reshape(x, &Dims::new(&[batch, length, heads, embed / heads])), &[0, 2, 1, 3])
}

/// The parts of queries, keys and values along axis 0.
fn thirds(x: &Value) -> [Value; 3] {
    let third = x.shape().get(0) / 3;
    [0, 1, 2].map(|i| slice(x.clone(), 0, i * third, (i + 1) * third))
}

impl<X, E, HEADS, T> Forward<Tensor<X, T>> for MultiHeadAttention<E, HEADS, T>
where
    X: Sequence<Features: Features<E>>,
    HEADS: Nat,
{
    type Output = Tensor<X, T>;

    #[track_caller]
    fn forward(&self, x: Tensor<X, T>) -> Self::Output {
        let out = &self.out_proj;
        let (weight, bias) = (self.in_proj_weight.value(), self.in_proj_bias.value());
        let out = (out.weight.value(), out.bias.as_ref().map(Tensor::value));
        Tensor::wrap(attend_to_itself(x.into_value(), (weight, bias), out, HEADS::N))
    }
}

/// A weight, and a bias if there is one.
type Projection<'a> = (&'a Value, Option<&'a Value>);

/// The attention of a sequence to itself, with the weight and the bias of the projection in and of that out.
#[track_caller]
pub(in crate::nn) fn attend_to_itself(
    x: Value,
    (weight, bias): (&Value, &Value),
    out: Projection<'_>,
    heads: usize,
) -> Value {
    let projected = linear(x, weight, Some(bias), Activation::Identity);
    let embed = projected.shape().get(2) / 3;
    let parts = [0, 1, 2].map(|i| slice(projected.clone(), 2, i * embed, (i + 1) * embed));
    mix(parts, out, heads, &Attend::new())
}

/// The attention of projected sequences, with the weight and the bias of the projection out.
#[track_caller]
fn mix<M, P>(
    [query, key, value]: [Value; 3],
    (weight, bias): Projection<'_>,
    heads: usize,
    attend: &Attend<M, P>,
) -> Value {
    let shape = *query.shape();
    let mean = attend.apply(split(query, heads), split(key, heads), &split(value, heads));
    let joined = reshape(permute(mean, &[0, 2, 1, 3]), &shape);
    linear(joined, weight, bias, Activation::Identity)
}

/// `xavier_uniform` of sizes of which not all are in a type.
fn xavier<S, T: Float>(outputs: usize, inputs: usize, rng: &mut dyn Rng) -> Tensor<S, T> {
    let bound = (6.0 / (outputs + inputs) as f64).sqrt();
    Tensor::wrap(uniform_sized::<T>(&[outputs, inputs], bound, rng))
}

/// A linear layer whose bias starts at 0.
fn without_shift<E: Nat, T: Float>(rng: &mut dyn Rng) -> Linear<E, E, true, T> {
    let mut layer = Linear::init_with(rng);
    layer.bias = Some(zeros(rng).parameter());
    layer
}
