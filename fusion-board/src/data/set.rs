//! A data set in memory, as far as it is looked at.

use rand::SeedableRng;
use rand::rngs::StdRng;
use std::collections::HashMap;

/// The most rows of a table.
pub const MOST_ROWS: usize = 100_000;
/// The most cells of a table: 64 MiB of numbers.
const MOST_CELLS: usize = 8 << 20;
/// The most columns of a table.
pub const MOST_COLUMNS: usize = 1000;
/// The most different texts of a column; what comes after them is one.
const MOST_WORDS: usize = 1000;
/// The longest text, in letters.
const LONGEST: usize = 80;
/// The most groups, as many as there are colours.
pub const GROUPS: usize = 10;

/// Rows, and what is known of them.
#[derive(Debug)]
pub struct Set {
    /// What it is and where it comes from.
    pub about: String,
    /// How many rows there are in the file.
    pub total: usize,
    /// How many of them are here.
    pub rows: usize,
    pub columns: Vec<Column>,
    /// The picture of each row.
    pub pictures: Option<Pictures>,
    /// What is left out, in sentences.
    pub notes: Vec<String>,
}

#[derive(Debug)]
pub struct Column {
    pub name: String,
    pub values: Values,
    /// Whether it is what is to be predicted.
    pub is_target: bool,
}

#[derive(Debug)]
pub enum Values {
    /// NaN is a number that is missing.
    Numbers(Vec<f64>),
    Words(Words),
}

/// Texts, each a place in a list of names.
#[derive(Debug, Default)]
pub struct Words {
    pub names: Vec<String>,
    pub of: Vec<Option<u32>>,
}

/// Pictures of one size.
#[derive(Debug)]
pub struct Pictures {
    pub channels: usize,
    pub height: usize,
    pub width: usize,
    /// One picture after the other, channel by channel.
    pub pixels: Vec<u8>,
}

/// Which rows are of one kind: those of a colour.
#[derive(Debug)]
pub struct Groups {
    pub names: Vec<String>,
    pub of: Vec<Option<u8>>,
}

/// So many of the numbers below `n`, in their order; the same ones each time.
pub fn sample(n: usize, most: usize) -> Vec<usize> {
    if n <= most {
        return (0..n).collect();
    }
    let mut taken = rand::seq::index::sample(&mut StdRng::seed_from_u64(0), n, most).into_vec();
    taken.sort_unstable();
    taken
}

/// How many rows of a table with these columns are looked at.
pub fn rows_of(columns: usize) -> usize {
    MOST_ROWS.min(MOST_CELLS / columns.max(1))
}

/// A text of bounded length.
pub fn clipped(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

impl Words {
    /// The texts of a column; names are in the order of the alphabet.
    pub fn new<'a>(texts: impl Iterator<Item = Option<&'a str>> + Clone) -> Self {
        let mut known: Vec<&str> = texts.clone().flatten().collect();
        known.sort_unstable();
        known.dedup();
        let others = known.len().saturating_sub(MOST_WORDS);
        known.truncate(MOST_WORDS);
        let places: HashMap<&str, u32> = known.iter().zip(0..).map(|(&name, place)| (name, place)).collect();
        let last = known.len() as u32;
        let of = texts.map(|text| text.map(|text| places.get(text).copied().unwrap_or(last))).collect();
        let mut names: Vec<String> = known.into_iter().map(clipped).collect();
        if others > 0 {
            names.push(format!("({others} other texts)"));
        }
        Self { names, of }
    }

    /// Labels and the names of the classes; one without a name is called by its number.
    pub fn labels(names: &[String], labels: &[i64]) -> Self {
        let texts: Vec<String> = labels
            .iter()
            .map(|&label| {
                usize::try_from(label).ok().and_then(|label| names.get(label)).cloned().unwrap_or(label.to_string())
            })
            .collect();
        let mut words = Self::new(texts.iter().map(|text| Some(text.as_str())));
        // Classes stand in their own order, and numbers in that of numbers.
        let place = |name: &String| names.iter().position(|other| other == name).map_or(i64::MAX, |place| place as i64);
        let mut order: Vec<usize> = (0..words.names.len()).collect();
        order.sort_by_key(|&at| (place(&words.names[at]), words.names[at].parse::<i64>().unwrap_or(i64::MAX)));
        let mut new_places = vec![0; order.len()];
        order.iter().zip(0..).for_each(|(&old, new)| new_places[old] = new);
        words.names = order.iter().map(|&old| std::mem::take(&mut words.names[old])).collect();
        words.of.iter_mut().flatten().for_each(|at| *at = new_places[*at as usize]);
        words
    }

    /// How often each name is there.
    pub fn counts(&self) -> Vec<usize> {
        let mut counts = vec![0; self.names.len()];
        self.of.iter().flatten().for_each(|&at| counts[at as usize] += 1);
        counts
    }
}

