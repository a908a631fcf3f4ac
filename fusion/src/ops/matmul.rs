//! Matrix products.

use super::activation::{activated, activated_grad};
use super::binary::{mul, same_names};
use super::reduce::sum;
use super::shape::{expand, reshape, squeeze, transpose, unsqueeze};
use crate::Result;
use crate::dim::{MatMul, SameShape};
use crate::graph::{Value, record};
pub use crate::kernels::activation::Activation;
use crate::kernels::gemm::matmul::matmul as product;
use crate::kernels::gemm::{Bias, Epilogue};
use crate::kernels::{Array, Dims};
use crate::tensor::{Float, Tensor};

/// The product of two vectors, matrices, stacks of matrices, or mixtures, as PyTorch's `matmul`.
#[track_caller]
pub fn matmul(a: Value, b: Value) -> Value {
    let shape = super::or_panic(fusion_rules::matmul(a.shape().sizes(), b.shape().sizes()));
    let shape = Dims::of_sizes(shape);
    match (a.shape().rank(), b.shape().rank()) {
        (1, 1) => squeeze(squeeze(matmul(unsqueeze(a, 0), unsqueeze(b, 1)), 1), 0),
        (1, rank) => squeeze(matmul(unsqueeze(a, 0), b), rank - 2),
        (rank, 1) => squeeze(matmul(a, unsqueeze(b, 1)), rank - 1),
        (2, 2) => stacks(a, b),
        (_, rank) if b.shape().iter().take(rank - 2).all(|batch| batch == 1) => {
            // One matrix for all on the left: one product of all their rows.
            let b = (2..rank).fold(b, |b, _| squeeze(b, 0));
            reshape(stacks(rows(a), b), &shape)
        }
        _ => {
            let a = stretched(a, &shape);
            stacks(a, stretched(b, &shape))
        }
    }
}

/// A stack with the batch of the shape `product`, without a copy.
#[track_caller]
fn stretched(x: Value, product: &Dims) -> Value {
    let mut shape = *product;
    for axis in 1..=2 {
        shape.set(product.rank() - axis, x.shape().get(x.shape().rank() - axis));
    }
    expand(x, &shape)
}

/// Each element of one vector times each of another.
#[track_caller]
pub fn outer(a: Value, b: Value) -> Value {
    mul(unsqueeze(a, 1), &unsqueeze(b, 0))
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
        // Each is kept for the gradient of the other.
        let (transposed, a_for_b) = (is_transposed(b.array()), b.link().wants_gradient().then(|| a.array().clone()));
        let b_for_a = a.link().wants_gradient().then(|| b.array().clone());
        move |g, cx| {
            let db = a_for_b.as_ref().map(|a| {
                let a = cx.input(0, a);
                // Computed in b's own layout, so that a transposed weight's gradient lies like the weight.
                if transposed { transpose(stacks(transpose(g.clone()), a)) } else { stacks(transpose(a), g.clone()) }
            });
            [b_for_a.as_ref().map(|b| stacks(g, transpose(cx.input(1, b)))), db]
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
    if !activation.keeps_sign() {
        return activated(linear(x, w, b, Activation::Identity), activation);
    }
    let epilogue = Epilogue { bias: b.map(|b| Bias::PerColumn(b.array())), activation };
    let y = product(x.array(), &w.array().swap(0, 1), epilogue);
    let rule = |y: &Array| {
        // Each is kept for the gradient of the other.
        let x_for_w = w.link().wants_gradient().then(|| x.array().clone());
        let w_for_x = x.link().wants_gradient().then(|| w.array().clone());
        let y = (activation != Activation::Identity).then(|| y.clone());
        move |g: Value, cx: &crate::graph::Context<'_>, bias: bool| {
            let g = match &y {
                Some(y) => activated_grad(g, &cx.output(y), activation),
                None => g,
            };
            let dx = w_for_x.as_ref().map(|w| stacks(g.clone(), cx.input(1, w)));
            let dw = x_for_w.as_ref().map(|x| stacks(transpose(g.clone()), cx.input(0, x)));
            (dx, dw, bias.then(|| sum(&g, 1, false)))
        }
    };
    let name = activation.named(["linear", "linear relu", "linear leaky_relu"]);
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
    /// `matmul`, `mm`, `bmm` and `mv`.
    ///
    /// | left | right | product |
    /// | --- | --- | --- |
    /// | `[K]` | `[K]` | `[]` |
    /// | `[K]` | `[.., K, N]` | `[.., N]` |
    /// | `[.., M, K]` | `[K]` | `[.., M]` |
    /// | `[.., M, K]` | `[.., K, N]` | `[.., M, N]` |
    ///
    /// The batches `..` broadcast: aligned at their last axes, they are equal or 1, and the one that stretches is not copied.
    ///
    /// # Panics
    ///
    /// If two sizes known at run time differ. [`Tensor::try_matmul`] gives an error instead.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let (a, b) = (Tensor::<shape![2, 3]>::ones(), Tensor::<shape![4, 3]>::ones());
    /// let y: Tensor<shape![2, 4]> = a.matmul(&b.t());
    /// assert_eq!(y.to_vec(), [3.0; 8]);
    /// // Eight heads, each with a matrix of its own, for a batch of 5.
    /// let (x, heads) = (Tensor::<shape![5, 1, 4, 3]>::ones(), Tensor::<shape![8, 3, 2]>::ones());
    /// let y: Tensor<shape![5, 8, 4, 2]> = x.matmul(&heads);
    /// ```
    #[doc(alias = "mm")]
    #[doc(alias = "bmm")]
    #[doc(alias = "mv")]
    #[track_caller]
    pub fn matmul<R>(&self, other: &Tensor<R, T>) -> Tensor<S::Out, T>
    where
        S: MatMul<R>,
    {
        super::or_panic(same_names(self.value().shape(), other.value().shape(), S::NAMED));
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
        same_names(self.value().shape(), other.value().shape(), S::NAMED)?;
        Ok(Tensor::wrap(matmul(self.value().clone(), other.value().clone())))
    }
}

