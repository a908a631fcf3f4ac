//! A rate that follows a metric.

use super::declare::schedule;
use crate::Result;
use crate::optim::settings::{self, Setting};
use crate::state::{Checkpoint, to_bytes, write_whole};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::path::Path;

/// Which values of a metric are good ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Low ones, as of a loss.
    Min,
    /// High ones, as of an accuracy.
    Max,
}

/// What the threshold of [`Plateau`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ThresholdMode {
    /// A share of the best value.
    Rel,
    /// A difference from it.
    Abs,
}

impl Setting for Mode {
    fn to_f64(self) -> f64 {
        (self == Self::Max).to_f64()
    }
    fn from_f64(value: f64) -> Self {
        if bool::from_f64(value) { Self::Max } else { Self::Min }
    }
}

impl Setting for ThresholdMode {
    fn to_f64(self) -> f64 {
        (self == Self::Abs).to_f64()
    }
    fn from_f64(value: f64) -> Self {
        if bool::from_f64(value) { Self::Abs } else { Self::Rel }
    }
}

schedule! {
    /// A rate that gets `factor` times smaller when a metric has not got better for more than `patience` steps. PyTorch's
    /// `ReduceLROnPlateau`.
    ///
    /// A value is better than the best so far if it is below `best · (1 - threshold)`, or above `best · (1 + threshold)`
    /// where high values are good ones, or in the absolute form below `best - threshold` or above `best + threshold`. After
    /// a reduction the next `cooldown` steps do not count. NaN is never better.
    ///
    /// ```
    /// use fusion::prelude::*;
    ///
    /// let mut opt = Adam::new(0.1);
    /// let mut plateau = schedule::Plateau::new(opt.learning_rate()).factor(0.5).patience(1);
    /// let rates = [3.0, 2.0, 2.0, 2.0, 1.0].map(|loss| {
    ///     opt.set_learning_rate(plateau.step(loss));
    ///     opt.learning_rate()
    /// });
    /// assert_eq!(rates, [0.1, 0.1, 0.1, 0.05, 0.05]);
    ///
    /// // Saved, it goes on in another process.
    /// let folder = tempfile::tempdir()?;
    /// plateau.save(folder.path().join("plateau"))?;
    /// let again = schedule::Plateau::load(folder.path().join("plateau"))?;
    /// assert_eq!(again, plateau);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "ReduceLROnPlateau")]
    Plateau(learning_rate: f64 => not_negative) {
        /// Which values of the metric are good ones; by default low ones.
        mode: Mode = Mode::Min => any;

        /// By how much the rate is multiplied; by default 0.1.
        ///
        /// # Panics
        /// If it is not in `0..1`.
        factor: f64 = 0.1 => below_one;

        /// How many steps without a better value are borne; by default 10.
        patience: usize = 10 => any;

        /// How much better than the best a value has to be; by default 1e-4.
        ///
        /// # Panics
        /// If it is negative or not finite.
        threshold: f64 = 1e-4 => not_negative;

        /// What the threshold is; by default a share of the best value.
        threshold_mode: ThresholdMode = ThresholdMode::Rel => any;

        /// For how many steps after a reduction none counts as one without a better value; by default 0.
        cooldown: usize = 0 => any;

        /// Below this the rate does not go; by default 0.
        ///
        /// # Panics
        /// If it is negative or not finite.
        min_lr: f64 = 0.0 => not_negative;

        /// A change of the rate that is not larger than this is not made; by default 1e-8.
        ///
        /// # Panics
        /// If it is negative or not finite.
        eps: f64 = 1e-8 => not_negative;
    }
    keeps {
        // The best value so far, negated where high values are good ones.
        best: f64 = f64::INFINITY;
        num_bad_epochs: usize = 0;
        cooldown_counter: usize = 0;
    }
}

impl Plateau {
    /// Takes the metric's next value, and gives the rate from now on.
    pub fn step(&mut self, metric: impl Into<f64>) -> f64 {
        let (sign, metric) = match self.mode {
            Mode::Min => (-1.0, metric.into()),
            Mode::Max => (1.0, -metric.into()),
        };
        let bar = match self.threshold_mode {
            ThresholdMode::Rel => self.best * (1.0 + sign * self.threshold),
            ThresholdMode::Abs => self.best - self.threshold,
        };
        if metric < bar {
            self.best = metric;
            self.num_bad_epochs = 0;
        } else {
            self.num_bad_epochs += 1;
        }
        if self.cooldown_counter > 0 {
            self.cooldown_counter -= 1;
            self.num_bad_epochs = 0;
        }
        if self.num_bad_epochs > self.patience {
            let reduced = (self.learning_rate * self.factor).max(self.min_lr);
            if self.learning_rate - reduced > self.eps {
                self.learning_rate = reduced;
            }
            self.cooldown_counter = self.cooldown;
            self.num_bad_epochs = 0;
        }
        self.learning_rate
    }

    /// The rate as it is now.
    #[must_use]
    pub const fn learning_rate(&self) -> f64 {
        self.learning_rate
    }

    /// Saves the settings and what was seen of the metric, as a safetensors file without tensors: the whole file or none.
    ///
    /// # Errors
    /// [`Error::File`](crate::Error::File) if the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        write_whole(path, &to_bytes(path, Vec::new(), (KEY, &settings::text(self)))?)
    }

    /// What [`save`](Plateau::save) wrote.
    ///
    /// # Errors
    /// [`Error::File`](crate::Error::File) if the file cannot be read, [`Error::Format`](crate::Error::Format) or
    /// [`Error::State`](crate::Error::State) if it is not what [`save`](Plateau::save) writes.
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        let mut file = Checkpoint::open(path.as_ref(), Vec::new(), KEY)?;
        let found = match file.about().map(str::to_owned) {
            Some(text) => settings::parse(&text, |problem| file.problem(problem)),
            None => {
                file.problem(format!("its metadata has no `{KEY}`: no schedule wrote it"));
                None
            }
        };
        file.read()?;
        let Some(found) = found else { unreachable!("a problem was noted, and reading fails") };
        Ok(found)
    }
}

/// As one text, for the values of a [`Run`](crate::train::Run).
impl Serialize for Plateau {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(&settings::text(self))
    }
}

impl<'de> Deserialize<'de> for Plateau {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let (text, mut problems) = (String::deserialize(deserializer)?, Vec::new());
        let found = settings::parse(&text, |problem| problems.push(problem));
        found.ok_or_else(|| serde::de::Error::custom(problems.join("; ")))
    }
}

/// The key of a file's metadata whose text is the schedule.
const KEY: &str = "schedule";
