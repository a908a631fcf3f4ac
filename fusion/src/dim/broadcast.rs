//! NumPy's broadcasting: two sizes are equal, or one of them is 1 and stretches.

use super::equal::SameName;
use super::sentences::{KnownSizes, broadcast};
use super::size::{Big4, Big5, Big6, Big7, Big8, Big9, Dyn, HasKind, Kind, Num};
use super::spell::Lead;

/// Two sizes of one axis that broadcast.
///
/// A size of 1 becomes the other. Otherwise they must be equal; a `Dyn` is then taken to be what the other is, which is
/// checked when the program runs.
///
/// ```
/// use fusion::dim::{BroadcastDim, Dyn, Num};
///
/// fn gives<L: BroadcastDim<R, Out = Out>, R, Out>() {}
/// gives::<Num<1>, Num<5>, Num<5>>();
/// gives::<Num<1>, Dyn, Dyn>();
/// gives::<Dyn, Num<5>, Num<5>>();
/// ```
#[diagnostic::on_unimplemented(
    message = "sizes of {Self} and {R} do not broadcast: they must be equal, or one of them 1",
    label = "aligned at their last axes, the shapes do not broadcast"
)]
pub trait BroadcastDim<R> {
    /// The size of the result.
    type Out;
}

impl<Name: ?Sized + 'static> BroadcastDim<Dyn<Name>> for Dyn {
    type Out = Dyn<Name>;
}

impl<Name: 'static> BroadcastDim<Dyn> for Dyn<Name> {
    type Out = Self;
}

impl<A: 'static, B: 'static> BroadcastDim<Dyn<B>> for Dyn<A>
where
    A: SameName<B>,
{
    type Out = Self;
}

macro_rules! broadcast_dyn {
    ([$size:ty] [$($params:tt)*] $spelling:ident $numbers:tt [$($bounds:tt)*]) => {
        impl<$($params)* Name: ?Sized + 'static> BroadcastDim<Dyn<Name>> for $size
        where
            $($bounds)*
            $size: HasKind,
        {
            type Out = <<$size as HasKind>::Kind as Kind>::Pick<Dyn<Name>, $size>;
        }

        impl<$($params)* Name: ?Sized + 'static> BroadcastDim<$size> for Dyn<Name>
        where
            $($bounds)*
            $size: HasKind,
        {
            type Out = <<$size as HasKind>::Kind as Kind>::Pick<Dyn<Name>, $size>;
        }
    };
}
each_known!([N P Q R A B C D E F] broadcast_dyn);

macro_rules! broadcast_known {
    (
        [$l:ty] [$($lp:tt)*] $ls:ident [$($ln:tt)*] [$($lb:tt)*]
        [$r:ty] [$($rp:tt)*] $rs:ident [$($rn:tt)*] [$($rb:tt)*]
    ) => {
        impl<$($lp)* $($rp)*> BroadcastDim<$r> for $l
        where
            $($lb)*
            $($rb)*
            $l: HasKind,
            $r: HasKind,
            KnownSizes: broadcast::$ls::$rs::Fits<
                $($ln)*,
                $($rn)*,
                (<$l as HasKind>::Kind, <$r as HasKind>::Kind)
            >,
        {
            type Out = <<$r as HasKind>::Kind as Kind>::Pick<$l, $r>;
        }
    };
}
each_pair!(broadcast_known);
