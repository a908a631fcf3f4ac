//! Sizes that are added and multiplied.

use core::ops::{Add, Mul};

use typenum::{Prod, Sum};

use crate::dim::number::digits::{DimOf, ToDim};
use crate::dim::number::size::{Dim, Dyn, HasKind, Many, Nat, One};

/// What arithmetic gives, if it is a size.
#[diagnostic::on_unimplemented(message = "a size has at most nine digits", label = "too large for a size")]
pub trait NineDigits: Dim {}

#[diagnostic::do_not_recommend]
impl<D: Dim> NineDigits for D {}

/// A number that is not 0.
#[diagnostic::on_unimplemented(message = "a size of 0 leaves nothing to compute", label = "a size of 0")]
pub trait NotNothing {}
#[diagnostic::do_not_recommend]
impl NotNothing for One {}
#[diagnostic::do_not_recommend]
impl NotNothing for Many {}

/// A known size of at least 1: what a layer gives that makes one of its own.
///
/// ```
/// use fusion::dim::{Num, Positive};
///
/// fn gives<N: Positive>() {}
/// gives::<Num<7>>();
/// ```
pub trait Positive: Nat {}

impl<N: Nat + HasKind<Kind: NotNothing>> Positive for N {}

/// An axis of any size that becomes one of `N`, which is at least 1: adaptive pooling.
///
/// ```
/// use fusion::dim::{Dyn, Num, Resized};
///
/// fn becomes<H: Resized<N>, N>() {}
/// becomes::<Dyn, Num<7>>();
/// ```
pub trait Resized<N> {}

impl<H, N: Positive> Resized<N> for H {}

/// A size and a scale of at least 1: their product. What [`Upsample`](crate::nn::Upsample) makes of a height.
///
/// ```
/// use fusion::dim::{Dyn, Num, Scaled};
///
/// fn gives<H: Scaled<F, Out = Out>, F, Out>() {}
/// gives::<Num<13>, Num<2>, Num<26>>();
/// gives::<Dyn, Num<2>, Dyn>();
/// ```
#[diagnostic::on_unimplemented(
    message = "there may be no product of the sizes {Self} and {F}",
    label = "not a size and a known scale of at most nine digits together",
    note = "in generic code write the bound `{Self}: Scaled<{F}>`; what comes out is its `Out`"
)]
pub trait Scaled<F> {
    /// The product.
    type Out: Dim;
}

impl<Name: ?Sized + 'static, F: Positive> Scaled<F> for Dyn<Name> {
    type Out = Dyn;
}

#[diagnostic::do_not_recommend]
impl<H: Nat, F: Positive> Scaled<F> for H
where
    F::Uint: Mul<H::Uint, Output: ToDim<Dim: NineDigits>>,
{
    type Out = DimOf<Prod<F::Uint, H::Uint>>;
}

/// Two sizes and their sum: the channels of joined branches.
///
/// ```
/// use fusion::dim::{Dyn, Num, Plus};
///
/// fn gives<L: Plus<R, Out = Out>, R, Out>() {}
/// gives::<Num<64>, Num<32>, Num<96>>();
/// gives::<Num<64>, Dyn, Dyn>();
/// ```
#[diagnostic::on_unimplemented(
    message = "there may be no sum of the sizes {Self} and {R}",
    label = "not two known sizes of at most nine digits",
    note = "in generic code write the bound `{Self}: Plus<{R}>`; what comes out is its `Out`"
)]
pub trait Plus<R> {
    /// The sum.
    type Out: Dim;
}

impl<Name: ?Sized + 'static, R: Dim> Plus<R> for Dyn<Name> {
    type Out = Dyn;
}

impl<Name: ?Sized + 'static, L: Nat> Plus<Dyn<Name>> for L {
    type Out = Dyn;
}

#[diagnostic::do_not_recommend]
impl<L: Nat, R: Nat> Plus<R> for L
where
    L::Uint: Add<R::Uint, Output: ToDim<Dim: NineDigits>>,
{
    type Out = DimOf<Sum<L::Uint, R::Uint>>;
}
