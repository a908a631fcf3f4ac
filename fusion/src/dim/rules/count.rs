//! Numbers of elements: flattening and reshaping.

use core::marker::PhantomData;

use typenum::{B0, B1, UInt, UTerm};

use crate::dim::number::bits::{Bits, Equal};
use crate::dim::number::digits::{DimOf, ToDim};
use crate::dim::number::divide::DivMod;
use crate::dim::number::size::{Big4, Big5, Big6, Big7, Big8, Big9, Dim, Dyn, Num};
use crate::dim::rules::equal::SameName;
use crate::dim::said::{Said, Says};
use crate::dim::sentences::{self, KnownSizes};
use crate::dim::shape::Shape;
use crate::dim::spell::Lead;

/// A number of elements: what the sizes of a shape make when they are multiplied, from the last to the first. It has as
/// many elements as itself, whatever it is: that is all that generic code has to know.
pub trait Amount: Compare<Self, Verdict: Good> + Comparable<Self> + Sized {
    /// With one more factor that is known.
    type Times<U: Bits>: Amount;
    /// With one more that is not.
    type Open: Amount;
    /// With one more that has a name.
    type Named<Name>: Amount;
}

/// A number of elements that is known.
pub struct Known<U>(U);
/// A number of elements with one factor that is not known, and `U` that is.
pub struct Hole<U>(U);
/// A number of elements with several factors that are not known.
pub struct Holes;
/// A number of elements with a factor that has a name, and the others. Names stand in front.
pub struct Named<Name, Others>(PhantomData<(Name, Others)>);

impl<U: Bits> Amount for Known<U> {
    type Times<V: Bits> = Known<V::Product<U>>;
    type Open = Hole<U>;
    type Named<Name> = Named<Name, Self>;
}

impl<U: Bits> Amount for Hole<U> {
    type Times<V: Bits> = Hole<V::Product<U>>;
    type Open = Holes;
    type Named<Name> = Named<Name, Self>;
}

impl Amount for Holes {
    type Times<V: Bits> = Self;
    type Open = Self;
    type Named<Name> = Named<Name, Self>;
}

impl<Name, Others: Amount> Amount for Named<Name, Others> {
    type Times<V: Bits> = Named<Name, Others::Times<V>>;
    type Open = Named<Name, Others::Open>;
    type Named<First> = Named<First, Self>;
}

/// The dimension of a number of elements.
pub trait CountDim {
    /// A `Dyn`, if a factor is not known.
    type Dim: Dim;
}

impl<U: ToDim<Dim: Dim>> CountDim for Known<U> {
    type Dim = DimOf<U>;
}
impl<U> CountDim for Hole<U> {
    type Dim = Dyn;
}
impl CountDim for Holes {
    type Dim = Dyn;
}
impl<Name, Others> CountDim for Named<Name, Others> {
    type Dim = Dyn;
}

/// The number of elements of a shape, as a dimension: the shape of `x.flatten()` is `(S::Len,)`.
///
/// ```
/// use fusion::dim::{Big4, Dyn, Elements, Num};
///
/// fn len<S: Elements<Len = Len>, Len>() {}
/// len::<(Num<64>, Num<12>, Num<12>), Big4<9, 2, 1, 6>>();
/// len::<(Dyn, Num<3>), Dyn>();
/// ```
#[diagnostic::on_unimplemented(
    message = "the elements of {Self} cannot be counted",
    label = "not a shape whose elements are known",
    note = "in generic code write the bound `{Self}: Elements`"
)]
pub trait Elements {
    /// How many there are.
    type Len: Dim;
}

macro_rules! elements {
    ($rank:literal [$($d:ident)*]) => {
        #[diagnostic::do_not_recommend]
        impl<$($d),*> Elements for ($($d,)*)
        where
            Self: Shape<Count: CountDim>,
        {
            type Len = <<Self as Shape>::Count as CountDim>::Dim;
        }
    };
}
each_rank!(elements);