impl Column {
    pub fn numbers(name: impl Into<String>, numbers: Vec<f64>) -> Self {
        Self { name: name.into(), values: Values::Numbers(numbers), is_target: false }
    }

    pub fn words(name: impl Into<String>, words: Words) -> Self {
        Self { name: name.into(), values: Values::Words(words), is_target: false }
    }

    pub fn target(self) -> Self {
        Self { is_target: true, ..self }
    }

    /// Its numbers, if it has numbers.
    pub fn as_numbers(&self) -> Option<&[f64]> {
        match &self.values {
            Values::Numbers(numbers) => Some(numbers),
            Values::Words(_) => None,
        }
    }

    /// The rows by what they have in this column: by text, by whole number, or by quarter. Of more than ten texts, the nine that
    /// are there most often have groups of their own.
    pub fn groups(&self) -> Groups {
        match &self.values {
            Values::Words(words) => by_word(words),
            Values::Numbers(numbers) => by_whole_number(numbers).unwrap_or_else(|| by_quarter(numbers)),
        }
    }

    /// Whether it looks like classes: a few texts or whole numbers, of which each is there several times.
    fn is_classes(&self) -> bool {
        match &self.values {
            Values::Words(words) => (2..=20).contains(&words.names.len()) && words.names.len() * 2 <= words.of.len(),
            Values::Numbers(numbers) => whole(numbers).is_some_and(|whole| (2..=GROUPS).contains(&whole.len())),
        }
    }
}

fn by_word(words: &Words) -> Groups {
    if words.names.len() <= GROUPS {
        return Groups { names: words.names.clone(), of: words.of.iter().map(|at| at.map(|at| at as u8)).collect() };
    }
    let counts = words.counts();
    let mut order: Vec<usize> = (0..counts.len()).collect();
    order.sort_by_key(|&at| std::cmp::Reverse(counts[at]));
    let kept = &mut order[..GROUPS - 1];
    kept.sort_unstable();
    let mut names: Vec<String> = kept.iter().map(|&at| words.names[at].clone()).collect();
    let group = |at: u32| kept.binary_search(&(at as usize)).unwrap_or(GROUPS - 1) as u8;
    let of = words.of.iter().map(|at| at.map(group)).collect();
    names.push(format!("{} others", counts.len() - names.len()));
    Groups { names, of }
}

/// The different numbers of a column in their order, if all are whole and there are no more than groups.
fn whole(numbers: &[f64]) -> Option<Vec<f64>> {
    let mut different: Vec<f64> = Vec::new();
    for &x in numbers.iter().filter(|x| !x.is_nan()) {
        if let Err(place) = different.binary_search_by(|other| other.total_cmp(&(x + 0.0))) {
            if x.fract() != 0.0 || different.len() == GROUPS {
                return None;
            }
            different.insert(place, x + 0.0);
        }
    }
    Some(different)
}

fn by_whole_number(numbers: &[f64]) -> Option<Groups> {
    let different = whole(numbers)?;
    let of = numbers.iter().map(|x| different.iter().position(|other| other == x).map(|at| at as u8)).collect();
    Some(Groups { names: different.iter().map(f64::to_string).collect(), of })
}

