//! An axis: its range, where a number stands on it, and its ticks.

use super::points::drawable;
use super::text;
use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged};
use std::ops::Range;

/// The share of an axis that stays free beyond the data, on each side.
pub(super) const FREE: f64 = 0.04;

/// The shortest range, as a share of its numbers: below it neighbours of `f64` would be ticks.
const SHORTEST: f64 = 1e-9;

/// What somebody wants of an axis.
#[derive(Clone, Debug, Default)]
pub(super) struct Wish {
    pub(super) label: String,
    pub(super) log: bool,
    pub(super) range: Option<(f64, f64)>,
}

/// A tick: where it is, and what stands there.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tick {
    pub(super) at: f64,
    pub(super) label: String,
}

#[derive(Clone, Debug)]
pub(super) struct Axis {
    low: f64,
    high: f64,
    log: bool,
    /// From the greatest number to the least.
    reversed: bool,
    pub(super) ticks: Vec<Tick>,
}

impl Axis {
    /// An axis of these bounds, with `free` of its length beyond them below and above.
    pub(super) fn new((low, high): (f64, f64), log: bool, free: (f64, f64)) -> Self {
        let inside = |x: f64| if log { x.log10() } else { x };
        let (low, high) = (inside(low), inside(high));
        let least = (low.abs().max(high.abs()) * SHORTEST).max(f64::MIN_POSITIVE / SHORTEST);
        let around = if low == 0.0 { 0.05 } else { (low.abs() / 10.0).max(least) };
        let (low, high) = match high - low {
            // One number, in the middle of an axis.
            0.0 if log => (low - 0.5, high + 0.5),
            0.0 => (low - around, high + around),
            length if length < least => (low - least, high + least),
            _ => (low, high),
        };
        let length = high - low;
        Self { low: low - free.0 * length, high: high + free.1 * length, log, reversed: false, ticks: Vec::new() }
    }

    /// An axis of `count` cells, each with its name in the middle.
    pub(super) fn cells(names: &[String], reversed: bool) -> Self {
        let ticks =
            names.iter().enumerate().map(|(i, name)| Tick { at: i as f64 + 0.5, label: name.clone() }).collect();
        Self { low: 0.0, high: names.len() as f64, log: false, reversed, ticks }
    }

    /// The number in the place where `x` stands: on a logarithmic axis its logarithm.
    fn inside(&self, x: f64) -> f64 {
        if self.log { x.log10() } else { x }
    }

    /// Whether a number has a place on this axis, or beyond its ends.
    pub(super) fn takes(&self, x: f64) -> bool {
        drawable(x) && (!self.log || x > 0.0)
    }

    /// Where a number stands: from 0, the left or lower end, to 1.
    pub(super) fn place(&self, x: f64) -> f64 {
        let place = (self.inside(x) - self.low) / (self.high - self.low);
        if self.reversed { 1.0 - place } else { place }
    }

    /// The number that stands at a place.
    pub(super) fn at(&self, place: f64) -> f64 {
        let place = if self.reversed { 1.0 - place } else { place };
        let x = self.low + place * (self.high - self.low);
        if self.log { 10_f64.powf(x) } else { x }
    }

    /// Makes the ticks: `most` of them at the most. With `whole`, none between whole numbers.
    pub(super) fn tick(&mut self, most: usize, whole: bool) {
        self.ticks = if self.log { self.log_ticks(most) } else { self.even_ticks(most, whole) };
    }

    fn even_ticks(&self, most: usize, whole: bool) -> Vec<Tick> {
        let (low, high) = (self.low, self.high);
        let ticks = |step: f64| -> Vec<f64> {
            let (first, last) = ((low / step).ceil(), (high / step).floor());
            (0..=(last - first).clamp(0.0, 1000.0) as u32).map(|i| (first + f64::from(i)) * step).collect()
        };
        let mut step = 10_f64.powf(((high - low) / most.max(1) as f64).log10().floor());
        if whole {
            step = step.max(1.0);
        }
        // 1, 2, 5, 10, ..: the first with few enough.
        let (mut found, mut factors) = (ticks(step), [2.0, 2.5, 2.0].into_iter().cycle());
        while found.len() > most.max(1) {
            step *= factors.next().expect("a cycle");
            found = ticks(step);
        }
        found.retain(|&tick| (low..=high).contains(&tick));
        let labels = text::tick_labels(&found, step);
        found.into_iter().zip(labels).map(|(at, label)| Tick { at, label }).collect()
    }

