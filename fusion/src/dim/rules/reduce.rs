//! Axes that go, and axes that come.

use crate::dim::number::size::{Big4, Big5, Big6, Big7, Big8, Big9, Dim, Dyn, Num};
use crate::dim::said::{Said, Says};
use crate::dim::sentences::{KnownSizes, squeeze};
use crate::dim::shape::axis::{At, Axes, Axis, Flag, Insert, NewAxis, OneAxis, Set, SetOf, Single};
use crate::dim::shape::{Rank, Shape};
use crate::dim::spell::Lead;

/// A shape of which the axes `A` can be summed away: an [`Axis`], or a tuple of them, each there and named once.
///
/// ```
/// use fusion::dim::{Axis, Dyn, Num, Reduce};
///
/// fn gives<S: Reduce<A, Out = Out, Keep = Keep>, A, Out, Keep>() {}
/// gives::<(Dyn, Num<3>), Axis<-1>, (Dyn,), (Dyn, Num<1>)>();
/// assert_eq!(<(Num<2>, Num<3>, Num<4>) as Reduce<(Axis<0>, Axis<2>)>>::AXES, 0b101);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{A}` does not name axes that `{Self}` is known to have",
    label = "not axes of this shape, as far as is known",
    note = "an axis is `Axis::<1>`, several are a tuple: `(Axis::<0>, Axis::<2>)`",
    note = "in generic code write the bound `{Self}: Reduce<{A}>`"
)]
pub trait Reduce<A>: Shape + Said<SomeAxes, A> {
    /// Bit `i` is set for axis `i`.
    const AXES: u8;
    /// The shape without the axes.
    type Out: Shape;
    /// The shape with the axes at size 1.
    type Keep: Shape;
}

// What it asks of a shape of which nothing is known is of no use to anybody: rustc names the rule itself.
#[diagnostic::do_not_recommend]
impl<S: Shape, A: AxesOf<S>> Reduce<A> for S {
    const AXES: u8 = A::BITS;
    type Out = A::Out;
    type Keep = A::Keep;
}

/// The rule [`Reduce`].
pub struct SomeAxes;

/// [`Reduce`], asked of the axes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not name axes",
    label = "not axes",
    note = "an axis is `Axis::<1>`, several are a tuple: `(Axis::<0>, Axis::<2>)`"
)]
pub trait AxesOf<S>: Says<SomeAxes, S> {
    /// Bit `i` is set for axis `i`.
    const BITS: u8;
    /// `S` without the axes.
    type Out: Shape;
    /// `S` with the axes at size 1.
    type Keep: Shape;
}

macro_rules! reduce {
    ($($rank:literal: $($d:ident $flag:ident)*;)*) => {
        $(
            impl<X, $($d: Dim),*> AxesOf<($($d,)*)> for X
            where
                KnownSizes: Axes<X, Rank<$rank>>,
            {
                const BITS: u8 = <SetOf<X, Rank<$rank>>>::BITS;
                type Out = reduce!(@drop [SetOf<X, Rank<$rank>>] $($d $flag)*);
                type Keep = ($(<<SetOf<X, Rank<$rank>> as Set>::$flag as Flag>::Shrink<$d, Num<1>>,)*);
            }

            impl<X, $($d),*> Says<SomeAxes, ($($d,)*)> for X where KnownSizes: Axes<X, Rank<$rank>> {}
        )*
    };
    (@drop [$set:ty]) => { () };
    (@drop [$set:ty] $d:ident $flag:ident $($rest:tt)*) => {
        <<$set as Set>::$flag as Flag>::Drop<$d, reduce!(@drop [$set] $($rest)*)>
    };
}

reduce! {
    0:;
    1: A F0;
    2: A F0 B F1;
    3: A F0 B F1 C F2;
    4: A F0 B F1 C F2 D F3;
    5: A F0 B F1 C F2 D F3 E F4;
    6: A F0 B F1 C F2 D F3 E F4 F F5;
}

/// A shape whose axis `A` can be dropped, because its size is 1. A `Dyn` is checked when the program runs.
///
/// ```
/// use fusion::dim::{Axis, Num, Squeeze};
///
/// fn gives<S: Squeeze<A, Out = Out>, A, Out>() {}
/// gives::<(Num<2>, Num<1>, Num<3>), Axis<1>, (Num<2>, Num<3>)>();
/// ```
pub trait Squeeze<A>: Shape {
    /// The place of the axis, counted from the front.
    const INDEX: usize;
    /// The shape without it.
    type Out: Shape;
}

