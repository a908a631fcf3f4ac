//! The types of single sizes.

use core::any::TypeId;
use core::fmt;
use core::marker::PhantomData;
use core::ops::{Add, Mul};

use typenum::{Const, IsLess, Prod, Sum, ToUInt, True, U1000, UInt, UTerm};

use crate::dim::number::bits::Bits;
use crate::dim::number::digits::{Digit, Group};
use crate::dim::rules::broadcast::{BroadcastDim, MeetsNum};
use crate::dim::rules::count::Amount;
use crate::dim::rules::equal::{Batch, Channels, Features, Inner, SameSize};
use crate::dim::rules::widen::{Stretch, WidenDim};
use crate::dim::sentences::KnownSizes;
use crate::dim::spell::Lead;

/// A size of 0 to 999, as a type: `Num<784>`. Larger ones are [`Big4`] to [`Big9`]; [`dim!`](macro@crate::dim) writes
/// the right one.
///
/// ```
/// use fusion::dim::{Dim, Num};
///
/// assert_eq!(Num::<784>::SIZE, Some(784));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Num<const N: usize>;

/// A size that is known at run time only, such as the number of samples in a batch.
///
/// It mixes with known sizes, which are then checked when the program runs. A name, any type, tells two such sizes
/// apart: `Dyn<Batch>` and `Dyn<Time>` do not mix, while a `Dyn` without a name goes with both. A name stands for one
/// size: two `Dyn<Batch>` do not broadcast unless they are equal, and a reshape that has it on both sides keeps it.
///
/// ```
/// use fusion::dim::{Dim, Dyn};
///
/// struct Time;
/// assert_eq!((<Dyn>::SIZE, Dyn::<Time>::SIZE), (None, None));
/// ```
pub struct Dyn<Name: ?Sized = Unnamed>(PhantomData<fn(&Name)>);

/// The name of a [`Dyn`] that has none. It is unsized, and so distinct from every name that there can be.
#[doc(hidden)]
pub struct Unnamed {
    _unsized: [()],
}

impl<Name: ?Sized> Clone for Dyn<Name> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<Name: ?Sized> Copy for Dyn<Name> {}

impl<Name: ?Sized> Default for Dyn<Name> {
    fn default() -> Self {
        Dyn(PhantomData)
    }
}

impl<Name: ?Sized> fmt::Debug for Dyn<Name> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Dyn")
    }
}

/// A dimension: the size of one axis, known ([`Num`], [`Big4`] to [`Big9`]) or not ([`Dyn`]).
///
/// Every size has one type, so that equal sizes are equal types. In generic code any dimension fits itself in every
/// rule, broadcasts with itself and with 1, and stays out of a reshape that has it on both sides, without a further
/// bound.
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

    /// What tells this size apart from others that only the run knows.
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

/// Whether a known number is 0, 1 or more: broadcasting wants to know.
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
/// The kind of 0.
pub struct Zero;
/// The kind of 1.
pub struct One;
/// The kind of every other size.
pub struct Many;

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

/// The answer yes of `typenum`, as a bound: unlike an equation it is not explained when it fails.
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

impl<const N: usize> Dim for Num<N>
where
    KnownSizes: Below1000<N>,
    Self: BroadcastDim<Self, Joined = Self> + BroadcastDim<Num<1>, Joined = Self> + MeetsNum<1, Joined = Self>,
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

/// A first digit that is not 0: otherwise a number would have two spellings.
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

/// The number that digits spell.
const fn decimal(digits: &[u8]) -> usize {
    let (mut n, mut i) = (0, 0);
    while i < digits.len() {
        n = n * 10 + digits[i] as usize;
        i += 1;
    }
    n
}

/// Declares the type of the sizes of some number of digits, which come in groups of three: the first, filled up with
/// zeros, and one or two more.
macro_rules! big {
    (
        $(#[$attr:meta])*
        $big:ident<$first:ident $($digit:ident)*> [$p:tt $q:tt $r:tt] $([$a:ident $b:ident $c:ident])*
    ) => {
        $(#[$attr])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct $big<const $first: u8, $(const $digit: u8),*>;

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

big! {
    /// A size of four digits: `Big4<9, 2, 1, 6>` is 9216. [`dim!`](macro@crate::dim) spells it.
    Big4<P A B C> [0 0 P] [A B C]
}
big! {
    /// A size of five digits.
    Big5<P Q A B C> [0 P Q] [A B C]
}
big! {
    /// A size of six digits.
    Big6<P Q R A B C> [P Q R] [A B C]
}
big! {
    /// A size of seven digits.
    Big7<P A B C D E F> [0 0 P] [A B C] [D E F]
}
big! {
    /// A size of eight digits.
    Big8<P Q A B C D E F> [0 P Q] [A B C] [D E F]
}
big! {
    /// A size of nine digits; there are no larger ones.
    Big9<P Q R A B C D E F> [P Q R] [A B C] [D E F]
}
