//! NumPy's broadcasting: two sizes are equal, or one of them is 1 and stretches.

use crate::dim::number::size::{Big4, Big5, Big6, Big7, Big8, Big9, Dyn, HasKind, Kind, Num};
use crate::dim::rules::equal::SameName;
use crate::dim::sentences::{KnownSizes, broadcast};
use crate::dim::spell::Lead;

/// Two sizes of one axis that broadcast.
///
/// A size of 1 becomes the other. Otherwise they must be equal; a `Dyn` is then taken to be what the other is, which is
/// checked when the program runs.
///
/// ```
/// use fusion::dim::{BroadcastDim, Dyn, Num};
///
/// fn gives<L: BroadcastDim<R, Joined = Out>, R, Out>() {}
/// gives::<Num<1>, Num<5>, Num<5>>();
/// gives::<Num<1>, Dyn, Dyn>();
/// gives::<Dyn, Num<5>, Num<5>>();
/// ```
#[diagnostic::on_unimplemented(
    message = "sizes of {Self} and {R} do not broadcast: they must be equal, or one of them 1",
    label = "aligned at their last axes, the shapes do not broadcast",
    note = "sizes of generic code are known to broadcast with themselves and with 1: else write a bound for the two \
            shapes, `(.., {Self}): Broadcast<(.., {R})>`"
)]
pub trait BroadcastDim<R> {
    /// Whether both have one name: then they are one size, and even 1 does not stretch.
    #[doc(hidden)]
    const NAMED: bool = false;

    /// The size of the result.
    type Joined;
}

/// [`BroadcastDim`], asked of what a `Num<N>` meets: of the size 1 every dimension knows the answer.
#[diagnostic::on_unimplemented(
    message = "sizes of {N} and {Self} do not broadcast: they must be equal, or one of them 1",
    label = "aligned at their last axes, the shapes do not broadcast"
)]
pub trait MeetsNum<const N: usize> {
    /// The size of the result.
    type Joined;
}

impl<const N: usize, R: MeetsNum<N>> BroadcastDim<R> for Num<N> {
    type Joined = R::Joined;
}

impl<Name: ?Sized + 'static> BroadcastDim<Dyn<Name>> for Dyn {
    type Joined = Dyn<Name>;
}

impl<Name: 'static> BroadcastDim<Dyn> for Dyn<Name> {
    type Joined = Self;
}

impl<A: 'static, B: 'static> BroadcastDim<Dyn<B>> for Dyn<A>
where
    A: SameName<B>,
{
    const NAMED: bool = true;
    type Joined = Self;
}

/// The rule of `$size` and what is on its right: of [`BroadcastDim`], or of [`MeetsNum`] if it is a `Num`.
macro_rules! broadcast_with {
    ([Num<$n:ident>] $right:ty, [$($params:tt)*] [$($bounds:tt)*] $joined:ty) => {
        impl<$($params)*> MeetsNum<$n> for $right where $($bounds)* {
            type Joined = $joined;
        }
    };
    ([$size:ty] $right:ty, [$($params:tt)*] [$($bounds:tt)*] $joined:ty) => {
        impl<$($params)*> BroadcastDim<$right> for $size where $($bounds)* {
            type Joined = $joined;
        }
    };
}

macro_rules! broadcast_dyn {
    ([$($size:tt)*] [$($params:tt)*] $spelling:ident $numbers:tt [$($bounds:tt)*]) => {
        broadcast_with! {
            [$($size)*] Dyn<Name>,
            [$($params)* Name: ?Sized + 'static]
            [$($bounds)* $($size)*: HasKind]
            <<$($size)* as HasKind>::Kind as Kind>::Pick<Dyn<Name>, $($size)*>
        }

        impl<$($params)* Name: ?Sized + 'static> BroadcastDim<$($size)*> for Dyn<Name>
        where
            $($bounds)*
            $($size)*: HasKind,
        {
            type Joined = <<$($size)* as HasKind>::Kind as Kind>::Pick<Dyn<Name>, $($size)*>;
        }
    };
}
each_known!([N P Q R A B C D E F] broadcast_dyn);

macro_rules! broadcast_known {
    (
        [$($l:tt)*] [$($lp:tt)*] $ls:ident [$($ln:tt)*] [$($lb:tt)*]
        [$r:ty] [$($rp:tt)*] $rs:ident [$($rn:tt)*] [$($rb:tt)*]
    ) => {
        broadcast_with! {
            [$($l)*] $r,
            [$($lp)* $($rp)*]
            [
                $($lb)*
                $($rb)*
                $($l)*: HasKind,
                $r: HasKind,
                KnownSizes: broadcast::$ls::$rs::Fits<
                    $($ln)*,
                    $($rn)*,
                    (<$($l)* as HasKind>::Kind, <$r as HasKind>::Kind)
                >,
            ]
            <KnownSizes as broadcast::$ls::$rs::Fits<
                $($ln)*,
                $($rn)*,
                (<$($l)* as HasKind>::Kind, <$r as HasKind>::Kind)
            >>::Is<<<$r as HasKind>::Kind as Kind>::Pick<$($l)*, $r>>
        }
    };
}
each_pair!(broadcast_known);