/// A batch of samples with axes of their own, which flatten to one: all but the first axis are multiplied. What the
/// layer [`Flatten`](crate::nn::Flatten) takes.
///
/// ```
/// use fusion::dim::{Big4, Dyn, Flat, Num};
///
/// fn gives<S: Flat<Out = Out>, Out>() {}
/// gives::<(Dyn, Num<64>, Num<12>, Num<12>), (Dyn, Big4<9, 2, 1, 6>)>();
/// ```
#[diagnostic::on_unimplemented(
    message = "flattening keeps the batch and joins the axes behind it, but there are none in {Self}",
    label = "nothing to flatten"
)]
pub trait Flat {
    /// The shape `(batch, elements of a sample)`.
    type Out: Shape;
}

macro_rules! flat {
    ($($($d:ident)+;)*) => {
        $(#[diagnostic::do_not_recommend]
        impl<Batch: Dim, $($d),*> Flat for (Batch, $($d,)*)
        where
            ($($d,)*): Elements,
        {
            type Out = (Batch, <($($d,)*) as Elements>::Len);
        })*
    };
}

flat! {
    A;
    A B;
    A B C;
    A B C D;
    A B C D E;
}

/// A shape whose elements can be read, in order, as the shape `To`.
///
/// Both must have as many. One `Dyn` in `To` follows from the rest, which must divide the elements. What a `Dyn` in the
/// source leaves open is checked when the program runs. A size that has a name keeps it: in both shapes it is the same.
///
/// In generic code sizes that are in both shapes, in the same order and each in front of what is known, need no bound.
///
/// ```
/// use fusion::dim::{Dim, Dyn, Num, Reshape};
///
/// fn reshapes<S: Reshape<To>, To>() {}
/// reshapes::<(Num<2>, Num<6>), (Num<3>, Num<4>)>();
/// reshapes::<(Num<2>, Num<6>), (Dyn, Num<4>)>();
/// reshapes::<(Dyn, Num<784>), (Dyn, Num<28>, Num<28>)>();
///
/// fn any_batch<B: Dim>() {
///     reshapes::<(B, Num<784>), (B, Num<28>, Num<28>)>();
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{To}` may have another number of elements than `{Self}`",
    label = "not known to have as many elements",
    note = "in generic code write the bound `{Self}: Reshape<{To}>`"
)]
pub trait Reshape<To>: Said<AsMany, To> {}

// What it asks of generic sizes is of no use to anybody: rustc names the rule itself.
#[diagnostic::do_not_recommend]
impl<S, To: ComparableTo<S> + Says<AsMany, S>> Reshape<To> for S {}

/// The rule [`Reshape`].
pub struct AsMany;

impl<S: Shape, To: Shape> Says<AsMany, S> for To where S::Count: Compare<To::Count, Verdict: InDims<Verdict: Fits>> {}

/// [`Comparable`], of shapes. Asked of the target, so that it is not guessed before it is known.
pub trait ComparableTo<S> {}
impl<S: Shape, To: Shape> ComparableTo<S> for To where S::Count: Comparable<To::Count> {}

/// What comes of reshaping so many elements into so many others. It always has an answer; whether it is a good one is
/// asked of the answer, which speaks in dimensions.
pub trait Compare<To> {
    /// The answer.
    type Verdict;
}

/// Numbers of elements that are known, or the same.
pub trait Comparable<To>: Compare<To> {}

macro_rules! compare {
    ($([$($params:tt)*] $from:ty, $to:ty $(where [$($bounds:tt)*])? => $verdict:ty;)*) => {
        $(
            impl<$($params)*> Compare<$to> for $from $(where $($bounds)*)? {
                type Verdict = $verdict;
            }
            impl<$($params)*> Comparable<$to> for $from $(where $($bounds)*)? {}
        )*
    };
}

compare! {
    [U, To] Hole<U>, To => Fit;
    [To] Holes, To => Fit;
    [U: Equal<V, Is: Answer>, V] Known<U>, Known<V> => <U::Is as Answer>::Or<Differ<U, V>>;
    [U: DivMod<UInt<V, B>, Left: IsZero>, V, B] Known<U>, Hole<UInt<V, B>>
        => <<U::Left as IsZero>::Is as Answer>::Or<Divide<U, UInt<V, B>>>;
    // With a 0 among the sizes there are no elements, whatever the `Dyn` may be.
    [U: IsZero] Known<U>, Hole<UTerm> => <U::Is as Answer>::Or<Divide<U, UTerm>>;
    [U] Known<U>, Holes => Several<Holes>;
    // A name of the target that the source does not have is a `Dyn` like any other.
    [U, Name, V] Known<U>, Named<Name, Known<V>> where [Self: Compare<Hole<V>>] => <Self as Compare<Hole<V>>>::Verdict;
    [U, Name, V] Known<U>, Named<Name, Hole<V>> => Several<Holes>;
    [U, Name] Known<U>, Named<Name, Holes> => Several<Holes>;
    [U, A, B, Others] Known<U>, Named<A, Named<B, Others>> => Several<Holes>;
    [Name, Others, V] Named<Name, Others>, Known<V> => Fit;
    [Name, Others, V] Named<Name, Others>, Hole<V> => Fit;
    [Name, Others] Named<Name, Others>, Holes => Fit;
    // A name that both have is one size, which stays out of the comparison.
    [A, Left: Compare<Right>, B, Right] Named<A, Left>, Named<B, Right> => OneName<A, B, Left::Verdict>;
}

/// An answer in dimensions.
pub trait InDims {
    /// The answer.
    type Verdict;
}

impl InDims for Fit {
    type Verdict = Self;
}

impl<U: ToDim, V: ToDim> InDims for Differ<U, V> {
    type Verdict = Differ<DimOf<U>, DimOf<V>>;
}

impl<U: ToDim, V: ToDim> InDims for Divide<U, V> {
    type Verdict = Divide<DimOf<U>, DimOf<V>>;
}

impl<Sizes> InDims for Several<Sizes> {
    type Verdict = Self;
}

impl<A, B, Others: InDims> InDims for OneName<A, B, Others> {
    type Verdict = OneName<A, B, Others::Verdict>;
}

/// An answer that is known to be good: what a number of elements gives with itself.
pub trait Good: InDims<Verdict: Fits> {}
impl Good for Fit {}
impl<Name, Others: Good> Good for OneName<Name, Name, Others> {}

/// Yes or no.
pub trait Answer {
    /// `Fit` for yes, `No` for no.
    type Or<No>;
}
impl Answer for B1 {
    type Or<No> = Fit;
}
impl Answer for B0 {
    type Or<No> = No;
}

/// Whether no bit is set: of what a division leaves.
pub trait IsZero {
    /// The answer.
    type Is: Answer;
}
impl IsZero for UTerm {
    type Is = B1;
}
impl<U: IsZero> IsZero for UInt<U, B0> {
    type Is = U::Is;
}
impl<U> IsZero for UInt<U, B1> {
    type Is = B0;
}

/// The elements fit.
pub struct Fit;
/// The numbers of elements differ.
pub struct Differ<From, To>(From, To);
/// The sizes that are known do not divide the number of elements.
pub struct Divide<From, By>(From, By);
/// Sizes whose names should be one, and what is to be said of the others.
pub struct OneName<A, B, Others>(PhantomData<(A, B, Others)>);
/// Perhaps there are several sizes to infer.
pub struct Several<Sizes>(Sizes);

/// A good answer.
#[diagnostic::on_unimplemented(
    message = "cannot reshape into another number of elements",
    label = "another number of elements"
)]
pub trait Fits {}

/// Not several sizes to infer.
#[diagnostic::on_unimplemented(
    message = "only one `Dyn` of the new shape can be inferred from the other sizes",
    label = "the elements do not tell these sizes",
    note = "write the sizes that are known"
)]
pub trait NotSeveral {}

impl<Sizes: NotSeveral> Fits for Several<Sizes> {}

impl Fits for Fit {}

impl<A: SameName<B>, B, Others: Fits> Fits for OneName<A, B, Others> {}

macro_rules! speak_of {
    (
        $verdict:ident $sentences:ident
        [$l:ty] [$($lp:tt)*] $ls:ident [$($ln:tt)*] [$($lb:tt)*]
        [$r:ty] [$($rp:tt)*] $rs:ident [$($rn:tt)*] [$($rb:tt)*]
    ) => {
        impl<$($lp)* $($rp)*> Fits for $verdict<$l, $r>
        where
            $($lb)*
            $($rb)*
            KnownSizes: sentences::$sentences::$ls::$rs::Fits<$($ln)*, $($rn)*>,
        {
        }
    };
}
each_pair!(speak_of Differ reshape);
each_pair!(speak_of Divide divide);
