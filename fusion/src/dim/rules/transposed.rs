//! Windows of transposed convolutions.

use core::ops::{Add, Mul};

use typenum::{Add1, B1, Prod, Sum};

use crate::dim::number::arithmetic::NineDigits;
use crate::dim::number::digits::{DimOf, ToDim};
use crate::dim::number::divide::Less;
use crate::dim::number::size::{Big4, Big5, Big6, Big7, Big8, Big9, Dim, Dyn, HasKind, Many, Nat, Num, One, Zero};
use crate::dim::rules::window::{Answer, Fitting, Larger, NotZero, Positive, Reach};
use crate::dim::sentences::{KnownSizes, dilated_transposed_window, transposed_window};
use crate::dim::spell::Lead;

/// The size of an axis on which a window of `K` with stride `S`, padding `P` on both sides, and dilation `D` has `Self`
/// places: `(H - 1) S - 2P + D (K - 1) + OP + 1` (PyTorch's `ConvTranspose2d`).
///
/// Up to `S` sizes have equally many places; the output padding `OP` says which is meant.
///
/// ```
/// use fusion::dim::{Dyn, Num, TransposedWindow};
///
/// fn gives<H: TransposedWindow<K, S, P, OP, Out = Out>, K, S, P, OP, Out>() {}
/// gives::<Num<14>, Num<2>, Num<2>, Num<0>, Num<0>, Num<28>>();
/// gives::<Num<14>, Num<3>, Num<2>, Num<1>, Num<1>, Num<28>>();
/// gives::<Dyn, Num<4>, Num<2>, Num<1>, Num<0>, Dyn>();
/// ```
#[diagnostic::on_unimplemented(
    message = "an input of size `{Self}` may not fit a transposed window of {K} (stride {S}, padding {P})",
    label = "not known to fit the window",
    note = "in generic code write the bound `{Self}: TransposedWindow<{K}, {S}, {P}, {OP}, {D}>`; what comes out is its \
            `Out`, `<{Self} as TransposedWindow<{K}, {S}, {P}, {OP}, {D}>>::Out`"
)]
pub trait TransposedWindow<K, S = Num<1>, P = Num<0>, OP = Num<0>, D = Num<1>> {
    /// The size.
    type Out: Dim;
}

/// The numbers of a transposed window, for arithmetic.
pub trait TransposedGeometry {
    /// Its stride, how far it reaches with the output padding, its stride with the padding, and the kind of its
    /// dilation.
    type Numbers;
}

/// Which of two numbers is larger: the second, or not.
type Beside<const OP: usize, const N: usize> = <<Uint<OP> as Less<Positive<N>>>::Below as Answer>::Is;

/// A number.
type Uint<const N: usize> = <Num<N> as Nat>::Uint;

impl<const K: usize, const S: usize, const P: usize, const OP: usize, const D: usize> TransposedGeometry
    for (Num<K>, Num<S>, Num<P>, Num<OP>, Num<D>)
where
    Num<K>: Nat + HasKind<Kind: NotZero>,
    Num<S>: Nat + HasKind<Kind: NotZero>,
    Num<P>: Nat,
    Num<OP>: Nat,
    Num<D>: Nat + HasKind<Kind: NotZero>,
    Positive<K>: Reach<Positive<D>, Size: Add<Uint<OP>>>,
    Positive<S>: Add<Uint<P>, Output: Add<Uint<P>>>,
    Uint<OP>: Less<Positive<S>, Below: Answer> + Less<Positive<D>, Below: Answer>,
    KnownSizes: OutputPadding<Beside<OP, S>, Beside<OP, D>, OP, S, D>,
{
    type Numbers = (
        Positive<S>,
        Sum<<Positive<K> as Reach<Positive<D>>>::Size, Uint<OP>>,
        Sum<Sum<Positive<S>, Uint<P>>, Uint<P>>,
        <Num<D> as HasKind>::Kind,
    );
}

