//! Paddings of windows.

use typenum::{B0, UInt};

use crate::dim::number::divide::Less;
use crate::dim::number::size::{Dim, Nat, Num};
use crate::dim::rules::sides::Sides;
use crate::dim::rules::window::{Answer, Fitting, Window};
use crate::dim::sentences::KnownSizes;

/// The padding of a convolution that keeps the height and the width, for stride 1: PyTorch's `padding='same'`. Where
/// it is odd, the end of an axis has one more than its begin.
///
/// ```
/// use fusion::dim::{Num, Same, Window};
///
/// fn gives<H: Window<K, S, P, Out = Out>, K, S, P, Out>() {}
/// gives::<Num<28>, Num<5>, Num<1>, Same, Num<28>>();
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Same;

/// A padding: a known size, or [`Same`].
///
/// ```
/// use fusion::dim::{Num, Padding, Same};
///
/// assert_eq!((Num::<2>::PADDING, Same::PADDING), (2, fusion_rules::SAME));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a padding",
    label = "not a padding",
    note = "a padding is a `dim!(1)` or `Same`"
)]
pub trait Padding: Sides<Height = Self, Width = Self> + Sized {
    /// The size, or `fusion_rules::SAME`.
    const PADDING: usize;
}

#[diagnostic::do_not_recommend]
impl<P: Nat> Padding for P {
    const PADDING: usize = P::N;
}

/// A padding of a layer that is only looked at: any [`Padding`], or a size of which nothing more is known.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a padding",
    label = "not a padding",
    note = "a padding is a `dim!(1)` or `Same`"
)]
pub trait AnyPadding {
    /// The size, `fusion_rules::SAME`, or `fusion_rules::DYN`.
    const SIZE: usize;
}

#[diagnostic::do_not_recommend]
impl<P: Dim> AnyPadding for P {
    const SIZE: usize = match P::SIZE {
        Some(size) => size,
        None => fusion_rules::DYN,
    };
}

impl AnyPadding for Same {
    const SIZE: usize = fusion_rules::SAME;
}

impl Padding for Same {
    const PADDING: usize = fusion_rules::SAME;
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
