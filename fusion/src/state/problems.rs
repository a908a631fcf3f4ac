//! All mismatches between a file and a module, collected into one error.

use crate::error::{Error, Problem, ProblemKind};
use std::fmt;
use std::path::Path;

/// The most lines of a message: a hostile file may hold millions of entries.
const MOST_LINES: usize = 1000;

/// Similar names are looked for only up to this many pairs.
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
    /// Problems that are not about a single entry of the file.
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

    /// Adds to missing entries which of the others each may be.
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
    if let Some((_, other)) = nearest(name, others).filter(|&(far, other)| far * 3 <= other.chars().count()) {
        *line += &format!(" (is it {}?)", Name(other));
    }
}

/// The most similar of these names, and how far it is from `name`.
pub(crate) fn nearest<'a>(name: &str, others: impl Iterator<Item = &'a str>) -> Option<(usize, &'a str)> {
    others.map(|other| (distance(name, other), other)).min()
}

/// How many letters must be put in, left out or changed to turn `a` into `b` (Levenshtein); 1 if one is the other
/// behind a prefix, as `module.fc1.weight` is `fc1.weight`. A `*` in `a` stands for any letters, as in a pattern.
fn distance(a: &str, b: &str) -> usize {
    let behind = |long: &str, short: &str| {
        long.strip_suffix(short).is_some_and(|prefix| prefix.ends_with('.')) && !short.is_empty()
    };
    if behind(a, b) || behind(b, a) {
        return 1;
    }
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for x in a.chars() {
        let mut diagonal = row[0];
        row[0] += usize::from(x != '*');
        for (j, &y) in b.iter().enumerate() {
            let changed = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = if x == '*' { row[j].min(diagonal) } else { changed.min(row[j] + 1).min(diagonal + 1) };
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
        assert_eq!((distance("*.bias", "fc1.bias"), distance("*.bais", "fc1.bias")), (0, 2));
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
