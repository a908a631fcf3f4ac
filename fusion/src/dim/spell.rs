//! Messages in decimal.
//!
//! rustc prints the const parameters of a trait in its messages, so a rule ends in a bound whose const parameters are
//! the sizes. A size up to 999 is one parameter. A larger one is several: the number before its last three or six
//! digits ([`Lead`]), and each of these digits. A size therefore has three spellings, `s3`, `s6` and `s9`; a rule about
//! one size has three traits, a rule about two has nine. The macro `sentences!` writes them, in a module with the
//! rule's name that finds each by its spellings.

/// The number before the last three digits of a size from 1000 on, or before the last six from 1 000 000 on.
#[diagnostic::on_unimplemented(
    message = "a size is spelled by its decimal digits, and the first is not 0",
    label = "not the digits of a size"
)]
pub trait Lead {
    /// The number, a `Num`.
    type Is;
}

/// Calls `$then!` for every type of a known size, with the given tokens and then the type, its parameters, its
/// spelling, the numbers of the spelling, and the bounds that tie these to the parameters.
macro_rules! each_known {
    (
        [$n:ident $p:ident $q:ident $r:ident $a:ident $b:ident $c:ident $d:ident $e:ident $f:ident]
        $then:ident $($with:tt)*
    ) => {
        $then!($($with)* [Num<$n>] [const $n: usize,] s3 [$n] []);
        big!($then [$($with)*] Big4 s6 $n [$p] [$a $b $c]);
        big!($then [$($with)*] Big5 s6 $n [$p $q] [$a $b $c]);
        big!($then [$($with)*] Big6 s6 $n [$p $q $r] [$a $b $c]);
        big!($then [$($with)*] Big7 s9 $n [$p] [$a $b $c $d $e $f]);
        big!($then [$($with)*] Big8 s9 $n [$p $q] [$a $b $c $d $e $f]);
        big!($then [$($with)*] Big9 s9 $n [$p $q $r] [$a $b $c $d $e $f]);
    };
}

macro_rules! big {
    ($then:ident [$($with:tt)*] $big:ident $spelling:ident $n:ident [$($lead:ident)*] [$($digit:ident)*]) => {
        $then!(
            $($with)*
            [$big<$($lead,)* $($digit),*>]
            [const $n: usize, $(const $lead: u8,)* $(const $digit: u8,)*]
            $spelling
            [$n $(, $digit)*]
            [$big<$($lead,)* $($digit),*>: Lead<Is = Num<$n>>,]
        );
    };
}

/// Calls `$then!` for every type of a size from 1000 on: with its digits, which come in groups of three, the first
/// filled up with zeros.
macro_rules! each_big {
    ($then:ident) => {
        $then!(Big4<P A B C> [0 0 P] [A B C]);
        $then!(Big5<P Q A B C> [0 P Q] [A B C]);
        $then!(Big6<P Q R A B C> [P Q R] [A B C]);
        $then!(Big7<P A B C D E F> [0 0 P] [A B C] [D E F]);
        $then!(Big8<P Q A B C D E F> [0 P Q] [A B C] [D E F]);
        $then!(Big9<P Q R A B C D E F> [P Q R] [A B C] [D E F]);
    };
}

/// Calls `$then!` for every rank, with names for its sizes. If a rule has one impl per rank, rustc suggests the rule as
/// a bound wherever it knows nothing of a shape.
macro_rules! each_rank {
    ($then:ident) => {
        $then!(0 []);
        $then!(1 [A]);
        $then!(2 [A B]);
        $then!(3 [A B C]);
        $then!(4 [A B C D]);
        $then!(5 [A B C D E]);
        $then!(6 [A B C D E F]);
    };
}

/// Calls `$then!` for every pair of types of known sizes, with the given tokens and twice what [`each_known`] adds.
macro_rules! each_pair {
    ($then:ident $($with:tt)*) => {
        each_known! {
            [L P Q R A B C D E F] right_of_pair $then $($with)*
        }
    };
}

macro_rules! right_of_pair {
    ($then:ident $($with:tt)*) => {
        each_known! {
            [M S T U G H I J K N] $then $($with)*
        }
    };
}

/// Implements a rule for equal sizes. The impls are for every type `Any`, so that rustc lists no similar impls when a
/// bound fails.
macro_rules! equal_fits {
    ($rule:ident $(of $of:ty)?) => {
        impl<Any, const N: usize> $rule::s3::s3::Fits<N, N $(, $of)?> for Any { type Is<U> = U; }
        equal_fits!(@ $rule s6 [$($of)?] A B C);
        equal_fits!(@ $rule s9 [$($of)?] A B C D E F);
    };
    (@ $rule:ident $s:ident [$($of:ty)?] $($d:ident)*) => {
        impl<Any, const N: usize, $(const $d: u8),*> $rule::$s::$s::Fits<N, $($d,)* N, $($d,)* $($of)?> for Any { type Is<U> = U; }
    };
}
