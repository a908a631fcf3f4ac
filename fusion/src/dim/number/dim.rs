//! The trait of dimensions, with the rules that all of them obey as supertraits.

use core::any::TypeId;
use core::fmt;

use crate::dim::number::amount::Amount;
use crate::dim::number::bits::Bits;
use crate::dim::number::digits::{Digit, Group};
use crate::dim::number::known::{Below1000, Kind, Number};
use crate::dim::number::num::{Big4, Big5, Big6, Big7, Big8, Big9, Dyn, Num};
use crate::dim::rules::broadcast::{Batch, BatchOfNum, BroadcastDim, MeetsNum};
use crate::dim::rules::equal::{Channels, Features, Inner, SameSize};
use crate::dim::rules::widen::{Stretch, WidenDim};
use crate::dim::sentences::KnownSizes;
use crate::dim::spell::Lead;

/// A dimension: the size of one axis, known ([`Num`], [`Big4`] to [`Big9`]) or not ([`Dyn`]).
///
/// Every size has one type, so that equal sizes are equal types. Generic code needs no further bound for a dimension to
/// fit itself in every rule, to broadcast with itself and with 1, and to cancel out of a reshape that has it on both
/// sides.
///
/// ```
/// use fusion::dim::{Big4, Dim, Dyn, Num};
///
/// fn size<D: Dim>() -> Option<usize> {
///     D::SIZE
/// }
/// assert_eq!(size::<Num<10>>(), Some(10));
/// assert_eq!(size::<Big4<9, 2, 1, 6>>(), Some(9216));
/// assert_eq!(size::<Dyn>(), None);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not known to be a dimension",
    label = "not known to be a dimension",
    note = "a dimension is a `dim!(784)`, which spells any number, or a `Dyn`; a type parameter that stands for one has the \
            bound `Dim`"
)]
pub trait Dim:
    Features<Self>
    + Channels<Self>
    + SameSize<Self, Both = Self>
    + Inner<Self>
    + Batch<Self, Each = Self>
    + Batch<Num<1>, Each = Self>
    + BatchOfNum<1, Each = Self>
    + WidenDim<Self>
    + WidenDim<Dyn>
    + Stretch<Self>
    + Stretch<Dyn>
    + BroadcastDim<Self, Joined = Self>
    + BroadcastDim<Num<1>, Joined = Self>
    + MeetsNum<1, Joined = Self>
    + Copy
    + Default
    + fmt::Debug
    + Send
    + Sync
    + 'static
{
    /// The size, where it is known.
    const SIZE: Option<usize>;

    /// The name of a [`Dyn`], as a type id.
    #[doc(hidden)]
    const NAME: Option<TypeId> = None;

    /// A number of elements with this size as one more factor.
    #[doc(hidden)]
    type Times<Count: Amount>: Amount;
}

/// A dimension whose size the compiler knows.
///
/// ```
/// use fusion::dim::{Nat, Num};
///
/// assert_eq!(Num::<784>::N, 784);
/// ```
#[diagnostic::on_unimplemented(
    message = "this needs a size that the compiler knows, and `{Self}` is not one",
    label = "not a known size",
    note = "a known size is a `dim!(784)` of any number; a `Num` ends at 999"
)]
pub trait Nat: Dim {
    /// The size.
    const N: usize;

    /// The size as an integer of `typenum`, for arithmetic.
    #[doc(hidden)]
    type Uint: Bits;
}

impl<const N: usize> Dim for Num<N>
where
    KnownSizes: Below1000<N>,
    Self: BroadcastDim<Self, Joined = Self> + BroadcastDim<Num<1>, Joined = Self> + MeetsNum<1, Joined = Self>,
    Self: Batch<Self, Each = Self> + Batch<Num<1>, Each = Self> + BatchOfNum<1, Each = Self>,
    Self: Stretch<Self>,
{
    const SIZE: Option<usize> = Some(N);
    type Times<Count: Amount> =
        <<KnownSizes as Below1000<N>>::Kind as Kind>::Times<Count, <KnownSizes as Below1000<N>>::Uint>;
}

#[diagnostic::do_not_recommend]
impl<const N: usize> Nat for Num<N>
where
    KnownSizes: Below1000<N>,
    Self: Dim,
{
    const N: usize = N;
    type Uint = <KnownSizes as Below1000<N>>::Uint;
}

#[diagnostic::do_not_recommend]
impl Dim for Dyn {
    const SIZE: Option<usize> = None;
    type Times<Count: Amount> = Count::Open;
}

#[diagnostic::do_not_recommend]
impl<Name: 'static> Dim for Dyn<Name> {
    const SIZE: Option<usize> = None;
    const NAME: Option<TypeId> = Some(TypeId::of::<Name>());
    type Times<Count: Amount> = Count::Named<Name>;
}

/// The number that digits spell.
const fn decimal(digits: &[u8]) -> usize {
    let (mut n, mut i) = (0, 0);
    while i < digits.len() {
        n = n * 10 + digits[i] as usize;
        i += 1;
    }
    n
}

macro_rules! big {
    ($big:ident<$first:ident $($digit:ident)*> [$p:tt $q:tt $r:tt] $([$a:ident $b:ident $c:ident])*) => {
        #[diagnostic::do_not_recommend]
        impl<const $first: u8, $(const $digit: u8,)* const LEAD: usize> Dim for $big<$first, $($digit),*>
        where
            Self: Lead<Is = Num<LEAD>>,
            $(Digit<$a>: Group<$b, $c>,)*
            (Num<LEAD>, $(<Digit<$a> as Group<$b, $c>>::Num),*): Number<Uint: Bits>,
        {
            const SIZE: Option<usize> = Some(decimal(&[$first, $($digit),*]));
            type Times<Count: Amount> =
                Count::Times<<(Num<LEAD>, $(<Digit<$a> as Group<$b, $c>>::Num),*) as Number>::Uint>;
        }

        #[diagnostic::do_not_recommend]
        impl<const $first: u8, $(const $digit: u8,)*> Nat for $big<$first, $($digit),*>
        where
            Self: Dim + Lead,
            $(Digit<$a>: Group<$b, $c>,)*
            (<Self as Lead>::Is, $(<Digit<$a> as Group<$b, $c>>::Num),*): Number<Uint: Bits>,
        {
            const N: usize = decimal(&[$first, $($digit),*]);
            type Uint = <(<Self as Lead>::Is, $(<Digit<$a> as Group<$b, $c>>::Num),*) as Number>::Uint;
        }
    };
}
each_big!(big);
