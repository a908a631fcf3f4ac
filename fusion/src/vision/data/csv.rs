//! Boxes in a table.

use super::sample::{Sample, inside};
use crate::data::csv::Csv;
use crate::vision::{BBox, Labelled};
use crate::{Error, Result};
use std::collections::{BTreeSet, HashMap};
use std::path::Path;

/// The columns of a box.
const SIDES: [&str; 4] = ["x", "y", "w", "h"];

/// Classes and samples.
pub fn read(folder: &Path, split: Option<&str>) -> Result<(Vec<String>, Vec<Sample>)> {
    let boxes = Csv::options().header(true).open(folder.join("annotations.csv"))?;
    columns(&boxes, &["image", "x", "y", "w", "h"])?;
    let kind = |row| boxes.get(row, "class").unwrap_or("object");
    let mut classes: Vec<&str> = (0..boxes.num_rows()).map(kind).collect::<BTreeSet<_>>().into_iter().collect();
    if classes.is_empty() {
        classes.push("object");
    }
    let mut samples = Vec::new();
    let mut numbers = HashMap::new();
    let listed = folder.join("images.csv");
    let others = if listed.is_file() {
        let images = Csv::options().header(true).open(&listed)?;
        columns(&images, if split.is_some() { &["image", "split"] } else { &["image"] })?;
        let mut others = BTreeSet::new();
        for row in 0..images.num_rows() {
            let name = images.get(row, "image").unwrap_or_default();
            if split.is_some() && images.get(row, "split") != split {
                others.insert(name.to_owned());
            } else if numbers.insert(name.to_owned(), samples.len()).is_some() {
                return Err(fault(&images, row, format_args!("image {name} stands there for the second time")));
            } else {
                samples.push(sample(&images, row, folder)?);
            }
        }
        Some(others)
    } else if let Some(split) = split {
        let problem = "is not there, so that nothing says which images are of the split";
        return Err(Error::format(&listed, format_args!("{problem} {split}")));
    } else {
        None
    };
    for row in 0..boxes.num_rows() {
        let name = boxes.get(row, "image").unwrap_or_default();
        let number = match (numbers.get(name), &others) {
            (Some(&number), _) => number,
            (None, Some(others)) if others.contains(name) => continue,
            (None, Some(_)) => return Err(fault(&boxes, row, format_args!("images.csv has no image {name}"))),
            (None, None) => {
                numbers.insert(name.to_owned(), samples.len());
                samples.push(sample(&boxes, row, folder)?);
                samples.len() - 1
            }
        };
        let mut sides = [0.0; 4];
        for (side, column) in sides.iter_mut().zip(SIDES) {
            let text = boxes.get(row, column).unwrap_or_default();
            *side = text
                .parse()
                .ok()
                .filter(|side: &f32| side.is_finite())
                .ok_or_else(|| fault(&boxes, row, format_args!("column {column}: {text:?} is no finite number")))?;
        }
        let [x, y, w, h] = sides;
        let class = classes.binary_search(&kind(row)).unwrap_or_default();
        samples[number].objects.push(Labelled { bbox: BBox::from_xywh(x, y, w, h), class });
    }
    if samples.is_empty() {
        let of = split.map(|split| format!(" of the split {split}")).unwrap_or_default();
        return Err(Error::format(folder, format_args!("has no image{of}")));
    }
    Ok((classes.into_iter().map(str::to_owned).collect(), samples))
}

/// Has the table these columns?
fn columns(table: &Csv, columns: &[&str]) -> Result<()> {
    match columns.iter().find(|&&column| table.names().iter().all(|name| name != column)) {
        Some(column) => Err(Error::format(&table.path(), format_args!("there is no column {column}"))),
        None => Ok(()),
    }
}

/// The image of a row, without objects.
fn sample(table: &Csv, row: usize, folder: &Path) -> Result<Sample> {
    let name = table.get(row, "image").unwrap_or_default();
    let file = inside(&folder.join("images"), name);
    let file = file.ok_or_else(|| fault(table, row, format_args!("{name:?} is no image in the folder")))?;
    Ok(Sample { file, objects: Vec::new() })
}

/// An error about a row, by its number below the names.
fn fault(table: &Csv, row: usize, problem: std::fmt::Arguments<'_>) -> Error {
    Error::format(&table.path(), format_args!("row {}: {problem}", row + 1))
}