impl<N, T: Float> Tensor<(N,), T> {
    /// The inner product of two vectors: the sum of the products of their elements. PyTorch's `dot`, a name that
    /// [the drawing of the graph](Tensor::dot) has here; [`Tensor::matmul`] gives the same.
    ///
    /// # Panics
    ///
    /// If two sizes known at run time differ. [`Tensor::try_inner`] gives an error instead.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let x = Tensor::<shape![3]>::from([1.0, 2.0, 3.0]);
    /// assert_eq!(x.inner(&x).item(), 14.0);
    /// ```
    #[doc(alias = "dot")]
    #[doc(alias = "vdot")]
    #[track_caller]
    pub fn inner<M>(&self, other: &Tensor<(M,), T>) -> Tensor<(), T>
    where
        (N,): SameShape<(M,)>,
    {
        super::or_panic(fusion_rules::same_shape(self.value().shape().sizes(), other.value().shape().sizes()));
        Tensor::wrap(matmul(self.value().clone(), other.value().clone()))
    }

    /// As [`Tensor::inner`], or an error if the sizes are known at run time and differ.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let x: Tensor<shape![Dyn]> = Tensor::from(vec![1.0f32, 2.0]);
    /// let error = x.try_inner(&Tensor::<shape![3]>::ones()).unwrap_err();
    /// assert_eq!(error.to_string(), "the shapes must be equal, but they are [2] and [3]");
    /// ```
    #[track_caller]
    pub fn try_inner<M>(&self, other: &Tensor<(M,), T>) -> Result<Tensor<(), T>>
    where
        (N,): SameShape<(M,)>,
    {
        fusion_rules::same_shape(self.value().shape().sizes(), other.value().shape().sizes())?;
        Ok(self.inner(other))
    }

    /// Each element of this vector times each of another: `[M]` and `[N]` to `[M, N]`. PyTorch's `outer`.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let (x, y) = (Tensor::<shape![2]>::from([1.0, 2.0]), Tensor::<shape![3]>::arange());
    /// let z: Tensor<shape![2, 3]> = x.outer(&y);
    /// assert_eq!(z.to_vec(), [0.0, 1.0, 2.0, 0.0, 2.0, 4.0]);
    /// ```
    #[doc(alias = "ger")]
    #[track_caller]
    pub fn outer<M>(&self, other: &Tensor<(M,), T>) -> Tensor<(N, M), T> {
        Tensor::wrap(outer(self.value().clone(), other.value().clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::derivatives::{any, first_and_second};

    /// Every pair of stacks is the product of the operands as they are when they are stretched by hand.
    #[test]
    fn batches_broadcast() {
        let shapes: [&[usize]; 8] = [
            &[3, 4],
            &[2, 3, 4],
            &[1, 3, 4],
            &[5, 2, 3, 4],
            &[5, 1, 3, 4],
            &[1, 2, 3, 4],
            &[1, 1, 3, 4],
            &[3, 5, 2, 3, 4],
        ];
        for a in shapes {
            for b in shapes {
                let (x, y) = (any(0, a), transpose(any(1, b)));
                let shape = fusion_rules::matmul(x.shape().sizes(), y.shape().sizes()).expect("they broadcast");
                let shape = Dims::of_sizes(shape);
                let whole = |x: &Value| {
                    let shape = *stretched(x.clone(), &shape).shape();
                    Value::from(x.array().expand(&shape).contiguous())
                };
                let (stretched, product) = (stacks(whole(&x), whole(&y)), matmul(x, y));
                assert_eq!(product.shape(), &shape, "{a:?} {b:?}");
                for (p, q) in product.array().to_vec::<f64>().iter().zip(stretched.array().to_vec::<f64>()) {
                    assert!((p - q).abs() < 1e-14, "{a:?} {b:?}");
                }
            }
        }
    }

    #[test]
    fn gradients_are_summed_over_what_stretches() {
        for (a, b) in [
            (&[2, 1, 3, 4][..], &[3, 4, 2][..]),
            (&[3, 4], &[2, 4, 2]),
            (&[2, 3, 4], &[1, 4, 2]),
            (&[1, 3, 4], &[2, 4, 2]),
            (&[2, 2, 3, 4], &[4]),
            (&[4], &[2, 2, 4, 3]),
        ] {
            first_and_second(&[any(0, a), any(1, b)], |x| matmul(x[0].clone(), x[1].clone()));
        }
        first_and_second(&[any(0, &[3]), any(1, &[4])], |x| outer(x[0].clone(), x[1].clone()));
    }
}
