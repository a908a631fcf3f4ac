//! When to stop.

use super::saved::saved;
use crate::optim::schedule::Mode;

/// Says when a metric of the validation has not got better for too long, and remembers the best. Keras' `EarlyStopping`.
///
/// ```
/// use fusion::train::EarlyStopping;
///
/// let mut stopping = EarlyStopping::new(2); // epochs without a better value that are borne
/// for (epoch, loss) in [0.9, 0.5, 0.6, 0.4, 0.45, 0.41, 0.42].into_iter().enumerate() {
///     if stopping.is_better(loss) {
///         // the place to save the network
///     }
///     if stopping.stop() {
///         assert_eq!((epoch, stopping.best(), stopping.best_epoch()), (6, Some(0.4), Some(3)));
///     }
/// }
/// assert!(stopping.stop());
/// ```
///
/// A value is better than the best so far if it is below `best - min_delta`, or where high values are good ones above
/// `best + min_delta`; the first is better than nothing, and NaN never. It is saved and loaded by serde, and goes on where it
/// was.
#[derive(Clone, Debug, PartialEq)]
pub struct EarlyStopping {
    patience: usize,
    min_delta: f64,
    /// Whether high values are good ones.
    max: bool,
    best: Option<f64>,
    best_epoch: Option<usize>,
    epochs: usize,
    waited: usize,
}
saved!(EarlyStopping { patience, min_delta, max, best, best_epoch, epochs, waited } if |it| it.min_delta >= 0.0);

impl EarlyStopping {
    /// Of a metric of which low values are good ones, as of a loss: so many epochs without a better value are borne, and the
    /// next one is the last.
    pub const fn new(patience: usize) -> Self {
        Self { patience, min_delta: 0.0, max: false, best: None, best_epoch: None, epochs: 0, waited: 0 }
    }

    /// Which values of the metric are good ones; by default low ones.
    #[must_use]
    pub const fn mode(mut self, mode: Mode) -> Self {
        self.max = matches!(mode, Mode::Max);
        self
    }

    /// How much better than the best a value has to be; by default 0.
    ///
    /// # Panics
    /// If it is negative or not finite.
    #[must_use]
    #[track_caller]
    pub fn min_delta(mut self, min_delta: f64) -> Self {
        assert!(min_delta >= 0.0 && min_delta.is_finite(), "min_delta must be a number from 0 on, but is {min_delta}");
        self.min_delta = min_delta;
        self
    }

    /// Takes the value of an epoch, and says whether it is better than all before.
    pub fn is_better(&mut self, value: impl Into<f64>) -> bool {
        let value = value.into();
        let better = match self.best {
            None => !value.is_nan(),
            Some(best) if self.max => value > best + self.min_delta,
            Some(best) => value < best - self.min_delta,
        };
        if better {
            (self.best, self.best_epoch, self.waited) = (Some(value), Some(self.epochs), 0);
        } else {
            self.waited += 1;
        }
        self.epochs += 1;
        better
    }

    /// Whether more epochs than are borne went by without a better value.
    pub const fn stop(&self) -> bool {
        self.waited > self.patience
    }

    /// The best value.
    pub const fn best(&self) -> Option<f64> {
        self.best
    }

    /// The epoch of the best value, counted from 0.
    pub const fn best_epoch(&self) -> Option<usize> {
        self.best_epoch
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(mut stopping: EarlyStopping, values: &[f64]) -> (Vec<bool>, Option<usize>) {
        let better = values.iter().map(|&value| stopping.is_better(value)).collect();
        let mut at = None;
        let mut again = EarlyStopping { best: None, best_epoch: None, epochs: 0, waited: 0, ..stopping };
        for (epoch, &value) in values.iter().enumerate() {
            // Saved and loaded between any two epochs, it goes on.
            again = serde_json::from_str(&serde_json::to_string(&again).unwrap()).unwrap();
            again.is_better(value);
            at = at.or(again.stop().then_some(epoch));
        }
        assert_eq!(again, stopping);
        (better, at)
    }

    #[test]
    fn patience_is_borne() {
        assert_eq!(after(EarlyStopping::new(0), &[1.0, 2.0]), (vec![true, false], Some(1)));
        assert_eq!(after(EarlyStopping::new(1), &[1.0, 2.0, 0.5, 1.0, 1.0]).1, Some(4));
        assert_eq!(after(EarlyStopping::new(9), &[1.0; 10]).1, None);
    }

    #[test]
    fn high_values_and_a_least_difference() {
        let stopping = EarlyStopping::new(1).mode(Mode::Max).min_delta(0.1);
        let (better, at) = after(stopping, &[0.5, 0.55, 0.61, 0.65, 0.71]);
        assert_eq!((better, at), (vec![true, false, true, false, false], Some(4)));
    }

    #[test]
    fn nan_is_never_better() {
        let (better, at) = after(EarlyStopping::new(1), &[f64::NAN, 1.0, f64::NAN, f64::NAN]);
        assert_eq!((better, at), (vec![false, true, false, false], Some(3)));
    }
}
