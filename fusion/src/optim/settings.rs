//! Settings, each written once: its name in the builder and in files, its default and its range.

use crate::state::Name;
use std::fmt::Write;

/// The numbers that a user chooses. [`optimizer!`] writes this.
pub(super) trait Settings: Sized {
    /// Whose they are.
    const OWNER: &'static str;
    /// Their names, the learning rate first.
    const NAMES: &'static [&'static str];
    /// A value for each name.
    fn values(&self) -> Vec<f64>;
    /// Takes a value for each name. Says which is out of range.
    fn from_values(values: &[f64]) -> Result<Self, String>;
}

/// A type that a setting can have, and the number that stands for it in a file.
pub(super) trait Setting {
    fn to_f64(self) -> f64;
    fn from_f64(value: f64) -> Self;
}

impl Setting for f64 {
    fn to_f64(self) -> f64 {
        self
    }
    fn from_f64(value: f64) -> Self {
        value
    }
}

impl Setting for bool {
    fn to_f64(self) -> f64 {
        f64::from(u8::from(self))
    }
    fn from_f64(value: f64) -> Self {
        value != 0.0
    }
}

impl Setting for usize {
    fn to_f64(self) -> f64 {
        self as f64
    }
    fn from_f64(value: f64) -> Self {
        value as Self
    }
}

/// The settings as one text, each number such that reading it gives the same again: `Adam learning_rate=0.001 ..`.
pub(super) fn text<S: Settings>(settings: &S) -> String {
    let mut text = String::from(S::OWNER);
    for (name, value) in S::NAMES.iter().zip(settings.values()) {
        write!(text, " {name}={value:?}").expect("a string takes everything");
    }
    text
}

/// Reads what [`text`] wrote, or says everything that is wrong.
pub(super) fn parse<S: Settings>(text: &str, mut problem: impl FnMut(String)) -> Option<S> {
    let values = numbers(S::OWNER, S::NAMES, text, &mut problem)?;
    S::from_values(&values).map_err(|wrong| problem(format!("its settings: {wrong}"))).ok()
}

/// The number behind each name, if all are there.
fn numbers(owner: &str, names: &[&str], text: &str, problem: &mut dyn FnMut(String)) -> Option<Vec<f64>> {
    let mut words = text.split_whitespace();
    let found = words.next().unwrap_or_default();
    if found != owner {
        problem(format!("it was saved by {}, but this is `{owner}`", Name(found)));
        return None;
    }
    let mut values = Vec::with_capacity(names.len());
    for name in names {
        let word = words.next().unwrap_or_default();
        let value = word.strip_prefix(name).and_then(|rest| rest.strip_prefix('='));
        match value.and_then(|value| value.parse::<f64>().ok()) {
            Some(value) => values.push(value),
            None => problem(format!("its settings should have `{name}=` and a number, but have {}", Name(word))),
        }
    }
    if let Some(word) = words.next() {
        problem(format!("its settings have {} after the last", Name(word)));
    }
    (values.len() == names.len()).then_some(values)
}

/// `Ok` if `value` is a number from 0 on.
pub(super) fn not_negative(name: &str, value: f64) -> Result<(), String> {
    if value >= 0.0 && value.is_finite() {
        Ok(())
    } else {
        Err(format!("{name} must be a number from 0 on, but is {value}"))
    }
}

/// `Ok` if `value` is a number from 0 on, below 1.
pub(super) fn below_one(name: &str, value: f64) -> Result<(), String> {
    if (0.0..1.0).contains(&value) {
        Ok(())
    } else {
        Err(format!("{name} must be from 0 on and below 1, but is {value}"))
    }
}

/// `Ok` if `value` is a number above 0.
pub(super) fn above_zero(name: &str, value: f64) -> Result<(), String> {
    if value > 0.0 && value.is_finite() {
        Ok(())
    } else {
        Err(format!("{name} must be a number above 0, but is {value}"))
    }
}

/// `Ok` if `value` is from 0 to 1.
pub(super) fn share(name: &str, value: f64) -> Result<(), String> {
    if (0.0..=1.0).contains(&value) { Ok(()) } else { Err(format!("{name} must be from 0 to 1, but is {value}")) }
}

/// `Ok` if `value` is not 0.
pub(super) fn positive(name: &str, value: usize) -> Result<(), String> {
    if value > 0 { Ok(()) } else { Err(format!("{name} must be above 0")) }
}

/// `Ok` if `value` is from 1 to 99.
pub(super) fn some_dozens(name: &str, value: usize) -> Result<(), String> {
    if (1..100).contains(&value) { Ok(()) } else { Err(format!("{name} must be from 1 to 99, but is {value}")) }
}

/// `Ok` for a setting without a range.
pub(super) fn any<T>(_: &str, _: T) -> Result<(), String> {
    Ok(())
}

/// Panics unless a setting is in range: a mistake in the program, not in its input.
#[track_caller]
pub(super) fn check(problem: Result<(), String>) {
    if let Err(problem) = problem {
        panic!("{problem}");
    }
}
