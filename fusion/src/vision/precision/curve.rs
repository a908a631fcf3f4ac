//! Curves of precision and recall, and what is under them.

/// A point of a curve: what taking all detections with at least this score gives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PrecisionRecall {
    /// The share of the objects that are found.
    pub recall: f64,
    /// The share of the detections that are right.
    pub precision: f64,
    /// The lowest score among them.
    pub score: f32,
}

/// What of a curve is its average precision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VocRule {
    /// The mean of the highest precisions at recalls of at least 0, 0.1, 0.2, .., 1: that of the challenges until 2009.
    ElevenPoint,
    /// The area under the curve after each precision is made the highest at its recall or more: that of the challenges
    /// from 2010 on.
    AllPoint,
}

/// Detections of a class, each a hit or not, and how many objects there are.
#[derive(Clone, Debug, Default)]
pub(super) struct Hits {
    pub objects: usize,
    found: Vec<(f32, bool)>,
}

impl Hits {
    pub fn push(&mut self, score: f32, hit: bool) {
        self.found.push((score, hit));
    }

    /// The curve, a point for each detection; without objects there is none.
    pub fn curve(&self) -> Vec<PrecisionRecall> {
        if self.objects == 0 {
            return Vec::new();
        }
        let mut found = self.found.clone();
        found.sort_by(|(a, _), (b, _)| b.total_cmp(a));
        let mut right = 0;
        let point = |(at, (score, hit)): (usize, (f32, bool))| {
            right += usize::from(hit);
            let (recall, precision) = (right as f64 / self.objects as f64, right as f64 / (at + 1) as f64);
            PrecisionRecall { recall, precision, score }
        };
        found.into_iter().enumerate().map(point).collect()
    }
}

/// The highest precision at each point's recall or more.
pub(super) fn envelope(curve: &[PrecisionRecall]) -> Vec<f64> {
    let mut most = 0.0f64;
    let mut highest: Vec<f64> = curve
        .iter()
        .rev()
        .map(|point| {
            most = most.max(point.precision);
            most
        })
        .collect();
    highest.reverse();
    highest
}

/// The mean of the highest precisions at recalls of at least `i / n` for each `i` from 0 to `n`.
pub(super) fn at_recalls(curve: &[PrecisionRecall], n: usize) -> f64 {
    let highest = envelope(curve);
    let at = |i: usize| {
        let recall = i as f64 / n as f64;
        highest.get(curve.partition_point(|point| point.recall < recall)).copied().unwrap_or(0.0)
    };
    (0..=n).map(at).sum::<f64>() / (n + 1) as f64
}

/// The average precision of a curve.
pub(super) fn area(curve: &[PrecisionRecall], rule: VocRule) -> f64 {
    match rule {
        VocRule::ElevenPoint => at_recalls(curve, 10),
        VocRule::AllPoint => {
            let before = std::iter::once(0.0).chain(curve.iter().map(|point| point.recall));
            let steps = curve.iter().zip(before).map(|(point, before)| point.recall - before);
            steps.zip(envelope(curve)).map(|(step, precision)| step * precision).sum()
        }
    }
}
