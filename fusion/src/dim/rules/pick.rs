//! Indices: along an axis of a tensor, and what `ix!` makes of one axis after the other.

use core::ops::Add;

use crate::dim::number::amount::{Answer, Fit};
use crate::dim::number::digits::{DimOf, ToDim};
use crate::dim::number::dim::{Dim, Nat};
use crate::dim::number::divide::{Divide, Less};
use crate::dim::number::num::{Big4, Big5, Big6, Big7, Big8, Big9, Dyn, Num};
use crate::dim::rules::equal::SameSize;
use crate::dim::rules::join::Broadcast;
use crate::dim::rules::split::{Enough, Unequal, unequal};
use crate::dim::sentences::{self, KnownSizes, Shapes};
use crate::dim::shape::axis::HasAxis;
use crate::dim::shape::{Rank, Shape};
use crate::dim::spell::Lead;

/// A tensor that can be indexed along the axis `A` by a tensor of indices of the shape `I`: as many axes, and beside `A` no size
/// that is larger.
///
/// ```
/// use fusion::dim::{Axis, Dyn, Gather, Num};
///
/// fn by<S: Gather<A, I>, A, I>() {}
/// by::<(Num<4>, Num<3>), Axis<1>, (Num<4>, Num<7>)>();
/// by::<(Num<4>, Num<3>), Axis<1>, (Num<2>, Dyn)>();
/// ```
pub trait Gather<A, I>: HasAxis<A> {}

impl<S, A, I> Gather<A, I> for S
where
    S: HasAxis<A>,
    I: HasAxis<A>,
    Shapes: Covers<<S as HasAxis<A>>::With<<I as HasAxis<A>>::Size>, I>,
{
}

/// [`Gather`], once the axis itself is of the size of the indices. Implemented for every type `Any`, so that rustc lists no
/// similar impls when it fails.
#[diagnostic::on_unimplemented(
    message = "a tensor of indices has as many axes as what is indexed, but they are {I} and {S}",
    label = "the shapes differ in rank"
)]
pub trait Covers<S, I> {}

macro_rules! covers {
    ($([$($a:ident $b:ident)*])*) => {
        $(impl<Any, $($a: CoversDim<$b>, $b),*> Covers<($($a,)*), ($($b,)*)> for Any {})*
    };
}
covers! {
    [A0 B0]
    [A0 B0 A1 B1]
    [A0 B0 A1 B1 A2 B2]
    [A0 B0 A1 B1 A2 B2 A3 B3]
    [A0 B0 A1 B1 A2 B2 A3 B3 A4 B4]
    [A0 B0 A1 B1 A2 B2 A3 B3 A4 B4 A5 B5]
}

/// A size of which indices take as many places, or fewer. A `Dyn` on either side is compared when the program runs.
#[diagnostic::on_unimplemented(
    message = "indices at `{I}` places may not fit an axis of `{Self}`",
    label = "not known to have as many places",
    note = "in generic code a size is known to fit if it is the same"
)]
pub trait CoversDim<I> {}

#[diagnostic::do_not_recommend]
impl<Name: ?Sized, I> CoversDim<I> for Dyn<Name> {}
impl<S: Nat, I: CoveredBy<S>> CoversDim<I> for S {}

/// [`CoversDim`], implemented on the indices' size.
pub trait CoveredBy<S> {}
impl<S, Name: ?Sized> CoveredBy<S> for Dyn<Name> {}
impl<S: Nat, I: Nat> CoveredBy<S> for I where S::Uint: Less<I::Uint, Below: Enough<S, I, Verdict: PlacesFit>> {}

/// A verdict that there are as many places.
#[diagnostic::on_unimplemented(message = "there are not as many places", label = "not as many places")]
pub trait PlacesFit {}
impl PlacesFit for Fit {}
each_pair!(unequal PlacesFit covers);

