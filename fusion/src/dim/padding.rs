//! Paddings of windows.

use typenum::{B0, B1, UInt};

use super::divide::Less;
use super::size::{Nat, Num};
use super::spell::Rule;

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
pub trait Padding {
    /// The size, or `fusion_rules::SAME`.
    const PADDING: usize;
}

#[diagnostic::do_not_recommend]
impl<P: Nat> Padding for P {
    const PADDING: usize = P::N;
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

impl<const P: usize, const K: usize> PoolPadding<Num<K>> for Num<P>
where
    Num<P>: Nat,
    Num<K>: Nat<Uint: Less<UInt<<Num<P> as Nat>::Uint, B0>>>,
    Rule: HalfWindow<<<Num<K> as Nat>::Uint as Less<UInt<<Num<P> as Nat>::Uint, B0>>>::Below, P, K>,
{
}

/// The answer to "is the window smaller than twice its padding?" is no.
#[diagnostic::on_unimplemented(
    message = "a pooling window is padded by at most half its size, but a window of {K} by {P}",
    label = "more than half the window"
)]
pub trait HalfWindow<Smaller, const P: usize, const K: usize> {}
impl<Any, const P: usize, const K: usize> HalfWindow<B0, P, K> for Any {}
// So that there are two, and rustc does not explain the one.
impl<Any> HalfWindow<B1, 0, 0> for Any {}
