//! Rules for two shapes.

use crate::dim::number::dim::{Dim, Nat};
use crate::dim::rules::broadcast::BroadcastDim;
use crate::dim::rules::equal::SameSize;
use crate::dim::rules::widen::{Stretch, WidenDim};
use crate::dim::sentences::Shapes;
use crate::dim::shape::Shape;

/// Two tensors that must have one shape, such as a prediction and its target.
///
/// A `Dyn` fits any size, and is compared with it when the program runs.
///
/// ```
/// use fusion::dim::{Dyn, Num, SameShape};
///
/// fn same<L: SameShape<R>, R>() {}
/// same::<(Dyn, Num<3>), (Num<2>, Num<3>)>();
/// ```
pub trait SameShape<R> {
    /// The shape of both: what is known of either.
    type Both: Shape;
}

/// Two shapes that broadcast as in NumPy: aligned at their last axes, where sizes are equal or one of them is 1. An
/// axis that one of the two lacks counts as 1.
///
/// ```
/// use fusion::dim::{Broadcast, Dyn, Num};
///
/// fn gives<L: Broadcast<R, Joined = Out>, R, Out>() {}
/// gives::<(Dyn, Num<3>), (Num<3>,), (Dyn, Num<3>)>();
/// gives::<(Num<2>, Num<1>), (Num<2>, Num<3>), (Num<2>, Num<3>)>();
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` and `{R}` may not broadcast",
    label = "not known to broadcast",
    note = "in generic code write the bound `{Self}: Broadcast<{R}>`; what comes out is \
            `<{Self} as Broadcast<{R}>>::Joined`"
)]
pub trait Broadcast<R> {
    /// Bit `i` is set for the axis `i` from the end if both call its size by one name, so that not even 1 stretches.
    #[doc(hidden)]
    const NAMED: u8;

    /// The shape of the result.
    type Joined: Shape;
}

macro_rules! broadcast {
    ($rank:literal [$($d:ident)*]) => {
        impl<$($d,)* Right> Broadcast<Right> for ($($d,)*)
        where
            Shapes: Align<Self, Right>,
        {
            const NAMED: u8 = <Shapes as Align<Self, Right>>::NAMED;
            type Joined = <Shapes as Align<Self, Right>>::Joined;
        }
    };
}
each_rank!(broadcast);

/// A shape that stretches to `To`: its sizes of 1 grow, and new axes come in front (PyTorch's `expand`).
///
/// A `Dyn` in `To` leaves the size as it is, so that a new axis needs a known one.
///
/// ```
/// use fusion::dim::{BroadcastTo, Num};
///
/// fn expands<S: BroadcastTo<To>, To>() {}
/// expands::<(Num<3>,), (Num<2>, Num<3>)>();
/// expands::<(Num<2>, Num<1>), (Num<2>, Num<3>)>();
/// ```
pub trait BroadcastTo<To> {}

/// A shape that may be seen as `To`, which has `Dyn` for some of its sizes.
///
/// ```
/// use fusion::dim::{Dyn, Num, Widen};
///
/// fn widens<S: Widen<To>, To>() {}
/// widens::<(Num<2>, Num<3>), (Dyn, Num<3>)>();
/// ```
pub trait Widen<To> {}

// These are implemented on the other shape so that inference does not guess it.
impl<S, To: StretchOf<S>> BroadcastTo<To> for S {}
impl<S, To: WiderThan<S>> Widen<To> for S {}

impl<L, R: SameAs<L>> SameShape<R> for L {
    type Both = R::Both;
}

/// [`SameShape`], implemented on the right shape.
pub trait SameAs<L> {
    /// The shape of both.
    type Both: Shape;
}

impl<L, R> SameAs<L> for R
where
    Shapes: Same<L, R>,
{
    type Both = <Shapes as Same<L, R>>::Both;
}

/// [`BroadcastTo`], implemented on the target.
pub trait StretchOf<S> {}
impl<S, To> StretchOf<S> for To where Shapes: StretchTo<S, To> {}

/// [`Widen`], implemented on the target.
pub trait WiderThan<S> {}
impl<S, To> WiderThan<S> for To where Shapes: Forget<S, To> {}

// The rules themselves, for each pair of ranks. They are implemented for every type `Any`, so that rustc lists no
// similar impls when one fails.

