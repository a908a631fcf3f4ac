//! What layers ask of their input.

use crate::{Dims, MAX_RANK, Mistake, Size, agree};

/// A layer of `takes` features: that is the size of the input's last axis.
pub const fn features(takes: Size, x: Dims) -> Result<Size, Mistake> {
    if x.rank == 0 {
        return Err(Mistake::NoFeatures { takes });
    }
    match agree(takes, x.last()) {
        Some(n) => Ok(n),
        None => Err(Mistake::Features { takes, input: x }),
    }
}

/// The rule of every layer of images: the input is `[batch, channels, height, width]`.
pub const fn image(x: Dims) -> Result<Dims, Mistake> {
    spatial(x, 2, 2)
}

/// The rule of layers of channels: the input is `[batch, channels, ..]`, with so many axes behind them.
pub const fn spatial(x: Dims, from: usize, to: usize) -> Result<Dims, Mistake> {
    match (from, to) {
        _ if x.rank >= 2 + from && x.rank <= 2 + to => Ok(x),
        (2, 2) => Err(Mistake::NotAnImage { input: x }),
        _ => Err(Mistake::NotChannels { from, to, input: x }),
    }
}

/// The rule of layers of sequences: the input is `[batch, length, features]`.
pub const fn sequence(x: Dims) -> Result<Dims, Mistake> {
    if x.rank == 3 { Ok(x) } else { Err(Mistake::NotASequence { input: x }) }
}

/// A layer of `takes` channels: that is the size of axis 1.
pub const fn channels(takes: Size, x: Dims) -> Result<Size, Mistake> {
    if x.rank < 2 {
        return Err(Mistake::NotAnImage { input: x });
    }
    match agree(takes, x.d[1]) {
        Some(n) => Ok(n),
        None => Err(Mistake::Channels { takes, input: x }),
    }
}

/// `Embedding<_, size>`: every index becomes a vector, `[..]` becomes `[.., size]`.
pub const fn embedding(size: Size, x: Dims) -> Result<Dims, Mistake> {
    if x.rank == MAX_RANK { Err(Mistake::Rank { rank: x.rank + 1 }) } else { Ok(x.push(size)) }
}

/// `Unflatten<channels, height, width>`: as many features become an image, `[batch, features]` becomes
/// `[batch, channels, height, width]`; so of any other shape.
pub const fn unflatten(shape: Dims, x: Dims) -> Result<Dims, Mistake> {
    let fits = match shape.len() {
        Some(n) => x.rank == 2 && agree(Size::Known(n), x.last()).is_some(),
        None => x.rank == 2 && shape.is_open(),
    };
    if fits {
        let (mut y, mut i) = (Dims::of(&[x.d[0]]), 0);
        while i < shape.rank {
            y = y.push(shape.d[i]);
            i += 1;
        }
        Ok(y)
    } else {
        Err(Mistake::Unflatten { image: shape, input: x })
    }
}

/// An embedding in `heads` parts of equal size.
pub const fn heads(embed: Size, heads: usize) -> Result<Size, Mistake> {
    match embed {
        _ if heads == 0 => Err(Mistake::AtLeastOne { what: "head" }),
        Size::Known(embed) if embed.is_multiple_of(heads) => Ok(Size::Known(embed / heads)),
        Size::Known(embed) => Err(Mistake::Heads { heads, embed }),
        _ => Ok(Size::Dyn),
    }
}

/// Channels of which as many as a square of `scale` by `scale` has pixels become one: how many are left.
pub const fn shuffled(channels: Size, scale: usize) -> Result<Size, Mistake> {
    match (channels, crate::product(scale, scale)) {
        (_, Ok(0)) => Err(Mistake::Zero),
        (Size::Known(channels), Ok(pixels)) if channels.is_multiple_of(pixels) => Ok(Size::Known(channels / pixels)),
        (Size::Known(channels), Ok(pixels)) => Err(Mistake::Pixels { channels, pixels }),
        (_, Ok(_)) => Ok(Size::Dyn),
        (_, Err(e)) => Err(e),
    }
}

