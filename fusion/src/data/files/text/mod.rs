//! Plain text, by characters or by words, for models of language.

mod vocabulary;

pub use vocabulary::Vocabulary;

use super::contents::Contents;
use crate::data::Dataset;
use crate::dim::{Dyn, Nat};
use crate::tensor::Tensor;
use crate::{Error, Result};
use std::path::Path;

/// The longest text that is read.
const LONGEST: u64 = 1 << 30;

/// A text as numbers, and the vocabulary in which they are written.
///
/// ```
/// use fusion::data::Text;
/// use fusion::prelude::*;
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("poem.txt");
/// std::fs::write(&path, "hold infinity in the palm of your hand")?;
/// let text = Text::characters(&path)?;
/// // Sequences of eight characters, and for each character the one that follows it.
/// let data: Dataset<Tensor<shape![Dyn, 8], i64>, Tensor<shape![Dyn, 8], i64>> = text.sequences()?;
/// assert_eq!(data.len(), 4);
/// assert_eq!(text.vocabulary.decode(&data.x.to_vec()[..8]), "hold inf");
/// assert_eq!(text.vocabulary.decode(&data.y.to_vec()[..8]), "old infi");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Text {
    /// The number of each token, one after another.
    pub tokens: Vec<i64>,
    /// What the numbers stand for.
    pub vocabulary: Vocabulary,
}

impl Text {
    /// The text of a file by characters, with a vocabulary of those that it has.
    ///
    /// # Errors
    /// [`Error::File`] if the file cannot be read; [`Error::Format`] if it is no UTF-8, with the line and the byte, or has
    /// more than 1 GiB. It may be packed with gzip.
    pub fn characters(path: impl AsRef<Path>) -> Result<Self> {
        let text = read(path.as_ref())?;
        Ok(Self::with(Vocabulary::characters(&text), &text))
    }

    /// The text of a file by words, with a vocabulary of the `most` most frequent: see [`Vocabulary::words`]. Fails as
    /// [`Text::characters`] does.
    pub fn words(path: impl AsRef<Path>, most: usize) -> Result<Self> {
        let text = read(path.as_ref())?;
        Ok(Self::with(Vocabulary::words(&text, most), &text))
    }

    /// The text of a file in a vocabulary that there is: what a model is tested on. Fails as [`Text::characters`] does.
    pub fn open(path: impl AsRef<Path>, vocabulary: Vocabulary) -> Result<Self> {
        Ok(Self::with(vocabulary, &read(path.as_ref())?))
    }

    /// This text in this vocabulary.
    pub fn with(vocabulary: Vocabulary, text: &str) -> Self {
        Self { tokens: vocabulary.encode(text), vocabulary }
    }

    /// Two parts, the latter `fraction` of the whole, rounded to the nearest token: a text is parted in its order.
    ///
    /// # Panics
    /// If the fraction is not in 0..=1.
    #[must_use]
    #[track_caller]
    pub fn split(&self, fraction: f64) -> (Self, Self) {
        assert!((0.0..=1.0).contains(&fraction), "the share of the second part must be in 0..=1, and is {fraction}");
        let first = self.tokens.len() - (self.tokens.len() as f64 * fraction).round() as usize;
        let (a, b) = self.tokens.split_at(first);
        let part = |tokens: &[i64]| Self { tokens: tokens.to_owned(), vocabulary: self.vocabulary.clone() };
        (part(a), part(b))
    }

    /// Sequences of `T` tokens, one after another, each with the tokens that follow each of its own. What is left at the end
    /// is dropped.
    ///
    /// # Errors
    /// [`Error::Argument`] if the text is too short for one.
    pub fn sequences<T: Nat>(&self) -> Result<Sequences<T>> {
        self.sequences_every(T::N)
    }

    /// As [`Text::sequences`], a sequence beginning every `stride` tokens: with a stride of 1 there is one for each token.
    ///
    /// # Errors
    /// As those of [`Text::sequences`], or if the stride is 0.
    pub fn sequences_every<T: Nat>(&self, stride: usize) -> Result<Sequences<T>> {
        let count = count(self.tokens.len(), T::N, stride)?;
        let of = |after: usize| {
            let token = |i: usize| self.tokens[i / T::N * stride + i % T::N + after];
            Tensor::from_fn_sized(&[count, T::N], token)
        };
        Dataset::new(of(0)?, of(1)?)
    }
}

/// Sequences of `T` tokens, and of those that follow each.
pub type Sequences<T> = Dataset<Tensor<(Dyn, T), i64>, Tensor<(Dyn, T), i64>>;

/// How many sequences there are in so many tokens.
fn count(tokens: usize, length: usize, stride: usize) -> Result<usize> {
    if stride == 0 {
        return Err(Error::argument("stride", "sequences begin every `stride` tokens, and a stride of 0 is none"));
    }
    match tokens.checked_sub(length + 1) {
        Some(rest) if length > 0 => Ok(rest / stride + 1),
        _ => Err(Error::argument(
            "T",
            format!("a sequence of {length} tokens and the one behind it are not to be had from a text of {tokens}"),
        )),
    }
}

/// The text of a file.
fn read(path: &Path) -> Result<String> {
    text(Contents::open(path)?)
}

/// The text, without a byte order mark.
pub(super) fn text(mut contents: Contents<'_>) -> Result<String> {
    let bytes = contents.all(LONGEST, "a text")?;
    let mut text = String::from_utf8(bytes).map_err(|error| {
        let (at, bytes) = (error.utf8_error().valid_up_to(), error.as_bytes());
        let line = bytes[..at].iter().filter(|&&byte| byte == b'\n').count() + 1;
        contents.wrong(format_args!("is no UTF-8: line {line} has the byte {:02x} at byte {at} of the file", bytes[at]))
    })?;
    if text.starts_with('\u{feff}') {
        text.drain(..'\u{feff}'.len_utf8());
    }
    Ok(text)
}
