//! The limits of sizes, and their digits.

/// The most axes a tensor has.
pub const MAX_RANK: usize = 6;

/// The largest size: nine digits.
pub const MAX_SIZE: usize = 999_999_999;

/// The most elements that a tensor can have, and the largest stride: 40 bits, 4 terabytes of `f32`.
pub const MAX_ELEMENTS: usize = {
    let (most, addressed) = ((1u64 << 40) - 1, isize::MAX as u64 / 8);
    (if most < addressed { most } else { addressed }) as usize
};

/// How many decimal digits `n` has.
pub const fn digits(n: usize) -> usize {
    let (mut rest, mut count) = (n / 10, 1);
    while rest > 0 {
        rest /= 10;
        count += 1;
    }
    count
}

/// The decimal digit of `n` that stands for `10^place`.
pub const fn digit(n: usize, place: usize) -> u8 {
    let (mut rest, mut i) = (n, 0);
    while i < place {
        rest /= 10;
        i += 1;
    }
    (rest % 10) as u8
}
