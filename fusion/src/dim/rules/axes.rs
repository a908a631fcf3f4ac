//! Axes that become several, several that become one, that move, grow and are rolled.

use crate::dim::number::arithmetic::{Positive, Scaled};
use crate::dim::number::dim::Dim;
use crate::dim::rules::reshape::{AsMany, Elements, Reshape};
use crate::dim::said::Said;
use crate::dim::sentences::{KnownSizes, Shapes};
use crate::dim::shape::axis::{AnAxis, Axis, HasAxis, Insert, OneAxis, Place, Single};
use crate::dim::shape::{Rank, Shape};

/// A shape whose axis `A` can become several, of the sizes `L`, a shape of as many elements.
///
/// ```
/// use fusion::dim::{Axis, Dyn, Num, UnflattenAxis};
///
/// fn gives<S: UnflattenAxis<A, L, Out = Out>, A, L, Out>() {}
/// gives::<(Dyn, Num<12>), Axis<1>, (Num<3>, Num<4>), (Dyn, Num<3>, Num<4>)>();
/// ```
pub trait UnflattenAxis<A, L>: HasAxis<A> {
    /// The shape with several axes.
    type Out: Shape;
}

impl<S: HasAxis<A>, A: OneAxis<S::Rank>, L> UnflattenAxis<A, L> for S
where
    (S::Size,): Said<AsMany, L> + Reshape<L>,
    Shapes: Axes<L, <S::Without as Shape>::Rank> + Spliced<L, S::Without, A::Place>,
{
    type Out = <Shapes as Spliced<L, S::Without, A::Place>>::Out;
}

/// Sizes of which there are not too many beside a rank.
#[diagnostic::on_unimplemented(
    message = "`{L}` are not the sizes of axes",
    label = "not the sizes of axes",
    note = "the sizes are a shape of at least one: `shape![3, 4]`"
)]
pub trait Axes<L, R> {}

/// Sizes that are put into the shape `W`, one after the other, at the place `P`; the rank has room for them.
pub trait Spliced<L, W, P> {
    /// The shape with them.
    type Out: Shape;
}

impl<Any, W: Shape, P> Spliced<(), W, P> for Any {
    type Out = W;
}

macro_rules! spliced {
    ($($count:literal: [$($d:ident)*] $last:ident;)*) => {
        $(
            impl<Any, W, P, $($d,)* $last: Dim> Spliced<($($d,)* $last,), W, P> for Any
            where
                W: Insert<P>,
                Shapes: Spliced<($($d,)*), W::With<$last>, P>,
            {
                type Out = <Shapes as Spliced<($($d,)*), W::With<$last>, P>>::Out;
            }

            impl<Any, $($d,)* $last, const R: usize> Axes<($($d,)* $last,), Rank<R>> for Any where KnownSizes: AtMostSix<R, $count> {}
        )*
    };
}
spliced! {
    1: [] A;
    2: [A] B;
    3: [A B] C;
    4: [A B C] D;
    5: [A B C D] E;
    6: [A B C D E] F;
}

/// As many axes as a tensor can have.
#[diagnostic::on_unimplemented(
    message = "a tensor has at most 6 axes: there is no room for {MORE} beside {R}",
    label = "too many axes"
)]
pub trait AtMostSix<const R: usize, const MORE: usize> {}

macro_rules! at_most_six {
    ($($rank:literal: $($more:literal)*;)*) => {
        $($(
            #[diagnostic::do_not_recommend]
            impl AtMostSix<$rank, $more> for KnownSizes {}
        )*)*
    };
}
at_most_six! {
    0: 1 2 3 4 5 6;
    1: 1 2 3 4 5;
    2: 1 2 3 4;
    3: 1 2 3;
    4: 1 2;
    5: 1;
}

/// A shape whose axes from `A` to `B` can become one.
///
/// ```
/// use fusion::dim::{Axis, Dyn, FlattenAxes, Num};
///
/// fn gives<S: FlattenAxes<A, B, Out = Out>, A, B, Out>() {}
/// gives::<(Dyn, Num<3>, Num<4>, Num<5>), Axis<1>, Axis<2>, (Dyn, Num<12>, Num<5>)>();
/// gives::<(Dyn, Num<3>, Num<4>, Num<5>), Axis<1>, Axis<-1>, (Dyn, Num<60>)>();
/// ```
pub trait FlattenAxes<A, B>: HasAxis<A> + HasAxis<B> {
    /// The shape with one axis of all elements of these.
    type Out: Shape;
}

impl<S: HasAxis<A> + HasAxis<B>, A: OneAxis<S::Rank>, B: OneAxis<S::Rank>> FlattenAxes<A, B> for S
where
    B::Place: UpFrom<A::Place, S>,
{
    type Out = <B::Place as UpFrom<A::Place, S>>::Out;
}

