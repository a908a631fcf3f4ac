//! For tests: gradients, and gradients of gradients, of an operation by each of its inputs against differences.

use super::binary::{add, mul, mul_scalar};
use super::reduce::sum;
use super::shape::reshape;
use crate::dim::Dyn;
use crate::graph::Value;
use crate::kernels::testing::noise;
use crate::kernels::{Array, Dims};
use crate::{Tensor, gradcheck};

/// Numbers between -1 and 1 without a visible pattern, others for each `kind`.
pub fn any(kind: usize, shape: &[usize]) -> Value {
    Array::from_fn(Dims::new(shape), |i| noise(i + 1000 * kind)).into()
}

/// As [`any`], no two nearer than the step of a difference.
pub fn distinct(kind: usize, shape: &[usize]) -> Value {
    let mut places: Vec<usize> = (0..shape.iter().product()).collect();
    places.sort_by(|&a, &b| noise(a + 1000 * kind).total_cmp(&noise(b + 1000 * kind)));
    let mut ranks = vec![0.0; places.len()];
    for (rank, &place) in places.iter().enumerate() {
        ranks[place] = rank as f64 / 8.0 - 1.0;
    }
    Array::from_slice(&ranks, Dims::new(shape)).into()
}

type Flat = Tensor<(Dyn,), f64>;

/// `x` as a tensor of one axis, as `gradcheck` wants it, and back.
fn flat(x: &Value) -> Flat {
    Tensor::wrap(reshape(x.clone(), &Dims::new(&[x.array().count()])))
}

/// Compares the gradient of `f` by each input with differences.
#[track_caller]
pub fn first(inputs: &[Value], f: impl Fn(&[Value]) -> Value) {
    for i in 0..inputs.len() {
        let of = |x: &Flat| {
            let mut inputs = inputs.to_vec();
            inputs[i] = reshape(x.value().clone(), inputs[i].shape());
            flat(&f(&inputs))
        };
        if let Err(error) = gradcheck(of, &flat(&inputs[i])) {
            panic!("by input {i}: {error}");
        }
    }
}

/// As [`first`], and the gradients of all gradients, weighted and summed, by each input as well.
#[track_caller]
pub fn first_and_second(inputs: &[Value], f: impl Fn(&[Value]) -> Value) {
    first(inputs, &f);
    for i in 0..inputs.len() {
        if let Err(error) = gradcheck(|x| gradients(inputs, i, x, &f), &flat(&inputs[i])) {
            panic!("the gradients by input {i}: {error}");
        }
    }
}

/// The weighted sum of the gradients by all inputs, of which input `i` is `x`.
fn gradients(inputs: &[Value], i: usize, x: &Flat, f: impl Fn(&[Value]) -> Value) -> Tensor<(), f64> {
    let leaf = |x: &Value| if x.traced().is_some() { x.clone() } else { x.watch() };
    let leaves: Vec<Value> =
        inputs.iter().enumerate().map(|(j, other)| leaf(if j == i { x.value() } else { other })).collect();
    let shaped: Vec<Value> = leaves.iter().zip(inputs).map(|(x, like)| reshape(x.clone(), like.shape())).collect();
    let y = f(&shaped);
    let seed = any(99, &y.shape().iter().collect::<Vec<_>>()).trace();
    let grads = y.backward(seed);
    // Where nothing depends on it, the result still has a gradient: 0.
    let mut total = mul_scalar(sum(&leaves[i], all(&leaves[i]), false), 0.0);
    for (j, leaf) in leaves.iter().enumerate() {
        let gradient = grads.get_value(leaf.link()).expect("a gradient");
        let shape: Vec<usize> = gradient.shape().iter().collect();
        let weighted = mul(gradient.clone(), &any(50 + j, &shape));
        total = add(total, &sum(&weighted, all(&weighted), false));
    }
    Tensor::wrap(total)
}

fn all(x: &Value) -> u8 {
    (1 << x.shape().rank()) - 1
}

/// These checks can fail: at a wrong gradient, and at a right one whose own gradient is cut off.
#[test]
fn wrong_gradients_are_found() {
    use crate::graph::record;
    let refuses = |f: fn(&[Value]) -> Value, check: fn(&[Value], fn(&[Value]) -> Value)| {
        std::panic::catch_unwind(|| check(&[any(1, &[3])], f)).is_err()
    };
    let half: fn(&[Value]) -> Value = |x| mul(x[0].clone(), &x[0].detach());
    assert!(refuses(half, |x, f| first(x, f)));
    let cut: fn(&[Value]) -> Value = |x| {
        record("square", [x[0].link()], mul(x[0].detach(), &x[0].detach()).into_parts().0, |_| {
            let x = x[0].detach().into_parts().0;
            move |g, _| [Some(mul_scalar(mul(g, &x.clone().into()), 2.0))]
        })
    };
    assert!(!refuses(cut, |x, f| first(x, f)));
    assert!(refuses(cut, |x, f| first_and_second(x, f)));
}
