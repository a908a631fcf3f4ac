//! Axes that go, and axes that come.

use super::axis::{At, Axes, Axis, Flag, Insert, NewAxis, NewPlaceOf, OneAxis, PlaceOf, Set, Single};
use super::shape::{Rank, Shape};
use super::size::{Big4, Big5, Big6, Big7, Big8, Big9, Dim, Dyn, Num};
use super::spell::{Lead, Rule};

/// A shape of which the axes `A` can be summed away: an [`Axis`], or a tuple of them, each there and named once.
///
/// ```
/// use fusion::dim::{Axis, Dyn, Num, Reduce};
///
/// fn gives<S: Reduce<A, Out = Out, Keep = Keep>, A, Out, Keep>() {}
/// gives::<(Dyn, Num<3>), Axis<-1>, (Dyn,), (Dyn, Num<1>)>();
/// assert_eq!(<(Num<2>, Num<3>, Num<4>) as Reduce<(Axis<0>, Axis<2>)>>::AXES, 0b101);
/// ```
pub trait Reduce<A>: Shape {
    /// Bit `i` is set for axis `i`.
    const AXES: u8;
    /// The shape without the axes.
    type Out: Shape;
    /// The shape with the axes at size 1.
    type Keep: Shape;
}

// Asked of the axes, so that a mistake in them is explained by them.
impl<S: Shape, A: AxesOf<S>> Reduce<A> for S {
    const AXES: u8 = A::BITS;
    type Out = A::Out;
    type Keep = A::Keep;
}

/// [`Reduce`], asked of the axes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not name axes",
    label = "not axes",
    note = "an axis is `Axis::<1>`, several are a tuple: `(Axis::<0>, Axis::<2>)`"
)]
pub trait AxesOf<S> {
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
            impl<X: Axes<Rank<$rank>>, $($d: Dim),*> AxesOf<($($d,)*)> for X {
                const BITS: u8 = X::Set::BITS;
                type Out = reduce!(@drop X $($d $flag)*);
                type Keep = ($(<<X::Set as Set>::$flag as Flag>::Shrink<$d, Num<1>>,)*);
            }
        )*
    };
    (@drop $x:ident) => { () };
    (@drop $x:ident $d:ident $flag:ident $($rest:tt)*) => {
        <<$x::Set as Set>::$flag as Flag>::Drop<$d, reduce!(@drop $x $($rest)*)>
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

impl<S, A> Squeeze<A> for S
where
    S: Shape + At<PlaceOf<A, S>>,
    A: OneAxis<<S as Shape>::Rank> + Of1<<S as At<PlaceOf<A, S>>>::Size>,
{
    const INDEX: usize = PlaceOf::<A, S>::INDEX;
    type Out = <S as At<PlaceOf<A, S>>>::Without;
}

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
            Rule: $spelling::Fits<I, $($n)*>,
        {
        }
    };
}
each_known!([N P Q R A B C D E F] squeeze);

macro_rules! sentences {
    ($($spelling:ident [$($n:ident: $t:ty),*] $sentence:literal;)*) => {
        $(
            /// A size with this spelling.
            pub mod $spelling {
                /// The size is 1.
                #[diagnostic::on_unimplemented(message = $sentence, label = "this axis is not of size 1")]
                pub trait Fits<const I: isize, $(const $n: $t),*> {}
            }
        )*
    };
}

sentences! {
    s3 [N: usize]
        "only an axis of size 1 can be squeezed, but axis {I} is of {N}";
    s6 [N: usize, A: u8, B: u8, C: u8]
        "only an axis of size 1 can be squeezed, but axis {I} is of {N}{A}{B}{C}";
    s9 [N: usize, A: u8, B: u8, C: u8, D: u8, E: u8, F: u8]
        "only an axis of size 1 can be squeezed, but axis {I} is of {N}{A}{B}{C}{D}{E}{F}";
}

impl<Any, const I: isize> s3::Fits<I, 1> for Any {}

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

impl<S, A> Unsqueeze<A> for S
where
    S: Shape + Insert<NewPlaceOf<A, S>>,
    A: NewAxis<<S as Shape>::Rank>,
{
    const INDEX: usize = NewPlaceOf::<A, S>::INDEX;
    type Out = <S as Insert<NewPlaceOf<A, S>>>::With<Num<1>>;
    type With<D: Dim> = <S as Insert<NewPlaceOf<A, S>>>::With<D>;
}