/// The last of the axes from the place `A` on.
#[diagnostic::on_unimplemented(
    message = "axes are joined from the first to the last of them, not the other way round",
    label = "not in their order"
)]
pub trait UpFrom<A, S> {
    /// The shape with one axis of all elements of these.
    type Out: Shape;
}

macro_rules! from_to {
    ($($a:literal $b:literal [$($front:ident)*] [$($axis:ident)+] [$($back:ident)*];)*) => {
        $(#[diagnostic::do_not_recommend]
        impl<$($front: Dim,)* $($axis: Dim,)* $($back: Dim,)*>
            UpFrom<Place<$a>, ($($front,)* $($axis,)* $($back,)*)> for Place<$b>
        where
            ($($axis,)*): Elements,
        {
            type Out = ($($front,)* <($($axis,)*) as Elements>::Len, $($back,)*);
        })*
    };
}
from_to! {
    0 0 [] [A] [];
    0 0 [] [A] [B];
    0 1 [] [A B] [];
    1 1 [A] [B] [];
    0 0 [] [A] [B C];
    0 1 [] [A B] [C];
    0 2 [] [A B C] [];
    1 1 [A] [B] [C];
    1 2 [A] [B C] [];
    2 2 [A B] [C] [];
    0 0 [] [A] [B C D];
    0 1 [] [A B] [C D];
    0 2 [] [A B C] [D];
    0 3 [] [A B C D] [];
    1 1 [A] [B] [C D];
    1 2 [A] [B C] [D];
    1 3 [A] [B C D] [];
    2 2 [A B] [C] [D];
    2 3 [A B] [C D] [];
    3 3 [A B C] [D] [];
    0 0 [] [A] [B C D E];
    0 1 [] [A B] [C D E];
    0 2 [] [A B C] [D E];
    0 3 [] [A B C D] [E];
    0 4 [] [A B C D E] [];
    1 1 [A] [B] [C D E];
    1 2 [A] [B C] [D E];
    1 3 [A] [B C D] [E];
    1 4 [A] [B C D E] [];
    2 2 [A B] [C] [D E];
    2 3 [A B] [C D] [E];
    2 4 [A B] [C D E] [];
    3 3 [A B C] [D] [E];
    3 4 [A B C] [D E] [];
    4 4 [A B C D] [E] [];
    0 0 [] [A] [B C D E F];
    0 1 [] [A B] [C D E F];
    0 2 [] [A B C] [D E F];
    0 3 [] [A B C D] [E F];
    0 4 [] [A B C D E] [F];
    0 5 [] [A B C D E F] [];
    1 1 [A] [B] [C D E F];
    1 2 [A] [B C] [D E F];
    1 3 [A] [B C D] [E F];
    1 4 [A] [B C D E] [F];
    1 5 [A] [B C D E F] [];
    2 2 [A B] [C] [D E F];
    2 3 [A B] [C D] [E F];
    2 4 [A B] [C D E] [F];
    2 5 [A B] [C D E F] [];
    3 3 [A B C] [D] [E F];
    3 4 [A B C] [D E] [F];
    3 5 [A B C] [D E F] [];
    4 4 [A B C D] [E] [F];
    4 5 [A B C D] [E F] [];
    5 5 [A B C D E] [F] [];
}

/// A shape whose axis `A` can move to the place of `B`.
///
/// ```
/// use fusion::dim::{Axis, Dyn, MoveAxis, Num};
///
/// fn gives<S: MoveAxis<A, B, Out = Out>, A, B, Out>() {}
/// gives::<(Dyn, Num<32>, Num<30>, Num<3>), Axis<-1>, Axis<1>, (Dyn, Num<3>, Num<32>, Num<30>)>();
/// ```
pub trait MoveAxis<A, B>: Shape {
    /// The places of both, counted from the front.
    const AXES: [usize; 2];
    /// The shape with the axis there.
    type Out: Shape;
}

impl<S: Shape, A, B: PlaceFor<S, A>> MoveAxis<A, B> for S {
    const AXES: [usize; 2] = B::AXES;
    type Out = B::Out;
}

/// [`MoveAxis`], implemented on the second axis so that inference guesses neither.
#[diagnostic::on_unimplemented(
    message = "`{S}` may not have the axes `{A}` and `{Self}`",
    label = "not known to have these axes",
    note = "in generic code write the bound `{S}: MoveAxis<{A}, {Self}>`; what comes out is its `Out`"
)]
pub trait PlaceFor<S, A> {
    /// The places of both, counted from the front.
    const AXES: [usize; 2];
    /// `S` with the axis there.
    type Out: Shape;
}

