//! Matrix products.

use super::reduce::sum;
use super::shape::{reshape, squeeze, transpose, unsqueeze};
use super::unary::relu_grad;
use crate::Result;
use crate::dim::MatMul;
use crate::graph::{Value, record};
pub use crate::kernels::gemm::Activation;
use crate::kernels::gemm::matmul::matmul as product;
use crate::kernels::gemm::{Bias, Epilogue};
use crate::kernels::{Array, Dims};
use crate::tensor::{Float, Tensor};

/// The product of two vectors, matrices, stacks of matrices, or mixtures, as PyTorch's `matmul`.
#[track_caller]
pub fn matmul(a: Value, b: Value) -> Value {
    super::or_panic(fusion_rules::matmul(a.shape().sizes(), b.shape().sizes()));
    match (a.shape().rank(), b.shape().rank()) {
        (1, 1) => squeeze(squeeze(matmul(unsqueeze(a, 0), unsqueeze(b, 1)), 1), 0),
        (1, _) => squeeze(matmul(unsqueeze(a, 0), b), 0),
        (rank, 1) => squeeze(matmul(a, unsqueeze(b, 1)), rank - 1),
        (2, 2) => stacks(a, b),
        (_, 2) => {
            let mut shape = *a.shape();
            shape.set(shape.rank() - 1, b.shape().last());
            reshape(stacks(rows(a), b), &shape)
        }
        _ => stacks(a, b),
    }
}

/// All axes but the last as one.
#[track_caller]
fn rows(x: Value) -> Value {
    let features = x.shape().last();
    let rows = x.shape().iter().rev().skip(1).product();
    reshape(x, &Dims::new(&[rows, features]))
}

/// Matrix times matrix, or stacks of as many of both.
#[track_caller]
fn stacks(a: Value, b: Value) -> Value {
    let y = product(a.array(), b.array(), Epilogue::default());
    record("matmul", [a.link(), b.link()], y, |_| {
        let (a, b) = (a.array().clone(), b.array().clone());
        move |g, cx| {
            let db = cx.needs_grad(1).then(|| {
                let a = cx.input(0, &a);
                // Computed in b's own layout, so that a transposed weight's gradient lies like the weight.
                if is_transposed(&b) {
                    transpose(stacks(transpose(g.clone()), a))
                } else {
                    stacks(transpose(a), g.clone())
                }
            });
            [cx.needs_grad(0).then(|| stacks(g, transpose(cx.input(1, &b)))), db]
        }
    })
}

fn is_transposed(matrix: &Array) -> bool {
    let rank = matrix.shape().rank();
    matrix.strides().get(rank - 2) < matrix.strides().get(rank - 1)
}

/// `x · wᵀ + b`, then the activation, in one pass. `x` is `[.., features]`, `w` `[outputs, features]`
/// as in PyTorch, `b` `[outputs]`.
#[track_caller]
pub fn linear(x: Value, w: &Value, b: Option<&Value>, activation: Activation) -> Value {
    super::or_panic(fusion_rules::features(fusion_rules::Size::Known(w.shape().get(1)), x.shape().sizes()));
    if x.shape().rank() != 2 {
        let mut shape = *x.shape();
        shape.set(shape.rank() - 1, w.shape().get(0));
        return reshape(linear(rows(x), w, b, activation), &shape);
    }
    let epilogue = Epilogue { bias: b.map(|b| Bias::PerColumn(b.array())), activation };
    let y = product(x.array(), &w.array().swap(0, 1), epilogue);
    let rule = |y: &Array| {
        let (x, w) = (x.array().clone(), w.array().clone());
        let y = match activation {
            Activation::Identity => None,
            Activation::Relu => Some(y.clone()),
        };
        move |g: Value, cx: &crate::graph::Context<'_>, bias: bool| {
            let g = match &y {
                Some(y) => relu_grad(g, &cx.output(y)),
                None => g,
            };
            let dx = cx.needs_grad(0).then(|| stacks(g.clone(), cx.input(1, &w)));
            let dw = cx.needs_grad(1).then(|| stacks(transpose(g.clone()), cx.input(0, &x)));
            (dx, dw, bias.then(|| sum(&g, 1, false)))
        }
    };
    let name = match activation {
        Activation::Identity => "linear",
        Activation::Relu => "linear relu",
    };
    match b {
        Some(b) => record(name, [x.link(), w.link(), b.link()], y, |y| {
            let rule = rule(y);
            move |g, cx| rule(g, cx, cx.needs_grad(2)).into()
        }),
        None => record(name, [x.link(), w.link()], y, |y| {
            let rule = rule(y);
            move |g, cx| {
                let (dx, dw, _) = rule(g, cx, false);
                [dx, dw]
            }
        }),
    }
}

impl<S, T: Float> Tensor<S, T> {
    /// The product of vectors, matrices or stacks of matrices; transposed operands are used without a copy. PyTorch's
    /// `matmul`.
    ///
    /// | left | right | product |
    /// | --- | --- | --- |
    /// | `[K]` | `[K]` | `[]` |
    /// | `[K]` | `[K, N]` | `[N]` |
    /// | `[M, K]` | `[K]` | `[M]` |
    /// | `[M, K]` | `[K, N]` | `[M, N]` |
    /// | `[.., M, K]` | `[K, N]` | `[.., M, N]` |
    /// | `[.., M, K]` | `[.., K, N]` | `[.., M, N]` |
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let (a, b) = (Tensor::<shape![2, 3]>::ones(), Tensor::<shape![4, 3]>::ones());
    /// let y: Tensor<shape![2, 4]> = a.matmul(&b.t());
    /// assert_eq!(y.to_vec(), [3.0; 8]);
    /// ```
    #[doc(alias = "mm")]
    #[doc(alias = "bmm")]
    #[doc(alias = "dot")]
    #[track_caller]
    pub fn matmul<R>(&self, other: &Tensor<R, T>) -> Tensor<S::Out, T>
    where
        S: MatMul<R>,
    {
        Tensor::wrap(matmul(self.value().clone(), other.value().clone()))
    }

    /// As [`Tensor::matmul`], or an error if two sizes known at run time differ or there is no room for the result.
    #[track_caller]
    pub fn try_matmul<R>(&self, other: &Tensor<R, T>) -> Result<Tensor<S::Out, T>>
    where
        S: MatMul<R>,
    {
        let (a, b) = (self.value().shape().sizes(), other.value().shape().sizes());
        super::room(fusion_rules::matmul(a, b)?, T::DTYPE)?;
        Ok(self.matmul(other))
    }
}
