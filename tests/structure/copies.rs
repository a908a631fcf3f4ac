//! Lines that stand twice.

use std::collections::{BTreeMap, HashMap};

/// The shortest run of lines that counts.
const LINES: usize = 8;

/// A run of lines in two places: each by its file and its first line.
pub struct Copy {
    pub first: (String, usize),
    pub second: (String, usize),
    /// How many lines, without those that do not count.
    pub lines: usize,
}

/// The lines that count, with their numbers: neither comments nor `use` lists, nor lines that only close something.
fn counted(lines: &[(usize, String)]) -> Vec<(usize, &str)> {
    let (mut counted, mut list) = (Vec::new(), false);
    for (number, line) in lines {
        let line = line.trim();
        let is_use =
            ["use ", "pub use ", "pub(crate) use ", "pub(super) use "].iter().any(|word| line.starts_with(word));
        if is_use || list {
            list = !line.ends_with(';');
        } else if !line.starts_with("//") && line.chars().any(char::is_alphanumeric) {
            counted.push((*number, line));
        }
    }
    counted
}

/// All copies in these files.
pub fn copies(files: &BTreeMap<String, Vec<(usize, String)>>) -> Vec<Copy> {
    let texts: Vec<(&String, Vec<(usize, &str)>)> = files.iter().map(|(file, lines)| (file, counted(lines))).collect();
    let mut places: HashMap<Vec<&str>, Vec<(usize, usize)>> = HashMap::new();
    for (file, (_, lines)) in texts.iter().enumerate() {
        for (at, window) in lines.windows(LINES).enumerate() {
            places.entry(window.iter().map(|(_, line)| *line).collect()).or_default().push((file, at));
        }
    }
    // Runs begin where the lines before differ.
    let mut found = Vec::new();
    for same in places.values() {
        for (i, &(file, at)) in same.iter().enumerate() {
            for &(other, there) in &same[i + 1..] {
                let (these, those) = (&texts[file].1, &texts[other].1);
                if at > 0 && there > 0 && these[at - 1].1 == those[there - 1].1 {
                    continue;
                }
                let lines = these[at..].iter().zip(&those[there..]).take_while(|(a, b)| a.1 == b.1).count();
                let place = |file: usize, at: usize| (texts[file].0.clone(), texts[file].1[at].0);
                found.push(Copy { first: place(file, at), second: place(other, there), lines });
            }
        }
    }
    found.sort_by(|a, b| (&a.first, &a.second).cmp(&(&b.first, &b.second)));
    found
}