impl<S: Shape, const I: isize, const J: isize> PlaceFor<S, Axis<I>> for Axis<J>
where
    S: HasAxis<Axis<I>>,
    Axis<I>: OneAxis<S::Rank>,
    Axis<J>: OneAxis<S::Rank>,
    <S as HasAxis<Axis<I>>>::Without: Insert<<Axis<J> as OneAxis<S::Rank>>::Place>,
{
    const AXES: [usize; 2] = [<S as HasAxis<Axis<I>>>::INDEX, <<Axis<J> as OneAxis<S::Rank>>::Place as Single>::INDEX];
    type Out = <<S as HasAxis<Axis<I>>>::Without as Insert<<Axis<J> as OneAxis<S::Rank>>::Place>>::With<
        <S as HasAxis<Axis<I>>>::Size,
    >;
}

/// A shape whose axis `A` becomes `N` times as long.
///
/// ```
/// use fusion::dim::{Axis, Dyn, Num, ScaleAxis};
///
/// fn gives<S: ScaleAxis<A, N, Out = Out>, A, N, Out>() {}
/// gives::<(Dyn, Num<3>), Axis<1>, Num<4>, (Dyn, Num<12>)>();
/// ```
pub trait ScaleAxis<A, N>: Shape {
    /// The place of the axis, counted from the front.
    const INDEX: usize;
    /// The shape with the longer axis.
    type Out: Shape;
}

impl<S: Shape, A: Longer<S, N>, N> ScaleAxis<A, N> for S {
    const INDEX: usize = A::INDEX;
    type Out = A::Out;
}

/// [`ScaleAxis`], implemented on the axis so that inference does not guess it.
#[diagnostic::on_unimplemented(
    message = "`{S}` may not have an axis `{Self}` that becomes `{N}` times as long",
    label = "not known to have this axis",
    note = "in generic code write the bound `{S}: ScaleAxis<{Self}, {N}>`; what comes out is its `Out`"
)]
pub trait Longer<S, N> {
    /// The place of the axis, counted from the front.
    const INDEX: usize;
    /// `S` with the longer axis.
    type Out: Shape;
}

impl<S, const I: isize, N> Longer<S, N> for Axis<I>
where
    S: Said<AnAxis, Axis<I>> + HasAxis<Axis<I>>,
    N: Positive,
    S::Size: Scaled<N>,
{
    const INDEX: usize = S::INDEX;
    type Out = S::With<<S::Size as Scaled<N>>::Out>;
}

/// A shape of which the axes `A`, one or a tuple, are rolled, each by a number of its own.
///
/// ```
/// use fusion::dim::{Axis, Num, RollAxes};
///
/// type Matrix = (Num<2>, Num<3>);
/// assert_eq!(<Matrix as RollAxes<(Axis<1>, Axis<0>)>>::PLACES, [1, 0]);
/// let shift: <Matrix as RollAxes<Axis<1>>>::Shifts = 3isize;
/// ```
pub trait RollAxes<A> {
    /// One number, or an array.
    type Shifts: Shifts;
    /// The places of the axes, counted from the front.
    const PLACES: &'static [usize];
}

impl<S, A> RollAxes<A> for S
where
    Shapes: Rolls<A, S>,
{
    type Shifts = <Shapes as Rolls<A, S>>::Shifts;
    const PLACES: &'static [usize] = <Shapes as Rolls<A, S>>::PLACES;
}

/// [`RollAxes`], for each number of axes. Implemented for every type `Any`, so that rustc lists no similar impls when it fails.
#[diagnostic::on_unimplemented(
    message = "`{A}` does not name axes",
    label = "not axes",
    note = "an axis is `Axis::<1>`, several are a tuple: `(Axis::<0>, Axis::<2>)`"
)]
pub trait Rolls<A, S> {
    /// One number, or an array.
    type Shifts: Shifts;
    /// The places of the axes, counted from the front.
    const PLACES: &'static [usize];
}

/// How far a tensor is rolled along each of its axes.
pub trait Shifts {
    /// The numbers.
    fn list(&self) -> &[isize];
}

impl Shifts for isize {
    fn list(&self) -> &[isize] {
        core::slice::from_ref(self)
    }
}

impl<const N: usize> Shifts for [isize; N] {
    fn list(&self) -> &[isize] {
        self
    }
}

impl<Any, S: Said<AnAxis, Axis<I>> + HasAxis<Axis<I>>, const I: isize> Rolls<Axis<I>, S> for Any {
    type Shifts = isize;
    const PLACES: &'static [usize] = &[S::INDEX];
}

macro_rules! rolls {
    ($($n:literal: $($x:ident)*;)*) => {
        $(impl<Any, S, $(const $x: isize),*> Rolls<($(Axis<$x>,)*), S> for Any
        where
            $(S: Said<AnAxis, Axis<$x>> + HasAxis<Axis<$x>>,)*
        {
            type Shifts = [isize; $n];
            const PLACES: &'static [usize] = &[$(<S as HasAxis<Axis<$x>>>::INDEX),*];
        })*
    };
}
rolls! {
    1: X;
    2: X Y;
    3: X Y Z;
    4: X Y Z U;
    5: X Y Z U V;
    6: X Y Z U V W;
}
