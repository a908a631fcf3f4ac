//! Means of numbers.

use crate::train::saved::saved;

/// The mean of numbers that come one after another, as the losses of batches do.
///
/// ```
/// use fusion::train::metrics::RunningMean;
///
/// let mut loss = RunningMean::new();
/// loss.update_many(0.5, 64); // the mean of a batch of 64
/// loss.update_many(2.0, 32);
/// assert_eq!((loss.value(), loss.count()), (1.0, 96));
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[doc(alias = "AverageMeter")]
pub struct RunningMean {
    sum: f64,
    count: u64,
}
saved!(RunningMean { sum, count });

impl RunningMean {
    /// Of nothing yet.
    pub const fn new() -> Self {
        Self { sum: 0.0, count: 0 }
    }

    /// Adds a number.
    pub fn update(&mut self, value: impl Into<f64>) {
        self.update_many(value, 1);
    }

    /// Adds the mean of `count` numbers: the loss of a batch of so many samples.
    pub fn update_many(&mut self, mean: impl Into<f64>, count: usize) {
        // A batch of nothing has a NaN for its mean, which says nothing of the others.
        if count > 0 {
            self.sum += mean.into() * count as f64;
            self.count += count as u64;
        }
    }

    /// The mean; NaN of nothing.
    pub fn value(&self) -> f64 {
        self.sum / self.count as f64
    }

    /// How many numbers there were.
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// Adds what another one has seen.
    pub fn merge(&mut self, other: &Self) {
        self.sum += other.sum;
        self.count += other.count;
    }

    /// Forgets all numbers.
    pub fn reset(&mut self) {
        *self = Self::new();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_nothing_is_nan() {
        let mut mean = RunningMean::new();
        assert!(mean.value().is_nan());
        mean.update_many(f64::NAN, 0);
        mean.update(3.0f32);
        assert_eq!(mean.value(), 3.0);
        mean.reset();
        assert!(mean.value().is_nan());
    }

    #[test]
    fn saved_and_merged_it_goes_on() {
        let mut all = RunningMean::new();
        let (mut one, mut other) = (RunningMean::new(), RunningMean::new());
        for i in 0..10 {
            all.update_many(0.1 * f64::from(i), i as usize);
            if i < 5 { &mut one } else { &mut other }.update_many(0.1 * f64::from(i), i as usize);
        }
        let text = serde_json::to_string(&one).unwrap();
        assert_eq!(text, r#"{"count":10,"sum":"3.0"}"#);
        let mut one: RunningMean = serde_json::from_str(&text).unwrap();
        one.merge(&other);
        assert!((one.value() - all.value()).abs() < 1e-15 && one.count() == all.count());
        for sum in [f64::NAN, f64::INFINITY, 0.1 + 0.2] {
            let saved = serde_json::to_value(RunningMean { sum, count: 3 }).unwrap();
            assert_eq!(serde_json::from_value::<RunningMean>(saved).unwrap().sum.to_bits(), sum.to_bits());
        }
    }

    #[test]
    fn what_is_none_is_refused() {
        let error = serde_json::from_str::<RunningMean>(r#"{"sum":"1","count":-1}"#).unwrap_err();
        assert_eq!(error.to_string(), "`count` of a saved RunningMean should be a whole number from 0 on");
        assert!(serde_json::from_str::<RunningMean>("7").is_err());
    }
}
