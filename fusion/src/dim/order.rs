//! Axes in another order.

use super::axis::{Axes, HasAxis};
use super::sentences::KnownSizes;
use super::shape::{Rank, Shape};

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

impl<S, A, B> Swap<A, B> for S
where
    S: HasAxis<A> + HasAxis<B>,
    <S as HasAxis<A>>::With<<S as HasAxis<B>>::Size>: HasAxis<B>,
{
    const AXES: (usize, usize) = (<S as HasAxis<A>>::INDEX, <S as HasAxis<B>>::INDEX);
    type Out = <<S as HasAxis<A>>::With<<S as HasAxis<B>>::Size> as HasAxis<B>>::With<<S as HasAxis<A>>::Size>;
}

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

impl<S: Shape, A: Order<S>> Permute<A> for S {
    const ORDER: &'static [usize] = A::ORDER;
    type Out = A::Out;
}

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
                If<S, $count, Self>: Axes<S::Rank>,
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