/// A tensor that can be indexed along the axis `A` by a tensor of indices of the shape `I`, where the other axes broadcast.
///
/// ```
/// use fusion::dim::{Axis, Num, TakeAlong};
///
/// fn gives<S: TakeAlong<A, I, Out = Out>, A, I, Out>() {}
/// gives::<(Num<4>, Num<3>), Axis<1>, (Num<1>, Num<7>), (Num<4>, Num<7>)>();
/// ```
pub trait TakeAlong<A, I>: HasAxis<A> {
    /// The shape of what is taken.
    type Out: Shape;
}

impl<S, A, I> TakeAlong<A, I> for S
where
    S: HasAxis<A> + SameRank<I>,
    I: HasAxis<A>,
    <S as HasAxis<A>>::With<<I as HasAxis<A>>::Size>: Broadcast<I>,
{
    type Out = <<S as HasAxis<A>>::With<<I as HasAxis<A>>::Size> as Broadcast<I>>::Joined;
}

/// Tensors of the same rank: NumPy's `take_along_axis` stretches sizes, but adds no axes.
pub trait SameRank<I> {}
impl<S, I: RankOf<S>> SameRank<I> for S {}

/// [`SameRank`], implemented on the other shape.
pub trait RankOf<S> {}
impl<S, I> RankOf<S> for I where Shapes: OneRank<S, I> {}

/// [`SameRank`], for each rank.
#[diagnostic::on_unimplemented(
    message = "a tensor of indices has as many axes as what is indexed, but they are {I} and {S}",
    label = "the shapes differ in rank"
)]
pub trait OneRank<S, I> {}

macro_rules! one_rank {
    ($([$($a:ident $b:ident)*])*) => {
        $(impl<Any, $($a, $b),*> OneRank<($($a,)*), ($($b,)*)> for Any {})*
    };
}
one_rank! {
    [A0 B0]
    [A0 B0 A1 B1]
    [A0 B0 A1 B1 A2 B2]
    [A0 B0 A1 B1 A2 B2 A3 B3]
    [A0 B0 A1 B1 A2 B2 A3 B3 A4 B4]
    [A0 B0 A1 B1 A2 B2 A3 B3 A4 B4 A5 B5]
}

// The rules of `ix!` are implemented for every type `Any`, so that rustc lists no similar impls when one fails.

/// The axis that the next index of `ix!` is for, of those that are left of a tensor of rank `R`.
#[diagnostic::on_unimplemented(message = "{Left} may have no axis", label = "not known to have an axis for this index")]
pub trait NextAxis<R, Left> {
    /// Its size.
    type Size: Dim;
    /// The axes behind it.
    type Rest: Shape;
}

/// A tensor of rank `N` has an axis left.
#[diagnostic::on_unimplemented(
    message = "a tensor of rank {N} has no axis left for this index",
    label = "more indices than axes"
)]
pub trait AxisLeft<const N: usize> {}
// No tensor is of such a rank. With these the answer waits until the rank is known, and so is the last word.
impl<Any> AxisLeft<98> for Any {}
impl<Any> AxisLeft<99> for Any {}

impl<Any, const N: usize> NextAxis<Rank<N>, ()> for Any
where
    KnownSizes: AxisLeft<N>,
{
    // Which has every index, so that this is one mistake.
    type Size = Dyn;
    type Rest = ();
}

/// A shape `Done` that has room for one more axis, of the size `D`, behind the others.
#[diagnostic::on_unimplemented(
    message = "a tensor has at most 6 axes",
    label = "this index gives the seventh",
    note = "a number in `ix!` takes an axis away; a range keeps it, and `new` adds one"
)]
pub trait Push<Done, D> {
    /// The shape with it.
    type Out: Shape;
}

/// A shape `Done` that has room for the axes of `More` behind its own.
#[diagnostic::on_unimplemented(
    message = "a tensor has at most 6 axes, but there would be those of {Done} and of {More}",
    label = "too many axes",
    note = "a number in `ix!` takes an axis away; a range keeps it, and `new` adds one"
)]
pub trait Append<Done, More> {
    /// The shape with them.
    type Out: Shape;
}

