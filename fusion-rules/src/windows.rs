//! Windows over the axes behind the channels: convolution, pooling, and what else changes their sizes.

use crate::{DYN, Mistake, plus, positive, product, size};

/// A padding that keeps the size of the axis: PyTorch's `padding='same'`.
pub const SAME: usize = DYN - 2;

/// A window that slides along an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// How many elements it has.
    pub kernel: usize,
    /// How far apart its places are.
    pub stride: usize,
    /// By how much the input is padded on both sides, or [`SAME`].
    pub padding: usize,
    /// How far apart its elements are.
    pub dilation: usize,
}

impl Window {
    /// Whether there is a window at all, and whether its padding goes with its stride.
    pub const fn check(self) -> Result<(), Mistake> {
        if self.kernel == 0 || self.stride == 0 || self.dilation == 0 {
            Err(Mistake::ZeroWindow)
        } else if self.padding == SAME && self.stride != 1 {
            Err(Mistake::SameStride { stride: self.stride })
        } else {
            Ok(())
        }
    }

    /// How far it reaches, from its first element to its last.
    const fn reach(self) -> usize {
        self.dilation * (self.kernel - 1) + 1
    }

    /// How many places it has along an axis of this size.
    pub const fn places(self, size: usize) -> Result<usize, Mistake> {
        window(size, self.kernel, self.stride, self.padding, self.dilation)
    }

    /// The padding of an axis, at its begin and at its end. Where that of [`SAME`] is odd, the end has one more.
    pub const fn pads(self) -> [usize; 2] {
        if self.padding == SAME {
            let total = self.reach() - 1;
            [total / 2, total - total / 2]
        } else {
            [self.padding, self.padding]
        }
    }
}

/// How many places a window has along an axis: `(size + 2 padding - dilation (kernel - 1) - 1) / stride + 1`.
///
/// With `dilation` 1 that is the familiar `(H + 2P - K) / S + 1`. With the padding [`SAME`] it is the size itself.
pub const fn window(
    size: usize,
    kernel: usize,
    stride: usize,
    padding: usize,
    dilation: usize,
) -> Result<usize, Mistake> {
    let window = Window { kernel, stride, padding, dilation };
    if let Err(e) = window.check() {
        return Err(e);
    }
    if size == DYN || padding == SAME {
        return Ok(size);
    }
    // Sums of products of sizes of nine digits stay far below the end of a `usize`.
    let (padded, reach) = (size + 2 * padding, window.reach());
    if reach > padded {
        return Err(Mistake::Window { size, kernel, stride, padding, dilation });
    }
    crate::size((padded - reach) / stride + 1)
}

/// Channels in `groups` of equal size: both what a convolution takes and what it gives.
pub const fn groups(takes: usize, gives: usize, groups: usize) -> Result<(), Mistake> {
    if groups == 0 {
        return Err(Mistake::AtLeastOne { what: "group" });
    }
    if takes != DYN && !takes.is_multiple_of(groups) {
        return Err(Mistake::Groups { groups, channels: takes });
    }
    if gives != DYN && !gives.is_multiple_of(groups) {
        return Err(Mistake::Groups { groups, channels: gives });
    }
    Ok(())
}

/// The size of an axis on which a window of this kind has `places` places: what a transposed convolution makes of an
/// axis of this size, `(places - 1) stride - 2 padding + dilation (kernel - 1) + output_padding + 1`.
///
/// Up to `stride` sizes have equally many places; the output padding says which is meant.
pub const fn transposed_window(places: usize, window: Window, output_padding: usize) -> Result<usize, Mistake> {
    if let Err(e) = window.check() {
        return Err(e);
    }
    let Window { kernel, stride, padding, dilation } = window;
    if padding == SAME {
        return Err(Mistake::NoSame);
    }
    if output_padding >= stride && output_padding >= dilation {
        return Err(Mistake::OutputPadding { output_padding, stride, dilation });
    }
    if places == DYN {
        return Ok(DYN);
    }
    let whole = places * stride + window.reach() + output_padding;
    if places == 0 || whole <= stride + 2 * padding {
        return Err(Mistake::TransposedWindow { size: places, kernel, stride, padding, dilation });
    }
    size(whole - stride - 2 * padding)
}

/// A padding of at most half the window, so that no window sees padding alone.
pub const fn pool_padding(kernel: usize, padding: usize) -> Result<(), Mistake> {
    if padding == SAME {
        Err(Mistake::NoSame)
    } else if padding > kernel / 2 {
        Err(Mistake::PoolPadding { kernel, padding })
    } else {
        Ok(())
    }
}

/// A size times a scale of at least 1.
pub const fn scaled(n: usize, scale: usize) -> Result<usize, Mistake> {
    if let Err(e) = positive(scale) {
        return Err(e);
    }
    if n == DYN {
        return Ok(DYN);
    }
    match product(n, scale) {
        Ok(n) => size(n),
        Err(e) => Err(e),
    }
}

