//! An optimizer's settings, each written once: its name in the builder and in files, its default and its range.

/// The numbers that a user chooses. [`optimizer!`] writes this.
pub(super) trait Settings: Sized {
    /// Whose they are.
    const OPTIMIZER: &'static str;
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

/// `Ok` for yes and no.
pub(super) fn any(_: &str, _: bool) -> Result<(), String> {
    Ok(())
}

/// Panics unless a setting is in range: a mistake in the program, not in its input.
#[track_caller]
pub(super) fn check(problem: Result<(), String>) {
    if let Err(problem) = problem {
        panic!("{problem}");
    }
}