/// The axes of `Left` for which `...` stands, so that `K` are left for the indices behind it.
#[diagnostic::on_unimplemented(
    message = "the indices behind `...` need {K} axes, and fewer are left",
    label = "more indices than axes"
)]
pub trait Leave<Left, const K: usize> {
    /// Those for which it stands.
    type Skipped: Shape;
    /// Those behind.
    type Left: Shape;
}

/// Calls `$then!` for every rank, with names for its sizes.
macro_rules! each_split {
    // All ways to cut a list in two.
    ($then:ident @ [$($front:ident)*] []) => { $then!([$($front)*] []); };
    ($then:ident @ [$($front:ident)*] [$next:ident $($back:ident)*]) => {
        $then!([$($front)*] [$next $($back)*]);
        each_split!($then @ [$($front)* $next] [$($back)*]);
    };
    ($then:ident) => {
        each_split!($then @ [] []);
        each_split!($then @ [] [A]);
        each_split!($then @ [] [A B]);
        each_split!($then @ [] [A B C]);
        each_split!($then @ [] [A B C D]);
        each_split!($then @ [] [A B C D E]);
        each_split!($then @ [] [A B C D E F]);
    };
}

/// How many names there are.
macro_rules! count {
    () => { 0 };
    ($first:ident $($rest:ident)*) => { 1 + count!($($rest)*) };
}

macro_rules! split {
    ([$($front:ident)*] [$($back:ident)*]) => {
        impl<Any, $($front: Dim,)* $($back: Dim),*> Append<($($front,)*), ($($back,)*)> for Any {
            type Out = ($($front,)* $($back,)*);
        }
        impl<Any, $($front: Dim,)* $($back: Dim),*> Leave<($($front,)* $($back,)*), { count!($($back)*) }> for Any {
            type Skipped = ($($front,)*);
            type Left = ($($back,)*);
        }
        split!(@ [$($front)*] [$($back)*]);
    };
    // A mask takes the axes that it has.
    (@ [] $back:tt) => {};
    (@ [A] $back:tt) => { mask!([A Ma] $back); };
    (@ [A B] $back:tt) => { mask!([A Ma B Mb] $back); };
    (@ [A B C] $back:tt) => { mask!([A Ma B Mb C Mc] $back); };
    (@ [A B C D] $back:tt) => { mask!([A Ma B Mb C Mc D Md] $back); };
    (@ [A B C D E] $back:tt) => { mask!([A Ma B Mb C Mc D Md E Me] $back); };
    (@ [A B C D E F] $back:tt) => { mask!([A Ma B Mb C Mc D Md E Me F Mf] $back); };
}

macro_rules! mask {
    ([$($size:ident $mask:ident)*] [$($back:ident)*]) => {
        impl<Any, $($size: SameSize<$mask>, $mask,)* $($back: Dim),*>
            Masks<($($mask,)*), ($($size,)* $($back,)*)> for Any
        {
            type Rest = ($($back,)*);
        }
    };
}

/// A mask of the shape `M` for the first of the axes that are left. Implemented for every type `Any`, so that rustc lists no
/// similar impls when it fails.
#[diagnostic::on_unimplemented(
    message = "a mask of {M} needs an axis for each of its own, but those left are {Left}",
    label = "a mask of more axes than are left",
    note = "a mask has at least one axis; one of several stands before `...`"
)]
pub trait Masks<M, Left> {
    /// The axes behind.
    type Rest: Shape;
}

each_split!(split);

// A second impl for what has one only, so that inference does not guess the other shape.
impl<Any, A: Dim, B: Dim, C: Dim, D: Dim, E: Dim, F: Dim> Append<Unpicked, (A, B, C, D, E, F)> for Any {
    type Out = ();
}
impl<Any> Leave<Unpicked, 6> for Any {
    type Skipped = ();
    type Left = ();
}

