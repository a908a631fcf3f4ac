//! NumPy's broadcasting: two sizes are equal, or one of them is 1 and stretches. Element-wise operations and the batches of
//! matrix products have a sentence each.

use crate::dim::number::known::{HasKind, Kind};
use crate::dim::number::num::{Big4, Big5, Big6, Big7, Big8, Big9, Dyn, Num};
use crate::dim::rules::equal::SameName;
use crate::dim::sentences::{self, KnownSizes};
use crate::dim::spell::Lead;

/// Declares a rule for two sizes of one axis of which one may stretch, and the rule's other half: with a `Num<N>` on the left,
/// implemented on the right, as every dimension goes with the size 1.
macro_rules! stretching {
    ($(#[$attr:meta])* $rule:ident gives $out:ident in $sentences:ident; $(#[$meets_attr:meta])* $meets:ident) => {
        $(#[$attr])*
        pub trait $rule<R> {
            /// Whether both have one name: then they are one size, and even 1 does not stretch.
            #[doc(hidden)]
            const NAMED: bool = false;

            /// The size of the result.
            type $out;
        }

        #[doc = concat!("[`", stringify!($rule), "`] with a `Num<N>` on the left, implemented on the right: every dimension goes with the size 1.")]
        $(#[$meets_attr])*
        pub trait $meets<const N: usize> {
            /// The size of the result.
            type $out;
        }

        impl<const N: usize, R: $meets<N>> $rule<R> for Num<N> {
            type $out = R::$out;
        }

        impl<Name: ?Sized + 'static> $rule<Dyn<Name>> for Dyn {
            type $out = Dyn<Name>;
        }

        impl<Name: 'static> $rule<Dyn> for Dyn<Name> {
            type $out = Self;
        }

        impl<A: 'static, B: 'static> $rule<Dyn<B>> for Dyn<A>
        where
            A: SameName<B>,
        {
            const NAMED: bool = true;
            type $out = Self;
        }

        each_known!([N P Q R A B C D E F] stretching_dyn $rule $meets $out);
        each_pair!(stretching_known $rule $meets $out $sentences);
    };
}

/// Implements a rule for `$size` on the left: the half of `Num`s if it is one, else the rule itself.
macro_rules! stretching_with {
    ($rule:ident $meets:ident $out:ident [Num<$n:ident>] $right:ty, [$($params:tt)*] [$($bounds:tt)*] $joined:ty) => {
        impl<$($params)*> $meets<$n> for $right where $($bounds)* {
            type $out = $joined;
        }
    };
    ($rule:ident $meets:ident $out:ident [$size:ty] $right:ty, [$($params:tt)*] [$($bounds:tt)*] $joined:ty) => {
        impl<$($params)*> $rule<$right> for $size where $($bounds)* {
            type $out = $joined;
        }
    };
}

macro_rules! stretching_dyn {
    (
        $rule:ident $meets:ident $out:ident
        [$($size:tt)*] [$($params:tt)*] $spelling:ident $numbers:tt [$($bounds:tt)*]
    ) => {
        stretching_with! {
            $rule $meets $out [$($size)*] Dyn<Name>,
            [$($params)* Name: ?Sized + 'static]
            [$($bounds)* $($size)*: HasKind]
            <<$($size)* as HasKind>::Kind as Kind>::Pick<Dyn<Name>, $($size)*>
        }

        impl<$($params)* Name: ?Sized + 'static> $rule<$($size)*> for Dyn<Name>
        where
            $($bounds)*
            $($size)*: HasKind,
        {
            type $out = <<$($size)* as HasKind>::Kind as Kind>::Pick<Dyn<Name>, $($size)*>;
        }
    };
}

macro_rules! stretching_known {
    (
        $rule:ident $meets:ident $out:ident $sentences:ident
        [$($l:tt)*] [$($lp:tt)*] $ls:ident [$($ln:tt)*] [$($lb:tt)*]
        [$r:ty] [$($rp:tt)*] $rs:ident [$($rn:tt)*] [$($rb:tt)*]
    ) => {
        stretching_with! {
            $rule $meets $out [$($l)*] $r,
            [$($lp)* $($rp)*]
            [
                $($lb)*
                $($rb)*
                $($l)*: HasKind,
                $r: HasKind,
                KnownSizes: sentences::$sentences::$ls::$rs::Fits<
                    $($ln)*,
                    $($rn)*,
                    (<$($l)* as HasKind>::Kind, <$r as HasKind>::Kind)
                >,
            ]
            <KnownSizes as sentences::$sentences::$ls::$rs::Fits<
                $($ln)*,
                $($rn)*,
                (<$($l)* as HasKind>::Kind, <$r as HasKind>::Kind)
            >>::Is<<<$r as HasKind>::Kind as Kind>::Pick<$($l)*, $r>>
        }
    };
}

stretching! {
    /// Two sizes of one axis that broadcast.
    ///
    /// A size of 1 becomes the other. Otherwise they must be equal; a `Dyn` is assumed to equal the other, which is checked
    /// when the program runs.
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
    BroadcastDim gives Joined in broadcast;

    #[diagnostic::on_unimplemented(
        message = "sizes of {N} and {Self} do not broadcast: they must be equal, or one of them 1",
        label = "aligned at their last axes, the shapes do not broadcast"
    )]
    MeetsNum
}

stretching! {
    /// The sizes of an axis in front of the matrices of two stacks that are multiplied: equal, or one of them 1, which
    /// stretches as in [`BroadcastDim`].
    ///
    /// ```
    /// use fusion::dim::{Batch, Dyn, Num};
    ///
    /// fn gives<L: Batch<R, Each = Out>, R, Out>() {}
    /// gives::<Num<8>, Num<1>, Num<8>>();
    /// gives::<Dyn, Num<8>, Num<8>>();
    /// ```
    #[diagnostic::on_unimplemented(
        message = "a matrix product needs equal batches, or one of 1, but the left is of {Self} and the right of {R}",
        label = "the batches differ",
        note = "sizes of generic code are known to go with themselves and with 1: else write the bound `{Self}: Batch<{R}>`"
    )]
    Batch gives Each in batch;

    #[diagnostic::on_unimplemented(
        message = "a matrix product needs equal batches, or one of 1, but the left is of {N} and the right of {Self}",
        label = "the batches differ"
    )]
    BatchOfNum
}
