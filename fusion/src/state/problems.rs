//! Everything that does not fit, gathered into one error.

use crate::Error;
use std::fmt;
use std::path::Path;

/// More lines than this help nobody, and a hostile file may hold millions of entries.
const MOST_LINES: usize = 1000;

/// Names are compared for likeness only where this many pairs suffice.
const MOST_PAIRS: usize = 10_000;

/// A name from a file as a message may show it: in backticks, without control characters, not too long.
pub(crate) struct Name<'a>(pub(crate) &'a str);

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const LONGEST: usize = 100;
        f.write_str("`")?;
        let (start, rest) = match self.0.char_indices().nth(LONGEST) {
            Some((end, _)) => (&self.0[..end], "…"),
            None => (self.0, ""),
        };
        write!(f, "{}{rest}`", start.escape_debug())
    }
}

/// Something about a file that does not fit a module. Printed, it is a sentence.
///
/// ```
/// use fusion::Error;
/// use fusion::prelude::*;
/// use fusion::state::ProblemKind;
///
/// let rng = &mut StdRng::seed_from_u64(0);
/// let bytes = Linear::<dim!(3), dim!(2)>::init(rng).to_bytes()?;
/// let Err(Error::State { problems, .. }) = Linear::<dim!(4), dim!(2)>::init(rng).load_bytes(&bytes) else { panic!() };
/// assert_eq!((problems[0].kind, problems[0].entry.as_deref()), (ProblemKind::Mismatched, Some("weight")));
/// assert_eq!(problems[0].to_string(), "`weight` should be f32 [2, 4], but is f32 [2, 3]");
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem {
    /// The entry that it is about, if it is about one.
    pub entry: Option<String>,
    /// What is wrong.
    pub kind: ProblemKind,
    text: String,
}

/// What may be wrong with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProblemKind {
    /// The file does not have an entry of the module.
    Missing,
    /// The module does not have an entry of the file.
    Unexpected,
    /// An entry has another shape or element type.
    Mismatched,
    /// Something else.
    Other,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// One sentence for each entry that does not fit.
#[derive(Default)]
pub(crate) struct Problems {
    lines: Vec<Problem>,
    /// How many there are beyond the lines.
    more: usize,
    /// The names of missing entries and of unexpected ones, with their lines.
    missing: Vec<(String, usize)>,
    unexpected: Vec<(String, usize)>,
}

impl Problems {
    /// What is about no single entry of the file.
    pub(crate) fn add(&mut self, text: impl FnOnce() -> String) {
        self.push(|| Problem { entry: None, kind: ProblemKind::Other, text: text() });
    }

    /// The entry `name` is not what it should be.
    pub(crate) fn mismatched(&mut self, name: &str, expected: impl fmt::Display, found: impl fmt::Display) {
        let text = || format!("{} should be {expected}, but is {found}", Name(name));
        self.push(|| Problem { entry: Some(name.to_owned()), kind: ProblemKind::Mismatched, text: text() });
    }

    fn push(&mut self, problem: impl FnOnce() -> Problem) {
        if self.lines.len() < MOST_LINES {
            self.lines.push(problem());
        } else {
            self.more += 1;
        }
    }

    /// The entry `name` is not there.
    pub(crate) fn missing(&mut self, name: &str, expected: impl fmt::Display) {
        let line = self.lines.len();
        let text = || format!("{} is missing; expected {expected}", Name(name));
        self.push(|| Problem { entry: Some(name.to_owned()), kind: ProblemKind::Missing, text: text() });
        if line < MOST_LINES {
            self.missing.push((name.to_owned(), line));
        }
    }

    /// Says of missing entries which of these others each may be.
    pub(crate) fn may_be<'a>(&mut self, others: impl ExactSizeIterator<Item = &'a str> + Clone) {
        if self.missing.len() * others.len() <= MOST_PAIRS {
            for (name, line) in &self.missing {
                hint(&mut self.lines[*line].text, name, others.clone());
            }
        }
    }

    /// Nothing has the name of this entry.
    pub(crate) fn unexpected(&mut self, name: &str, found: impl fmt::Display) {
        let line = self.lines.len();
        let text = || format!("{} is unexpected; found {found}", Name(name));
        self.push(|| Problem { entry: Some(name.to_owned()), kind: ProblemKind::Unexpected, text: text() });
        if line < MOST_LINES && name.len() <= 200 {
            self.unexpected.push((name.to_owned(), line));
        }
    }

    /// Adds another list's sentences behind these.
    pub(crate) fn append(&mut self, other: Self) {
        let start = self.lines.len();
        other.lines.into_iter().for_each(|line| self.push(|| line));
        self.more += other.more;
        let moved = |(name, line): (String, usize)| Some((name, start + line)).filter(|(_, line)| *line < MOST_LINES);
        self.missing.extend(other.missing.into_iter().filter_map(moved));
        self.unexpected.extend(other.unexpected.into_iter().filter_map(moved));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// All of them as one error, if there are any.
    pub(crate) fn check(mut self, path: &Path) -> Result<(), Error> {
        if self.is_empty() {
            return Ok(());
        }
        if self.missing.len() * self.unexpected.len() <= MOST_PAIRS {
            for (name, line) in &self.unexpected {
                hint(&mut self.lines[*line].text, name, self.missing.iter().map(|(other, _)| other.as_str()));
            }
        }
        if self.more > 0 {
            let text = format!("and {} more", self.more);
            self.lines.push(Problem { entry: None, kind: ProblemKind::Other, text });
        }
        Err(Error::State { path: path.to_owned(), problems: self.lines })
    }
}

/// Adds to a line about `name` the most similar of these names, if one is.
fn hint<'a>(line: &mut String, name: &str, others: impl Iterator<Item = &'a str>) {
    let nearest = others.map(|other| (distance(name, other), other)).min();
    if let Some((_, other)) = nearest.filter(|&(far, other)| far * 3 <= other.chars().count()) {
        *line += &format!(" (is it {}?)", Name(other));
    }
}

/// How many letters must be put in, left out or changed to turn `a` into `b` (Levenshtein); 1 if one is the other
/// behind a prefix, as `module.fc1.weight` is `fc1.weight`.
fn distance(a: &str, b: &str) -> usize {
    let behind = |long: &str, short: &str| {
        long.strip_suffix(short).is_some_and(|prefix| prefix.ends_with('.')) && !short.is_empty()
    };
    if behind(a, b) || behind(b, a) {
        return 1;
    }
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, &y) in b.iter().enumerate() {
            let changed = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("module.fc1.weight", "fc1.weight"), 1);
        assert_eq!(distance("", "abc"), 3);
    }

    #[test]
    fn every_problem_in_one_error() {
        let mut problems = Problems::default();
        problems.missing("fc1.weight", "f32 [2, 3]");
        problems.unexpected("fc_1.weight", "f32 [2, 3]");
        problems.unexpected("sun\n\u{1b}[31m", "f32 [2, 3]");
        let error = problems.check(Path::new("net.safetensors")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "net.safetensors does not fit this module:\n\
             `fc1.weight` is missing; expected f32 [2, 3]\n\
             `fc_1.weight` is unexpected; found f32 [2, 3] (is it `fc1.weight`?)\n\
             `sun\\n\\u{1b}[31m` is unexpected; found f32 [2, 3]"
        );
        let mut many = Problems::default();
        (0..3000).for_each(|i| many.unexpected(&i.to_string(), "f32 []"));
        let Err(Error::State { problems, .. }) = many.check(Path::new("x")) else { panic!() };
        assert_eq!((problems.len(), problems[1000].to_string()), (1001, "and 2000 more".to_string()));
    }
}
