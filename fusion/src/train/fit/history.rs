//! What became of each epoch.

use crate::train::Record;
use crate::train::saved::{Kept, saved};
use crate::{Error, Result};
use serde_json::Value as Json;
use std::fmt;

/// The values of each epoch of a [`Fit`](super::Fit). Printed, it is a table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    records: Vec<Record>,
    best: Option<usize>,
    stopped: bool,
}
saved!(History { records, best, stopped } if |it| it.best.is_none_or(|best| best < it.records.len()));

impl Kept for Record {
    const WANTED: &'static str = "an epoch and its values";

    fn to_json(&self) -> Json {
        let values: Json =
            self.values.iter().map(|(name, value)| Json::from(vec![name.to_json(), value.to_json()])).collect();
        Json::Array(vec![self.epoch.to_json(), values])
    }

    fn from_json(json: &Json) -> Option<Self> {
        let [epoch, values] = &json.as_array()?[..] else { return None };
        let value = |json: &Json| match &json.as_array()?[..] {
            [name, value] => Some((String::from_json(name)?, f64::from_json(value)?)),
            _ => None,
        };
        let values = values.as_array()?.iter().map(value).collect::<Option<_>>()?;
        Some(Self { epoch: usize::from_json(epoch)?, values })
    }
}

impl History {
    /// How many epochs there were.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether there were none.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// The values of each epoch.
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// The values with this name, of each epoch that has one.
    pub fn get(&self, name: &str) -> Vec<f64> {
        self.records.iter().filter_map(|record| record.get(name)).collect()
    }

    /// The value of the last epoch with this name.
    pub fn last(&self, name: &str) -> Option<f64> {
        self.records.last()?.get(name)
    }

    /// The best epoch, by the value that early stopping looks at.
    pub fn best(&self) -> Option<&Record> {
        Some(&self.records[self.best?])
    }

    /// Whether something stopped the training before its end.
    pub const fn stopped(&self) -> bool {
        self.stopped
    }

    pub(super) const fn stop(&mut self) {
        self.stopped = true;
    }

    pub(super) fn add(&mut self, epoch: usize, values: &[(&str, f64)]) {
        let values = values.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect();
        self.records.push(Record { epoch, values });
    }

    /// Whether the newest epoch is better by this value.
    pub(super) fn judge(&mut self, name: &str, is_better: impl FnOnce(f64) -> bool) -> Result<bool> {
        let Some(value) = self.last(name) else {
            let names = self.records.last().map(|last| last.values.iter().map(|(name, _)| name.as_str()));
            let names = names.into_iter().flatten().collect::<Vec<_>>().join(", ");
            return Err(Error::argument("early_stopping", format!("an epoch has no `{name}`: its values are {names}")));
        };
        let better = is_better(value);
        if better {
            self.best = Some(self.len() - 1);
        }
        Ok(better)
    }
}

impl fmt::Display for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(last) = self.records.last() else { return Ok(()) };
        write!(f, "epoch")?;
        last.values.iter().try_for_each(|(name, _)| write!(f, "  {name:>9}"))?;
        for record in &self.records {
            write!(f, "\n{:5}", record.epoch)?;
            for (name, _) in &last.values {
                let width = name.chars().count().max(9);
                match record.get(name) {
                    Some(value) if value != 0.0 && value.abs() < 1e-3 => write!(f, "  {value:width$.2e}")?,
                    Some(value) => write!(f, "  {value:width$.4}")?,
                    None => write!(f, "  {:width$}", "")?,
                }
            }
        }
        Ok(())
    }
}
