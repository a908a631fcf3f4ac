//! What the loss does.

use super::thresholds::{GROWN, LEAP, LOSSES, PATIENCE, PROGRESS, UNMOVED};

/// The loss over a run, in a few figures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Loss {
    /// Its very first value, before the first step.
    pub begin: f64,
    /// About its first and its last values.
    pub first: f64,
    pub last: f64,
    /// Its highest value.
    pub highest: f64,
    /// From which step on it is NaN or infinite, up to its end.
    pub broken: Option<u64>,
    /// How many values it has, and over how many steps.
    values: usize,
    pub steps: u64,
}

fn change(from: f64, to: f64) -> f64 {
    (to - from) / from.abs().max(f64::MIN_POSITIVE)
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

impl Loss {
    /// Of these values, by step; none if there are none.
    pub fn of(points: &[(u64, f64)]) -> Option<Self> {
        let (&(start, _), &(end, _)) = (points.first()?, points.last()?);
        let sound = points.iter().rposition(|(_, value)| value.is_finite()).map_or(0, |last| last + 1);
        let broken = points.get(sound).map(|(step, _)| *step);
        let finite: Vec<f64> = points.iter().map(|(_, value)| *value).filter(|value| value.is_finite()).collect();
        let values = finite.len();
        let some = (values / 10).clamp(1, 50);
        let (first, last) = match values {
            0 => (f64::NAN, f64::NAN),
            _ => (median(&finite[..some]), median(&finite[values - some..])),
        };
        let begin = finite.first().copied().unwrap_or(f64::NAN);
        let highest = finite.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        Some(Self { begin, first, last, highest, broken, values, steps: end.saturating_sub(start) })
    }

    /// How far it has come, as a share of what it was; less than 0 if it is lower.
    fn change(&self) -> f64 {
        change(self.first, self.last)
    }

    /// Is it not clearly lower than it was? A first step that is too long lets it leap, and what is lower than that is not good.
    pub fn is_poor(&self) -> bool {
        self.broken.is_some() || change(self.begin.min(self.first), self.last) > -PROGRESS
    }

    /// Has it grown?
    pub fn has_grown(&self) -> bool {
        self.values >= 3 && self.change() > GROWN - 1.0
    }

    /// Was it much higher than at first?
    pub fn has_leapt(&self) -> bool {
        self.begin > 0.0 && self.highest > LEAP * self.begin
    }

    /// Has it stayed where it was, for long?
    pub fn stands(&self) -> bool {
        self.steps >= PATIENCE && self.values >= LOSSES && self.broken.is_none() && self.change().abs() < UNMOVED
    }
}

/// The number of classes among which guessing has about this loss: `e` to that power, if that is a whole number.
pub fn classes_of_guessing(loss: f64) -> Option<u64> {
    let classes = loss.exp().round();
    let is_close = (2.0..=100_000.0).contains(&classes) && (loss - classes.ln()).abs() < 0.02 * loss;
    is_close.then_some(classes as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: impl IntoIterator<Item = f64>) -> Loss {
        let points: Vec<(u64, f64)> =
            values.into_iter().enumerate().map(|(at, value)| (at as u64 * 10, value)).collect();
        Loss::of(&points).expect("values")
    }

    #[test]
    fn ways_of_a_loss() {
        assert_eq!(Loss::of(&[]), None);
        let falls = of((0..100).map(|at| 2.3 / f64::from(1 + at)));
        assert!(!falls.is_poor() && !falls.has_grown() && !falls.stands() && !falls.has_leapt());
        let stands = of((0..100).map(|at| 2.3 + 0.01 * f64::from(at % 3)));
        assert!(stands.is_poor() && stands.stands() && !stands.has_grown());
        assert!(!of([2.3; 15]).stands(), "too early to say");
        let grows = of((0..100).map(|at| 2.3 + f64::from(at)));
        assert!(grows.is_poor() && grows.has_grown() && grows.has_leapt() && !grows.stands());
        let leaps = of((0..100).map(|at| if at == 0 { 2.3 } else { 90.0 / f64::from(at) + 1.5 }));
        assert!(leaps.has_leapt() && leaps.first > 10.0 && leaps.begin == 2.3);
        // Of a likelihood, say.
        let below = of((0..100).map(|at| -1.0 - 0.1 * f64::from(at)));
        assert!(!below.is_poor() && !below.has_grown());
    }

    #[test]
    fn values_that_are_none() {
        let broken = of([2.0, 1.9, f64::NAN, 1.8, f64::INFINITY, f64::NAN]);
        assert!(broken.broken == Some(40) && broken.is_poor() && !broken.stands());
        assert_eq!((broken.first, broken.last, broken.highest), (2.0, 1.8, 2.0));
        assert_eq!(of([1.0, f64::NAN, 1.0]).broken, None);
        let never = of([f64::NAN, f64::NAN]);
        assert!(never.broken == Some(0) && never.first.is_nan() && never.is_poor() && !never.has_grown());
    }

    #[test]
    fn guessing() {
        assert_eq!(classes_of_guessing(10_f64.ln() + 0.01), Some(10));
        assert_eq!(classes_of_guessing(0.69), Some(2));
        for loss in [2.25, 0.1, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(classes_of_guessing(loss), None, "{loss}");
        }
    }
}
