//! Tokens and their numbers.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::HashMap;

/// What stands for a token that the vocabulary does not have.
const UNKNOWN: &str = "<unk>";

/// The tokens that a model knows, numbered from 0: characters, or words. Number 0 stands for all others.
///
/// It is a serde value: `net.save_with(path, &vocabulary)` keeps it in the file of the network. PyTorch: torchtext's `Vocab`.
///
/// ```
/// use fusion::data::Vocabulary;
///
/// let words = Vocabulary::words("the cat and the dog, the end", 4);
/// assert_eq!(words.tokens(), ["<unk>", "the", ",", "and"]);
/// assert_eq!(words.encode("the dog and the cat"), [1, 0, 3, 1, 0]);
/// assert_eq!(words.decode(&[1, 0, 3, 1]), "the <unk> and the");
///
/// let letters = Vocabulary::characters("banana");
/// assert_eq!((letters.len(), letters.encode("ban?")), (4, vec![2, 1, 3, 0]));
/// assert_eq!(letters.decode(&[2, 1, 3]), "ban");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vocabulary {
    tokens: Vec<String>,
    numbers: HashMap<String, i64>,
    words: bool,
}

impl Vocabulary {
    /// The characters of a text, in the order of Unicode.
    pub fn characters(text: &str) -> Self {
        let mut characters: Vec<char> = text.chars().collect();
        characters.sort_unstable();
        characters.dedup();
        Self::of(characters.into_iter().map(String::from), false)
    }

    /// The `most` most frequent words of a text, the one for unknown words among them, by falling frequency; equally frequent
    /// ones by their letters.
    ///
    /// A word is a run of letters, digits, `_` and apostrophes; every other visible character is a word by itself. Space
    /// between words is lost: [`decode`](Self::decode) puts a blank between all.
    pub fn words(text: &str, most: usize) -> Self {
        let mut counts = HashMap::<&str, usize>::new();
        words(text).for_each(|word| *counts.entry(word).or_default() += 1);
        let mut counts: Vec<(&str, usize)> = counts.into_iter().collect();
        counts.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
        let most = most.saturating_sub(1);
        Self::of(counts.into_iter().take(most).map(|(word, _)| word.to_owned()), true)
    }

    fn of(tokens: impl Iterator<Item = String>, words: bool) -> Self {
        let tokens: Vec<String> = std::iter::once(UNKNOWN.to_owned()).chain(tokens).collect();
        let numbers = tokens.iter().cloned().zip(0..).collect();
        Self { tokens, numbers, words }
    }

    /// The tokens, in the order of their numbers.
    pub fn tokens(&self) -> &[String] {
        &self.tokens
    }

    /// How many tokens, the unknown one among them: the classes of a model of language.
    #[expect(clippy::len_without_is_empty, reason = "the unknown token is always there")]
    pub fn len(&self) -> usize {
        self.tokens.len()
    }

    /// The number of a token: 0 if it is none of them.
    pub fn number(&self, token: &str) -> i64 {
        self.numbers.get(token).copied().unwrap_or(0)
    }

    /// The numbers of a text's tokens.
    pub fn encode(&self, text: &str) -> Vec<i64> {
        match self.words {
            true => words(text).map(|word| self.number(word)).collect(),
            false => text.chars().map(|c| self.number(c.encode_utf8(&mut [0; 4]))).collect(),
        }
    }

    /// The text of these numbers; what has no token is `<unk>`.
    pub fn decode(&self, numbers: &[i64]) -> String {
        let token =
            |&number: &i64| usize::try_from(number).ok().and_then(|i| self.tokens.get(i)).map_or(UNKNOWN, |t| t);
        let tokens: Vec<&str> = numbers.iter().map(token).collect();
        tokens.join(if self.words { " " } else { "" })
    }
}

/// The words of a text, as [`Vocabulary::words`] says.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let inside = |c: char| c.is_alphanumeric() || c == '_' || c == '\'' || c == '’';
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = rest.trim_start();
        let first = rest.chars().next()?;
        let end = match inside(first) {
            true => rest.find(|c| !inside(c)).unwrap_or(rest.len()),
            false => first.len_utf8(),
        };
        let (word, after) = rest.split_at(end);
        rest = after;
        Some(word)
    })
}

impl Serialize for Vocabulary {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        (if self.words { "words" } else { "characters" }, &self.tokens[1..]).serialize(to)
    }
}

impl<'de> Deserialize<'de> for Vocabulary {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let (by, tokens) = <(String, Vec<String>)>::deserialize(from)?;
        let words = match by.as_str() {
            "words" => true,
            "characters" => false,
            _ => return Err(D::Error::custom(format!("a vocabulary by `{by}`, and not by words or characters"))),
        };
        let count = tokens.len() + 1;
        let vocabulary = Self::of(tokens.into_iter(), words);
        match vocabulary.numbers.len() == count {
            true => Ok(vocabulary),
            false => Err(D::Error::custom("a vocabulary that has a token twice")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_text() {
        let found: Vec<&str> = words("  Don't stop—it’s 3.5 km_h!\n\"Ω\"").collect();
        assert_eq!(found, ["Don't", "stop", "—", "it’s", "3", ".", "5", "km_h", "!", "\"", "Ω", "\""]);
        assert_eq!(words(" \n ").count(), 0);
    }

    #[test]
    fn kept_as_json() {
        for vocabulary in [Vocabulary::words("b a b <unk>", 9), Vocabulary::characters("\"ü\n")] {
            let json = serde_json::to_string(&vocabulary).unwrap();
            assert_eq!(serde_json::from_str::<Vocabulary>(&json).unwrap(), vocabulary);
        }
        let said = |json| serde_json::from_str::<Vocabulary>(json).unwrap_err().to_string();
        assert!(said(r#"["letters", []]"#).starts_with("a vocabulary by `letters`"));
        assert!(said(r#"["words", ["a", "a"]]"#).starts_with("a vocabulary that has a token twice"));
        assert_eq!(Vocabulary::words("a", 0).tokens(), ["<unk>"]);
        assert_eq!(Vocabulary::words("a", 2).decode(&[-1, 7, 1]), "<unk> <unk> a");
    }
}