fn by_quarter(numbers: &[f64]) -> Groups {
    let column = fusion::data::Column::new("", numbers.iter().copied().filter(|x| x.is_finite()).collect());
    let [a, b, c] = [column.q25, column.median, column.q75].map(shortened);
    let names = [format!("up to {a}"), format!("{a} to {b}"), format!("{b} to {c}"), format!("above {c}")];
    let edges = [column.q25, column.median, column.q75];
    let group = |x: &f64| (!x.is_nan()).then(|| edges.iter().filter(|&edge| x > edge).count() as u8);
    Groups { names: names.into(), of: numbers.iter().map(group).collect() }
}

/// A number of at most four digits behind its first.
fn shortened(x: f64) -> String {
    let size = if x == 0.0 { 0 } else { x.abs().log10().floor() as i32 };
    if (-4..9).contains(&size) {
        let text = format!("{x:.*}", (3 - size).max(0) as usize);
        if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
    } else {
        format!("{x:.3e}")
    }
}

/// Names of columns that are to be predicted.
const TARGETS: &[&str] = &["class", "label", "target", "species", "survived", "category", "diagnosis", "y"];

impl Set {
    /// A table without pictures.
    pub fn table(about: String, total: usize, columns: Vec<Column>) -> Self {
        let rows = columns.first().map_or(0, |column| match &column.values {
            Values::Numbers(numbers) => numbers.len(),
            Values::Words(words) => words.of.len(),
        });
        Self { about, total, rows, columns, pictures: None, notes: Vec::new() }
    }

    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// The columns of numbers.
    pub fn numbers(&self) -> impl Iterator<Item = (&str, &[f64])> {
        self.columns.iter().filter_map(|column| Some((column.name.as_str(), column.as_numbers()?)))
    }

    /// The column by which rows are coloured unless one says another: what is to be predicted; a column that looks like classes
    /// and is called so; the last one, or the first one, that looks like classes.
    pub fn usual_class(&self) -> Option<&Column> {
        let is_called_so =
            |column: &&Column| TARGETS.contains(&column.name.to_lowercase().as_str()) && column.is_classes();
        let has_words = |column: &&Column| matches!(column.values, Values::Words(_)) && column.is_classes();
        let named =
            self.columns.iter().find(|column| column.is_target).or_else(|| self.columns.iter().find(is_called_so));
        named
            .or_else(|| self.columns.last().filter(|column| column.is_classes()))
            .or_else(|| self.columns.iter().find(has_words))
    }
}

impl Pictures {
    /// How many numbers a picture has.
    pub fn size(&self) -> usize {
        self.channels * self.height * self.width
    }

    /// The picture of a row.
    pub fn of(&self, row: usize) -> &[u8] {
        &self.pixels[row * self.size()..][..self.size()]
    }

