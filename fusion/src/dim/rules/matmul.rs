//! The matrix product.

use crate::dim::number::size::Dim;
use crate::dim::rules::equal::{Batch, Inner};
use crate::dim::sentences::Shapes;
use crate::dim::shape::Shape;

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

impl<L, R: RightOf<L>> MatMul<R> for L {
    type Out = R::Out;
}

/// [`MatMul`], asked of the right, so that it is not guessed before it is known.
#[diagnostic::on_unimplemented(
    message = "`{L}` and `{Self}` may have no matrix product",
    label = "not known to have a product",
    note = "in generic code write the bound `{L}: MatMul<{Self}>`"
)]
pub trait RightOf<L> {
    /// The shape of the product.
    type Out: Shape;
}

macro_rules! matmul {
    ($rank:literal [$($d:ident)*]) => {
        impl<$($d,)* Right> RightOf<($($d,)*)> for Right
        where
            Shapes: Product<($($d,)*), Right>,
        {
            type Out = <Shapes as Product<($($d,)*), Right>>::Out;
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
    K: Dim + Inner<L>,
{
    type Out = ();
}

impl<Any, K, L, N: Dim> Product<(K,), (L, N)> for Any
where
    K: Dim + Inner<L>,
{
    type Out = (N,);
}

impl<Any, M: Dim, K, L> Product<(M, K), (L,)> for Any
where
    K: Dim + Inner<L>,
{
    type Out = (M,);
}

impl<Any, M: Dim, K, L, N: Dim> Product<(M, K), (L, N)> for Any
where
    K: Dim + Inner<L>,
{
    type Out = (M, N);
}

macro_rules! stacks {
    ($([$($a:ident $b:ident)*])*) => {
        $(
            impl<Any, $($a: Dim,)* M: Dim, K, L, N: Dim> Product<($($a,)* M, K), (L, N)> for Any
            where
                K: Dim + Inner<L>,
            {
                type Out = ($($a,)* M, N);
            }

            impl<Any, $($a, $b,)* M: Dim, K, L, N: Dim> Product<($($a,)* M, K), ($($b,)* L, N)> for Any
            where
                $($a: Dim + Batch<$b, Each: Dim>,)*
                K: Dim + Inner<L>,
            {
                type Out = ($(<$a as Batch<$b>>::Each,)* M, N);
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
