//! Axes in another order.

use crate::dim::number::size::Dim;
use crate::dim::sentences::KnownSizes;
use crate::dim::shape::axis::{Axes, HasAxis, OneAxis};
use crate::dim::shape::{Rank, Shape};

/// A shape of which the axes `A` and `B` can change places.
///
/// ```
/// use fusion::dim::{Axis, Num, Swap};
///
/// fn gives<S: Swap<A, B, Out = Out>, A, B, Out>() {}
/// gives::<(Num<2>, Num<3>, Num<4>), Axis<0>, Axis<-1>, (Num<4>, Num<3>, Num<2>)>();
/// ```
pub trait Swap<A, B>: Shape {
    /// The places of both, counted from the front.
    const AXES: (usize, usize);
    /// The shape with the axes in the new order.
    type Out: Shape;
}

impl<S: Shape, A, B: SwapOf<S, A>> Swap<A, B> for S {
    const AXES: (usize, usize) = B::AXES;
    type Out = B::Out;
}

/// [`Swap`], asked of the second axis, so that neither is guessed before it is known.
#[diagnostic::on_unimplemented(
    message = "`{S}` may not have the axes `{A}` and `{Self}`",
    label = "not known to have these axes",
    note = "an axis is `Axis::<1>`, the last is `Axis::<-1>`",
    note = "in generic code write the bound `{S}: Swap<{A}, {Self}>`"
)]
pub trait SwapOf<S, A> {
    /// The places of both, counted from the front.
    const AXES: (usize, usize);
    /// `S` with the axes in the new order.
    type Out: Shape;
}

macro_rules! swap {
    ($rank:literal [$($d:ident)*]) => {
        impl<$($d: Dim,)* X: OneAxis<Rank<$rank>>, Y: OneAxis<Rank<$rank>>> SwapOf<($($d,)*), X> for Y
        where
            ($($d,)*): HasAxis<X> + HasAxis<Y>,
            <($($d,)*) as HasAxis<X>>::With<<($($d,)*) as HasAxis<Y>>::Size>: HasAxis<Y>,
        {
            const AXES: (usize, usize) = (<($($d,)*) as HasAxis<X>>::INDEX, <($($d,)*) as HasAxis<Y>>::INDEX);
            type Out = <<($($d,)*) as HasAxis<X>>::With<<($($d,)*) as HasAxis<Y>>::Size> as HasAxis<Y>>::With<
                <($($d,)*) as HasAxis<X>>::Size,
            >;
        }
    };
}
each_rank!(swap);

/// A shape whose axes can be put in the order `A`: a tuple that names each of them once.
///
/// ```
/// use fusion::dim::{Axis, Num, Permute};
///
/// type Order = (Axis<2>, Axis<0>, Axis<1>);
/// fn gives<S: Permute<A, Out = Out>, A, Out>() {}
/// gives::<(Num<2>, Num<3>, Num<4>), Order, (Num<4>, Num<2>, Num<3>)>();
/// assert_eq!(<(Num<2>, Num<3>, Num<4>) as Permute<Order>>::ORDER, [2, 0, 1]);
/// ```
pub trait Permute<A>: Shape {
    /// Place `i` of the result is axis `ORDER[i]`.
    const ORDER: &'static [usize];
    /// The shape with the axes in the new order.
    type Out: Shape;
}

macro_rules! permute_of {
    ($rank:literal [$($d:ident)*]) => {
        impl<$($d: Dim,)* X: Order<Self>> Permute<X> for ($($d,)*) {
            const ORDER: &'static [usize] = X::ORDER;
            type Out = X::Out;
        }
    };
}
each_rank!(permute_of);

/// An order of the axes of `S`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an order of axes",
    label = "not an order of axes",
    note = "an order names every axis once: `(Axis::<2>, Axis::<0>, Axis::<1>)`"
)]
pub trait Order<S> {
    /// Place `i` of the result is axis `ORDER[i]`.
    const ORDER: &'static [usize];
    /// `S` in this order.
    type Out: Shape;
}

/// As many axes are named as there are.
#[diagnostic::on_unimplemented(
    message = "an order names every axis once, but this one names {NAMED} of {R}",
    label = "not every axis is named"
)]
pub trait Complete<const NAMED: usize, const R: usize> {}
impl<Any, const R: usize> Complete<R, R> for Any {}

/// A rank of so many axes.
pub trait Named<const COUNT: usize> {
    /// `S`: what is asked of it waits for this bound.
    type Of<S>;
}

impl<const R: usize, const COUNT: usize> Named<COUNT> for Rank<R>
where
    KnownSizes: Complete<COUNT, R>,
{
    type Of<S> = S;
}

/// `X`, if the axes of `S` are `COUNT`.
type If<S, const COUNT: usize, X> = <<S as Shape>::Rank as Named<COUNT>>::Of<X>;

macro_rules! permute {
    ($($count:literal: $($i:ident)+;)*) => {
        $(
            impl<S: Shape, $($i),*> Order<S> for ($($i,)*)
            where
                S::Rank: Named<$count>,
                KnownSizes: Axes<If<S, $count, Self>, S::Rank>,
                $(If<S, $count, S>: HasAxis<$i>,)*
            {
                const ORDER: &'static [usize] = &[$(<If<S, $count, S> as HasAxis<$i>>::INDEX),*];
                type Out = ($(<If<S, $count, S> as HasAxis<$i>>::Size,)*);
            }
        )*
    };
}

permute! {
    1: I;
    2: I J;
    3: I J K;
    4: I J K L;
    5: I J K L M;
    6: I J K L M N;
}
