//! Other shapes for the same elements: flattening and reshaping.

use crate::dim::number::amount::{Comparable, Compare, Fits, Hole, Holes, InDims, Known, Named};
use crate::dim::number::digits::{DimOf, ToDim};
use crate::dim::number::dim::Dim;
use crate::dim::number::num::Dyn;
use crate::dim::said::{Said, Says};
use crate::dim::shape::Shape;

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
/// Both must have equally many. One `Dyn` in `To` follows from the other sizes, which must divide the number of
/// elements. A `Dyn` in the source is checked when the program runs. A named `Dyn` is the same size in both shapes.
///
/// Generic sizes with which both shapes begin, in the same order, need no bound.
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

// For generic sizes rustc names the rule itself: the bounds of this impl would not help.
#[diagnostic::do_not_recommend]
impl<S, To: ComparableTo<S> + Says<AsMany, S>> Reshape<To> for S {}

/// The rule [`Reshape`].
pub struct AsMany;

impl<S: Shape, To: Shape> Says<AsMany, S> for To where S::Count: Compare<To::Count, Verdict: InDims<Verdict: Fits>> {}

/// [`Comparable`], of shapes. Implemented on the target so that inference does not guess it.
pub trait ComparableTo<S> {}
impl<S: Shape, To: Shape> ComparableTo<S> for To where S::Count: Comparable<To::Count> {}
