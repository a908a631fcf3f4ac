//! What layers ask of their input.

use crate::{DYN, Dims, Mistake, agree};

/// A layer of `takes` features: that is the size of the input's last axis.
pub const fn features(takes: usize, x: Dims) -> Result<usize, Mistake> {
    if x.rank == 0 {
        return Err(Mistake::NoFeatures { takes });
    }
    match agree(takes, x.last()) {
        Some(n) => Ok(n),
        None => Err(Mistake::Features { takes, input: x }),
    }
}

/// `Linear<takes, gives>`: `[.., takes]` becomes `[.., gives]`.
pub const fn linear(takes: usize, gives: usize, x: Dims) -> Result<Dims, Mistake> {
    match features(takes, x) {
        Ok(_) => Ok(x.with_last(gives)),
        Err(e) => Err(e),
    }
}

/// The rule of every layer of images: the input is `[batch, channels, height, width]`.
pub const fn image(x: Dims) -> Result<Dims, Mistake> {
    if x.rank == 4 { Ok(x) } else { Err(Mistake::NotAnImage { input: x }) }
}

/// A layer of `takes` channels: that is the size of an image's axis 1.
pub const fn channels(takes: usize, x: Dims) -> Result<usize, Mistake> {
    match image(x) {
        Ok(x) => match agree(takes, x.d[1]) {
            Some(n) => Ok(n),
            None => Err(Mistake::Channels { takes, input: x }),
        },
        Err(e) => Err(e),
    }
}

/// How many places a window has along an axis: `(size + 2 padding - dilation (kernel - 1) - 1) / stride + 1`.
///
/// With `dilation` 1 that is the familiar `(H + 2P - K) / S + 1`.
pub const fn window(
    size: usize,
    kernel: usize,
    stride: usize,
    padding: usize,
    dilation: usize,
) -> Result<usize, Mistake> {
    if kernel == 0 || stride == 0 || dilation == 0 {
        return Err(Mistake::ZeroWindow);
    }
    if size == DYN {
        return Ok(DYN);
    }
    // Sums of products of sizes of nine digits stay far below the end of a `usize`.
    let (padded, reach) = (size + 2 * padding, dilation * (kernel - 1) + 1);
    if reach > padded {
        return Err(Mistake::Window { size, kernel, stride, padding, dilation });
    }
    Ok((padded - reach) / stride + 1)
}

/// A window over the height and the width of an image: `[batch, channels, height, width]` keeps its first two axes.
pub const fn windows(x: Dims, kernel: usize, stride: usize, padding: usize, dilation: usize) -> Result<Dims, Mistake> {
    match image(x) {
        Ok(_) => {}
        Err(e) => return Err(e),
    }
    let height = match window(x.d[2], kernel, stride, padding, dilation) {
        Ok(n) => n,
        Err(e) => return Err(e),
    };
    match window(x.d[3], kernel, stride, padding, dilation) {
        Ok(width) => Ok(x.with(2, height).with(3, width)),
        Err(e) => Err(e),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            assert_eq!(window(size, k, s, p, d), Ok(places));
        }
        assert_eq!(window(DYN, 3, 1, 0, 1), Ok(DYN));
        assert!(window(4, 5, 1, 0, 1).is_err());
        assert!(window(6, 3, 1, 0, 3).is_err());
        assert!(window(6, 0, 1, 0, 1).is_err());
    }

    #[test]
    fn images_and_features() {
        let x = Dims::new(&[DYN, 3, 32, 30]);
        assert_eq!(windows(x, 3, 1, 0, 1), Ok(Dims::new(&[DYN, 3, 30, 28])));
        assert_eq!(channels(3, x), Ok(3));
        assert_eq!(channels(4, x), Err(Mistake::Channels { takes: 4, input: x }));
        assert_eq!(linear(30, 7, x), Ok(x.with_last(7)));
        assert_eq!(linear(31, 7, x), Err(Mistake::Features { takes: 31, input: x }));
        assert_eq!(features(31, Dims::SCALAR), Err(Mistake::NoFeatures { takes: 31 }));
        assert_eq!(features(31, Dims::new(&[2, DYN])), Ok(31));
        assert!(image(Dims::new(&[3, 32, 32])).is_err());
    }
}
