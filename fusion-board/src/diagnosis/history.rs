//! What a run tells of itself, over time.

use super::thresholds::REPORTS;
use crate::board::Board;
use crate::request::Problem;
use crate::runs::{Kind, Wanted};
use fusion::log::{Network, OperationState, ParameterState, Record};
use std::collections::HashMap;

/// Reports that are looked at: evenly over the run, with the first and the last.
const MOST: usize = 64;
/// Rows of all reports together; of large networks there are fewer reports.
const ROWS: usize = 100_000;
/// Values of the loss that are looked at.
const POINTS: usize = 1000;
/// Names of settings that are the learning rate.
const RATES: [&str; 5] = ["learning_rate", "learning rate", "lr", "rate", "step size"];

/// Rows at a step.
#[derive(Clone, Debug, PartialEq)]
pub struct Report<T> {
    /// The step.
    pub step: u64,
    /// The rows, one for each parameter or operation.
    pub rows: Vec<T>,
}

/// What is known of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// The network, if it was logged.
    pub network: Option<Network>,
    /// What gradients are like, by step.
    pub gradients: Vec<Report<ParameterState>>,
    /// What operations are like, by step.
    pub operations: Vec<Report<OperationState>>,
    /// The loss of the training, by step.
    pub loss: Vec<(u64, f64)>,
    /// The name of its curve.
    pub loss_name: Option<String>,
    /// The learning rate as the settings have it, if it is a number.
    pub rate: Option<String>,
}

impl History {
    /// That of a run of a board.
    ///
    /// # Errors
    /// If there is no such run, or it cannot be read.
    pub fn of(board: &Board, run: &str) -> Result<Self, Problem> {
        let own = board.run(run)?;
        let network = board.entries(run, Kind::Network, None, 1)?.pop().and_then(|entry| match entry.record {
            Record::Network(network) => Some(network),
            _ => None,
        });
        let (mut gradients, mut operations) = (Vec::new(), Vec::new());
        for kind in [Kind::Gradients, Kind::Operations] {
            let places = own.places(kind, None);
            let Some(last) = places.last() else { continue };
            let rows = match own.entry(last.at)?.record {
                Record::Gradients(rows) => rows.len(),
                Record::Operations(rows) => rows.len(),
                _ => 0,
            };
            for place in spread(&places, (ROWS / rows.max(1)).clamp(REPORTS, MOST)) {
                let entry = own.entry(place.at)?;
                match entry.record {
                    Record::Gradients(rows) => gradients.push(Report { step: entry.step, rows }),
                    Record::Operations(rows) => operations.push(Report { step: entry.step, rows }),
                    _ => {}
                }
            }
        }
        let curves = own.summary().curves;
        let loss_name = training_loss(curves.iter().map(|curve| curve.name.as_str())).map(str::to_owned);
        let mut loss = Vec::new();
        if let Some(name) = &loss_name {
            let wanted = Wanted { by_time: false, from: f64::NEG_INFINITY, to: f64::INFINITY, points: POINTS };
            loss = own.curve(name, wanted)?.points.into_iter().map(|(step, _, value)| (step, value.0)).collect();
        }
        let settings = own.about().settings;
        let rate = RATES.iter().find_map(|name| settings.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)));
        let rate = rate.map(|(_, value)| value.clone()).filter(|value| value.parse::<f64>().is_ok());
        Ok(Self { network, gradients, operations, loss, loss_name, rate })
    }

    /// The reports of each parameter, with their steps, in the order of the last report.
    pub(crate) fn parameters(&self) -> Vec<Vec<(u64, &ParameterState)>> {
        by_key(&self.gradients, |row, _: &mut ()| row.path.clone())
    }

    /// The reports of each operation. One is known by its name, its layer, its place in the program, and how many like it
    /// stand before it.
    pub(crate) fn operations(&self) -> Vec<Vec<(u64, &OperationState)>> {
        by_key(&self.operations, |row, seen: &mut HashMap<_, usize>| {
            let key = (row.name.clone(), row.layer.clone(), row.at.clone());
            let nth = seen.entry(key.clone()).or_default();
            *nth += 1;
            (key, *nth)
        })
    }
}

fn by_key<'a, T, K: std::hash::Hash + Eq, S: Default>(
    reports: &'a [Report<T>],
    key: impl Fn(&'a T, &mut S) -> K,
) -> Vec<Vec<(u64, &'a T)>> {
    let Some((last, before)) = reports.split_last() else { return Vec::new() };
    let mut seen = S::default();
    let mut places = HashMap::new();
    let mut all: Vec<Vec<(u64, &T)>> = Vec::new();
    for row in &last.rows {
        let place = *places.entry(key(row, &mut seen)).or_insert(all.len());
        if place == all.len() {
            all.push(Vec::new());
        }
    }
    for report in before.iter().chain([last]) {
        let mut seen = S::default();
        for row in &report.rows {
            if let Some(&place) = places.get(&key(row, &mut seen)) {
                all[place].push((report.step, row));
            }
        }
    }
    all
}

