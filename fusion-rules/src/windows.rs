//! Windows over the axes behind the channels: convolution, pooling, and what else changes their sizes.

use crate::{Mistake, Size, known_size, positive, product};

/// The padding of an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Padding {
    /// By so many elements at its begin and at its end.
    By(usize),
    /// As much as keeps its size: PyTorch's `padding='same'`.
    Same,
}

/// A window that slides along an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// How many elements it has.
    pub kernel: usize,
    /// How far apart its places are.
    pub stride: usize,
    /// By how much the input is padded.
    pub padding: Padding,
    /// How far apart its elements are.
    pub dilation: usize,
}

impl Window {
    /// Whether there is a window at all, and whether its padding goes with its stride.
    pub const fn check(self) -> Result<(), Mistake> {
        if self.kernel == 0 || self.stride == 0 || self.dilation == 0 {
            Err(Mistake::ZeroWindow)
        } else if matches!(self.padding, Padding::Same) && self.stride != 1 {
            Err(Mistake::SameStride { stride: self.stride })
        } else {
            Ok(())
        }
    }

    /// How far it reaches, from its first element to its last.
    const fn reach(self) -> usize {
        self.dilation * (self.kernel - 1) + 1
    }

    /// The padding of an axis, at its begin and at its end. Where that of [`Padding::Same`] is odd, the end has one more.
    pub const fn pads(self) -> [usize; 2] {
        match self.padding {
            Padding::By(padding) => [padding, padding],
            Padding::Same => {
                let total = self.reach() - 1;
                [total / 2, total - total / 2]
            }
        }
    }
}

/// How many places a window has along an axis: `(size + 2 padding - dilation (kernel - 1) - 1) / stride + 1`.
///
/// With `dilation` 1 that is the familiar `(H + 2P - K) / S + 1`. With [`Padding::Same`] it is the size itself.
pub const fn window(size: Size, window: Window) -> Result<Size, Mistake> {
    if let Err(e) = window.check() {
        return Err(e);
    }
    let Window { kernel, stride, padding, dilation } = window;
    let Padding::By(padding) = padding else { return Ok(size) };
    // Sums of products of sizes of nine digits stay far below the end of a `usize`.
    let (reach, pads) = (window.reach(), 2 * padding);
    match size {
        Size::Known(size) if reach > size + pads => Err(Mistake::Window { size, kernel, stride, padding, dilation }),
        Size::Known(size) => known_size((size + pads - reach) / stride + 1),
        _ => Ok(shifted(size, stride, (pads + 1) as isize - reach as isize)),
    }
}

/// A size that is no number and so many more; with another stride than 1 nothing is known of it.
const fn shifted(size: Size, stride: usize, more: isize) -> Size {
    match size.plus(more) {
        Some(size) if stride == 1 => size,
        _ => Size::Dyn,
    }
}

/// Channels in `groups` of equal size: both what a convolution takes and what it gives.
pub const fn groups(takes: Size, gives: Size, groups: usize) -> Result<(), Mistake> {
    match (takes, gives) {
        _ if groups == 0 => Err(Mistake::AtLeastOne { what: "group" }),
        (Size::Known(channels), _) | (_, Size::Known(channels)) if !channels.is_multiple_of(groups) => {
            Err(Mistake::Groups { groups, channels })
        }
        _ => Ok(()),
    }
}

/// The size of an axis on which a window of this kind has `places` places: what a transposed convolution makes of an
/// axis of this size, `(places - 1) stride - 2 padding + dilation (kernel - 1) + output_padding + 1`.
///
/// Up to `stride` sizes have equally many places; the output padding says which is meant.
pub const fn transposed_window(places: Size, window: Window, output_padding: usize) -> Result<Size, Mistake> {
    if let Err(e) = window.check() {
        return Err(e);
    }
    let Window { kernel, stride, padding, dilation } = window;
    let Padding::By(padding) = padding else { return Err(Mistake::NoSame) };
    if output_padding >= stride && output_padding >= dilation {
        return Err(Mistake::OutputPadding { output_padding, stride, dilation });
    }
    let (more, less) = (window.reach() + output_padding, stride + 2 * padding);
    match places {
        Size::Known(size) if size == 0 || size * stride + more <= less => {
            Err(Mistake::TransposedWindow { size, kernel, stride, padding, dilation })
        }
        Size::Known(places) => known_size(places * stride + more - less),
        _ => Ok(shifted(places, stride, more as isize - less as isize)),
    }
}

/// A padding of at most half the window, so that no window sees padding alone.
pub const fn pool_padding(kernel: usize, padding: Padding) -> Result<(), Mistake> {
    match padding {
        Padding::Same => Err(Mistake::NoSame),
        Padding::By(padding) if padding > kernel / 2 => Err(Mistake::PoolPadding { kernel, padding }),
        Padding::By(_) => Ok(()),
    }
}

/// A size times a scale of at least 1.
pub const fn scaled(n: Size, scale: usize) -> Result<Size, Mistake> {
    if let Err(e) = positive(scale) {
        return Err(e);
    }
    let Size::Known(n) = n else { return Ok(if scale == 1 { n } else { Size::Dyn }) };
    match product(n, scale) {
        Ok(n) => known_size(n),
        Err(e) => Err(e),
    }
}

