//! Binary numbers of which everything can be computed.
//!
//! `typenum` computes with numbers that are there: each sum and product is a bound. Here they are associated types that
//! every number has, so that generic code counts without one, and a number is known to be equal to itself.

use typenum::{B0, B1, Bit, UInt, UTerm, Unsigned};

/// A number without leading zeros.
pub trait Bits: Unsigned + Equal<Self, Is = B1> {
    /// This number plus another and what was carried.
    type Plus<R: Bits, Carry: Flag>: Bits;
    /// A number that ends in a bit, plus this one and what was carried.
    type PlusOf<U: Bits, B: Flag, Carry: Flag>: Bits;
    /// One more.
    type Next: Bits;
    /// Twice this number.
    type Twice: Bits;
    /// This number times another.
    type Product<R: Bits>: Bits;
}

/// Whether two numbers are equal.
pub trait Equal<R> {
    /// `B1` if they are.
    type Is: Flag;
}

/// A bit.
pub trait Flag: Bit + EqualBit<Self, Is = B1> {
    /// Whether both are set.
    type And<Other: Flag>: Flag;
    /// Whether one is set.
    type Or<Other: Flag>: Flag;
    /// Whether one is set and the other not.
    type Xor<Other: Flag>: Flag;
    /// Whether it is not set.
    type Not: Flag;
    /// Whether two of three are set.
    type Two<B: Flag, C: Flag>: Flag;
    /// A number, plus one if the bit is set.
    type Carried<U: Bits>: Bits;
    /// One more than the number that ends in this bit.
    type NextOf<U: Bits>: Bits;
    /// A number, plus another if the bit is set.
    type PlusIf<U: Bits, R: Bits>: Bits;
}

/// Whether two bits are equal.
pub trait EqualBit<R> {
    /// `B1` if they are.
    type Is: Flag;
}

impl EqualBit<B0> for B0 {
    type Is = B1;
}
impl EqualBit<B1> for B0 {
    type Is = B0;
}
impl EqualBit<B0> for B1 {
    type Is = B0;
}
impl EqualBit<B1> for B1 {
    type Is = B1;
}

impl Flag for B0 {
    type And<Other: Flag> = B0;
    type Or<Other: Flag> = Other;
    type Xor<Other: Flag> = Other;
    type Not = B1;
    type Two<B: Flag, C: Flag> = B::And<C>;
    type Carried<U: Bits> = U;
    type NextOf<U: Bits> = UInt<U, B1>;
    type PlusIf<U: Bits, R: Bits> = U;
}

impl Flag for B1 {
    type And<Other: Flag> = Other;
    type Or<Other: Flag> = B1;
    type Xor<Other: Flag> = Other::Not;
    type Not = B0;
    type Two<B: Flag, C: Flag> = B::Or<C>;
    type Carried<U: Bits> = U::Next;
    type NextOf<U: Bits> = UInt<U::Next, B0>;
    type PlusIf<U: Bits, R: Bits> = U::Plus<R, B0>;
}

impl Equal<UTerm> for UTerm {
    type Is = B1;
}

impl<V, B> Equal<UInt<V, B>> for UTerm {
    type Is = B0;
}

impl<U, A> Equal<UTerm> for UInt<U, A> {
    type Is = B0;
}

impl<U, A, V, B> Equal<UInt<V, B>> for UInt<U, A>
where
    A: EqualBit<B>,
    U: Equal<V>,
{
    type Is = <A::Is as Flag>::And<U::Is>;
}

impl Bits for UTerm {
    type Plus<R: Bits, Carry: Flag> = Carry::Carried<R>;
    type PlusOf<U: Bits, B: Flag, Carry: Flag> = Carry::Carried<UInt<U, B>>;
    type Next = UInt<UTerm, B1>;
    type Twice = UTerm;
    type Product<R: Bits> = UTerm;
}

impl<V: Bits, B: Flag> Bits for UInt<V, B> {
    type Plus<R: Bits, Carry: Flag> = R::PlusOf<V, B, Carry>;
    type PlusOf<U: Bits, A: Flag, Carry: Flag> = UInt<U::Plus<V, A::Two<B, Carry>>, A::Xor<B::Xor<Carry>>>;
    type Next = B::NextOf<V>;
    type Twice = UInt<Self, B0>;
    type Product<R: Bits> = B::PlusIf<<V::Product<R> as Bits>::Twice, R>;
}
