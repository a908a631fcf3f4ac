//! Categories and their numbers.

use crate::dim::{Dyn, Nat};
use crate::state::Name;
use crate::tensor::Tensor;
use crate::{Error, Result};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::cmp::Ordering;
use std::collections::HashSet;

/// Categories, numbered from 0 in their order: numbers by their value, then texts by their letters. scikit-learn's
/// `LabelEncoder`; [`one_hot`](Categories::one_hot) is its `OneHotEncoder`.
///
/// ```
/// use fusion::data::Categories;
/// use fusion::prelude::*;
///
/// let ports = Categories::fit(["S", "C", "S", "Q"]);
/// assert_eq!(ports.names(), ["C", "Q", "S"]);
/// assert_eq!(ports.encode(["Q", "S"])?.to_vec(), [1, 2]);
/// assert_eq!(ports.one_hot::<dim!(3)>(["Q", "S"])?.to_vec(), [0.0, 1.0, 0.0, 0.0, 0.0, 1.0]);
/// assert_eq!(ports.decode(2), Some("S"));
/// assert_eq!(ports.encode(["X"]).unwrap_err().to_string(), "`X` is none of the categories `C`, `Q`, `S`");
/// assert_eq!(Categories::fit(["10", "9"]).names(), ["9", "10"]);
/// # Ok::<(), fusion::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[doc(alias = "LabelEncoder")]
#[doc(alias = "OneHotEncoder")]
pub struct Categories {
    /// In order.
    names: Vec<String>,
}

/// Numbers by value, before anything else, which goes by its letters.
fn order(a: &str, b: &str) -> Ordering {
    match (a.parse::<f64>(), b.parse::<f64>()) {
        (Ok(x), Ok(y)) => x.total_cmp(&y).then_with(|| a.cmp(b)),
        (Ok(_), Err(_)) => Ordering::Less,
        (Err(_), Ok(_)) => Ordering::Greater,
        (Err(_), Err(_)) => a.cmp(b),
    }
}

impl Categories {
    /// The categories of a list.
    pub fn fit(values: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        let mut seen = HashSet::new();
        for value in values {
            let value = value.as_ref();
            if !seen.contains(value) {
                seen.insert(value.to_owned());
            }
        }
        let mut names: Vec<String> = seen.into_iter().collect();
        names.sort_unstable_by(|a, b| order(a, b));
        Self { names }
    }

    /// The categories, in the order of their numbers.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Are there none?
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The number of a category.
    pub fn number(&self, value: &str) -> Option<usize> {
        self.names.binary_search_by(|name| order(name, value)).ok()
    }

    /// The category of this number.
    pub fn decode(&self, number: i64) -> Option<&str> {
        self.names.get(usize::try_from(number).ok()?).map(String::as_str)
    }

    /// The numbers of a list of categories.
    ///
    /// # Errors
    /// If one is none of them.
    pub fn encode(&self, values: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Tensor<(Dyn,), i64>> {
        let number = |value: &str| self.number(value).ok_or_else(|| Error::argument("values", self.refusal(value)));
        let numbers = values.into_iter().map(|value| number(value.as_ref()).map(|number| number as i64));
        Ok(Tensor::from(numbers.collect::<Result<Vec<_>>>()?))
    }

    /// For each of a list of categories a row with a 1 in the column of its number, and else 0.
    ///
    /// # Errors
    /// If one is none of them, or there are not `K`.
    pub fn one_hot<K: Nat>(&self, values: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Tensor<(Dyn, K)>> {
        if self.len() != K::N {
            return Err(Error::shape(format_args!("one_hot: {} categories are not {}", self.len(), K::N)));
        }
        Ok(self.encode(values)?.one_hot::<K>().cast())
    }

    /// Why a text is no category, in a sentence.
    pub(in crate::data) fn refusal(&self, value: &str) -> String {
        const MOST: usize = 10;
        let mut list: Vec<String> = self.names.iter().take(MOST).map(|name| Name(name).to_string()).collect();
        if self.len() > MOST {
            list.push(format!("… ({})", self.len()));
        }
        format!("{} is none of the categories {}", Name(value), list.join(", "))
    }
}

impl Serialize for Categories {
    fn serialize<S: Serializer>(&self, to: S) -> std::result::Result<S::Ok, S::Error> {
        self.names.serialize(to)
    }
}

impl<'de> Deserialize<'de> for Categories {
    fn deserialize<D: Deserializer<'de>>(from: D) -> std::result::Result<Self, D::Error> {
        let names = Vec::<String>::deserialize(from)?;
        match names.windows(2).all(|pair| order(&pair[0], &pair[1]) == Ordering::Less) {
            true => Ok(Self { names }),
            false => Err(D::Error::custom("categories that are not in order")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_json() {
        let mixed = Categories::fit(["b", "10", "-3", "a", "9.5", "01", "1", "b"]);
        assert_eq!(mixed.names(), ["-3", "01", "1", "9.5", "10", "a", "b"]);
        assert!(mixed.names().iter().enumerate().all(|(at, name)| mixed.number(name) == Some(at)));
        let json = serde_json::to_string(&mixed).unwrap();
        assert_eq!(serde_json::from_str::<Categories>(&json).unwrap(), mixed);
        assert!(serde_json::from_str::<Categories>(r#"["b", "a"]"#).is_err());
        assert!(serde_json::from_str::<Categories>(r#"["a", "a"]"#).is_err());
        assert_eq!((mixed.decode(-1), mixed.decode(7)), (None, None));
    }
}