/// A size with so many more at its begin and at its end.
pub const fn padded(n: Size, padding: usize) -> Result<Size, Mistake> {
    match n {
        Size::Known(n) => known_size(n + 2 * padding),
        n => Ok(shifted(n, 1, 2 * padding as isize)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MAX_SIZE;
    use Padding::{By, Same};

    const fn of(kernel: usize, stride: usize, padding: Padding, dilation: usize) -> Window {
        Window { kernel, stride, padding, dilation }
    }

    const fn n(size: usize) -> Size {
        Size::Known(size)
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
        ] {
            assert_eq!(window(n(size), of(k, s, By(p), d)), Ok(n(places)));
        }
        for (size, k, d) in [(1, 7, 5), (28, 4, 1)] {
            assert_eq!(window(n(size), of(k, 1, Same, d)), Ok(n(size)));
        }
        for padding in [By(0), Same] {
            assert_eq!(window(Size::Dyn, of(3, 1, padding, 1)), Ok(Size::Dyn));
        }
        assert!(window(n(4), of(5, 1, By(0), 1)).is_err());
        assert!(window(n(6), of(3, 1, By(0), 3)).is_err());
        assert!(window(n(6), of(0, 1, By(0), 1)).is_err());
        assert_eq!(window(n(6), of(3, 2, Same, 1)), Err(Mistake::SameStride { stride: 2 }));
        assert_eq!(window(n(MAX_SIZE), of(1, 1, By(1), 1)), Err(Mistake::TooManyDigits));
        assert_eq!((of(3, 2, By(1), 1).pads(), of(3, 1, Same, 2).pads()), ([1, 1], [2, 2]));
        // PyTorch's 'same' puts the odd one at the end.
        assert_eq!((of(4, 1, Same, 1).pads(), of(1, 1, Same, 9).pads()), ([1, 2], [0, 0]));
    }

    #[test]
    fn names_are_shifted() {
        let named = |offset| Size::Named { name: 1, offset };
        assert_eq!(window(named(0), of(3, 1, By(0), 1)), Ok(named(-2)));
        assert_eq!(window(named(-2), of(3, 1, By(2), 1)), Ok(named(0)));
        assert_eq!(window(named(-2), of(3, 1, Same, 1)), Ok(named(-2)));
        assert_eq!(window(named(0), of(3, 2, By(1), 1)), Ok(Size::Dyn));
        assert_eq!(transposed_window(named(0), of(3, 1, By(0), 1), 0), Ok(named(2)));
        assert_eq!(transposed_window(named(0), of(2, 2, By(0), 1), 0), Ok(Size::Dyn));
        assert_eq!((scaled(named(3), 1), scaled(named(3), 2)), (Ok(named(3)), Ok(Size::Dyn)));
        assert_eq!(groups(named(0), n(8), 4), Ok(()));
        assert_eq!(groups(named(0), n(8), 3), Err(Mistake::Groups { groups: 3, channels: 8 }));
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
            let w = of(k, s, By(p), d);
            assert_eq!(transposed_window(n(size), w, op), Ok(n(gives)));
            assert_eq!(window(n(gives), w), Ok(n(if op < s { size } else { size + op / s })));
        }
        let transposed = |size, k, s, p, d, op| transposed_window(size, of(k, s, p, d), op);
        assert_eq!(transposed(Size::Dyn, 3, 1, By(0), 1, 0), Ok(Size::Dyn));
        let mistake = Mistake::OutputPadding { output_padding: 2, stride: 2, dilation: 1 };
        assert_eq!(transposed(n(4), 3, 2, By(1), 1, 2), Err(mistake));
        assert_eq!(transposed(n(4), 3, 2, By(1), 3, 2), Ok(n(13)));
        assert_eq!(transposed(n(4), 3, 1, Same, 1, 0), Err(Mistake::NoSame));
        assert!(transposed(n(1), 2, 1, By(1), 1, 0).is_err());
        assert!(transposed(n(1), 1, 1, By(5), 1, 0).is_err());
        assert!(transposed(n(0), 3, 1, By(0), 1, 0).is_err());
        assert_eq!(transposed(n(MAX_SIZE), 2, 2, By(0), 1, 0), Err(Mistake::TooManyDigits));
    }

    #[test]
    fn pooling_and_resizing() {
        assert_eq!((pool_padding(3, By(1)), pool_padding(3, Same)), (Ok(()), Err(Mistake::NoSame)));
        assert_eq!(pool_padding(3, By(2)), Err(Mistake::PoolPadding { kernel: 3, padding: 2 }));
        assert_eq!((scaled(n(13), 2), scaled(Size::Dyn, 2)), (Ok(n(26)), Ok(Size::Dyn)));
        assert_eq!((scaled(n(13), 0), scaled(n(2), MAX_SIZE)), (Err(Mistake::Zero), Err(Mistake::TooManyDigits)));
        assert_eq!((padded(n(13), 2), padded(Size::Dyn, 2), padded(n(13), 0)), (Ok(n(17)), Ok(Size::Dyn), Ok(n(13))));
        assert_eq!(padded(n(1), MAX_SIZE / 2), Ok(n(MAX_SIZE)));
        assert_eq!(padded(n(2), MAX_SIZE / 2), Err(Mistake::TooManyDigits));
    }
}