/// What a tensor of `E` and of the shape `M` in `ix!` makes of the axes that are done and of those that are left, of a tensor of
/// the rank `R`: indices put their axes in the place of one, a mask the number of what it chooses in the place of its own.
/// Implemented for every type `Any`, so that rustc lists no similar impls when it fails.
#[diagnostic::on_unimplemented(
    message = "a tensor of `{E}` has no place in `ix!`: indices are of `i64`, a mask is of `bool`",
    label = "neither indices nor a mask"
)]
pub trait Picks<E, M, R, Done, Left> {
    /// The axes that are done.
    type Done: Shape;
    /// The axes that are left.
    type Left: Shape;
}

impl<Any, I, R, Done, Left> Picks<i64, I, R, Done, Left> for Any
where
    Shapes: NextAxis<R, Left> + Append<Done, I>,
{
    type Done = <Shapes as Append<Done, I>>::Out;
    type Left = <Shapes as NextAxis<R, Left>>::Rest;
}

impl<Any, M, R, Done, Left> Picks<bool, M, R, Done, Left> for Any
where
    Shapes: Push<Done, Dyn> + Masks<M, Left>,
{
    type Done = <Shapes as Push<Done, Dyn>>::Out;
    type Left = <Shapes as Masks<M, Left>>::Rest;
}

/// The type itself. A rule about `T`, where `S: Is<T>`, is asked when a method was found, and so has the last word; of a rule about
/// `S` the message would be that there is no such method.
pub trait Is<T> {}
impl<T> Is<T> for T {}

/// There was no tensor in `ix!` so far.
pub struct Unpicked;
/// There was one.
pub struct Picked;

/// There was no tensor in `ix!` so far.
#[diagnostic::on_unimplemented(
    message = "one tensor of indices, or one mask, stands in `ix!`",
    label = "this is the second",
    note = "NumPy would pair them: for all combinations index twice, `x.at(ix![&rows]).at(ix![.., &columns])`"
)]
pub trait NoneYet {}
#[diagnostic::do_not_recommend]
impl NoneYet for Unpicked {}

macro_rules! step {
    ($([$($d:ident)*])*) => { $(
        impl<Any, $($d: Dim,)* New: Dim> Push<($($d,)*), New> for Any {
            type Out = ($($d,)* New,);
        }
        impl<Any, const N: usize, First: Dim, $($d: Dim),*> NextAxis<Rank<N>, (First, $($d,)*)> for Any {
            type Size = First;
            type Rest = ($($d,)*);
        }
    )* };
}
step!([] [A] [A B] [A B C] [A B C D] [A B C D E]);

/// An axis that has the index `I`: a size above it.
///
/// ```
/// use fusion::dim::{Dyn, HasIndex, Num};
///
/// fn has<S: HasIndex<I>, I>() {}
/// has::<Num<3>, Num<2>>();
/// has::<Dyn, Num<2>>(); // compared when the program runs
/// ```
#[diagnostic::on_unimplemented(
    message = "an axis of `{Self}` may have no index `{I}`",
    label = "not known to have this index",
    note = "in generic code write the bound `{Self}: HasIndex<{I}>`"
)]
pub trait HasIndex<I> {}

#[diagnostic::do_not_recommend]
impl<Name: ?Sized, I: Nat> HasIndex<I> for Dyn<Name> {}

impl<S, I: Nat> HasIndex<I> for S
where
    S: Nat,
    I::Uint: Less<S::Uint, Below: Answer>,
    <<I::Uint as Less<S::Uint>>::Below as Answer>::Or<Unequal<S, I>>: IndexFits,
{
}

/// A verdict that there is such an index.
#[diagnostic::on_unimplemented(message = "there is no such index", label = "no such index")]
pub trait IndexFits {}
impl IndexFits for Fit {}
each_pair!(unequal IndexFits has_index);