/// [`SameShape`].
#[diagnostic::on_unimplemented(
    message = "the shapes must be equal, but they are {L} and {R}",
    label = "the shapes differ in rank"
)]
pub trait Same<L, R> {
    /// The shape of both.
    type Both: Shape;
}

/// [`Broadcast`].
#[diagnostic::on_unimplemented(message = "{L} and {R} do not broadcast", label = "not shapes")]
pub trait Align<L, R> {
    /// The axes whose sizes have one name in both: see [`Broadcast::NAMED`].
    const NAMED: u8;
    /// The shape of the result.
    type Joined: Shape;
}

/// [`BroadcastTo`].
#[diagnostic::on_unimplemented(
    message = "cannot expand {S} to {To}: the target has fewer axes",
    label = "axes cannot be dropped"
)]
pub trait StretchTo<S, To> {}

/// [`Widen`].
#[diagnostic::on_unimplemented(
    message = "sizes can be forgotten, but {S} would become {To}",
    label = "the shapes differ in rank"
)]
pub trait Forget<S, To> {}

/// The size of a new axis.
#[diagnostic::on_unimplemented(
    message = "a new axis needs a size that the compiler knows, and `{Self}` is not one",
    label = "a `Dyn` takes its size from an axis that is there"
)]
pub trait NewSize {}

#[diagnostic::do_not_recommend]
impl<D: Nat> NewSize for D {}

/// The axes for which this is true, counted from the end, as bits.
pub(super) const fn named(axes: &[bool]) -> u8 {
    let (mut bits, mut i) = (0, 0);
    while i < axes.len() {
        bits = bits << 1 | axes[i] as u8;
        i += 1;
    }
    bits
}

macro_rules! same_rank {
    ($([$($a:ident $b:ident)*])*) => {
        $(
            impl<Any, $($a, $b),*> Forget<($($a,)*), ($($b,)*)> for Any
            where
                $($a: WidenDim<$b>,)*
            {
            }

            impl<Any, $($a, $b),*> StretchTo<($($a,)*), ($($b,)*)> for Any
            where
                $($a: Stretch<$b>,)*
            {
            }
        )*
    };
}

/// A type that resolves only after `J` does. The other axes depend on the last one in this way, so that a mismatch
/// there is one error: shapes that do not fit seldom differ in one axis only.
pub trait After<J> {
    /// The type itself.
    type Is;
}

impl<A, J: Then> After<J> for A {
    type Is = J::Is<A>;
}

/// [`After`], implemented on the type that resolves first: an unresolved `Self` gives no answer.
pub trait Then {
    /// `U` itself.
    type Is<U>;
}

impl<J> Then for J {
    type Is<U> = U;
}

/// `A`, if the sizes of the last axis broadcast.
type IfJoined<A, L, R> = <A as After<<L as BroadcastDim<R>>::Joined>>::Is;
/// `A`, if the sizes of the last axis are one.
type IfSame<A, L, R> = <A as After<<L as SameSize<R>>::Both>>::Is;

/// Shapes with equally many axes, at least one.
macro_rules! align {
    ($([$($a:ident $b:ident)* . $l:ident $r:ident])*) => {
        $(
            impl<Any, $($a, $b,)* $l, $r> Align<($($a,)* $l,), ($($b,)* $r,)> for Any
            where
                $l: Dim + BroadcastDim<$r, Joined: Dim>,
                $($a: Dim + After<<$l as BroadcastDim<$r>>::Joined>, IfJoined<$a, $l, $r>: BroadcastDim<$b, Joined: Dim>,)*
            {
                const NAMED: u8 = named(&[
                    $(<IfJoined<$a, $l, $r> as BroadcastDim<$b>>::NAMED,)*
                    <$l as BroadcastDim<$r>>::NAMED,
                ]);
                type Joined = ($(<IfJoined<$a, $l, $r> as BroadcastDim<$b>>::Joined,)* <$l as BroadcastDim<$r>>::Joined,);
            }

            impl<Any, $($a, $b,)* $l, $r> Same<($($a,)* $l,), ($($b,)* $r,)> for Any
            where
                $l: Dim + SameSize<$r, Both: Dim>,
                $($a: Dim + After<<$l as SameSize<$r>>::Both>, IfSame<$a, $l, $r>: SameSize<$b, Both: Dim>,)*
            {
                type Both = ($(<IfSame<$a, $l, $r> as SameSize<$b>>::Both,)* <$l as SameSize<$r>>::Both,);
            }
        )*
    };
}

