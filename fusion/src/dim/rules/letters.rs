//! What `einsum!` asks of its operands.

use crate::dim::number::dim::Dim;
use crate::dim::number::num::Num;
use crate::dim::sentences::Shapes;

macro_rules! lettered {
    ($axes:tt; $($n:literal [$($d:ident)*] [$($is:ty)*];)*) => {
        lettered!(@traits $axes);
        $(lettered!(@one $axes $n [$($d)*] [$($is)*]);)*
    };
    (@traits [$($axis:ident)*]) => {
        /// The shape of an operand of `einsum!` that has `N` axes, one for each of its letters: their sizes, and 1 for axes that
        /// are not there.
        pub trait Lettered<const N: usize> {
            $(
                /// The size of this axis.
                type $axis: Dim;
            )*
        }

        impl<S, const N: usize> Lettered<N> for S
        where
            Shapes: LettersOf<S, N>,
        {
            $(type $axis = <Shapes as LettersOf<S, N>>::$axis;)*
        }

        /// [`Lettered`], for each rank. Implemented for every type `Any`, so that rustc lists no similar impls when it fails.
        #[diagnostic::on_unimplemented(
            message = "the number of letters is {N}, but the shape of this operand is {S}",
            label = "not one axis for each letter",
            note = "each letter of `einsum!` is an axis: a matrix has two, `ij`, and a single number none",
            note = "in generic code the sizes are parameters, not the shape: `Tensor<(A, B)>`"
        )]
        pub trait LettersOf<S, const N: usize> {
            $(
                /// The size of this axis.
                type $axis: Dim;
            )*
        }
    };
    (@one [$($axis:ident)*] $n:literal [$($d:ident)*] [$($is:ty)*]) => {
        impl<Any, $($d: Dim),*> LettersOf<($($d,)*), $n> for Any {
            $(type $axis = $is;)*
        }
    };
}

lettered! {
    [D0 D1 D2 D3 D4 D5];
    0 [] [Num<1> Num<1> Num<1> Num<1> Num<1> Num<1>];
    1 [A] [A Num<1> Num<1> Num<1> Num<1> Num<1>];
    2 [A B] [A B Num<1> Num<1> Num<1> Num<1>];
    3 [A B C] [A B C Num<1> Num<1> Num<1>];
    4 [A B C D] [A B C D Num<1> Num<1>];
    5 [A B C D E] [A B C D E Num<1>];
    6 [A B C D E F] [A B C D E F];
}
