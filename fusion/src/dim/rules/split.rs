//! Sizes that are split into equal parts, as groups of channels and heads of attention, and those of which a part is taken.

use typenum::{B0, B1};

use crate::dim::number::amount::{Answer, Fit, IsZero};
use crate::dim::number::arithmetic::{NineDigits, Positive};
use crate::dim::number::digits::{DimOf, ToDim};
use crate::dim::number::dim::{Dim, Nat};
use crate::dim::number::divide::{DivMod, Less};
use crate::dim::number::kind::{Many, One, Zero};
use crate::dim::number::known::HasKind;
use crate::dim::number::num::{Big4, Big5, Big6, Big7, Big8, Big9, Dyn, Num};
use crate::dim::sentences::{self, KnownSizes};
use crate::dim::spell::Lead;

/// Channels that can be split into `G` groups of equal size.
///
/// ```
/// use fusion::dim::{DividedBy, Dyn, Num};
///
/// fn split<C: DividedBy<G>, G>() {}
/// split::<Num<64>, Num<32>>();
/// split::<Dyn, Num<3>>(); // compared when the program runs
/// ```
pub trait DividedBy<G> {}

impl<C, G> DividedBy<G> for C where G: HasKind<Kind: InParts<C, G, Verdict: EqualGroups>> {}

/// An embedding that can be split into `H` heads of equal size.
///
/// ```
/// use fusion::dim::{Heads, Num};
///
/// fn split<E: Heads<H>, H>() {}
/// split::<Num<512>, Num<8>>();
/// ```
pub trait Heads<H> {}

impl<E, H> Heads<H> for E where H: HasKind<Kind: InParts<E, H, Verdict: EqualHeads>> {}

/// A number of groups: how many channels are in one.
///
/// One group has all of them. With more the number is known at run time only, as types do not divide.
///
/// ```
/// use fusion::dim::{Dyn, Groups, Num};
///
/// fn each<G: Groups<Of<Num<64>> = Of>, Of>() {}
/// each::<Num<1>, Num<64>>();
/// each::<Num<64>, Dyn>();
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a number of groups",
    label = "not a number of groups",
    note = "the groups of a layer are a known size of at least 1: a `dim!(32)`"
)]
pub trait Groups {
    /// The size of a group of `C` channels.
    type Of<C>;
}

#[diagnostic::do_not_recommend]
impl<G: HasKind<Kind: PerGroup>> Groups for G {
    type Of<C> = <G::Kind as PerGroup>::Of<C>;
}

/// [`Groups`], by the kind of their number.
pub trait PerGroup {
    /// The size of a group of `C` channels.
    type Of<C>;
}

// `DividedBy` reports a number of groups of 0.
impl PerGroup for Zero {
    type Of<C> = Dyn;
}

impl PerGroup for One {
    type Of<C> = C;
}

impl PerGroup for Many {
    type Of<C> = Dyn;
}

/// Splits `S` into so many parts, by the kind of their number. Every case has a verdict; a second bound, on the
/// verdict, fails with the message.
pub trait InParts<S, Parts> {
    /// The verdict.
    type Verdict;
}

impl<S, Parts> InParts<S, Parts> for Zero {
    type Verdict = NoParts;
}

impl<S, Parts> InParts<S, Parts> for One {
    type Verdict = Fit;
}

impl<S: Split<Parts>, Parts> InParts<S, Parts> for Many {
    type Verdict = S::Verdict;
}

/// A size that is split into several parts.
pub trait Split<Parts> {
    /// Whether they are equal.
    type Verdict;
}

impl<Name: ?Sized, Parts> Split<Parts> for Dyn<Name> {
    type Verdict = Fit;
}

impl<S: Nat<Uint: DivMod<Parts::Uint, Left: IsZero>>, Parts: Nat> Split<Parts> for S {
    type Verdict = <<<S::Uint as DivMod<Parts::Uint>>::Left as IsZero>::Is as Answer>::Or<Unequal<S, Parts>>;
}

/// No parts at all.
pub struct NoParts;
/// A size, and a number that does not divide it, or is larger.
pub struct Unequal<S, Parts>(S, Parts);

