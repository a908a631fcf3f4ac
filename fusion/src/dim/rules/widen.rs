//! Sizes that are forgotten, and sizes that are stretched: what one axis may become.

use crate::dim::number::size::{Big4, Big5, Big6, Big7, Big8, Big9, Dyn, HasKind, Num};
use crate::dim::rules::equal::SameName;
use crate::dim::sentences::{KnownSizes, keep, stretch};
use crate::dim::spell::Lead;

/// A size that may be seen as `To`: the same, or a `Dyn`.
#[diagnostic::on_unimplemented(
    message = "a size can be kept or become `Dyn`, but {Self} would become {To}",
    label = "the target says more than is known here",
    note = "`check_shape` goes the other way: it compares when the program runs"
)]
pub trait WidenDim<To> {}

impl<Name: ?Sized> WidenDim<Dyn<Name>> for Dyn {}
impl<Name> WidenDim<Dyn> for Dyn<Name> {}
impl<A, B> WidenDim<Dyn<B>> for Dyn<A> where A: SameName<B> {}

macro_rules! widen_to_dyn {
    ([$size:ty] [$($params:tt)*] $spelling:ident $numbers:tt [$($bounds:tt)*]) => {
        impl<$($params)* Name: ?Sized> WidenDim<Dyn<Name>> for $size where $($bounds)* {}
    };
}
each_known!([N P Q R A B C D E F] widen_to_dyn);

macro_rules! widen_known {
    (
        [$l:ty] [$($lp:tt)*] $ls:ident [$($ln:tt)*] [$($lb:tt)*]
        [$r:ty] [$($rp:tt)*] $rs:ident [$($rn:tt)*] [$($rb:tt)*]
    ) => {
        impl<$($lp)* $($rp)*> WidenDim<$r> for $l
        where
            $($lb)*
            $($rb)*
            KnownSizes: keep::$ls::$rs::Fits<$($ln)*, $($rn)*>,
        {
        }
    };
}
each_pair!(widen_known);

/// A size that stretches to `To`: 1 to any other, and every one to itself.
///
/// A `Dyn` as `To` leaves the size as it is. A `Dyn` that stretches to a known size is checked when the program runs.
#[diagnostic::on_unimplemented(
    message = "only a size of 1 stretches, but {Self} would have to become {To}",
    label = "this size does not stretch"
)]
pub trait Stretch<To> {}

impl<Name: ?Sized> Stretch<Dyn<Name>> for Dyn {}
impl<Name> Stretch<Dyn> for Dyn<Name> {}
impl<A, B> Stretch<Dyn<B>> for Dyn<A> where A: SameName<B> {}

macro_rules! stretch_to_dyn {
    ([$size:ty] [$($params:tt)*] $spelling:ident $numbers:tt [$($bounds:tt)*]) => {
        impl<$($params)* Name: ?Sized> Stretch<Dyn<Name>> for $size where $($bounds)* {}
        impl<$($params)* Name: ?Sized> Stretch<$size> for Dyn<Name> where $($bounds)* {}
    };
}
each_known!([N P Q R A B C D E F] stretch_to_dyn);

macro_rules! stretch_known {
    (
        [$l:ty] [$($lp:tt)*] $ls:ident [$($ln:tt)*] [$($lb:tt)*]
        [$r:ty] [$($rp:tt)*] $rs:ident [$($rn:tt)*] [$($rb:tt)*]
    ) => {
        impl<$($lp)* $($rp)*> Stretch<$r> for $l
        where
            $($lb)*
            $($rb)*
            $l: HasKind,
            KnownSizes: stretch::$ls::$rs::Fits<$($ln)*, $($rn)*, <$l as HasKind>::Kind>,
        {
        }
    };
}
each_pair!(stretch_known);
