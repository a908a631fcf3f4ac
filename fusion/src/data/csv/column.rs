//! What the cells of a column are.

use super::records::{Cell, Records};
use std::collections::{BTreeMap, HashSet};

/// The most different values of a column of categories, unless it is said to be one.
pub(super) const MOST_CATEGORIES: usize = 100;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Number,
    Category,
}

impl Kind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Kind::Number => "number",
            Kind::Category => "category",
        }
    }
}

/// What takes the place of a number that is missing.
#[derive(Clone, Copy, Debug, PartialEq)]
#[doc(alias = "SimpleImputer")]
#[doc(alias = "fillna")]
pub enum Fill {
    /// The mean of the column's numbers.
    Mean,
    /// Their median.
    Median,
    /// This number.
    Constant(f64),
}

/// A column: what it holds and what becomes of it.
#[derive(Clone, Debug)]
pub(super) struct Column {
    pub(super) kind: Kind,
    /// Whether its kind was said, and not found.
    pub(super) said: bool,
    pub(super) left_out: bool,
    pub(super) fill: Option<Fill>,
}

/// What stands in a column's cells.
pub(super) struct Contents {
    /// How many cells are missing.
    pub(super) missing: usize,
    /// How many are texts, and no numbers.
    pub(super) texts: usize,
    /// The smallest and the largest number.
    pub(super) range: Option<(f64, f64)>,
    /// Whether each row has a whole number that no other has.
    pub(super) numbered: bool,
    /// The different texts and how often each is there: at most one more than [`MOST_CATEGORIES`].
    pub(super) values: BTreeMap<String, usize>,
}

impl Contents {
    /// Looks at the cells of some rows.
    pub(super) fn of(records: &Records, column: usize, rows: &[u32]) -> Self {
        let (mut missing, mut texts, mut range, mut whole) = (0, 0, None::<(f64, f64)>, HashSet::new());
        let (mut numbered, mut values) = (true, BTreeMap::<&str, usize>::new());
        for &row in rows {
            let text = records.text(row as usize, column);
            match records.dialect.cell(text) {
                Cell::Missing => {
                    missing += 1;
                    continue;
                }
                Cell::Number(x) => {
                    range = Some(range.map_or((x, x), |(low, high)| (low.min(x), high.max(x))));
                    numbered = numbered && x.fract() == 0.0 && whole.insert(x.to_bits());
                }
                Cell::Text(_) => texts += 1,
            }
            if values.len() <= MOST_CATEGORIES || values.contains_key(text) {
                *values.entry(text).or_default() += 1;
            }
        }
        let values = values.into_iter().map(|(text, count)| (text.to_owned(), count)).collect();
        Self { missing, texts, range, numbered: numbered && texts + missing == 0, values }
    }

    /// A column is one of numbers if nothing else stands in it.
    pub(super) fn kind(&self) -> Kind {
        if self.texts == 0 && self.range.is_some() { Kind::Number } else { Kind::Category }
    }
}