/// A verdict that the groups are equal.
#[diagnostic::on_unimplemented(message = "this layer needs at least 1 group", label = "no groups")]
pub trait EqualGroups {}
impl EqualGroups for Fit {}

/// A verdict that the heads are equal.
#[diagnostic::on_unimplemented(message = "this layer needs at least 1 head", label = "no heads")]
pub trait EqualHeads {}
impl EqualHeads for Fit {}

macro_rules! unequal {
    (
        $rule:ident $sentences:ident
        [$l:ty] [$($lp:tt)*] $ls:ident [$($ln:tt)*] [$($lb:tt)*]
        [$r:ty] [$($rp:tt)*] $rs:ident [$($rn:tt)*] [$($rb:tt)*]
    ) => {
        impl<$($lp)* $($rp)*> $rule for Unequal<$l, $r>
        where
            $($lb)*
            $($rb)*
            KnownSizes: sentences::$sentences::$ls::$rs::Fits<$($ln)*, $($rn)*>,
        {
        }
    };
}
pub(in crate::dim) use unequal;
each_pair!(unequal EqualGroups groups);
each_pair!(unequal EqualHeads heads);

/// A size that is cut into `N` equal parts: the size of each. A `Dyn` is checked when the program runs.
///
/// ```
/// use fusion::dim::{Chunk, Dyn, Num};
///
/// fn gives<S: Chunk<N, Out = Out>, N, Out>() {}
/// gives::<Num<12>, Num<4>, Num<3>>();
/// gives::<Dyn, Num<4>, Dyn>();
/// ```
#[diagnostic::on_unimplemented(
    message = "a size of `{Self}` is not cut into `{N}` equal parts",
    label = "not equal parts"
)]
pub trait Chunk<N> {
    /// The size of a part.
    type Out: Dim;
}

#[diagnostic::do_not_recommend]
impl<Name: ?Sized + 'static, N: Positive> Chunk<N> for Dyn<Name> {
    type Out = Dyn;
}

impl<S: Nat, N: Positive> Chunk<N> for S
where
    N: HasKind<Kind: InParts<S, N, Verdict: EqualParts>>,
    S::Uint: DivMod<N::Uint, Quotient: ToDim<Dim: NineDigits>>,
{
    type Out = DimOf<<S::Uint as DivMod<N::Uint>>::Quotient>;
}

/// A verdict that the parts are equal.
#[diagnostic::on_unimplemented(message = "there are no equal parts of nothing", label = "no parts")]
pub trait EqualParts {}
impl EqualParts for Fit {}
each_pair!(unequal EqualParts parts);

/// A size of at least `K`, so that `K` elements can be taken: from one place on, or the largest. A `Dyn` is checked when the
/// program runs.
///
/// ```
/// use fusion::dim::{AtLeast, Dyn, Num};
///
/// fn has<S: AtLeast<K>, K>() {}
/// has::<Num<10>, Num<5>>();
/// has::<Dyn, Num<5>>();
/// ```
#[diagnostic::on_unimplemented(
    message = "an axis of `{Self}` may have fewer than `{K}` elements",
    label = "not known to have as many",
    note = "in generic code write the bound `{Self}: AtLeast<{K}>`"
)]
pub trait AtLeast<K> {}

#[diagnostic::do_not_recommend]
impl<Name: ?Sized, K: Nat> AtLeast<K> for Dyn<Name> {}

impl<S, K: Nat> AtLeast<K> for S where S: Nat<Uint: Less<K::Uint, Below: Enough<S, K, Verdict: AsManyAs>>> {}

/// The answer to "are there fewer?", with a verdict.
pub trait Enough<S, K> {
    /// The verdict.
    type Verdict;
}

impl<S, K> Enough<S, K> for B0 {
    type Verdict = Fit;
}

impl<S, K> Enough<S, K> for B1 {
    type Verdict = Unequal<S, K>;
}

/// A verdict that there are as many elements.
#[diagnostic::on_unimplemented(message = "there are not as many elements", label = "not as many elements")]
pub trait AsManyAs {}
impl AsManyAs for Fit {}
each_pair!(unequal AsManyAs as_many);
