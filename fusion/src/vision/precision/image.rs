//! One image: what was found, and what is there.

use crate::vision::{BBox, Detection, Labelled};

/// What was found in an image, the surest first, and what is there.
#[derive(Clone, Debug)]
pub(super) struct Image {
    found: Vec<Detection>,
    there: Vec<Labelled>,
}

impl Image {
    /// Scores that are NaN are the lowest.
    pub fn new(found: &[Detection], there: &[Labelled]) -> Self {
        let numbered = |&found: &Detection| match found.score.is_nan() {
            true => Detection { score: f32::NEG_INFINITY, ..found },
            false => found,
        };
        let mut found: Vec<Detection> = found.iter().map(numbered).collect();
        found.sort_by(|a, b| b.score.total_cmp(&a.score));
        Self { found, there: there.to_vec() }
    }

    /// The classes of what is there.
    pub fn classes(&self) -> impl Iterator<Item = usize> {
        self.there.iter().map(|object| object.class)
    }

    /// What was found of a class.
    pub fn found(&self, class: usize) -> impl Iterator<Item = &Detection> {
        self.found.iter().filter(move |found| found.class == class)
    }

    /// What is there of a class.
    pub fn there(&self, class: usize) -> impl Iterator<Item = &Labelled> {
        self.there.iter().filter(move |object| object.class == class)
    }
}

/// IoU, to the precision at which thresholds are compared.
pub(super) fn overlap(a: &BBox, b: &BBox) -> f64 {
    let [a, b] = [a, b].map(|b| [b.x1, b.y1, b.x2, b.y2].map(f64::from));
    let side = |k: usize| (a[k + 2].min(b[k + 2]) - a[k].max(b[k])).max(0.0);
    let area = |b: [f64; 4]| (b[2] - b[0]).max(0.0) * (b[3] - b[1]).max(0.0);
    let shared = side(0) * side(1);
    let joined = area(a) + area(b) - shared;
    if joined > 0.0 { shared / joined } else { 0.0 }
}