impl<S: Shape, A: SqueezeOf<S>> Squeeze<A> for S {
    const INDEX: usize = A::INDEX;
    type Out = A::Out;
}

/// [`Squeeze`], asked of the axis, so that this is not guessed before it is known.
#[diagnostic::on_unimplemented(
    message = "`{S}` may not have an axis `{Self}` of size 1",
    label = "not known to have such an axis",
    note = "an axis is `Axis::<1>`, the last is `Axis::<-1>`",
    note = "in generic code write the bound `{S}: Squeeze<{Self}>`"
)]
pub trait SqueezeOf<S> {
    /// Its place, counted from the front.
    const INDEX: usize;
    /// `S` without it.
    type Out: Shape;
}

macro_rules! squeeze_of {
    ($rank:literal [$($d:ident)*]) => {
        impl<$($d: Dim,)* X> SqueezeOf<($($d,)*)> for X
        where
            X: OneAxis<Rank<$rank>> + Of1<<($($d,)*) as At<X::Place>>::Size>,
            ($($d,)*): At<X::Place>,
        {
            const INDEX: usize = X::Place::INDEX;
            type Out = <($($d,)*) as At<X::Place>>::Without;
        }
    };
}
each_rank!(squeeze_of);

/// An axis of size 1.
#[diagnostic::on_unimplemented(
    message = "only an axis of size 1 can be squeezed, but `{Self}` is of {Size}",
    label = "this axis is not of size 1"
)]
pub trait Of1<Size> {}

impl<Name: ?Sized, A> Of1<Dyn<Name>> for A {}

macro_rules! squeeze {
    ([$size:ty] [$($params:tt)*] $spelling:ident [$($n:tt)*] [$($bounds:tt)*]) => {
        impl<$($params)* const I: isize> Of1<$size> for Axis<I>
        where
            $($bounds)*
            KnownSizes: squeeze::$spelling::Fits<I, $($n)*>,
        {
        }
    };
}
each_known!([N P Q R A B C D E F] squeeze);

/// A shape that lets in a new axis of size 1 at `A`.
///
/// ```
/// use fusion::dim::{Axis, Num, Unsqueeze};
///
/// fn gives<S: Unsqueeze<A, Out = Out>, A, Out>() {}
/// gives::<(Num<2>, Num<3>), Axis<1>, (Num<2>, Num<1>, Num<3>)>();
/// gives::<(Num<2>, Num<3>), Axis<-1>, (Num<2>, Num<3>, Num<1>)>();
/// ```
pub trait Unsqueeze<A>: Shape {
    /// The place of the new axis, counted from the front.
    const INDEX: usize;
    /// The shape with it.
    type Out: Shape;
    /// The shape with a new axis of another size.
    type With<D: Dim>: Shape;
}

impl<S: Shape, A: UnsqueezeOf<S>> Unsqueeze<A> for S {
    const INDEX: usize = A::INDEX;
    type Out = A::Out;
    type With<D: Dim> = A::With<D>;
}

/// [`Unsqueeze`], asked of the axis, so that this is not guessed before it is known.
#[diagnostic::on_unimplemented(
    message = "`{S}` may have no place for a new axis at `{Self}`",
    label = "not known to have room for an axis",
    note = "an axis is `Axis::<1>`, the last is `Axis::<-1>`",
    note = "in generic code write the bound `{S}: Unsqueeze<{Self}>`"
)]
pub trait UnsqueezeOf<S> {
    /// Its place, counted from the front.
    const INDEX: usize;
    /// `S` with it.
    type Out: Shape;
    /// `S` with a new axis of another size.
    type With<D: Dim>: Shape;
}

macro_rules! unsqueeze_of {
    ($rank:literal [$($d:ident)*]) => {
        impl<$($d: Dim,)* X> UnsqueezeOf<($($d,)*)> for X
        where
            X: NewAxis<Rank<$rank>>,
            ($($d,)*): Insert<X::Place>,
        {
            const INDEX: usize = X::Place::INDEX;
            type Out = <($($d,)*) as Insert<X::Place>>::With<Num<1>>;
            type With<Size: Dim> = <($($d,)*) as Insert<X::Place>>::With<Size>;
        }
    };
}
each_rank!(unsqueeze_of);
