//! Numbers of elements: flattening and reshaping.

use core::ops::Mul;

use typenum::{B0, B1, Eq, IsEqual, Prod, U1, UInt, UTerm};

use super::digits::{DimOf, ToDim};
use super::divide::DivMod;
use super::sentences::{self, KnownSizes};
use super::shape::Shape;
use super::size::{Big4, Big5, Big6, Big7, Big8, Big9, Dim, Dyn, Nat, Num};
use super::spell::Lead;

/// A number of elements that is known.
pub struct Known<U>(U);
/// A number of elements with one factor that is not known, and `U` that is.
pub struct Hole<U>(U);
/// A number of elements with several factors that are not known.
pub struct Holes;

/// A size as a factor of a number of elements.
pub trait Factor<Count> {
    /// The number with this factor.
    type Times;
}

impl<Name: ?Sized, U> Factor<Known<U>> for Dyn<Name> {
    type Times = Hole<U>;
}
impl<Name: ?Sized, U> Factor<Hole<U>> for Dyn<Name> {
    type Times = Holes;
}
impl<Name: ?Sized> Factor<Holes> for Dyn<Name> {
    type Times = Holes;
}

macro_rules! factor {
    ([$size:ty] [$($params:tt)*] $spelling:ident $numbers:tt [$($bounds:tt)*]) => {
        impl<$($params)* U> Factor<Known<U>> for $size
        where
            $($bounds)*
            $size: Nat<Uint: Mul<U>>,
        {
            type Times = Known<Prod<<$size as Nat>::Uint, U>>;
        }

        impl<$($params)* U> Factor<Hole<U>> for $size
        where
            $($bounds)*
            $size: Nat<Uint: Mul<U>>,
        {
            type Times = Hole<Prod<<$size as Nat>::Uint, U>>;
        }

        impl<$($params)*> Factor<Holes> for $size
        where
            $($bounds)*
        {
            type Times = Holes;
        }
    };
}
each_known!([N P Q R A B C D E F] factor);

/// How many elements a shape has.
#[diagnostic::on_unimplemented(
    message = "the elements of {Self} cannot be counted",
    label = "not a shape whose elements are known",
    note = "in generic code write the bound of what is done with them: `Flat`, `Elements` or `Reshape`"
)]
pub trait Count {
    /// The number.
    type Count;
}

impl Count for () {
    type Count = Known<U1>;
}

macro_rules! count {
    ($($first:ident $($d:ident)*;)*) => {
        $(#[diagnostic::do_not_recommend]
        impl<$first, $($d),*> Count for ($first, $($d,)*)
        where
            ($($d,)*): Count,
            $first: Factor<<($($d,)*) as Count>::Count>,
        {
            type Count = $first::Times;
        })*
    };
}

count! {
    A;
    A B;
    A B C;
    A B C D;
    A B C D E;
    A B C D E F;
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

#[diagnostic::do_not_recommend]
impl<S: Count<Count: CountDim>> Elements for S {
    type Len = <S::Count as CountDim>::Dim;
}

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
/// source leaves open is checked when the program runs.
///
/// ```
/// use fusion::dim::{Dyn, Num, Reshape};
///
/// fn reshapes<S: Reshape<To>, To>() {}
/// reshapes::<(Num<2>, Num<6>), (Num<3>, Num<4>)>();
/// reshapes::<(Num<2>, Num<6>), (Dyn, Num<4>)>();
/// reshapes::<(Dyn, Num<784>), (Dyn, Num<28>, Num<28>)>();
/// ```
pub trait Reshape<To> {}

impl<S, To> Reshape<To> for S
where
    S: Shape + Count,
    To: Shape + Count,
    S::Count: Compare<To::Count, Verdict: Fits>,
{
}

/// What comes of reshaping so many elements into so many others. It always has an answer; whether it is a good one is
/// asked of the answer, which speaks in dimensions.
pub trait Compare<To> {
    /// The answer.
    type Verdict;
}

impl<U, To> Compare<To> for Hole<U> {
    type Verdict = Fit;
}

impl<To> Compare<To> for Holes {
    type Verdict = Fit;
}

impl<U, V> Compare<Known<V>> for Known<U>
where
    U: IsEqual<V, Output: Answer>,
    U: ToDim,
    V: ToDim,
{
    type Verdict = <Eq<U, V> as Answer>::Or<Differ<DimOf<U>, DimOf<V>>>;
}

impl<U, V, B> Compare<Hole<UInt<V, B>>> for Known<U>
where
    U: DivMod<UInt<V, B>, Left: IsZero> + ToDim,
    UInt<V, B>: ToDim,
{
    type Verdict = <<U::Left as IsZero>::Is as Answer>::Or<Divide<DimOf<U>, DimOf<UInt<V, B>>>>;
}

// With a 0 among the sizes there are no elements, whatever the `Dyn` may be.
impl<U: IsZero + ToDim> Compare<Hole<UTerm>> for Known<U> {
    type Verdict = <U::Is as Answer>::Or<Divide<DimOf<U>, Num<0>>>;
}

impl<U> Compare<Holes> for Known<U> {
    type Verdict = Several<Holes>;
}

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
