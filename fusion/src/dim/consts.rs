//! Types from const values, in code that is not generic: const, digits, canonical type.
//!
//! This is how a size that only const evaluation knows becomes a dimension. If the evaluation fails, its panic is the
//! one error: the type is then an error type, about which rustc stays silent.

use fusion_rules::{Dims, Mistake, Size};
pub use fusion_rules::{difference, digit, ok, product, quotient, remainder, sum};

use super::number::num::{Big4, Big5, Big6, Big7, Big8, Big9, Dyn, Num};
use super::shape::{Shape, dims};

/// A tensor's shape as a const value.
pub trait KnownShape {
    /// The sizes.
    const DIMS: Dims;
}

macro_rules! known_shape {
    ($([$($d:ident)*])*) => {
        $(impl<$($d),*> KnownShape for ($($d,)*)
        where
            Self: Shape,
        {
            const DIMS: Dims = dims::<Self>();
        })*
    };
}
known_shape!([] [A] [A B] [A B C] [A B C D] [A B C D E] [A B C D E F]);

/// A number: how many digits it has, and the digits.
pub struct Digits<
    const N: usize,
    const COUNT: usize,
    const A: u8,
    const B: u8,
    const C: u8,
    const D: u8,
    const E: u8,
    const F: u8,
    const G: u8,
    const H: u8,
    const I: u8,
>;

/// The one dimension of a number.
pub trait Canonical {
    /// The dimension.
    type Dim;
}

macro_rules! canonical {
    ($($count:literal $size:ty;)*) => {
        $(impl<
            const N: usize,
            const A: u8, const B: u8, const C: u8,
            const D: u8, const E: u8, const F: u8,
            const G: u8, const H: u8, const I: u8,
        > Canonical for Digits<N, $count, A, B, C, D, E, F, G, H, I> {
            type Dim = $size;
        })*
    };
}

canonical! {
    0 Dyn;
    3 Num<N>;
    4 Big4<F, G, H, I>;
    5 Big5<E, F, G, H, I>;
    6 Big6<D, E, F, G, H, I>;
    7 Big7<C, D, E, F, G, H, I>;
    8 Big8<B, C, D, E, F, G, H, I>;
    9 Big9<A, B, C, D, E, F, G, H, I>;
}

/// The value of a rule, or 0 where another evaluation says what is wrong.
pub const fn or_zero(answer: Result<usize, Mistake>) -> usize {
    match answer {
        Ok(n) => n,
        Err(_) => 0,
    }
}

/// How many digits the type of `n` spells: 3 up to 999.
#[track_caller]
pub const fn count(n: usize) -> usize {
    match fusion_rules::size(n) {
        Ok(_) if n < 1000 => 3,
        Ok(_) => fusion_rules::digits(n),
        Err(mistake) => mistake.text().fail(),
    }
}

/// A size and its decimal digits, each under a name: a const argument that only names a field costs the compiler a
/// third of one that calls a function, and there are eleven for each size.
#[derive(Clone, Copy)]
#[expect(missing_docs, reason = "the arguments of `Digits`")]
pub struct Spelled {
    pub n: usize,
    pub count: usize,
    pub a: u8,
    pub b: u8,
    pub c: u8,
    pub d: u8,
    pub e: u8,
    pub f: u8,
    pub g: u8,
    pub h: u8,
    pub i: u8,
}

/// A shape as its type spells it: the rank and the sizes behind the batch.
#[derive(Clone, Copy)]
#[expect(missing_docs, reason = "the axes in order")]
pub struct SpelledShape {
    pub rank: usize,
    pub b: Spelled,
    pub c: Spelled,
    pub d: Spelled,
    pub e: Spelled,
    pub f: Spelled,
}

/// The digits of a size; none of one that is not known, whose type is `Dyn`.
#[track_caller]
pub const fn spelled(size: Size) -> Spelled {
    let Size::Known(n) = size else {
        return Spelled { n: 0, count: 0, a: 0, b: 0, c: 0, d: 0, e: 0, f: 0, g: 0, h: 0, i: 0 };
    };
    let count = count(n);
    if count <= 3 {
        // The number itself is in the type, and no digit of it.
        return Spelled { n, count, a: 0, b: 0, c: 0, d: 0, e: 0, f: 0, g: 0, h: 0, i: 0 };
    }
    Spelled {
        n,
        count,
        a: digit(n, 8),
        b: digit(n, 7),
        c: digit(n, 6),
        d: digit(n, 5),
        e: digit(n, 4),
        f: digit(n, 3),
        g: digit(n, 2),
        h: digit(n, 1),
        i: digit(n, 0),
    }
}

/// The digits of all sizes but the batch.
#[track_caller]
pub const fn spelled_shape(dims: Dims) -> SpelledShape {
    let [_, b, c, d, e, f] = dims.d;
    SpelledShape { rank: dims.rank, b: spelled(b), c: spelled(c), d: spelled(d), e: spelled(e), f: spelled(f) }
}

/// A shape of `R` axes with these sizes; sizes after the last axis are ignored.
pub struct Sized<const R: usize, A, B, C, D, E, F>(core::marker::PhantomData<(A, B, C, D, E, F)>);

/// The tuple of a shape.
pub trait Tuple {
    /// The shape.
    type Shape;
}

macro_rules! tuple {
    ($($rank:literal: $($d:ident)*;)*) => {
        $(impl<A, B, C, D, E, F> Tuple for Sized<$rank, A, B, C, D, E, F> {
            type Shape = ($($d,)*);
        })*
    };
}

tuple! {
    0:;
    1: A;
    2: A B;
    3: A B C;
    4: A B C D;
    5: A B C D E;
    6: A B C D E F;
}

/// The dimension of a constant expression: of up to nine digits.
///
/// It may contain consts but no generic parameters: stable Rust cannot compute with them. An expression whose
/// evaluation may fail is given twice, once so that it fails and once so that it returns any number instead: the error
/// is then reported once.
#[doc(hidden)]
#[macro_export]
macro_rules! dim_of {
    ($n:expr) => {
        $crate::dim_of!($n, $n)
    };
    ($checked:expr, $n:expr) => {
        <$crate::dim::consts::Digits<
            { $n },
            { $crate::dim::consts::count($checked) },
            { $crate::dim::consts::digit($n, 8) },
            { $crate::dim::consts::digit($n, 7) },
            { $crate::dim::consts::digit($n, 6) },
            { $crate::dim::consts::digit($n, 5) },
            { $crate::dim::consts::digit($n, 4) },
            { $crate::dim::consts::digit($n, 3) },
            { $crate::dim::consts::digit($n, 2) },
            { $crate::dim::consts::digit($n, 1) },
            { $crate::dim::consts::digit($n, 0) },
        > as $crate::dim::consts::Canonical>::Dim
    };
}

/// The dimension that a [`Spelled`](crate::dim::consts::Spelled) constant spells.
#[doc(hidden)]
#[macro_export]
macro_rules! spelled_dim {
    ($($n:tt)*) => {
        <$crate::dim::consts::Digits<
            { $($n)*.n }, { $($n)*.count },
            { $($n)*.a }, { $($n)*.b }, { $($n)*.c }, { $($n)*.d }, { $($n)*.e },
            { $($n)*.f }, { $($n)*.g }, { $($n)*.h }, { $($n)*.i },
        > as $crate::dim::consts::Canonical>::Dim
    };
}