/// A size with so many more at its begin and at its end.
pub const fn padded(n: usize, padding: usize) -> Result<usize, Mistake> {
    match plus(n, padding) {
        Ok(n) => plus(n, padding),
        Err(e) => Err(e),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MAX_SIZE;

    const fn of(kernel: usize, stride: usize, padding: usize, dilation: usize) -> Window {
        Window { kernel, stride, padding, dilation }
    }

    #[test]
    fn windows_as_pytorch_counts_them() {
        // (size, kernel, stride, padding, dilation) -> places, from the formula in PyTorch's Conv2d.
        for (size, k, s, p, d, places) in [
            (28, 3, 1, 0, 1, 26),
            (224, 7, 2, 3, 1, 112),
            (112, 3, 2, 1, 1, 56),
            (13, 3, 2, 0, 1, 6),
            (5, 5, 1, 0, 1, 1),
            (7, 3, 1, 0, 3, 1),
            (8, 3, 1, 2, 2, 8),
            (1, 1, 4, 0, 1, 1),
            (1, 7, 1, SAME, 5, 1),
            (28, 4, 1, SAME, 1, 28),
        ] {
            assert_eq!(window(size, k, s, p, d), Ok(places));
        }
        assert_eq!((window(DYN, 3, 1, 0, 1), window(DYN, 3, 1, SAME, 1)), (Ok(DYN), Ok(DYN)));
        assert!(window(4, 5, 1, 0, 1).is_err());
        assert!(window(6, 3, 1, 0, 3).is_err());
        assert!(window(6, 0, 1, 0, 1).is_err());
        assert_eq!(window(6, 3, 2, SAME, 1), Err(Mistake::SameStride { stride: 2 }));
        assert_eq!(window(MAX_SIZE, 1, 1, 1, 1), Err(Mistake::TooManyDigits));
        assert_eq!((of(3, 2, 1, 1).pads(), of(3, 1, SAME, 2).pads()), ([1, 1], [2, 2]));
        // PyTorch's 'same' puts the odd one at the end.
        assert_eq!((of(4, 1, SAME, 1).pads(), of(1, 1, SAME, 9).pads()), ([1, 2], [0, 0]));
    }

    #[test]
    fn transposed_convolutions_undo_the_sizes() {
        // (size, kernel, stride, padding, dilation, output_padding) -> size, from the formula in PyTorch's docs.
        for (size, k, s, p, d, op, gives) in [
            (1, 4, 1, 0, 1, 0, 4),
            (4, 4, 2, 1, 1, 0, 8),
            (5, 3, 2, 1, 1, 1, 10),
            (3, 2, 2, 0, 1, 0, 6),
            (3, 3, 1, 0, 2, 1, 8),
            (2, 3, 1, 1, 1, 0, 2),
        ] {
            let w = of(k, s, p, d);
            assert_eq!(transposed_window(size, w, op), Ok(gives));
            assert_eq!(window(gives, k, s, p, d), Ok(if op < s { size } else { size + op / s }));
        }
        assert_eq!(transposed_window(DYN, of(3, 1, 0, 1), 0), Ok(DYN));
        let mistake = Mistake::OutputPadding { output_padding: 2, stride: 2, dilation: 1 };
        assert_eq!(transposed_window(4, of(3, 2, 1, 1), 2), Err(mistake));
        assert_eq!(transposed_window(4, of(3, 2, 1, 3), 2), Ok(13));
        assert_eq!(transposed_window(4, of(3, 1, SAME, 1), 0), Err(Mistake::NoSame));
        assert!(transposed_window(1, of(2, 1, 1, 1), 0).is_err());
        assert!(transposed_window(1, of(1, 1, 5, 1), 0).is_err());
        assert!(transposed_window(0, of(3, 1, 0, 1), 0).is_err());
        assert_eq!(transposed_window(MAX_SIZE, of(2, 2, 0, 1), 0), Err(Mistake::TooManyDigits));
    }

    #[test]
    fn pooling_and_resizing() {
        assert_eq!((pool_padding(3, 1), pool_padding(3, SAME)), (Ok(()), Err(Mistake::NoSame)));
        assert_eq!(pool_padding(3, 2), Err(Mistake::PoolPadding { kernel: 3, padding: 2 }));
        assert_eq!((scaled(13, 2), scaled(DYN, 2), scaled(13, 0)), (Ok(26), Ok(DYN), Err(Mistake::Zero)));
        assert_eq!(scaled(2, MAX_SIZE), Err(Mistake::TooManyDigits));
        assert_eq!((padded(13, 2), padded(DYN, 2), padded(13, 0)), (Ok(17), Ok(DYN), Ok(13)));
        assert_eq!(padded(1, MAX_SIZE / 2), Ok(MAX_SIZE));
        assert_eq!(padded(2, MAX_SIZE / 2), Err(Mistake::TooManyDigits));
    }
}
