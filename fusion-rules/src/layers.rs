//! What layers ask of their input.

use crate::{DYN, Dims, MAX_RANK, Mistake, agree};

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

/// `BatchNorm2d<takes>`: an image of `takes` channels keeps its shape.
pub const fn batch_norm2d(takes: usize, x: Dims) -> Result<Dims, Mistake> {
    match channels(takes, x) {
        Ok(_) => Ok(x),
        Err(e) => Err(e),
    }
}

/// `LayerNorm<takes>`: `[.., takes]` keeps its shape.
pub const fn layer_norm(takes: usize, x: Dims) -> Result<Dims, Mistake> {
    match features(takes, x) {
        Ok(_) => Ok(x),
        Err(e) => Err(e),
    }
}

/// `Embedding<_, size>`: every index becomes a vector, `[..]` becomes `[.., size]`.
pub const fn embedding(size: usize, x: Dims) -> Result<Dims, Mistake> {
    if x.rank == MAX_RANK { Err(Mistake::Rank { rank: x.rank + 1 }) } else { Ok(x.push(size)) }
}

/// `Unflatten<channels, height, width>`: as many features become an image, `[batch, features]` becomes
/// `[batch, channels, height, width]`.
pub const fn unflatten(image: [usize; 3], x: Dims) -> Result<Dims, Mistake> {
    let shape = Dims::new(&image);
    let fits = match shape.len() {
        Some(n) => x.rank == 2 && agree(n, x.last()).is_some(),
        None => x.rank == 2 && shape.has_dyn(),
    };
    if fits {
        Ok(Dims::new(&[x.d[0], image[0], image[1], image[2]]))
    } else {
        Err(Mistake::Unflatten { image: shape, input: x })
    }
}

/// An embedding in `heads` parts of equal size.
pub const fn heads(embed: usize, heads: usize) -> Result<usize, Mistake> {
    if heads == 0 {
        Err(Mistake::AtLeastOne { what: "head" })
    } else if embed == DYN {
        Ok(DYN)
    } else if embed.is_multiple_of(heads) {
        Ok(embed / heads)
    } else {
        Err(Mistake::Heads { heads, embed })
    }
}

/// `MultiHeadAttention<embed, heads>`: `[batch, length, embed]` keeps its shape.
pub const fn attention(embed: usize, heads: usize, x: Dims) -> Result<Dims, Mistake> {
    if let Err(e) = self::heads(embed, heads) {
        return Err(e);
    }
    if x.rank == 3 { layer_norm(embed, x) } else { Err(Mistake::NotASequence { input: x }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_and_features() {
        let x = Dims::new(&[DYN, 3, 32, 30]);
        assert_eq!(channels(3, x), Ok(3));
        assert_eq!(channels(4, x), Err(Mistake::Channels { takes: 4, input: x }));
        assert_eq!(linear(30, 7, x), Ok(x.with_last(7)));
        assert_eq!(linear(31, 7, x), Err(Mistake::Features { takes: 31, input: x }));
        assert_eq!(features(31, Dims::SCALAR), Err(Mistake::NoFeatures { takes: 31 }));
        assert_eq!(features(31, Dims::new(&[2, DYN])), Ok(31));
        assert!(image(Dims::new(&[3, 32, 32])).is_err());
    }

    #[test]
    fn features_become_an_image() {
        let x = Dims::new(&[DYN, 48]);
        assert_eq!(unflatten([3, 4, 4], x), Ok(Dims::new(&[DYN, 3, 4, 4])));
        assert_eq!(unflatten([3, 4, 4], x.with_last(DYN)), Ok(Dims::new(&[DYN, 3, 4, 4])));
        assert_eq!(unflatten([DYN, 4, 4], x), Ok(Dims::new(&[DYN, DYN, 4, 4])));
        let mistake = unflatten([3, 4, 5], x).unwrap_err();
        assert_eq!(mistake.to_string(), "this layer makes [3, 4, 5] of 60 features, but its input has [Dyn, 48]");
        assert!(unflatten([3, 4, 4], x.push(48)).is_err() && unflatten([3, usize::MAX / 2, 4], x).is_err());
    }

    #[test]
    fn norms_embeddings_and_attention() {
        let x = Dims::new(&[2, DYN, 8]);
        assert_eq!((layer_norm(8, x), attention(8, 2, x)), (Ok(x), Ok(x)));
        assert_eq!(attention(8, 4, Dims::new(&[DYN; 3])), Ok(Dims::new(&[DYN; 3])));
        assert_eq!(attention(8, 3, x), Err(Mistake::Heads { heads: 3, embed: 8 }));
        assert_eq!(attention(8, 0, x), Err(Mistake::AtLeastOne { what: "head" }));
        assert_eq!(attention(9, 3, x), Err(Mistake::Features { takes: 9, input: x }));
        assert_eq!(attention(8, 2, x.push(8)), Err(Mistake::NotASequence { input: x.push(8) }));
        assert_eq!(layer_norm(7, x), Err(Mistake::Features { takes: 7, input: x }));
        assert_eq!(embedding(16, x), Ok(x.push(16)));
        assert_eq!(embedding(16, Dims::SCALAR), Ok(Dims::new(&[16])));
        assert_eq!(embedding(16, Dims::new(&[1; 6])), Err(Mistake::Rank { rank: 7 }));
        let x = Dims::new(&[DYN, DYN, 8, 9]);
        assert_eq!(batch_norm2d(5, x), Ok(x));
        assert!(batch_norm2d(5, x.with(1, 6)).is_err() && batch_norm2d(5, Dims::new(&[2, 5])).is_err());
    }
}
