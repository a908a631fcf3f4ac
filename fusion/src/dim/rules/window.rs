//! Windows that slide over an axis: convolution and pooling.

use core::ops::{Add, Mul, Sub};

use typenum::{Add1, B0, B1, Prod, Sub1, Sum, UInt, UTerm};

use crate::dim::number::digits::{DimOf, ToDim};
use crate::dim::number::divide::{Divide, Less};
use crate::dim::number::size::{Big4, Big5, Big6, Big7, Big8, Big9, Dim, Dyn, HasKind, Many, Nat, Num, One};
use crate::dim::rules::padding::Same;
use crate::dim::sentences::{KnownSizes, dilated_window, window};
use crate::dim::spell::Lead;

/// The size of an axis over which a window of `K` slides with stride `S`, padding `P` on both sides, and dilation `D`:
/// `(H + 2P - D(K - 1) - 1) / S + 1` places, rounded down (PyTorch's `Conv2d`).
///
/// ```
/// use fusion::dim::{Dyn, Num, Window};
///
/// fn gives<H: Window<K, S, P, Out = Out>, K, S, P, Out>() {}
/// gives::<Num<28>, Num<3>, Num<1>, Num<0>, Num<26>>();
/// gives::<Num<224>, Num<7>, Num<2>, Num<3>, Num<112>>();
/// gives::<Dyn, Num<3>, Num<1>, Num<0>, Dyn>();
/// ```
///
/// With the padding [`Same`] the size stays as it is.
#[diagnostic::on_unimplemented(
    message = "an input of size `{Self}` may be too small for a window of {K} (stride {S}, padding {P})",
    label = "not known to fit the window",
    note = "in generic code write the bound `{Self}: Window<{K}, {S}, {P}, {D}>`; what comes out is its `Out`, \
            `<{Self} as Window<{K}, {S}, {P}, {D}>>::Out`"
)]
pub trait Window<K, S = Num<1>, P = Num<0>, D = Num<1>> {
    /// How many places the window has.
    type Out: Dim;
}

/// A window, stride or dilation that is not 0.
#[diagnostic::on_unimplemented(message = "a window, its stride and its dilation are at least 1", label = "a size of 0")]
pub trait NotZero {
    /// The number itself: what is computed from it waits for this bound.
    type Is<U>;
}

#[diagnostic::do_not_recommend]
impl NotZero for One {
    type Is<U> = U;
}

#[diagnostic::do_not_recommend]
impl NotZero for Many {
    type Is<U> = U;
}

/// How far a window of so many elements reaches.
pub trait Reach<Dilation> {
    /// From its first element to its last.
    type Size;
}

impl<K> Reach<UInt<UTerm, B1>> for K {
    type Size = K;
}

impl<K, D, A, B> Reach<UInt<UInt<D, A>, B>> for K
where
    K: Sub<B1, Output: Mul<UInt<UInt<D, A>, B>, Output: Add<B1>>>,
{
    type Size = Add1<Prod<Sub1<K>, UInt<UInt<D, A>, B>>>;
}

/// A kernel, a stride, a padding and a dilation, in numbers for arithmetic. They are asked for once, and not for every
/// axis that the window slides over.
pub trait Geometry {
    /// How far the window reaches, its stride and padding, and the kind of its dilation.
    type Numbers;
}

/// A number that is not 0.
pub type Positive<const N: usize> = <<Num<N> as HasKind>::Kind as NotZero>::Is<<Num<N> as Nat>::Uint>;

impl<const K: usize, const S: usize, const P: usize, const D: usize> Geometry for (Num<K>, Num<S>, Num<P>, Num<D>)
where
    Num<K>: Nat + HasKind<Kind: NotZero>,
    Num<S>: Nat + HasKind<Kind: NotZero>,
    Num<P>: Nat,
    Num<D>: Nat + HasKind<Kind: NotZero>,
    Positive<K>: Reach<Positive<D>>,
{
    type Numbers =
        (<Positive<K> as Reach<Positive<D>>>::Size, Positive<S>, <Num<P> as Nat>::Uint, <Num<D> as HasKind>::Kind);
}