/// From which report on all up to the last are so; nothing if those are too few to tell.
pub(super) fn tail<'a, T>(reports: &'a [(u64, &'a T)], is_so: impl Fn(&T) -> bool) -> Option<&'a [(u64, &'a T)]> {
    let start = reports.iter().rposition(|(_, row)| !is_so(row)).map_or(0, |last| last + 1);
    let tail = &reports[start..];
    (tail.len() >= REPORTS).then_some(tail)
}

/// At most so many of all, evenly, with the first and the last.
pub(crate) fn spread<T>(all: &[T], most: usize) -> impl Iterator<Item = &T> {
    let count = all.len().min(most);
    let last = all.len().saturating_sub(1);
    (0..count).map(move |at| &all[at * last / (count - 1).max(1)])
}

/// The layer to which a parameter belongs.
pub(crate) fn layer_of(path: &str) -> &str {
    path.rsplit_once('.').map_or(path, |(layer, _)| layer)
}

/// Words of a name that say whose loss it is: that of a step says more than the mean of an epoch.
const OF_STEPS: [&str; 5] = ["train", "training", "step", "batch", "iteration"];

/// The curve that is the loss of the training, of these names.
fn training_loss<'a>(names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let rank = |name: &str| {
        let name = name.to_ascii_lowercase();
        let words: Vec<&str> = name.split(['/', '.', '_', ' ', '-']).collect();
        let is_of_a_test =
            words.iter().any(|word| ["val", "valid", "validation", "test", "eval", "dev"].contains(word));
        match words.as_slice() {
            _ if is_of_a_test => None,
            ["loss"] => Some(1),
            [.., "loss"] if words.iter().any(|word| OF_STEPS.contains(word)) => Some(0),
            ["loss", other] if OF_STEPS.contains(other) => Some(0),
            // Parts of a loss are no measure of the whole.
            _ => None,
        }
    };
    names.filter_map(|name| Some((rank(name)?, name))).min().map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn which_curve_is_the_loss() {
        let of = |names: &[&'static str]| training_loss(names.iter().copied());
        assert_eq!(of(&["accuracy", "loss", "test/loss"]), Some("loss"));
        assert_eq!(of(&["loss", "Train/Loss", "loss/test"]), Some("Train/Loss"));
        assert_eq!(of(&["train_loss", "loss"]), Some("train_loss"));
        assert_eq!(of(&["loss", "step/loss"]), Some("step/loss"));
        assert_eq!(of(&["test/loss", "val_loss", "generator/loss", "closs", ""]), None);
    }

    #[test]
    fn evenly_spread() {
        let all: Vec<usize> = (0..100).collect();
        let of = |count: usize, most| spread(&all[..count], most).copied().collect::<Vec<_>>();
        assert_eq!((of(0, 4), of(1, 4), of(4, 4), of(9, 3)), (vec![], vec![0], vec![0, 1, 2, 3], vec![0, 4, 8]));
        assert_eq!(of(100, 4), [0, 33, 66, 99]);
    }

    #[test]
    fn reports_by_row() {
        let row = |path: &str, norm| ParameterState::default().clone_with(path, norm);
        let history = History {
            gradients: vec![
                Report { step: 1, rows: vec![row("a", 1.0), row("b", 2.0), row("gone", 9.0)] },
                Report { step: 2, rows: vec![row("b", 3.0), row("a", 4.0)] },
                Report { step: 3, rows: vec![row("b", 5.0), row("a", 6.0), row("new", 7.0)] },
            ],
            ..History::default()
        };
        let found = history.parameters();
        let norms = |at: usize| found[at].iter().map(|(step, row)| (*step, row.norm)).collect::<Vec<_>>();
        assert_eq!(norms(0), [(1, 2.0), (2, 3.0), (3, 5.0)]);
        assert_eq!((norms(1).len(), norms(2)), (3, vec![(3, 7.0)]));
        assert_eq!(tail(&found[0], |row| row.norm > 1.0).expect("three").len(), 3);
        assert!(tail(&found[0], |row| row.norm > 2.0).is_none(), "two are too few");
        assert!(tail(&found[0], |row| row.norm < 4.0).is_none(), "no more");
        assert_eq!((layer_of("a.0.fc.weight"), layer_of("weight")), ("a.0.fc", "weight"));
    }

    trait With {
        fn clone_with(self, path: &str, norm: f64) -> Self;
    }
    impl With for ParameterState {
        fn clone_with(mut self, path: &str, norm: f64) -> Self {
            (self.path, self.norm) = (path.to_owned(), norm);
            self
        }
    }
}
