//! Sizes that are split into equal parts: groups of channels, heads of attention.

use crate::dim::number::arithmetic::{NineDigits, Positive};
use crate::dim::number::digits::{DimOf, ToDim};
use crate::dim::number::divide::DivMod;
use crate::dim::number::size::{Big4, Big5, Big6, Big7, Big8, Big9, Dim, Dyn, HasKind, Many, Nat, Num, One, Zero};
use crate::dim::rules::count::{Answer, Fit, IsZero};
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

/// [`Groups`], of the kind of their number.
pub trait PerGroup {
    /// The size of a group of `C` channels.
    type Of<C>;
}

// That there is at least one group is for `DividedBy` to say.
impl PerGroup for Zero {
    type Of<C> = Dyn;
}

impl PerGroup for One {
    type Of<C> = C;
}

impl PerGroup for Many {
    type Of<C> = Dyn;
}

/// What comes of splitting `S` into so many parts, asked of the kind of their number. It always has an answer; whether
/// it is a good one is asked of the answer.
pub trait InParts<S, Parts> {
    /// The answer.
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
/// A size, and a number that does not divide it.
pub struct Unequal<S, Parts>(S, Parts);

/// A good answer, of groups.
#[diagnostic::on_unimplemented(message = "this layer needs at least 1 group", label = "no groups")]
pub trait EqualGroups {}
impl EqualGroups for Fit {}

/// A good answer, of heads.
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
pub(super) use unequal;
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

/// A good answer, of parts.
#[diagnostic::on_unimplemented(message = "there are no equal parts of nothing", label = "no parts")]
pub trait EqualParts {}
impl EqualParts for Fit {}
each_pair!(unequal EqualParts parts);
