//! Decimal digits and `typenum`'s binary integers, each from the other.
//!
//! Stable Rust cannot compute a const from a type, but it can compute types of digits. A binary integer becomes decimal
//! bit by bit, from the highest: each step doubles the digits so far and adds the bit. Up to three digits name a
//! [`Num`] by a table, more are the parameters of a [`Big4`] to [`Big9`].

use typenum::{B0, B1, UInt, UTerm};

use crate::dim::number::size::{Big4, Big5, Big6, Big7, Big8, Big9, Num};

/// A decimal digit.
pub struct Digit<const D: u8>;

/// What doubling makes of a digit: `2d` and `2d + 1` without their tens, and these.
pub trait Double {
    type Even: Double;
    type Odd: Double;
    type Carry: Bit;
}

macro_rules! double {
    ($($d:literal => $even:literal $odd:literal $carry:ident;)*) => {
        $(impl Double for Digit<$d> {
            type Even = Digit<$even>;
            type Odd = Digit<$odd>;
            type Carry = $carry;
        })*
    };
}

double! {
    0 => 0 1 B0;
    1 => 2 3 B0;
    2 => 4 5 B0;
    3 => 6 7 B0;
    4 => 8 9 B0;
    5 => 0 1 B1;
    6 => 2 3 B1;
    7 => 4 5 B1;
    8 => 6 7 B1;
    9 => 8 9 B1;
}

/// A bit that is added when digits are doubled.
pub trait Bit {
    type Digit<D: Double>: Double;
    type End: Digits;
}

impl Bit for B0 {
    type Digit<D: Double> = D::Even;
    type End = ();
}

impl Bit for B1 {
    type Digit<D: Double> = D::Odd;
    type End = (Digit<1>, ());
}

/// A number as its digits, the last one first: `(Digit<7>, (Digit<1>, ()))` is 17.
pub trait Digits {
    type Twice<Plus: Bit>: Digits;
}

impl Digits for () {
    type Twice<Plus: Bit> = Plus::End;
}

impl<D: Double, Rest: Digits> Digits for (D, Rest) {
    type Twice<Plus: Bit> = (Plus::Digit<D>, Rest::Twice<D::Carry>);
}

/// From binary to decimal.
pub trait ToDigits {
    type Out: Digits;
}

impl ToDigits for UTerm {
    type Out = ();
}

impl<U: ToDigits, B: Bit> ToDigits for UInt<U, B> {
    type Out = <U::Out as Digits>::Twice<B>;
}

/// In the place of a dimension, a number that has too many digits to be one.
pub struct MoreThanNineDigits;

/// The dimension that digits spell.
pub trait Spell {
    type Dim;
}

/// The number of three digits: all that a table has to know.
#[diagnostic::on_unimplemented(
    message = "a size is spelled by its decimal digits, each 0 to 9",
    label = "not the digits of a size"
)]
pub trait Group<const B: u8, const C: u8> {
    type Num;
}

/// A digit of hundreds. Each is a type of its own, under which rustc finds its hundred numbers without looking at the
/// others.
pub trait Hundreds {
    type Is;
}

impl<const A: u8, const B: u8, const C: u8> Group<B, C> for Digit<A>
where
    Digit<A>: Hundreds<Is: Number<B, C>>,
{
    type Num = <<Digit<A> as Hundreds>::Is as Number<B, C>>::Num;
}

/// The number of a digit of hundreds and two more.
#[diagnostic::on_unimplemented(
    message = "a size is spelled by its decimal digits, each 0 to 9",
    label = "not the digits of a size"
)]
pub trait Number<const B: u8, const C: u8> {
    type Num;
}

macro_rules! hundreds {
    ($($a:literal $hundreds:ident)*) => {
        $(
            pub struct $hundreds;
            impl Hundreds for Digit<$a> {
                type Is = $hundreds;
            }
            tens!($a $hundreds: 0 1 2 3 4 5 6 7 8 9);
        )*
    };
}
macro_rules! tens {
    ($a:literal $hundreds:ident: $($b:literal)*) => { $(ones!($a $hundreds $b: 0 1 2 3 4 5 6 7 8 9);)* };
}
macro_rules! ones {
    ($a:literal $hundreds:ident $b:literal: $($c:literal)*) => {
        $(impl Number<$b, $c> for $hundreds {
            type Num = Num<{ 100 * $a + 10 * $b + $c }>;
        })*
    };
}
hundreds!(0 H0 1 H1 2 H2 3 H3 4 H4 5 H5 6 H6 7 H7 8 H8 9 H9);

impl Spell for () {
    type Dim = Num<0>;
}

impl<const A: u8> Spell for (Digit<A>, ())
where
    Digit<0>: Group<0, A>,
{
    type Dim = <Digit<0> as Group<0, A>>::Num;
}

impl<const A: u8, const B: u8> Spell for (Digit<B>, (Digit<A>, ()))
where
    Digit<0>: Group<A, B>,
{
    type Dim = <Digit<0> as Group<A, B>>::Num;
}

impl<const A: u8, const B: u8, const C: u8> Spell for (Digit<C>, (Digit<B>, (Digit<A>, ())))
where
    Digit<A>: Group<B, C>,
{
    type Dim = <Digit<A> as Group<B, C>>::Num;
}

/// `(C, (B, (A, ())))` of `A B C`, or of these with digits put in front.
macro_rules! list {
    (@ $list:ty;) => { $list };
    (@ $list:ty; $d:ident $($rest:ident)*) => { list!(@ (Digit<$d>, $list); $($rest)*) };
    ($($d:ident)*) => { list!(@ (); $($d)*) };
}

macro_rules! spell {
    ($($big:ident: $($d:ident)*;)*) => {
        $(impl<$(const $d: u8),*> Spell for list!($($d)*) {
            type Dim = $big<$($d),*>;
        })*
    };
}

spell! {
    Big4: A B C D;
    Big5: A B C D E;
    Big6: A B C D E F;
    Big7: A B C D E F G;
    Big8: A B C D E F G H;
    Big9: A B C D E F G H I;
}

impl<A, B, C, D, E, F, G, H, I, J, Rest> Spell for (A, (B, (C, (D, (E, (F, (G, (H, (I, (J, Rest)))))))))) {
    type Dim = MoreThanNineDigits;
}

/// From a `typenum` integer to the one dimension of that size.
pub trait ToDim {
    type Dim;
}

impl<U: ToDigits<Out: Spell>> ToDim for U {
    type Dim = <U::Out as Spell>::Dim;
}

/// The dimension of a `typenum` integer.
pub type DimOf<U> = <U as ToDim>::Dim;
