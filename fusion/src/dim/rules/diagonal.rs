//! Diagonals of matrices.

use typenum::{B0, B1, UTerm};

use crate::dim::number::arithmetic::{NineDigits, Plus};
use crate::dim::number::digits::{DimOf, ToDim};
use crate::dim::number::dim::{Dim, Nat};
use crate::dim::number::divide::Less;
use crate::dim::number::num::{Dyn, Num};
use crate::dim::rules::reduce::{Reduce, SomeAxes, Unsqueeze};
use crate::dim::said::Said;
use crate::dim::shape::Shape;
use crate::dim::shape::axis::{Axis, HasAxis};

/// The diagonal that lies `K` columns to the right of the main one, as a type and as a value: `Above::<0>` is the main one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Above<const K: usize>;

/// The diagonal that lies `K` rows below the main one, as a type and as a value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Below<const K: usize>;

/// Which diagonal: [`Above`], [`Below`], or a number of the run, negative below the main one.
///
/// ```
/// use fusion::dim::{Above, Below, DiagonalPlace};
///
/// assert_eq!((Above::<2>.offset(), Below::<1>.offset(), (-3).offset()), (2, -1, -3));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say which diagonal",
    label = "expected `Above`, `Below` or an `isize`",
    note = "`Above::<1>` and `Below::<1>` are known to the compiler, `1` and `-1` to the run"
)]
pub trait DiagonalPlace: Copy {
    /// This place: bounds on this projection are checked after this one.
    #[doc(hidden)]
    type Is;

    /// How many columns it lies to the right of the main one.
    fn offset(self) -> isize;
}

#[diagnostic::do_not_recommend]
impl<const K: usize> DiagonalPlace for Above<K> {
    type Is = Self;

    fn offset(self) -> isize {
        K.cast_signed()
    }
}

#[diagnostic::do_not_recommend]
impl<const K: usize> DiagonalPlace for Below<K> {
    type Is = Self;

    fn offset(self) -> isize {
        0isize.saturating_sub_unsigned(K)
    }
}

#[diagnostic::do_not_recommend]
impl DiagonalPlace for isize {
    type Is = Self;

    fn offset(self) -> isize {
        self
    }
}

/// Rows of a matrix of `C` columns, and the size of its diagonal at `O`.
///
/// ```
/// use fusion::dim::{Above, Below, DiagonalOf, Dyn, Num};
///
/// fn gives<R: DiagonalOf<C, O, Out = Out>, C, O, Out>() {}
/// gives::<Num<3>, Num<5>, Above<0>, Num<3>>();
/// gives::<Num<3>, Num<5>, Above<4>, Num<1>>();
/// gives::<Num<3>, Num<5>, Below<7>, Num<0>>();
/// gives::<Num<3>, Dyn, Above<0>, Dyn>();
/// ```
#[diagnostic::on_unimplemented(
    message = "a matrix of {Self} by {C} may not have the diagonal `{O}`",
    label = "not known to have it",
    note = "in generic code write the bound `{Self}: DiagonalOf<{C}, {O}>`; what comes out is its `Out`"
)]
pub trait DiagonalOf<C, O> {
    /// How many elements it has.
    type Out: Dim;
}

#[diagnostic::do_not_recommend]
impl<Name: ?Sized + 'static, C: Dim, O: DiagonalPlace> DiagonalOf<C, O> for Dyn<Name> {
    type Out = Dyn;
}

#[diagnostic::do_not_recommend]
impl<Name: ?Sized + 'static, R: Nat, O: DiagonalPlace> DiagonalOf<Dyn<Name>, O> for R {
    type Out = Dyn;
}

#[diagnostic::do_not_recommend]
impl<R: Nat, C: Nat> DiagonalOf<C, isize> for R {
    type Out = Dyn;
}

#[diagnostic::do_not_recommend]
impl<R: Nat, C: Nat, const K: usize> DiagonalOf<C, Above<K>> for R
where
    Num<K>: Nat,
    C::Uint: Cut<<Num<K> as Nat>::Uint>,
    R::Uint: Shorter<<C::Uint as Cut<<Num<K> as Nat>::Uint>>::Out, Out: ToDim<Dim: NineDigits>>,
{
    type Out = DimOf<<R::Uint as Shorter<<C::Uint as Cut<<Num<K> as Nat>::Uint>>::Out>>::Out>;
}

#[diagnostic::do_not_recommend]
impl<R: Nat, C: Nat, const K: usize> DiagonalOf<C, Below<K>> for R
where
    Num<K>: Nat,
    R::Uint: Cut<<Num<K> as Nat>::Uint>,
    C::Uint: Shorter<<R::Uint as Cut<<Num<K> as Nat>::Uint>>::Out, Out: ToDim<Dim: NineDigits>>,
{
    type Out = DimOf<<C::Uint as Shorter<<R::Uint as Cut<<Num<K> as Nat>::Uint>>::Out>>::Out>;
}