/// The window fits.
pub struct Fitting;
/// The window is larger than the padded axis.
pub struct Larger;

/// Which of the two, of the answer to "is the difference below zero?".
pub trait Answer {
    /// Which.
    type Is;
}
impl Answer for B0 {
    type Is = Fitting;
}
impl Answer for B1 {
    type Is = Larger;
}

/// A window on an axis.
pub trait Slide<Numbers> {
    /// Whether it fits, and the kind of its dilation: what the sentences are asked of.
    type Asked;
    /// How many places it has; nonsense if it does not fit.
    type Places;
}

type Padded<H, P> = Sum<Sum<H, P>, P>;

impl<H, R, S, P, D> Slide<(R, S, P, D)> for H
where
    H: Add<P, Output: Add<P, Output: Less<R, Below: Answer, Difference: PlacesOf<S>>>>,
{
    type Asked = (<<Padded<H, P> as Less<R>>::Below as Answer>::Is, D);
    type Places = <<Padded<H, P> as Less<R>>::Difference as PlacesOf<S>>::Dim;
}

/// The places of a window with so much room to move, as a dimension: one more than there are strides.
pub trait PlacesOf<Stride> {
    /// How many there are.
    type Dim;
}

impl<U, S> PlacesOf<S> for U
where
    U: Add<S, Output: Divide<S, Quotient: ToDim>>,
{
    type Dim = DimOf<<Sum<U, S> as Divide<S>>::Quotient>;
}

impl<Name: ?Sized + 'static, const K: usize, const S: usize, const P: usize, const D: usize>
    Window<Num<K>, Num<S>, Num<P>, Num<D>> for Dyn<Name>
where
    (Num<K>, Num<S>, Num<P>, Num<D>): Geometry,
{
    type Out = Dyn;
}

/// The stride that goes with the padding [`Same`].
#[diagnostic::on_unimplemented(
    message = "padding `Same` needs stride 1, not {S}",
    label = "with this stride there are fewer places than elements"
)]
pub trait SameStride<const S: usize> {}
impl<Any> SameStride<1> for Any {}

// Any size at all stays what it is, so that generic code needs no bound for it.
impl<H: Dim, const K: usize, const S: usize, const D: usize> Window<Num<K>, Num<S>, Same, Num<D>> for H
where
    Num<K>: HasKind<Kind: NotZero>,
    Num<D>: HasKind<Kind: NotZero>,
    KnownSizes: SameStride<S>,
{
    type Out = H;
}

/// What comes of the window on `H`.
type Slid<H, const K: usize, const S: usize, const P: usize, const D: usize> =
    <<H as Nat>::Uint as Slide<Numbers<K, S, P, D>>>::Asked;
type Numbers<const K: usize, const S: usize, const P: usize, const D: usize> =
    <(Num<K>, Num<S>, Num<P>, Num<D>) as Geometry>::Numbers;

macro_rules! window {
    ([$h:ty] [$($params:tt)*] $spelling:ident [$($n:tt)*] [$($bounds:tt)*]) => {
        impl<$($params)* const K: usize, const S: usize, const P: usize, const D: usize>
            Window<Num<K>, Num<S>, Num<P>, Num<D>> for $h
        where
            $($bounds)*
            $h: Nat<Uint: Slide<Numbers<K, S, P, D>, Places: Dim>>,
            (Num<K>, Num<S>, Num<P>, Num<D>): Geometry,
            KnownSizes: window::$spelling::Fits<$($n)*, K, S, P, Slid<$h, K, S, P, D>>
                + dilated_window::$spelling::Fits<$($n)*, K, S, P, D, Slid<$h, K, S, P, D>>,
        {
            type Out = <<$h as Nat>::Uint as Slide<Numbers<K, S, P, D>>>::Places;
        }
    };
}
each_known!([N X Y Z A B C E F G] window);
