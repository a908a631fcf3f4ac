//! How rules get to speak in decimal.
//!
//! A message of rustc shows the const parameters of a trait, so the last bound of a rule is on a trait whose parameters
//! are the numbers themselves. A number up to 999 is one parameter; a longer one is what stands before its last three
//! or six digits ([`Lead`]), and these. So there are three spellings of a number, `s3`, `s6` and `s9`, one sentence for
//! a rule about one number and nine for a rule about two: each a trait in a module named after the spellings.

/// Whom rules about numbers are asked of: there has to be somebody.
pub struct Rule;

/// Whom rules about shapes are asked of: somebody else, or rustc would tell of these where it could tell of numbers.
pub struct Shapes;

/// What stands before the last three digits of a size from 1000 on, or before the last six from 1 000 000 on.
#[diagnostic::on_unimplemented(
    message = "a size is spelled by its decimal digits, and the first is not 0",
    label = "not the digits of a size"
)]
pub trait Lead {
    /// The number, a `Num`.
    type Is;
}

/// Calls `$then!` for every type of a known size, with what is given and the type, its parameters, its spelling, the
/// numbers of the spelling, and the bounds that tie these to the parameters.
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

/// Calls `$then!` for every rank, with names for its sizes. A rule that is written for each rank is
/// one that rustc itself advises as a bound where it knows of a shape no more than that it is one.
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

/// Calls `$then!` for every pair of types of known sizes, with what is given and two times what [`each_known`] adds.
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

/// A module of traits that speak for a rule about two sizes, a sentence each: `L`, `A` to `F` are the numbers of the
/// one size, `M`, `G` to `N` those of the other.
macro_rules! speak {
    (
        $(#[$attr:meta])*
        $rule:ident, $label:literal:
        $s33:literal $s36:literal $s39:literal
        $s63:literal $s66:literal $s69:literal
        $s93:literal $s96:literal $s99:literal
    ) => {
        $(#[$attr])*
        pub mod $rule {
            speak!(@ s3 $label [L: usize,] $s33 $s36 $s39);
            speak!(@ s6 $label [L: usize, A: u8, B: u8, C: u8,] $s63 $s66 $s69);
            speak!(
                @ s9 $label [L: usize, A: u8, B: u8, C: u8, D: u8, E: u8, F: u8,] $s93 $s96 $s99
            );
        }
    };
    (@ $left:ident $label:literal $l:tt $s3:literal $s6:literal $s9:literal) => {
        /// A first size with this spelling.
        pub mod $left {
            speak!(@@ s3 $label $s3 $l [M: usize]);
            speak!(@@ s6 $label $s6 $l [M: usize, G: u8, H: u8, I: u8]);
            speak!(
                @@ s9 $label $s9 $l [M: usize, G: u8, H: u8, I: u8, J: u8, K: u8, N: u8]
            );
        }
    };
    (@@ $right:ident $label:literal $sentence:literal [$($l:ident: $lt:ty,)*] [$($r:ident: $rt:ty),*]) => {
        /// A second size with this spelling.
        pub mod $right {
            /// The rule, for these two numbers, and what else it asks for.
            #[diagnostic::on_unimplemented(message = $sentence, label = $label)]
            pub trait Fits<Of, $(const $l: $lt,)* $(const $r: $rt),*> {}
        }
    };
}

/// Equal sizes obey a rule. It is obeyed by any type, so that rustc has no similar ones to tell of where it is not.
macro_rules! equal_fits {
    ($rule:ident of $of:ty) => {
        impl<Any, const N: usize> $rule::s3::s3::Fits<$of, N, N> for Any {}
        equal_fits!($rule s6 of $of: A B C);
        equal_fits!($rule s9 of $of: A B C D E F);
    };
    ($rule:ident $s:ident of $of:ty: $($d:ident)*) => {
        impl<Any, const N: usize, $(const $d: u8),*> $rule::$s::$s::Fits<$of, N, $($d,)* N, $($d),*> for Any {}
    };
}

/// The sentences of a rule about windows, asked of whether the window is larger and of the kind of its dilation: the
/// modules `plain` and `dilated`, with a trait for each spelling of the axis.
macro_rules! speak_of_windows {
    ($label:literal: $($spelling:ident [$($n:ident: $t:ty),*] $plain:literal $dilated:literal;)*) => {
        /// Without dilation.
        pub mod plain {
            use super::{Fitting, Larger, Many};
            $(speak_of_windows!(@ $label $spelling $plain [$($n: $t,)* K: usize, S: usize, P: usize] Many);)*
        }

        /// With dilation.
        pub mod dilated {
            use super::{Fitting, Larger, One};
            $(speak_of_windows!(@ $label $spelling $dilated [$($n: $t,)* K: usize, S: usize, P: usize, D: usize] One);)*
        }
    };
    (@ $label:literal $spelling:ident $sentence:literal [$($n:ident: $t:ty),*] $other:ident) => {
        /// A size with this spelling.
        pub mod $spelling {
            /// The rule, for these numbers.
            #[diagnostic::on_unimplemented(message = $sentence, label = $label)]
            pub trait Fits<Of, $(const $n: $t),*> {}
        }
        impl<Any, Dilation, $(const $n: $t),*> $spelling::Fits<(Fitting, Dilation), $($n),*> for Any {}
        impl<Any, $(const $n: $t),*> $spelling::Fits<(Larger, $other), $($n),*> for Any {}
    };
}