align! {
    [. A1 B1]
    [A1 B1 . A2 B2]
    [A1 B1 A2 B2 . A3 B3]
    [A1 B1 A2 B2 A3 B3 . A4 B4]
    [A1 B1 A2 B2 A3 B3 A4 B4 . A5 B5]
    [A1 B1 A2 B2 A3 B3 A4 B4 A5 B5 . A6 B6]
}

impl<Any> Same<(), ()> for Any {
    type Both = ();
}

same_rank! {
    []
    [A1 B1]
    [A1 B1 A2 B2]
    [A1 B1 A2 B2 A3 B3]
    [A1 B1 A2 B2 A3 B3 A4 B4]
    [A1 B1 A2 B2 A3 B3 A4 B4 A5 B5]
    [A1 B1 A2 B2 A3 B3 A4 B4 A5 B5 A6 B6]
}

impl<Any, R: Shape> Align<(), R> for Any {
    const NAMED: u8 = 0;
    type Joined = R;
}

/// Shapes of different ranks, for each number of common axes and each number of axes that only one of them has.
macro_rules! other_rank {
    // A scalar broadcasts with every shape, without any bound.
    (@one [] [$($more:ident)*]) => {
        impl<Any, $($more: Dim),*> Align<($($more,)*), ()> for Any {
            const NAMED: u8 = 0;
            type Joined = ($($more,)*);
        }

        impl<Any, $($more: NewSize),*> StretchTo<(), ($($more,)*)> for Any {}
    };
    ($([$($common:tt)*] $([$($more:ident)*])*;)*) => {
        $(other_rank!(@each [$($common)*] $([$($more)*])*);)*
    };
    (@each $common:tt $($more:tt)*) => {
        $(other_rank!(@one $common $more);)*
    };
    (@one [$($a:ident $b:ident)* . $l:ident $r:ident] [$($more:ident)*]) => {
        impl<Any, $($more: Dim,)* $($a, $b,)* $l, $r> Align<($($more,)* $($a,)* $l,), ($($b,)* $r,)> for Any
        where
            $l: Dim + BroadcastDim<$r, Joined: Dim>,
            $($a: Dim + After<<$l as BroadcastDim<$r>>::Joined>, IfJoined<$a, $l, $r>: BroadcastDim<$b, Joined: Dim>,)*
        {
            const NAMED: u8 = named(&[
                $(<IfJoined<$a, $l, $r> as BroadcastDim<$b>>::NAMED,)*
                <$l as BroadcastDim<$r>>::NAMED,
            ]);
            type Joined = ($($more,)* $(<IfJoined<$a, $l, $r> as BroadcastDim<$b>>::Joined,)* <$l as BroadcastDim<$r>>::Joined,);
        }

        impl<Any, $($more: Dim,)* $($a, $b,)* $l, $r> Align<($($a,)* $l,), ($($more,)* $($b,)* $r,)> for Any
        where
            $l: Dim + BroadcastDim<$r, Joined: Dim>,
            $($a: Dim + After<<$l as BroadcastDim<$r>>::Joined>, IfJoined<$a, $l, $r>: BroadcastDim<$b, Joined: Dim>,)*
        {
            const NAMED: u8 = named(&[
                $(<IfJoined<$a, $l, $r> as BroadcastDim<$b>>::NAMED,)*
                <$l as BroadcastDim<$r>>::NAMED,
            ]);
            type Joined = ($($more,)* $(<IfJoined<$a, $l, $r> as BroadcastDim<$b>>::Joined,)* <$l as BroadcastDim<$r>>::Joined,);
        }

        impl<Any, $($more: NewSize,)* $($a, $b,)* $l, $r> StretchTo<($($a,)* $l,), ($($more,)* $($b,)* $r,)> for Any
        where
            $($a: Stretch<$b>,)*
            $l: Stretch<$r>,
        {
        }
    };
}

other_rank! {
    [] [P] [P Q] [P Q R] [P Q R S] [P Q R S T] [P Q R S T U];
    [. A1 B1] [P] [P Q] [P Q R] [P Q R S] [P Q R S T];
    [A1 B1 . A2 B2] [P] [P Q] [P Q R] [P Q R S];
    [A1 B1 A2 B2 . A3 B3] [P] [P Q] [P Q R];
    [A1 B1 A2 B2 A3 B3 . A4 B4] [P] [P Q];
    [A1 B1 A2 B2 A3 B3 A4 B4 . A5 B5] [P];
}
