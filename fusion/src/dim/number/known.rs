//! Properties of a known size: its kind, its leading digits, and its binary number.

use core::ops::{Add, Mul};

use typenum::{Const, IsLess, Prod, Sum, ToUInt, True, U1000, UInt, UTerm};

use crate::dim::number::amount::Amount;
use crate::dim::number::bits::Bits;
use crate::dim::number::digits::{Digit, Group};
use crate::dim::number::kind::{Many, One, Zero};
use crate::dim::number::num::{Big4, Big5, Big6, Big7, Big8, Big9, Num};
use crate::dim::sentences::KnownSizes;
use crate::dim::spell::Lead;

/// A known number that is classified as 0, 1 or more, which broadcasting needs.
pub trait HasKind {
    /// Which it is.
    type Kind: Kind;
}

/// The kind of a known size.
pub trait Kind {
    /// The result of broadcasting `A` with a `B` of this kind.
    type Pick<A, B>;
    /// A number of elements with one more factor, `U`, of this kind.
    type Times<Count: Amount, U: Bits>: Amount;
}
impl Kind for Zero {
    type Pick<A, B> = B;
    type Times<Count: Amount, U: Bits> = Count::Times<U>;
}
impl Kind for One {
    type Pick<A, B> = A;
    type Times<Count: Amount, U: Bits> = Count;
}
impl Kind for Many {
    type Pick<A, B> = B;
    type Times<Count: Amount, U: Bits> = Count::Times<U>;
}

/// `Num` ends at 999, so that every number has one type only.
#[diagnostic::on_unimplemented(
    message = "`Num<{N}>` is not a dimension: from 1000 on a size is spelled by its digits",
    label = "`Num` ends at 999",
    note = "write `dim!({N})`; a generic type takes the dimension itself: `struct Net<H: Dim>`, used as `Net<dim!({N})>`"
)]
pub trait Below1000<const N: usize> {
    /// Its kind.
    type Kind: Kind;
    /// The number, for arithmetic.
    type Uint: Bits;
}

#[diagnostic::do_not_recommend]
impl<const N: usize> Below1000<N> for KnownSizes
where
    Const<N>: ToUInt<Output: IsLess<U1000, Output: IsTrue> + HasKind + Bits>,
{
    type Kind = <<Const<N> as ToUInt>::Output as HasKind>::Kind;
    type Uint = <Const<N> as ToUInt>::Output;
}

/// `typenum`'s `True` as a bound: unlike an equation, rustc does not explain it when it fails.
pub trait IsTrue {}
impl IsTrue for True {}

impl HasKind for UTerm {
    type Kind = Zero;
}
impl<B> HasKind for UInt<UTerm, B> {
    type Kind = One;
}
impl<U, A, B> HasKind for UInt<UInt<U, A>, B> {
    type Kind = Many;
}

impl<const N: usize> HasKind for Num<N>
where
    KnownSizes: Below1000<N>,
{
    type Kind = <KnownSizes as Below1000<N>>::Kind;
}

/// A first digit: not 0, or a number would have two spellings.
#[diagnostic::on_unimplemented(
    message = "a size is spelled by its decimal digits, and the first is not 0",
    label = "not the digits of a size"
)]
pub trait First {}

macro_rules! first {
    ($($d:literal)*) => { $(impl First for Digit<$d> {})* };
}
first!(1 2 3 4 5 6 7 8 9);

/// The number that groups of three digits make, for arithmetic.
pub trait Number {
    /// The number.
    type Uint;
}

impl<const N: usize> Number for (Num<N>,)
where
    KnownSizes: Below1000<N>,
{
    type Uint = <KnownSizes as Below1000<N>>::Uint;
}

impl<A, B> Number for (A, B)
where
    (A,): Number<Uint: Then<<(B,) as Number>::Uint>>,
    (B,): Number,
{
    type Uint = <<(A,) as Number>::Uint as Then<<(B,) as Number>::Uint>>::Uint;
}

impl<A, B, C> Number for (A, B, C)
where
    (A, B): Number<Uint: Then<<(C,) as Number>::Uint>>,
    (C,): Number,
{
    type Uint = <<(A, B) as Number>::Uint as Then<<(C,) as Number>::Uint>>::Uint;
}

/// A number with three more digits behind.
pub trait Then<Group> {
    /// The longer number.
    type Uint;
}

impl<U, Group> Then<Group> for U
where
    U1000: Mul<U>,
    Prod<U1000, U>: Add<Group>,
{
    type Uint = Sum<Prod<U1000, U>, Group>;
}

macro_rules! big {
    ($big:ident<$first:ident $($digit:ident)*> [$p:tt $q:tt $r:tt] $([$a:ident $b:ident $c:ident])*) => {
        impl<const $first: u8, $(const $digit: u8),*> Lead for $big<$first, $($digit),*>
        where
            Digit<$first>: First,
            Digit<$p>: Group<$q, $r>,
            $(Digit<$a>: Group<$b, $c>,)*
        {
            type Is = <Digit<$p> as Group<$q, $r>>::Num;
        }

        impl<const $first: u8, $(const $digit: u8),*> HasKind for $big<$first, $($digit),*> {
            type Kind = Many;
        }
    };
}
each_big!(big);
