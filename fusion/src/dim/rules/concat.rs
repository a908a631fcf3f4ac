//! Tensors one behind the other.

use crate::dim::number::arithmetic::Plus;
use crate::dim::number::size::Dim;
use crate::dim::rules::equal::SameSize;
use crate::dim::rules::join::SameShape;
use crate::dim::sentences::Shapes;
use crate::dim::shape::Shape;
use crate::dim::shape::axis::HasAxis;

/// Two tensors that can be joined along the axis `A`: their sizes there are added, all others are equal.
///
/// ```
/// use fusion::dim::{Axis, Concat, Dyn, Num};
///
/// fn gives<L: Concat<A, R, Out = Out>, A, R, Out>() {}
/// gives::<(Num<2>, Num<8>), Axis<0>, (Num<3>, Num<8>), (Num<5>, Num<8>)>();
/// gives::<(Num<2>, Num<8>), Axis<-1>, (Dyn, Num<4>), (Num<2>, Num<12>)>();
/// ```
pub trait Concat<A, R>: Shape {
    /// The place of the axis, counted from the front.
    const INDEX: usize;
    /// The shape of both together.
    type Out: Shape;
}

/// The sum of the sizes along an axis.
type Total<A, L, R> = <<L as HasAxis<A>>::Size as Plus<<R as HasAxis<A>>::Size>>::Out;

impl<A, L, R> Concat<A, R> for L
where
    L: HasAxis<A, Size: Plus<<R as HasAxis<A>>::Size>>,
    R: HasAxis<A>,
    <L as HasAxis<A>>::With<Total<A, L, R>>: SameShape<<R as HasAxis<A>>::With<Total<A, L, R>>>,
{
    const INDEX: usize = <L as HasAxis<A>>::INDEX;
    type Out = <<L as HasAxis<A>>::With<Total<A, L, R>> as SameShape<<R as HasAxis<A>>::With<Total<A, L, R>>>>::Both;
}

/// Two branches that are joined along their channels, axis 1: what `|` means in [`model!`](macro@crate::model).
///
/// ```
/// use fusion::dim::{Dyn, Join, Num};
///
/// fn gives<L: Join<R, Out = Out>, R, Out>() {}
/// gives::<(Dyn, Num<64>, Num<8>, Num<8>), (Dyn, Num<32>, Num<8>, Num<8>), (Dyn, Num<96>, Num<8>, Num<8>)>();
/// gives::<(Dyn, Num<10>), (Dyn, Num<5>), (Dyn, Num<15>)>();
/// ```
pub trait Join<R> {
    /// The shape of both together.
    type Out: Shape;
}

// Asked of the other branch, so that it is not guessed before it is known.
impl<L, R: JoinedTo<L>> Join<R> for L {
    type Out = R::Out;
}

/// [`Join`], asked of the right branch.
pub trait JoinedTo<L> {
    /// The shape of both together.
    type Out: Shape;
}

impl<L, R> JoinedTo<L> for R
where
    Shapes: Joined<L, R>,
{
    type Out = <Shapes as Joined<L, R>>::Out;
}

/// [`Join`], for each rank. It is obeyed by any type, so that rustc has no similar ones to tell of where it is not.
#[diagnostic::on_unimplemented(
    message = "cannot join {L} and {R} along the channels: all other sizes must be equal",
    label = "the branches differ in rank, or have no channels"
)]
pub trait Joined<L, R> {
    /// The shape of both together.
    type Out: Shape;
}

macro_rules! joined {
    ($([$($a:ident $b:ident)*])*) => {
        $(impl<Any, L0, L1, R0, R1, $($a, $b),*> Joined<(L0, L1, $($a,)*), (R0, R1, $($b,)*)> for Any
        where
            L0: SameSize<R0, Both: Dim>,
            L1: Plus<R1>,
            $($a: SameSize<$b, Both: Dim>,)*
        {
            type Out = (L0::Both, L1::Out, $($a::Both,)*);
        })*
    };
}

joined! {
    []
    [A2 B2]
    [A2 B2 A3 B3]
    [A2 B2 A3 B3 A4 B4]
    [A2 B2 A3 B3 A4 B4 A5 B5]
}