    /// What a picture is like in figures: how bright, how much its pixels differ, and, of coloured ones, how bright each colour.
    pub fn figures(&self) -> Vec<Column> {
        let plane = (self.height * self.width).max(1);
        let pictures = || self.pixels.chunks_exact(self.size().max(1));
        let mean = |bytes: &[u8]| bytes.iter().map(|&byte| f64::from(byte)).sum::<f64>() / bytes.len() as f64;
        let spread = |bytes: &[u8]| {
            let middle = mean(bytes);
            let squares: f64 = bytes.iter().map(|&byte| (f64::from(byte) - middle).powi(2)).sum();
            (squares / bytes.len() as f64).sqrt()
        };
        let mut columns = vec![
            Column::numbers("brightness", pictures().map(mean).collect()),
            Column::numbers("contrast", pictures().map(spread).collect()),
        ];
        if self.channels == 3 {
            for (name, channel) in ["red", "green", "blue"].into_iter().zip(0..) {
                columns.push(Column::numbers(
                    name,
                    pictures().map(|bytes| mean(&bytes[channel * plane..][..plane])).collect(),
                ));
            }
        }
        columns
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_of_any_column() {
        let words =
            |list: &[&str]| Column::words("w", Words::new(list.iter().map(|&text| (!text.is_empty()).then_some(text))));
        let groups = words(&["b", "a", "", "b"]).groups();
        assert_eq!((groups.names, groups.of), (vec!["a".into(), "b".into()], vec![Some(1), Some(0), None, Some(1)]));
        let many: Vec<String> = (0..30).map(|i| format!("{:02}", i % 15)).chain(["07".into()]).collect();
        let groups = words(&many.iter().map(String::as_str).collect::<Vec<_>>()).groups();
        assert_eq!((groups.names.len(), groups.names[9].as_str()), (GROUPS, "6 others"));
        assert!(groups.names.contains(&"07".into()));
        let numbers = |list: &[f64]| Column::numbers("n", list.to_vec()).groups();
        let groups = numbers(&[2.0, -0.0, f64::NAN, 0.0]);
        assert_eq!((groups.names, groups.of), (vec!["0".into(), "2".into()], vec![Some(1), Some(0), None, Some(0)]));
        let quarters = numbers(&(0..=100).map(|i| f64::from(i) / 8.0).collect::<Vec<_>>());
        assert_eq!(quarters.names, ["up to 3.125", "3.125 to 6.25", "6.25 to 9.375", "above 9.375"]);
        assert_eq!(quarters.of.iter().filter(|&&at| at == Some(3)).count(), 25);
        // What has no quarters has groups all the same.
        assert!(numbers(&[f64::NAN, f64::NAN]).of.iter().all(Option::is_none));
        assert_eq!(numbers(&[f64::INFINITY, 0.5]).of, [Some(3), Some(0)]);
    }

    #[test]
    fn texts_and_labels() {
        let many: Vec<String> = (0..3000).map(|i| i.to_string()).collect();
        let words = Words::new(many.iter().map(|text| Some(text.as_str())));
        assert_eq!((words.names.len(), words.names[1000].as_str()), (1001, "(2000 other texts)"));
        assert_eq!(words.counts()[1000], 2000);
        assert_eq!(clipped(&"ä".repeat(100)).chars().count(), 81);
        let words = Words::labels(&["z".into(), "a".into()], &[1, 0, 12, 3, 1]);
        assert_eq!(words.names, ["z", "a", "3", "12"]);
        assert_eq!(words.of, [1, 0, 3, 2, 1].map(Some));
    }

    #[test]
    fn samples_are_the_same_each_time() {
        assert_eq!(sample(3, 5), [0, 1, 2]);
        let rows = sample(1_000_000, 100);
        assert!(rows.len() == 100 && rows.is_sorted() && rows[99] < 1_000_000);
        assert_eq!(rows, sample(1_000_000, 100));
        assert_eq!((rows_of(1), rows_of(1000)), (MOST_ROWS, 8388));
    }

    #[test]
    fn the_column_of_classes() {
        let set = |columns: Vec<Column>| Set::table(String::new(), 4, columns);
        let words = |name: &str, list: [&str; 4]| Column::words(name, Words::new(list.iter().map(|&text| Some(text))));
        let numbers = |name: &str, list: [f64; 4]| Column::numbers(name, list.to_vec());
        let usual = |columns| set(columns).usual_class().map(|column| column.name.clone());
        let id = || words("id", ["a", "b", "c", "d"]);
        let size = || numbers("size", [1.5, 2.5, 3.5, 4.5]);
        assert_eq!(usual(vec![id(), size()]), None);
        assert_eq!(usual(vec![numbers("Survived", [0.0, 1.0, 1.0, 0.0]), id(), size()]).as_deref(), Some("Survived"));
        assert_eq!(usual(vec![size(), words("kind", ["a", "b", "a", "b"])]).as_deref(), Some("kind"));
        assert_eq!(usual(vec![words("kind", ["a", "b", "a", "b"]), size()]).as_deref(), Some("kind"));
        assert_eq!(usual(vec![size().target(), id()]).as_deref(), Some("size"));
    }
}