/// An axis of which `k` elements are taken, from one place on or the largest: which size they make.
pub const fn at_least(size: Size, k: usize) -> Result<Size, Mistake> {
    match size {
        Size::Known(size) if size < k => Err(Mistake::TooShort { size, k }),
        _ => Ok(Size::Known(k)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sizes;

    #[test]
    fn images_and_features() {
        let x = Dims::of(&sizes![Dyn, 3, 32, 30]);
        assert_eq!(channels(Size::Known(3), x), Ok(Size::Known(3)));
        assert_eq!(channels(Size::Known(4), x), Err(Mistake::Channels { takes: Size::Known(4), input: x }));
        let [takes, other] = sizes![30, 31];
        assert_eq!(
            (features(takes, x), features(other, x)),
            (Ok(takes), Err(Mistake::Features { takes: other, input: x }))
        );
        assert_eq!(features(other, Dims::SCALAR), Err(Mistake::NoFeatures { takes: other }));
        assert_eq!(features(other, Dims::of(&sizes![2, Dyn])), Ok(other));
        assert!(image(Dims::new(&[3, 32, 32])).is_err());
        assert!(spatial(Dims::new(&[2, 3]), 0, 1).is_ok() && spatial(x, 0, 1).is_err());
    }

    #[test]
    fn features_become_an_image() {
        let x = Dims::of(&sizes![Dyn, 48]);
        assert_eq!(unflatten(Dims::new(&[3, 4, 4]), x), Ok(Dims::of(&sizes![Dyn, 3, 4, 4])));
        assert_eq!(unflatten(Dims::new(&[3, 4, 4]), x.with_last(Size::Dyn)), Ok(Dims::of(&sizes![Dyn, 3, 4, 4])));
        assert_eq!(unflatten(Dims::of(&sizes![Dyn, 4, 4]), x), Ok(Dims::of(&sizes![Dyn, Dyn, 4, 4])));
        let mistake = unflatten(Dims::new(&[3, 4, 5]), x).unwrap_err();
        assert_eq!(mistake.to_string(), "this layer makes [3, 4, 5] of 60 features, but its input has [Dyn, 48]");
        assert!(
            unflatten(Dims::new(&[3, 4, 4]), x.push(Size::Known(48))).is_err()
                && unflatten(Dims::new(&[3, usize::MAX / 2, 4]), x).is_err()
        );
    }

    #[test]
    fn embeddings_and_heads() {
        let x = Dims::of(&sizes![2, Dyn, 8]);
        assert_eq!((heads(Size::Known(8), 2), heads(Size::Dyn, 4)), (Ok(Size::Known(4)), Ok(Size::Dyn)));
        assert_eq!(heads(Size::Known(8), 3), Err(Mistake::Heads { heads: 3, embed: 8 }));
        assert_eq!(heads(Size::Known(8), 0), Err(Mistake::AtLeastOne { what: "head" }));
        let [channels, left] = sizes![12, 3];
        assert_eq!((shuffled(channels, 2), shuffled(channels, 0)), (Ok(left), Err(Mistake::Zero)));
        assert_eq!(shuffled(Size::Dyn, 2), Ok(Size::Dyn));
        assert_eq!((at_least(Size::Known(3), 3), at_least(Size::Dyn, 4)), (Ok(Size::Known(3)), Ok(Size::Known(4))));
        assert_eq!(at_least(Size::Known(3), 5), Err(Mistake::TooShort { size: 3, k: 5 }));
        assert_eq!(shuffled(Size::Known(6), 2), Err(Mistake::Pixels { channels: 6, pixels: 4 }));
        assert_eq!(
            (sequence(x), sequence(x.push(Size::Known(8)))),
            (Ok(x), Err(Mistake::NotASequence { input: x.push(Size::Known(8)) }))
        );
        assert_eq!(embedding(Size::Known(16), x), Ok(x.push(Size::Known(16))));
        assert_eq!(embedding(Size::Known(16), Dims::SCALAR), Ok(Dims::new(&[16])));
        assert_eq!(embedding(Size::Known(16), Dims::new(&[1; 6])), Err(Mistake::Rank { rank: 7 }));
    }
}
