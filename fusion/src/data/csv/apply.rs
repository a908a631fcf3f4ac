//! Rows prepared as a [`Preprocessor`] has learned it.

use super::options::CsvOptions;
use super::preprocessor::{How, Input, Place, Preprocessor, Target, misfit, number};
use super::records::{Cell, Records};
use super::table::Csv;
use crate::data::{Categories, ClassificationSet, Dataset, RegressionSet};
use crate::dim::{Dim, Dyn};
use crate::state::{Name, nearest};
use crate::tensor::Tensor;
use crate::{Error, Result};
use std::collections::HashMap;

impl Preprocessor {
    /// The features of the rows, `[rows, F]`. The columns of the table are found by the names that they had at the fit;
    /// other columns do not matter. In a file without names they stand where they stood; if exactly the target is not
    /// there, the others have moved up.
    ///
    /// # Errors
    /// If a column is not there, a cell does not fit what was learned, or the rows have another number of features than
    /// `F`; a [`Dyn`] takes any.
    pub fn features<F: Dim>(&self, csv: &Csv) -> Result<Tensor<(Dyn, F)>> {
        if let Some(want) = F::SIZE.filter(|&want| want != self.num_features()) {
            return Err(misfit(self, want));
        }
        let sizes = [csv.num_rows(), self.num_features()];
        // Refuses what there is no memory for.
        Tensor::<(Dyn, F)>::zeros_sized(&sizes)?;
        Tensor::from_vec_sized(features(self, csv)?, &sizes)
    }

    /// The rows as a data set with the numbers of their classes.
    ///
    /// # Errors
    /// As [`Preprocessor::features`]; if a class is missing, or was not there at the fit.
    pub fn classification<F: Dim>(&self, csv: &Csv) -> Result<ClassificationSet<F>> {
        let Target::Class(place, categories) = &self.target else {
            return Err(Error::argument("target", "the target that was fitted is no class"));
        };
        let y = Tensor::from(classes(self, csv, place, categories)?);
        Ok(Dataset::new(self.features(csv)?, y)?
            .with_feature_names(self.feature_names())
            .with_target_names(self.classes())
            .with_description(csv.records.path.display().to_string()))
    }

    /// The rows as a data set with the numbers to be predicted.
    ///
    /// # Errors
    /// As [`Preprocessor::features`]; if a target is missing or no number, or there are not `K`.
    pub fn regression<F: Dim, K: Dim>(&self, csv: &Csv) -> Result<RegressionSet<F, K>> {
        let Target::Numbers(places) = &self.target else {
            return Err(Error::argument("target", "the target that was fitted is no number"));
        };
        let y = Tensor::from_vec_sized(targets(self, csv, places)?, &[csv.num_rows(), places.len()])?;
        Ok(Dataset::new(self.features(csv)?, y)?
            .with_feature_names(self.feature_names())
            .with_target_names(self.targets())
            .with_description(csv.records.path.display().to_string()))
    }

    /// How the table that was learned from is written, for reading others: with names or without, what is missing, the
    /// decimal comma.
    ///
    /// ```
    /// use fusion::data::csv::{Csv, Fill, Preprocessor};
    /// use fusion::prelude::*;
    ///
    /// let csv = Csv::options().missing(["-9"]).from_bytes("a,b\n-9,1\n4,0\n6,1\n")?.fill(Fill::Mean);
    /// let prepare = Preprocessor::fit_classification(&csv, "b")?;
    /// let new = prepare.options().from_bytes("a\n-9\n")?;
    /// assert_eq!(prepare.features::<dim!(1)>(&new)?.to_vec(), [5.0]);
    /// # Ok::<(), fusion::Error>(())
    /// ```
    pub fn options(&self) -> CsvOptions {
        let options = Csv::options().header(self.header).missing(self.missing.iter().cloned());
        if self.decimal_comma { options.decimal_comma() } else { options }
    }
}

impl Csv {
    /// The rows as samples with classes, all of them learned from: [`Preprocessor::fit_classification`] and
    /// [`Preprocessor::classification`] in one. For training and test data see [`Preprocessor`].
    ///
    /// # Errors
    /// As those.
    ///
    /// ```
    /// use fusion::data::csv::Csv;
    /// use fusion::prelude::*;
    ///
    /// let csv = Csv::from_bytes("age,port,class\n20,S,yes\n30,C,no\n")?;
    /// let error = csv.classification::<dim!(2)>("class").unwrap_err();
    /// assert_eq!(error.to_string(), "the columns become 3 features, but the type has 2: `age`, `port` (2)");
    /// # Ok::<(), fusion::Error>(())
    /// ```
    pub fn classification<F: Dim>(&self, target: &str) -> Result<ClassificationSet<F>> {
        Preprocessor::fit_classification(self, target)?.classification(self)
    }

