//! Single sizes: arithmetic that stays among them.

use crate::{MAX_SIZE, Mistake, Size};

/// `n`, if a dimension can be spelled for it: at most nine digits.
pub const fn size(n: usize) -> Result<usize, Mistake> {
    if n <= MAX_SIZE { Ok(n) } else { Err(Mistake::TooManyDigits) }
}

/// [`size`] as a [`Size`].
pub const fn known_size(n: usize) -> Result<Size, Mistake> {
    match size(n) {
        Ok(n) => Ok(Size::Known(n)),
        Err(e) => Err(e),
    }
}

/// `n`, if it is a size that a layer can have: nine digits, and not 0.
pub const fn positive(n: usize) -> Result<usize, Mistake> {
    if n == 0 { Err(Mistake::Zero) } else { size(n) }
}

/// `a + b`.
pub const fn sum(a: usize, b: usize) -> Result<usize, Mistake> {
    known(a.checked_add(b))
}

/// `a - b`, which must not be below zero.
pub const fn difference(a: usize, b: usize) -> Result<usize, Mistake> {
    if b <= a { Ok(a - b) } else { Err(Mistake::BelowZero { left: a, right: b }) }
}

/// `a * b`.
pub const fn product(a: usize, b: usize) -> Result<usize, Mistake> {
    known(a.checked_mul(b))
}

/// `a / b`, which must come out even: a size that was rounded is a mistake nearly always.
pub const fn quotient(a: usize, b: usize) -> Result<usize, Mistake> {
    match a.checked_div(b) {
        Some(quotient) if quotient * b == a => Ok(quotient),
        Some(_) => Err(Mistake::Uneven { left: a, right: b }),
        None => Err(Mistake::DivisionByZero { left: a }),
    }
}

/// `a % b`.
pub const fn remainder(a: usize, b: usize) -> Result<usize, Mistake> {
    match a.checked_rem(b) {
        Some(remainder) => Ok(remainder),
        None => Err(Mistake::DivisionByZero { left: a }),
    }
}

/// What is too large for a `usize` has far more than nine digits.
const fn known(n: Option<usize>) -> Result<usize, Mistake> {
    match n {
        Some(n) => Ok(n),
        None => Err(Mistake::TooManyDigits),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{digit, digits};

    #[test]
    fn arithmetic_stays_among_the_sizes() {
        assert_eq!((sum(2, 3), difference(3, 3), product(4, 64)), (Ok(5), Ok(0), Ok(256)));
        assert_eq!((quotient(8, 2), remainder(7, 2)), (Ok(4), Ok(1)));
        assert_eq!(quotient(784, 3), Err(Mistake::Uneven { left: 784, right: 3 }));
        assert_eq!(difference(3, 4), Err(Mistake::BelowZero { left: 3, right: 4 }));
        assert_eq!(quotient(3, 0), Err(Mistake::DivisionByZero { left: 3 }));
        assert_eq!(remainder(3, 0), Err(Mistake::DivisionByZero { left: 3 }));
        assert_eq!(sum(usize::MAX, 1), Err(Mistake::TooManyDigits));
        assert_eq!(product(usize::MAX, 2), Err(Mistake::TooManyDigits));
    }

    #[test]
    fn nine_digits_and_no_more() {
        assert_eq!(size(999_999_999), Ok(999_999_999));
        assert_eq!(size(1_000_000_000), Err(Mistake::TooManyDigits));
        assert_eq!((positive(0), positive(1)), (Err(Mistake::Zero), Ok(1)));
        assert_eq!((digits(0), digits(9), digits(10), digits(999_999_999)), (1, 1, 2, 9));
        assert_eq!((digit(9216, 0), digit(9216, 3), digit(9216, 4)), (6, 9, 0));
    }
}
