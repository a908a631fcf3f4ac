//! Boxes in text files beside images.

use super::sample::{Sample, contents};
use crate::data::find_images;
use crate::vision::{BBox, Labelled};
use crate::{Error, Result};
use std::path::Path;

/// Samples whose boxes are parts of their images.
pub fn read(images: &Path, labels: &Path, classes: usize) -> Result<Vec<Sample>> {
    let files = find_images(images)?;
    if files.is_empty() {
        return Err(Error::format(images, "has no image: no .png, .jpg or .jpeg"));
    }
    let sample = |file: std::path::PathBuf| {
        let beside = file.strip_prefix(images).unwrap_or(&file).with_extension("txt");
        let beside = labels.join(beside);
        let objects = if beside.is_file() { objects(&beside, &contents(&beside)?, classes)? } else { Vec::new() };
        Ok(Sample { file, objects })
    };
    files.into_iter().map(sample).collect()
}

/// The objects of a text.
pub fn objects(path: &Path, bytes: &[u8], classes: usize) -> Result<Vec<Labelled>> {
    let text = str::from_utf8(bytes).map_err(|error| Error::format(path, format_args!("is no text: {error}")))?;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let object = |(number, line): (usize, &str)| {
        object(line, classes).map_err(|problem| Error::format(path, format_args!("line {}: {problem}", number + 1)))
    };
    lines.map(object).collect()
}

/// The object of a line, or what is wrong with it.
fn object(line: &str, classes: usize) -> Result<Labelled, String> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let [class, sides @ ..] = &words[..] else { return Err("has no class".to_owned()) };
    if sides.len() != 4 {
        return Err(format!("{} words, and it has five: class, x, y, w, h", words.len()));
    }
    let class: usize = class.parse().map_err(|_| format!("{class:?} is no number of a class"))?;
    if class >= classes {
        return Err(format!("class {class}, but there are {classes} classes (0 to {})", classes.saturating_sub(1)));
    }
    let mut numbers = [0.0; 4];
    for (number, word) in numbers.iter_mut().zip(sides) {
        // What is a little outside is cut off later; what is far outside are pixels.
        *number = word
            .parse()
            .ok()
            .filter(|x: &f32| (-1.0..=2.0).contains(x))
            .ok_or_else(|| format!("{word:?} is no part of the width or the height: a number from 0 to 1"))?;
    }
    let [x, y, w, h] = numbers;
    Ok(Labelled { bbox: BBox::from_cxcywh(x, y, w, h), class })
}