    /// The rows as samples with numbers to be predicted: [`Preprocessor::fit_regression`] and
    /// [`Preprocessor::regression`] in one.
    ///
    /// # Errors
    /// As those.
    pub fn regression<F: Dim, K: Dim>(
        &self,
        targets: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Result<RegressionSet<F, K>> {
        Preprocessor::fit_regression(self, targets)?.regression(self)
    }
}

/// Where the columns of the fit stand in a table, in the order of `places`.
fn found<'a>(fitted: &Preprocessor, csv: &Csv, places: impl Iterator<Item = &'a Place>) -> Result<Vec<usize>> {
    let records = &csv.records;
    if fitted.header {
        let at: HashMap<&str, usize> = records.names.iter().enumerate().map(|(at, name)| (&**name, at)).collect();
        let (mut found, mut missing) = (Vec::new(), Vec::new());
        for place in places {
            match at.get(place.name.as_str()) {
                Some(&at) => found.push(at),
                None => missing.push(place),
            }
        }
        return if missing.is_empty() { Ok(found) } else { Err(records.problem(absent(&missing, records))) };
    }
    if records.header {
        let problem = "its first record has names, which the file of the fit had not: open it by `options` of the fit";
        return Err(records.problem(problem.to_owned()));
    }
    let targets = fitted.target.places();
    let moved = |place: &Place| place.at - targets.iter().filter(|target| target.at < place.at).count();
    let (width, full) = (records.names.len(), fitted.width);
    match width {
        _ if width == full => Ok(places.map(|place| place.at).collect()),
        _ if width + targets.len() == full => {
            let mut places = places.peekable();
            match places.peek() {
                Some(place) if targets.contains(place) => Err(records.problem("the target is not there".to_owned())),
                _ => Ok(places.map(moved).collect()),
            }
        }
        _ => Err(records.problem(format!("{width} columns, but the file of the fit had {full}"))),
    }
}

/// Which columns are not there, with the names that may be meant.
fn absent(missing: &[&Place], records: &Records) -> String {
    const MOST: usize = 20;
    let names = || records.names.iter().take(1000).map(String::as_str);
    let mut list: Vec<String> = Vec::new();
    for place in missing.iter().take(MOST) {
        let near = nearest(&place.name, names()).filter(|&(far, other)| far * 3 <= other.chars().count());
        list.push(match near {
            Some((_, other)) => format!("{} (is it {}?)", Name(&place.name), Name(other)),
            None => Name(&place.name).to_string(),
        });
    }
    list.extend((missing.len() > MOST).then(|| format!("and {} more", missing.len() - MOST)));
    format!("there is no column {}", list.join(", "))
}

fn features(fitted: &Preprocessor, csv: &Csv) -> Result<Vec<f32>> {
    let (records, width) = (&csv.records, fitted.num_features());
    let at = found(fitted, csv, fitted.inputs.iter().map(|input| &input.column))?;
    let mut features = vec![0.0; csv.num_rows() * width];
    for (&row, out) in csv.rows.iter().zip(features.chunks_exact_mut(width)) {
        let mut out = out.iter_mut();
        for (Input { how, .. }, &at) in fitted.inputs.iter().zip(&at) {
            let mut next = || out.next().expect("as many as the inputs are wide");
            match how {
                How::Number { fill, shift, scale } => {
                    let x = number(records, row, at)?.or(*fill);
                    let x = x.ok_or_else(|| records.fault(row as usize, at, "a number is missing"))?;
                    let y = ((x - shift) / scale) as f32;
                    if !y.is_finite() {
                        let problem = format!("{} is too large for an f32", Name(records.text(row as usize, at)));
                        return Err(records.fault(row as usize, at, &problem));
                    }
                    *next() = y;
                }
                How::Category { categories, missing } => {
                    let number = match records.cell(row as usize, at) {
                        Cell::Missing => missing.then_some(categories.len()),
                        _ => categories.number(records.text(row as usize, at)),
                    };
                    if number.is_none() && !fitted.ignore_unknown {
                        return Err(unknown(records, row, at, categories));
                    }
                    (0..how.width()).for_each(|i| *next() = f32::from(u8::from(Some(i) == number)));
                }
            }
        }
    }
    Ok(features)
}

/// The error of a category that was not there at the fit.
#[cold]
fn unknown(records: &Records, row: u32, at: usize, categories: &Categories) -> Error {
    let problem = match records.cell(row as usize, at) {
        Cell::Missing => "a category is missing, which none was at the fit".to_owned(),
        _ => categories.refusal(records.text(row as usize, at)),
    };
    records.fault(row as usize, at, &problem)
}

fn classes(fitted: &Preprocessor, csv: &Csv, place: &Place, categories: &Categories) -> Result<Vec<i64>> {
    let (records, at) = (&csv.records, found(fitted, csv, std::iter::once(place))?[0]);
    let class = |&row: &u32| match categories.number(records.text(row as usize, at)) {
        Some(class) => Ok(class as i64),
        None if records.cell(row as usize, at) == Cell::Missing => {
            Err(records.fault(row as usize, at, "the class is missing"))
        }
        None => Err(unknown(records, row, at, categories)),
    };
    csv.rows.iter().map(class).collect()
}

fn targets(fitted: &Preprocessor, csv: &Csv, places: &[Place]) -> Result<Vec<f32>> {
    let (records, at) = (&csv.records, found(fitted, csv, places.iter())?);
    let mut targets = Vec::with_capacity(csv.num_rows() * at.len());
    for &row in csv.rows.iter() {
        for &at in &at {
            let x = number(records, row, at)?;
            let y = x.ok_or_else(|| records.fault(row as usize, at, "the target is missing"))? as f32;
            if !y.is_finite() {
                return Err(records.fault(row as usize, at, "the target is too large for an f32"));
            }
            targets.push(y);
        }
    }
    Ok(targets)
}