    fn log_ticks(&self, most: usize) -> Vec<Tick> {
        let decades = self.high - self.low;
        let powers = self.low.ceil() as i32..=self.high.floor() as i32;
        if powers.clone().count() < 2 {
            // Within a decade or two: even ones, at their places.
            let plain = Self { low: self.at(0.0), high: self.at(1.0), log: false, reversed: false, ticks: Vec::new() };
            let mut ticks = plain.even_ticks(most, false);
            ticks.retain(|tick| tick.at > 0.0);
            return ticks;
        }
        if decades < 3.0 && most >= 4 {
            let all = (self.low.floor() as i32..=self.high.floor() as i32)
                .flat_map(|power| [1.0, 2.0, 5.0].map(|factor| factor * 10_f64.powi(power)));
            let ticks: Vec<f64> = all.filter(|tick| (self.low..=self.high).contains(&tick.log10())).collect();
            if ticks.len() <= most + 2 {
                return ticks.into_iter().map(|at| Tick { at, label: text::short(at) }).collect();
            }
        }
        let each = (decades / most.max(1) as f64).ceil().max(1.0) as usize;
        let power = |exponent| Tick { at: 10_f64.powf(f64::from(exponent)), label: text::power(exponent) };
        // Below the least number that there is lies none.
        powers.filter(|power| power.rem_euclid(each as i32) == 0).map(power).filter(|tick| tick.at > 0.0).collect()
    }
}

impl Ranged for Axis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, (from, to): (i32, i32)) -> i32 {
        (f64::from(from) + self.place(*value) * f64::from(to - from)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, _: Hint) -> Vec<f64> {
        self.ticks.iter().map(|tick| tick.at).collect()
    }

    fn range(&self) -> Range<f64> {
        self.at(0.0)..self.at(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(bounds: (f64, f64), log: bool, most: usize) -> Vec<String> {
        let mut axis = Axis::new(bounds, log, (0.0, 0.0));
        axis.tick(most, false);
        axis.ticks.into_iter().map(|tick| tick.label).collect()
    }

    #[test]
    fn ticks_are_round_and_few() {
        assert_eq!(
            labels((0.0, 1.0), false, 6),
            ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"].map(|l| if l == "0.0" { "0" } else { l })
        );
        assert_eq!(labels((-3.0, 11.0), false, 8), ["−2", "0", "2", "4", "6", "8", "10"]);
        assert_eq!(labels((0.0, 2.5e-5), false, 6), ["0", "5e−6", "1.0e−5", "1.5e−5", "2.0e−5", "2.5e−5"]);
        assert_eq!(labels((0.0, 4e6), false, 5), ["0", "1e6", "2e6", "3e6", "4e6"]);
        assert_eq!(
            labels((1e9, 1e9 + 4.0), false, 5),
            ["1.000000000e9", "1.000000001e9", "1.000000002e9", "1.000000003e9", "1.000000004e9"]
        );
        assert_eq!(labels((1e-4, 10.0), true, 10), ["10⁻⁴", "0.001", "0.01", "0.1", "1", "10"]);
        assert_eq!(labels((0.05, 3.0), true, 8), ["0.05", "0.1", "0.2", "0.5", "1", "2"]);
        assert_eq!(labels((0.3, 0.8), true, 6), ["0.3", "0.4", "0.5", "0.6", "0.7", "0.8"]);
        assert_eq!(labels((1e-200, 1e200), true, 5), ["10⁻¹⁶⁰", "10⁻⁸⁰", "1", "10⁸⁰", "10¹⁶⁰"]);
    }

    #[test]
    fn any_bounds_have_a_few_ticks_inside() {
        let numbers = [-1e300, -1e15, -1.0, -1e-300, 0.0, 1e-320, 1e-12, 0.1, 1.0, 1.0 + 1e-15, 1e15, 1e300];
        for (i, &low) in numbers.iter().enumerate() {
            for &high in &numbers[i..] {
                for (log, most) in [(false, 1), (false, 7), (true, 1), (true, 7)] {
                    if log && low <= 0.0 {
                        continue;
                    }
                    let mut axis = Axis::new((low, high), log, (FREE, FREE));
                    assert!(axis.high > axis.low && (axis.high - axis.low).is_finite(), "{low} {high}");
                    axis.tick(most, false);
                    assert!(axis.ticks.len() <= most + 2, "{low} {high} {log}: {:?}", axis.ticks);
                    for tick in &axis.ticks {
                        assert!((-1e-6..=1.0 + 1e-6).contains(&axis.place(tick.at)), "{low} {high} {log}: {tick:?}");
                    }
                    let (a, b) = (axis.place(low), axis.place(high));
                    assert!(a >= 0.0 && b <= 1.0 && a <= b, "{low} {high} {log}: {a} {b}");
                }
            }
        }
    }

    #[test]
    fn a_place_and_its_number() {
        for (log, reversed) in [(false, false), (true, false), (false, true)] {
            let axis = Axis { reversed, ..Axis::new((0.5, 20.0), log, (FREE, FREE)) };
            for x in [0.5, 1.0, 7.0, 20.0] {
                assert!((axis.at(axis.place(x)) - x).abs() < 1e-12, "{x}");
            }
        }
    }
}