/// An axis that has the index `-I`, counted from its end: a size of at least `I`.
///
/// ```
/// use fusion::dim::{HasIndexFromEnd, Num};
///
/// fn has<S: HasIndexFromEnd<I>, I>() {}
/// has::<Num<3>, Num<3>>();
/// ```
#[diagnostic::on_unimplemented(
    message = "an axis of `{Self}` may have no index `{I}` from its end",
    label = "not known to have this index",
    note = "in generic code write the bound `{Self}: HasIndexFromEnd<{I}>`"
)]
pub trait HasIndexFromEnd<I> {}

#[diagnostic::do_not_recommend]
impl<Name: ?Sized, I: Nat> HasIndexFromEnd<I> for Dyn<Name> {}

impl<S, I: Nat> HasIndexFromEnd<I> for S where S: Nat<Uint: Less<I::Uint, Below: Enough<S, I, Verdict: FromEndFits>>> {}

/// A verdict that there is such an index.
#[diagnostic::on_unimplemented(message = "there is no such index", label = "no such index")]
pub trait FromEndFits {}
impl FromEndFits for Fit {}
each_pair!(unequal FromEndFits from_end);

/// An axis in which a range lies that needs `K` elements: `1..5` and `-5..-1` need five, `2..-2` needs four.
///
/// ```
/// use fusion::dim::{HasRange, Num};
///
/// fn has<S: HasRange<K>, K>() {}
/// has::<Num<5>, Num<5>>();
/// ```
#[diagnostic::on_unimplemented(
    message = "an axis of `{Self}` may have fewer than the `{K}` elements of this range",
    label = "not known to have as many",
    note = "in generic code write the bound `{Self}: HasRange<{K}>`"
)]
pub trait HasRange<K> {}

#[diagnostic::do_not_recommend]
impl<Name: ?Sized, K: Nat> HasRange<K> for Dyn<Name> {}

impl<S, K: Nat> HasRange<K> for S where S: Nat<Uint: Less<K::Uint, Below: Enough<S, K, Verdict: RangeFits>>> {}

/// A verdict that the range lies inside.
#[diagnostic::on_unimplemented(message = "there is no such range", label = "no such range")]
pub trait RangeFits {}
impl RangeFits for Fit {}
each_pair!(unequal RangeFits has_range);

/// What is left of an axis of which a range leaves out `K` elements and takes every `Step`th of the others; `Up` is one less than
/// `Step`.
///
/// ```
/// use fusion::dim::{Dyn, LeavesOut, Num};
///
/// fn gives<S: LeavesOut<K, Up, Step, Out = Out>, K, Up, Step, Out>() {}
/// gives::<Num<10>, Num<3>, Num<0>, Num<1>, Num<7>>();
/// gives::<Num<10>, Num<3>, Num<1>, Num<2>, Num<4>>();
/// gives::<Dyn, Num<3>, Num<0>, Num<1>, Dyn>();
/// ```
#[diagnostic::on_unimplemented(
    message = "an axis of `{Self}` may have fewer than `{K}` elements for this range to leave out",
    label = "not known to have as many",
    note = "in generic code write the bound `{Self}: LeavesOut<{K}, {Up}, {Step}>`"
)]
pub trait LeavesOut<K, Up, Step> {
    /// How many elements the range has.
    type Out: Dim;
}

#[diagnostic::do_not_recommend]
impl<Name: ?Sized + 'static, K: Nat, Up: Nat, Step: Nat> LeavesOut<K, Up, Step> for Dyn<Name> {
    type Out = Dyn;
}

impl<S, K: Nat, Up: Nat, Step: Nat> LeavesOut<K, Up, Step> for S
where
    S: Nat + HasRange<K>,
    S::Uint: Less<K::Uint, Difference: Add<Up::Uint, Output: Divide<Step::Uint, Quotient: ToDim<Dim: Dim>>>>,
{
    type Out =
        DimOf<<<<S::Uint as Less<K::Uint>>::Difference as Add<Up::Uint>>::Output as Divide<Step::Uint>>::Quotient>;
}