/// The stride or the dilation is larger.
#[diagnostic::on_unimplemented(
    message = "an output padding is smaller than the stride or the dilation, but it is {OP} (stride {S}, dilation {D})",
    label = "the output padding is too large"
)]
pub trait OutputPadding<Stride, Dilation, const OP: usize, const S: usize, const D: usize> {}
impl<Any, Dilation, const OP: usize, const S: usize, const D: usize> OutputPadding<Larger, Dilation, OP, S, D> for Any {}
impl<Any, const OP: usize, const S: usize, const D: usize> OutputPadding<Fitting, Larger, OP, S, D> for Any {}

/// Whether there are places at all.
pub trait Places {
    /// Whether they are on an axis, if it is so for the number.
    type Or<Verdict>;
}
impl Places for Zero {
    type Or<Verdict> = Larger;
}
impl Places for One {
    type Or<Verdict> = Verdict;
}
impl Places for Many {
    type Or<Verdict> = Verdict;
}

/// So many places of a window, of a kind.
pub trait Spread<Numbers, Kind> {
    /// Whether they are on an axis, and the kind of the dilation: what the sentences are asked of.
    type Asked;
    /// The size of the axis; nonsense if there is none.
    type Size;
}

/// How far the places reach, not less the padding.
type Whole<H, S, R> = Sum<Prod<S, H>, R>;

// One less than the size is compared with zero, which makes it "is the size below one?".
impl<H, S, R, P, D, Kind: Places> Spread<(S, R, P, D), Kind> for H
where
    S: Mul<H, Output: Add<R, Output: Less<P, B1, Below: Answer, Difference: Add<B1, Output: ToDim>>>>,
{
    type Asked = (Kind::Or<<<Whole<H, S, R> as Less<P, B1>>::Below as Answer>::Is>, D);
    type Size = DimOf<Add1<<Whole<H, S, R> as Less<P, B1>>::Difference>>;
}

impl<Name: ?Sized + 'static, const K: usize, const S: usize, const P: usize, const OP: usize, const D: usize>
    TransposedWindow<Num<K>, Num<S>, Num<P>, Num<OP>, Num<D>> for Dyn<Name>
where
    (Num<K>, Num<S>, Num<P>, Num<OP>, Num<D>): TransposedGeometry,
{
    type Out = Dyn;
}

/// What comes of so many places.
type Spreads<H, const K: usize, const S: usize, const P: usize, const OP: usize, const D: usize> =
    <<H as Nat>::Uint as Spread<Numbers<K, S, P, OP, D>, <H as HasKind>::Kind>>::Asked;
type Numbers<const K: usize, const S: usize, const P: usize, const OP: usize, const D: usize> =
    <(Num<K>, Num<S>, Num<P>, Num<OP>, Num<D>) as TransposedGeometry>::Numbers;

macro_rules! transposed {
    ([$h:ty] [$($params:tt)*] $spelling:ident [$($n:tt)*] [$($bounds:tt)*]) => {
        impl<$($params)* const K: usize, const S: usize, const P: usize, const OP: usize, const D: usize>
            TransposedWindow<Num<K>, Num<S>, Num<P>, Num<OP>, Num<D>> for $h
        where
            $($bounds)*
            $h: HasKind + Nat<Uint: Spread<Numbers<K, S, P, OP, D>, <$h as HasKind>::Kind, Size: NineDigits>>,
            (Num<K>, Num<S>, Num<P>, Num<OP>, Num<D>): TransposedGeometry,
            KnownSizes: transposed_window::$spelling::Fits<$($n)*, K, S, P, Spreads<$h, K, S, P, OP, D>>
                + dilated_transposed_window::$spelling::Fits<$($n)*, K, S, P, D, Spreads<$h, K, S, P, OP, D>>,
        {
            type Out = <<$h as Nat>::Uint as Spread<Numbers<K, S, P, OP, D>, <$h as HasKind>::Kind>>::Size;
        }
    };
}
each_known!([N X Y Z A B C E F G] transposed);
