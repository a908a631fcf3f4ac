//! Subtraction and division of `typenum` integers.
//!
//! `typenum` divides as well, but several times slower, and its bounds overflow the trait solver in generic code. Here
//! every step is a trait that all numbers have. Numbers may begin with zero bits: what becomes a dimension does not
//! mind.

use typenum::{B0, B1, UInt, UTerm};

/// One bit less another and less what was borrowed.
pub trait LessBit<Other, Borrow> {
    /// The bit of the difference.
    type Bit;
    /// Whether the next bit lends.
    type Borrow;
}

macro_rules! less_bit {
    ($($a:ident - $b:ident - $borrow:ident = $bit:ident, $next:ident;)*) => {
        $(impl LessBit<$b, $borrow> for $a {
            type Bit = $bit;
            type Borrow = $next;
        })*
    };
}

less_bit! {
    B0 - B0 - B0 = B0, B0;
    B0 - B0 - B1 = B1, B1;
    B0 - B1 - B0 = B1, B1;
    B0 - B1 - B1 = B0, B1;
    B1 - B0 - B0 = B1, B0;
    B1 - B0 - B1 = B0, B0;
    B1 - B1 - B0 = B0, B0;
    B1 - B1 - B1 = B1, B1;
}

/// A number less another, and less `Borrow`.
pub trait Less<Other, Borrow = B0> {
    /// The difference, if it is not below zero.
    type Difference;
    /// `B1` if it is.
    type Below;
}

impl<Borrow> Less<UTerm, Borrow> for UTerm {
    type Difference = UTerm;
    type Below = Borrow;
}

impl<U, A, Borrow> Less<UTerm, Borrow> for UInt<U, A>
where
    A: LessBit<B0, Borrow>,
    U: Less<UTerm, A::Borrow>,
{
    type Difference = UInt<U::Difference, A::Bit>;
    type Below = U::Below;
}

impl<V, B, Borrow> Less<UInt<V, B>, Borrow> for UTerm
where
    B0: LessBit<B, Borrow>,
    UTerm: Less<V, <B0 as LessBit<B, Borrow>>::Borrow>,
{
    type Difference = UTerm;
    type Below = <UTerm as Less<V, <B0 as LessBit<B, Borrow>>::Borrow>>::Below;
}

impl<U, A, V, B, Borrow> Less<UInt<V, B>, Borrow> for UInt<U, A>
where
    A: LessBit<B, Borrow>,
    U: Less<V, A::Borrow>,
{
    type Difference = UInt<U::Difference, A::Bit>;
    type Below = U::Below;
}

/// A step of long division: what is left so far less the divisor, both cut to the divisor's length.
pub trait Step<Divisor, Borrow = B0> {
    /// The difference, if it is not below zero.
    type Difference;
    /// What was there before.
    type Before;
    /// `B1` if the divisor is larger.
    type Below;
}

impl<Borrow> Step<UTerm, Borrow> for UTerm {
    type Difference = UTerm;
    type Before = UTerm;
    type Below = Borrow;
}

// One bit more than the divisor has: if it is set, the difference does not need it, nor does anything else.
impl<A, Borrow> Step<UTerm, Borrow> for UInt<UTerm, A>
where
    A: LessBit<B0, Borrow>,
{
    type Difference = UTerm;
    type Before = UTerm;
    type Below = A::Borrow;
}

impl<V, B, Borrow> Step<UInt<V, B>, Borrow> for UTerm
where
    B0: LessBit<B, Borrow>,
    UTerm: Step<V, <B0 as LessBit<B, Borrow>>::Borrow>,
{
    type Difference = UTerm;
    type Before = UTerm;
    type Below = <UTerm as Step<V, <B0 as LessBit<B, Borrow>>::Borrow>>::Below;
}

impl<U, A, V, B, Borrow> Step<UInt<V, B>, Borrow> for UInt<U, A>
where
    A: LessBit<B, Borrow>,
    U: Step<V, A::Borrow>,
{
    type Difference = UInt<U::Difference, A::Bit>;
    type Before = UInt<U::Before, A>;
    type Below = U::Below;
}

/// What a step answers to "is the divisor larger?".
pub trait Choose {
    /// The bit of the quotient.
    type Bit;
    /// What is left.
    type Left<Difference, Before>;
}

impl Choose for B0 {
    type Bit = B1;
    type Left<Difference, Before> = Difference;
}

impl Choose for B1 {
    type Bit = B0;
    type Left<Difference, Before> = Before;
}

/// Long division, from the highest bit.
pub trait DivMod<Divisor> {
    /// The quotient.
    type Quotient;
    /// What is left, in as many bits as the divisor has.
    type Left;
}

impl<D> DivMod<D> for UTerm {
    type Quotient = UTerm;
    type Left = UTerm;
}

impl<U, B, D> DivMod<D> for UInt<U, B>
where
    U: DivMod<D>,
    UInt<U::Left, B>: Step<D, Below: Choose>,
{
    type Quotient = UInt<U::Quotient, <<UInt<U::Left, B> as Step<D>>::Below as Choose>::Bit>;
    type Left = <<UInt<U::Left, B> as Step<D>>::Below as Choose>::Left<
        <UInt<U::Left, B> as Step<D>>::Difference,
        <UInt<U::Left, B> as Step<D>>::Before,
    >;
}

/// A number divided by a stride, rounded down. Halving comes first: most strides are 1 or 2.
pub trait Divide<Stride> {
    /// The quotient.
    type Quotient;
}

impl<U> Divide<UInt<UTerm, B1>> for U {
    type Quotient = U;
}

impl<S, A> Divide<UInt<UInt<S, A>, B0>> for UTerm {
    type Quotient = UTerm;
}

impl<U, B, S, A> Divide<UInt<UInt<S, A>, B0>> for UInt<U, B>
where
    U: Divide<UInt<S, A>>,
{
    type Quotient = U::Quotient;
}

impl<U, S, A> Divide<UInt<UInt<S, A>, B1>> for U
where
    U: DivMod<UInt<UInt<S, A>, B1>>,
{
    type Quotient = U::Quotient;
}
