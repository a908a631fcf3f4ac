//! Histograms of a name over time, in ranges that all have.

use crate::runs::Number;
use fusion::log::Histogram;
use serde::Serialize;

/// Ranges.
const RANGES: usize = 48;

/// How the elements of a tensor lie, step by step.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Heights {
    /// Where the first range begins and the last one ends.
    pub low: f64,
    /// See `low`.
    pub high: f64,
    /// The share of the elements in each range, step by step.
    pub shares: Vec<Vec<f64>>,
    /// The steps.
    pub steps: Vec<u64>,
    /// The mean of the finite elements.
    pub means: Vec<Number>,
    /// Their standard deviation.
    pub deviations: Vec<Number>,
    /// The least.
    pub lows: Vec<Number>,
    /// The greatest.
    pub highs: Vec<Number>,
    /// How many elements are NaN or infinite.
    pub strange: Vec<u64>,
}

/// Spreads the counts of each histogram over ranges that all have. A few elements far out do not make all others one range: the
/// ranges reach from the least to the greatest element, but no further than eight deviations from the means.
pub fn heights(histograms: &[(u64, Histogram)]) -> Heights {
    let mut all = Heights::default();
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for (step, histogram) in histograms {
        let (least, greatest) = (histogram.low.min(histogram.high), histogram.high.max(histogram.low));
        let count: f64 = histogram.counts.iter().map(|count| *count as f64).sum();
        let (mean, deviation) = match count {
            0.0 => (f64::NAN, f64::NAN),
            _ => {
                let mean = histogram.sum / count;
                (mean, (histogram.squares / count - mean * mean).max(0.0).sqrt())
            }
        };
        if count > 0.0 && least.is_finite() && greatest.is_finite() {
            let is_told = mean.is_finite() && deviation.is_finite();
            let reach =
                |edge: f64| if is_told { edge.clamp(mean - 8.0 * deviation, mean + 8.0 * deviation) } else { edge };
            (low, high) = (low.min(reach(least)), high.max(reach(greatest)));
        }
        all.steps.push(*step);
        all.means.push(Number(mean));
        all.deviations.push(Number(deviation));
        all.lows.push(Number(if count > 0.0 { least } else { f64::NAN }));
        all.highs.push(Number(if count > 0.0 { greatest } else { f64::NAN }));
        all.strange.push(histogram.nans.saturating_add(histogram.infinite));
    }
    if low > high {
        return all;
    }
    if low == high {
        let room = if low == 0.0 { 1.0 } else { low.abs() / 10.0 };
        (low, high) = (low - room, high + room);
    }
    (all.low, all.high) = (low, high);
    all.shares = histograms.iter().map(|(_, histogram)| spread(histogram, low, high)).collect();
    all
}

/// The share of a histogram's elements in each of the ranges from `low` to `high`, as if they lay evenly in its own.
fn spread(histogram: &Histogram, low: f64, high: f64) -> Vec<f64> {
    let mut shares = vec![0.0; RANGES];
    let total: f64 = histogram.counts.iter().map(|count| *count as f64).sum();
    let bins = histogram.counts.len() as f64;
    // Halves, as the difference of the largest numbers is infinite.
    let width = high / 2.0 - low / 2.0;
    let place = |value: f64| ((value / 2.0 - low / 2.0) / width * RANGES as f64).clamp(0.0, RANGES as f64);
    for (at, &count) in histogram.counts.iter().enumerate().filter(|(_, count)| **count > 0) {
        let edge = |share: f64| histogram.low + share * histogram.high - share * histogram.low;
        let (from, to) = (place(edge(at as f64 / bins)), place(edge((at + 1) as f64 / bins)));
        let share = count as f64 / total;
        if !(from.is_finite() && to > from) {
            // What lies at one place, or outside, counts where it is nearest.
            let at = if from.is_finite() { from as usize } else { 0 };
            shares[at.min(RANGES - 1)] += share;
            continue;
        }
        let last = (to.ceil() as usize).min(RANGES);
        for (range, own) in shares.iter_mut().enumerate().take(last).skip(from as usize) {
            let part = (to.min(range as f64 + 1.0) - from.max(range as f64)) / (to - from);
            *own += share * part;
        }
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(low: f64, high: f64, counts: &[u64]) -> Histogram {
        let mut one = Histogram::default();
        (one.low, one.high, one.counts) = (low, high, counts.to_vec());
        let bins = counts.len() as f64;
        for (at, &count) in counts.iter().enumerate() {
            let x = low + (high - low) * (at as f64 + 0.5) / bins;
            one.sum += count as f64 * x;
            one.squares += count as f64 * x * x;
        }
        one
    }

    #[test]
    fn shares_of_ranges_that_all_have() {
        let all = heights(&[(1, of(-1.0, 1.0, &[1, 2, 1])), (5, of(-2.0, 4.0, &[10; 64])), (9, of(3.0, 3.0, &[7]))]);
        assert_eq!((all.low, all.high, all.steps.as_slice()), (-2.0, 4.0, [1, 5, 9].as_slice()));
        for shares in &all.shares {
            assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-12, "{shares:?}");
        }
        // An eighth of the width is a range; from -1 to 1 are 16 of 48.
        assert!(
            all.shares[0][..8].iter().all(|share| *share == 0.0)
                && all.shares[0][24..].iter().all(|share| *share < 1e-12)
        );
        assert!((all.shares[0][8..24].iter().sum::<f64>() - 1.0).abs() < 1e-12);
        assert!(all.shares[1].iter().all(|share| (share - 1.0 / 48.0).abs() < 1e-12));
        assert_eq!(all.shares[2][40], 1.0);
        assert!((all.means[0].0).abs() < 1e-12 && all.means[2].0 == 3.0 && all.deviations[2].0 == 0.0);
    }

    #[test]
    fn nothing_and_what_is_strange() {
        assert!(heights(&[]).shares.is_empty());
        let mut none = Histogram::default();
        (none.nans, none.infinite) = (u64::MAX, 3);
        let all = heights(&[(1, none)]);
        assert!(all.shares.is_empty() && all.strange == [u64::MAX] && all.means[0].0.is_nan());
        // From a file that lies.
        for (low, high) in
            [(f64::NAN, 1.0), (f64::NEG_INFINITY, f64::INFINITY), (2.0, -2.0), (f64::MIN, f64::MAX), (0.0, 0.0)]
        {
            let all = heights(&[(0, of(low, high, &[u64::MAX, 1, 0])), (1, of(-1.0, 1.0, &[1, 1]))]);
            assert!(
                all.shares.iter().flatten().all(|share| share.is_finite() && *share >= 0.0),
                "{low} {high}: {all:?}"
            );
        }
        // One element far out leaves room for the others.
        let mut far = of(-1.0, 1.0, &[500_000, 500_000]);
        (far.high, far.counts) = (1e6, vec![1_000_000, 1]);
        let all = heights(&[(0, far)]);
        assert!(all.high < 10.0, "{}", all.high);
    }
}
