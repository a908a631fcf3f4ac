//! Numbers of elements, and whether two of them are the same.

use core::marker::PhantomData;

use typenum::{B0, B1, UInt, UTerm};

use crate::dim::number::bits::{Bits, Equal};
use crate::dim::number::digits::{DimOf, ToDim};
use crate::dim::number::divide::DivMod;
use crate::dim::number::num::{Big4, Big5, Big6, Big7, Big8, Big9, Num};
use crate::dim::rules::equal::SameName;
use crate::dim::sentences::{self, KnownSizes};
use crate::dim::spell::Lead;

/// A number of elements: the product of a shape's sizes, from the last to the first. Every amount is known to be equal
/// to itself, which is all that generic code needs.
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

/// Compares two numbers of elements for a reshape. Every pair has a verdict; a second bound, [`Fits`], on the verdict
/// fails with a message in dimensions.
pub trait Compare<To> {
    /// The verdict.
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
    // If a size is 0 there are no elements, whatever the `Dyn` is.
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
    // A name on both sides is the same size and cancels out.
    [A, Left: Compare<Right>, B, Right] Named<A, Left>, Named<B, Right> => OneName<A, B, Left::Verdict>;
}

/// A verdict with dimensions in place of binary numbers.
pub trait InDims {
    /// The verdict.
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

/// A verdict that is known to be good: that of a number of elements and itself.
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

/// Whether a number, the remainder of a division, has no bit set.
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
/// Two sizes that must have one name, and the verdict on the others.
pub struct OneName<A, B, Others>(PhantomData<(A, B, Others)>);
/// There may be several sizes to infer.
pub struct Several<Sizes>(Sizes);

/// A verdict that the elements fit.
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
