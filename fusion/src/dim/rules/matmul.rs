//! The matrix product.

use crate::dim::number::dim::Dim;
use crate::dim::rules::broadcast::Batch;
use crate::dim::rules::equal::Inner;
use crate::dim::sentences::Shapes;
use crate::dim::shape::Shape;

/// Shapes that have a matrix product, as PyTorch's `matmul`.
///
/// | left | right | product |
/// | --- | --- | --- |
/// | `[k]` | `[k]` | `[]` |
/// | `[k]` | `[.., k, n]` | `[.., n]` |
/// | `[.., m, k]` | `[k]` | `[.., m]` |
/// | `[.., m, k]` | `[.., k, n]` | `[.., m, n]` |
///
/// where `..` are batches that broadcast ([`Batch`]): aligned at their last axes, they are equal or 1.
///
/// ```
/// use fusion::dim::{Dyn, MatMul, Num};
///
/// fn gives<L: MatMul<R, Out = Out>, R, Out>() {}
/// gives::<(Dyn, Num<784>), (Num<784>, Num<10>), (Dyn, Num<10>)>();
/// gives::<(Num<3>,), (Num<3>,), ()>();
/// gives::<(Dyn, Num<1>, Num<4>, Num<5>), (Num<8>, Num<5>, Num<6>), (Dyn, Num<8>, Num<4>, Num<6>)>();
/// ```
pub trait MatMul<R> {
    /// The axes of the product whose sizes have one name in both, counted from the end, as bits: not even 1 stretches.
    #[doc(hidden)]
    const NAMED: u8;

    /// The shape of the product.
    type Out: Shape;
}

impl<L, R: RightOf<L>> MatMul<R> for L {
    const NAMED: u8 = R::NAMED;
    type Out = R::Out;
}

/// [`MatMul`], implemented on the right operand so that inference does not guess it.
#[diagnostic::on_unimplemented(
    message = "`{L}` and `{Self}` may have no matrix product",
    label = "not known to have a product",
    note = "in generic code write the bound `{L}: MatMul<{Self}>`"
)]
pub trait RightOf<L> {
    /// See [`MatMul::NAMED`].
    const NAMED: u8;
    /// The shape of the product.
    type Out: Shape;
}

macro_rules! matmul {
    ($rank:literal [$($d:ident)*]) => {
        impl<$($d,)* Right> RightOf<($($d,)*)> for Right
        where
            Shapes: Product<($($d,)*), Right>,
        {
            const NAMED: u8 = <Shapes as Product<($($d,)*), Right>>::NAMED;
            type Out = <Shapes as Product<($($d,)*), Right>>::Out;
        }
    };
}
each_rank!(matmul);

/// [`MatMul`], for each pair of ranks. Implemented for every type `Any`, so that rustc lists no similar impls when it
/// fails.
#[diagnostic::on_unimplemented(
    message = "there is no matrix product of {L} with {R}",
    label = "no matrix product of these ranks",
    note = "vectors, matrices and stacks of matrices have one: a single number is multiplied by `*`"
)]
pub trait Product<L, R> {
    /// See [`MatMul::NAMED`].
    const NAMED: u8 = 0;
    /// The shape of the product.
    type Out: Shape;
}

impl<Any, K, L> Product<(K,), (L,)> for Any
where
    K: Dim + Inner<L>,
{
    type Out = ();
}

/// A vector and a stack of matrices, on either side.
macro_rules! vector {
    ($([$($b:ident)*])*) => {
        $(
            impl<Any, K, $($b: Dim,)* L, N: Dim> Product<(K,), ($($b,)* L, N)> for Any
            where
                K: Dim + Inner<L>,
            {
                type Out = ($($b,)* N,);
            }

            impl<Any, $($b: Dim,)* M: Dim, K, L> Product<($($b,)* M, K), (L,)> for Any
            where
                K: Dim + Inner<L>,
            {
                type Out = ($($b,)* M,);
            }
        )*
    };
}

vector! {
    []
    [B1]
    [B1 B2]
    [B1 B2 B3]
    [B1 B2 B3 B4]
}

/// Stacks of matrices, for each number of common axes in front and each number of axes that only one of them has.
macro_rules! stacks {
    ($([$($a:ident $b:ident)*] $([$($more:ident)*])*;)*) => {
        $(stacks!(@each [$($a $b)*] $([$($more)*])*);)*
    };
    (@each $common:tt $($more:tt)*) => {
        stacks!(@left $common []);
        $(
            stacks!(@left $common $more);
            stacks!(@right $common $more);
        )*
    };
    (@left [$($a:ident $b:ident)*] [$($more:ident)*]) => {
        impl<Any, $($more: Dim,)* $($a, $b,)* M: Dim, K, L, N: Dim>
            Product<($($more,)* $($a,)* M, K), ($($b,)* L, N)> for Any
        where
            $($a: Dim + Batch<$b, Each: Dim>,)*
            K: Dim + Inner<L>,
        {
            const NAMED: u8 = super::join::named(&[$(<$a as Batch<$b>>::NAMED,)* false, false]);
            type Out = ($($more,)* $(<$a as Batch<$b>>::Each,)* M, N);
        }
    };
    (@right [$($a:ident $b:ident)*] [$($more:ident)*]) => {
        impl<Any, $($more: Dim,)* $($a, $b,)* M: Dim, K, L, N: Dim>
            Product<($($a,)* M, K), ($($more,)* $($b,)* L, N)> for Any
        where
            $($a: Dim + Batch<$b, Each: Dim>,)*
            K: Dim + Inner<L>,
        {
            const NAMED: u8 = super::join::named(&[$(<$a as Batch<$b>>::NAMED,)* false, false]);
            type Out = ($($more,)* $(<$a as Batch<$b>>::Each,)* M, N);
        }
    };
}

stacks! {
    [] [P] [P Q] [P Q R] [P Q R S];
    [A1 B1] [P] [P Q] [P Q R];
    [A1 B1 A2 B2] [P] [P Q];
    [A1 B1 A2 B2 A3 B3] [P];
    [A1 B1 A2 B2 A3 B3 A4 B4];
}
