//! The matrix product.

use super::equal::{Batch, Inner};
use super::sentences::Shapes;
use super::shape::Shape;
use super::size::Dim;

/// Shapes that have a matrix product, as PyTorch's `matmul`.
///
/// | left | right | product |
/// | --- | --- | --- |
/// | `[k]` | `[k]` | `[]` |
/// | `[k]` | `[k, n]` | `[n]` |
/// | `[m, k]` | `[k]` | `[m]` |
/// | `[m, k]` | `[k, n]` | `[m, n]` |
/// | `[.., m, k]` | `[k, n]` | `[.., m, n]` |
/// | `[.., m, k]` | `[.., k, n]` | `[.., m, n]` |
///
/// where `..` are equal batches.
///
/// ```
/// use fusion::dim::{Dyn, MatMul, Num};
///
/// fn gives<L: MatMul<R, Out = Out>, R, Out>() {}
/// gives::<(Dyn, Num<784>), (Num<784>, Num<10>), (Dyn, Num<10>)>();
/// gives::<(Num<3>,), (Num<3>,), ()>();
/// ```
pub trait MatMul<R> {
    /// The shape of the product.
    type Out: Shape;
}

macro_rules! matmul {
    ($rank:literal [$($d:ident)*]) => {
        impl<$($d,)* Right> MatMul<Right> for ($($d,)*)
        where
            Shapes: Product<Self, Right>,
        {
            type Out = <Shapes as Product<Self, Right>>::Out;
        }
    };
}
each_rank!(matmul);

/// [`MatMul`], for each pair of ranks. It is obeyed by any type, so that rustc has no similar ones to tell of where it
/// is not.
#[diagnostic::on_unimplemented(
    message = "there is no matrix product of {L} with {R}",
    label = "no matrix product of these ranks",
    note = "vectors, matrices and equal stacks of matrices have one, and a stack with a single matrix"
)]
pub trait Product<L, R> {
    /// The shape of the product.
    type Out: Shape;
}

impl<Any, K, L> Product<(K,), (L,)> for Any
where
    K: Inner<L>,
{
    type Out = ();
}

impl<Any, K, L, N: Dim> Product<(K,), (L, N)> for Any
where
    K: Inner<L>,
{
    type Out = (N,);
}

impl<Any, M: Dim, K, L> Product<(M, K), (L,)> for Any
where
    K: Inner<L>,
{
    type Out = (M,);
}

impl<Any, M: Dim, K, L, N: Dim> Product<(M, K), (L, N)> for Any
where
    K: Inner<L>,
{
    type Out = (M, N);
}

macro_rules! stacks {
    ($([$($a:ident $b:ident)*])*) => {
        $(
            impl<Any, $($a: Dim,)* M: Dim, K, L, N: Dim> Product<($($a,)* M, K), (L, N)> for Any
            where
                K: Inner<L>,
            {
                type Out = ($($a,)* M, N);
            }

            impl<Any, $($a, $b,)* M: Dim, K, L, N: Dim> Product<($($a,)* M, K), ($($b,)* L, N)> for Any
            where
                $($a: Batch<$b, Each: Dim>,)*
                K: Inner<L>,
            {
                type Out = ($($a::Each,)* M, N);
            }
        )*
    };
}

stacks! {
    [A1 B1]
    [A1 B1 A2 B2]
    [A1 B1 A2 B2 A3 B3]
    [A1 B1 A2 B2 A3 B3 A4 B4]
}