/// One of two numbers, by the answer to "is the first one smaller?".
pub trait Smaller<A, B> {
    /// The smaller one.
    type Out;
}
impl<A, B> Smaller<A, B> for B1 {
    type Out = A;
}
impl<A, B> Smaller<A, B> for B0 {
    type Out = B;
}

/// The smaller of two numbers.
pub trait Shorter<V> {
    /// Which it is.
    type Out;
}
impl<U: Less<V, Below: Smaller<U, V>>, V> Shorter<V> for U {
    type Out = <U::Below as Smaller<U, V>>::Out;
}

/// A number less another, and 0 if that is larger.
pub trait Cut<V> {
    /// The difference.
    type Out;
}
impl<U: Less<V, Below: Smaller<UTerm, U::Difference>>, V> Cut<V> for U {
    type Out = <U::Below as Smaller<UTerm, U::Difference>>::Out;
}

/// A shape of which the axes `A` and `B` are those of matrices that have the diagonal `O`.
///
/// ```
/// use fusion::dim::{Above, Axis, DiagonalAxes, Dyn, Num};
///
/// fn gives<S: DiagonalAxes<A, B, O, Out = Out>, A, B, O, Out>() {}
/// gives::<(Dyn, Num<3>, Num<5>), Axis<1>, Axis<2>, Above<1>, (Dyn, Num<3>)>();
/// ```
pub trait DiagonalAxes<A, B, O>: Shape {
    /// The places of both, counted from the front.
    const AXES: [usize; 2];
    /// The shape with the diagonal in place of both, last.
    type Out: Shape;

    /// How many columns the diagonal lies to the right of the main one.
    fn offset(place: O) -> isize;
}

impl<S: Shape, A, B: ColumnsOf<S, A, O>, O> DiagonalAxes<A, B, O> for S {
    const AXES: [usize; 2] = B::AXES;
    type Out = B::Out;

    fn offset(place: O) -> isize {
        B::offset(place)
    }
}

/// [`DiagonalAxes`], implemented on the second axis so that inference guesses neither.
#[diagnostic::on_unimplemented(
    message = "`{S}` may not have matrices of the axes `{A}` and `{Self}`",
    label = "not known to have these axes",
    note = "in generic code write the bound `{S}: DiagonalAxes<{A}, {Self}, {O}>`; what comes out is its `Out`"
)]
pub trait ColumnsOf<S, A, O> {
    /// The places of both, counted from the front.
    const AXES: [usize; 2];
    /// `S` with the diagonal in place of both, last.
    type Out: Shape;

    /// How many columns the diagonal lies to the right of the main one.
    fn offset(place: O) -> isize;
}

/// The size of the diagonal.
type DiagonalLen<S, A, B, O> =
    <<S as HasAxis<A>>::Size as DiagonalOf<<S as HasAxis<B>>::Size, <O as DiagonalPlace>::Is>>::Out;

impl<S, const I: isize, const J: isize, O> ColumnsOf<S, Axis<I>, O> for Axis<J>
where
    O: DiagonalPlace,
    S: Said<SomeAxes, (Axis<I>, Axis<J>)> + Reduce<(Axis<I>, Axis<J>)>,
    <S as Reduce<(Axis<I>, Axis<J>)>>::Out: Unsqueeze<Axis<-1>>,
    S: HasAxis<Axis<I>> + HasAxis<Axis<J>>,
    <S as HasAxis<Axis<I>>>::Size: DiagonalOf<<S as HasAxis<Axis<J>>>::Size, O::Is>,
{
    const AXES: [usize; 2] = [<S as HasAxis<Axis<I>>>::INDEX, <S as HasAxis<Axis<J>>>::INDEX];
    type Out =
        <<S as Reduce<(Axis<I>, Axis<J>)>>::Out as Unsqueeze<Axis<-1>>>::With<DiagonalLen<S, Axis<I>, Axis<J>, O>>;

    fn offset(place: O) -> isize {
        place.offset()
    }
}

/// A number of elements, and the side of the square matrix that has them on the diagonal `O`.
#[diagnostic::on_unimplemented(
    message = "there may be no matrix with {Self} elements on the diagonal `{O}`",
    label = "not known to be one",
    note = "in generic code write the bound `{Self}: OnDiagonal<{O}>`; what comes out is its `Out`"
)]
pub trait OnDiagonal<O> {
    /// The number of rows, and of columns.
    type Out: Dim;
}

#[diagnostic::do_not_recommend]
impl<N: Plus<Num<K>>, const K: usize> OnDiagonal<Above<K>> for N {
    type Out = N::Out;
}

#[diagnostic::do_not_recommend]
impl<N: Plus<Num<K>>, const K: usize> OnDiagonal<Below<K>> for N {
    type Out = N::Out;
}

#[diagnostic::do_not_recommend]
impl<N: Dim> OnDiagonal<isize> for N {
    type Out = Dyn;
}
