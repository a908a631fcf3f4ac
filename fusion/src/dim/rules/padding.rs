//! Paddings of windows.

use fusion_rules::Size;
use typenum::{B0, UInt};

use crate::dim::number::dim::{Dim, Nat};
use crate::dim::number::divide::Less;
use crate::dim::number::kind::Fitting;
use crate::dim::number::num::Num;
use crate::dim::number::same::Same;
use crate::dim::rules::sides::Sides;
use crate::dim::rules::window::{Answer, Window};
use crate::dim::sentences::KnownSizes;

/// A padding: a known size, or [`Same`].
///
/// ```
/// use fusion::dim::{Num, Padding, Same};
///
/// assert_eq!((Num::<2>::PADDING, Same::PADDING), (fusion_rules::Padding::By(2), fusion_rules::Padding::Same));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a padding",
    label = "not a padding",
    note = "a padding is a `dim!(1)` or `Same`"
)]
pub trait Padding: Sides<Height = Self, Width = Self> + Sized {
    /// How much.
    const PADDING: fusion_rules::Padding;
}

#[diagnostic::do_not_recommend]
impl<P: Nat> Padding for P {
    const PADDING: fusion_rules::Padding = fusion_rules::Padding::By(P::N);
}

/// A padding of a layer that is only looked at: any [`Padding`], or a size of which nothing more is known.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a padding",
    label = "not a padding",
    note = "a padding is a `dim!(1)` or `Same`"
)]
pub trait AnyPadding {
    /// Its size.
    const SIZE: Size;
}

#[diagnostic::do_not_recommend]
impl<P: Dim> AnyPadding for P {
    const SIZE: Size = Size::of(P::SIZE);
}

impl AnyPadding for Same {
    const SIZE: Size = Size::Same;
}

impl Padding for Same {
    const PADDING: fusion_rules::Padding = fusion_rules::Padding::Same;
}

/// The padding of a pooling window of `K`: at most half of it, so that no window sees padding alone.
///
/// ```
/// use fusion::dim::{Num, PoolPadding};
///
/// fn pads<P: PoolPadding<K>, K>() {}
/// pads::<Num<1>, Num<3>>();
/// pads::<Num<0>, Num<1>>();
/// ```
#[diagnostic::on_unimplemented(
    message = "padding `Same` is there for convolutions only",
    label = "not a padding of a pooling window"
)]
pub trait PoolPadding<K> {}

/// Whether twice the padding is larger than the window.
type Twice<const P: usize, const K: usize> =
    <<<Num<K> as Nat>::Uint as Less<UInt<<Num<P> as Nat>::Uint, B0>>>::Below as Answer>::Is;

impl<const P: usize, const K: usize> PoolPadding<Num<K>> for Num<P>
where
    Num<P>: Nat,
    Num<K>: Nat<Uint: Less<UInt<<Num<P> as Nat>::Uint, B0>, Below: Answer>>,
    KnownSizes: HalfWindow<Twice<P, K>, P, K>,
{
}

/// Twice the padding fits into the window.
#[diagnostic::on_unimplemented(
    message = "a pooling window is padded by at most half its size, but a window of {K} by {P}",
    label = "more than half the window"
)]
pub trait HalfWindow<Twice, const P: usize, const K: usize> {}
impl<Any, const P: usize, const K: usize> HalfWindow<Fitting, P, K> for Any {}

/// A [`Window`] of pooling, whose padding is a [`PoolPadding`].
///
/// ```
/// use fusion::dim::{Num, PoolWindow};
///
/// fn gives<H: PoolWindow<K, S, P, Out = Out>, K, S, P, Out>() {}
/// gives::<Num<112>, Num<3>, Num<2>, Num<1>, Num<56>>();
/// ```
#[diagnostic::on_unimplemented(
    message = "an input of size `{Self}` may be too small for a window of {K} (stride {S}, padding {P})",
    label = "not known to fit the window",
    note = "in generic code write the bound `{Self}: Window<{K}, {S}, {P}, {D}>`; what comes out is its `Out`, \
            `<{Self} as Window<{K}, {S}, {P}, {D}>>::Out`"
)]
pub trait PoolWindow<K, S = K, P = Num<0>, D = Num<1>> {
    /// How many places the window has.
    type Out: Dim;
}

impl<H: Window<K, S, P, D>, K, S, P: PoolPadding<K>, D> PoolWindow<K, S, P, D> for H {
    type Out = H::Out;
}
