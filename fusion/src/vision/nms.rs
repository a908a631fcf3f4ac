//! One detection for each object.

use super::Detection;

/// What becomes of a detection that a surer one of its class overlaps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Suppression {
    /// It goes if their IoU is above the threshold.
    Greedy,
    /// Its score is multiplied by `1 - IoU` if that is above the threshold. Bodla et al.,
    /// [Soft-NMS](https://arxiv.org/abs/1704.04503), 2017.
    SoftLinear,
    /// Its score is multiplied by `exp(-IoU² / sigma)`, whatever the threshold. The paper's sigma is 0.5.
    SoftGaussian {
        /// The larger, the more stays.
        sigma: f32,
    },
}

/// Non-maximum suppression: of detections that are of one object, keeps the surest.
///
/// Detections of different classes leave each other alone, unless [`class_agnostic`](Self::class_agnostic) is said. The
/// greedy way gives what torchvision's `batched_nms` gives.
///
/// ```
/// use fusion::vision::{BBox, Detection, Nms};
///
/// let at = |x, score| Detection { bbox: BBox::from_xywh(x, 0.0, 10.0, 10.0), score, class: 0 };
/// let mut found = vec![at(0.0, 0.8), at(1.0, 0.9), at(30.0, 0.7), at(60.0, 0.1)];
/// Nms::new().apply(&mut found);
/// assert_eq!(found, [at(1.0, 0.9), at(30.0, 0.7)]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[doc(alias = "batched_nms")]
pub struct Nms {
    suppression: Suppression,
    iou_threshold: f32,
    score_threshold: f32,
    max_detections: usize,
    class_agnostic: bool,
}

impl Default for Nms {
    fn default() -> Self {
        Self::new()
    }
}

impl Nms {
    /// Greedy, with an IoU of 0.45, scores of at least 0.25 and at most 300 detections.
    pub const fn new() -> Self {
        Self {
            suppression: Suppression::Greedy,
            iou_threshold: 0.45,
            score_threshold: 0.25,
            max_detections: 300,
            class_agnostic: false,
        }
    }

    /// What becomes of what is overlapped.
    #[must_use]
    pub const fn suppression(self, suppression: Suppression) -> Self {
        Self { suppression, ..self }
    }

    /// Detections are of one object if their IoU is above this.
    #[must_use]
    pub const fn iou_threshold(self, iou_threshold: f32) -> Self {
        Self { iou_threshold, ..self }
    }

    /// Detections with a lower score go, before and after.
    #[must_use]
    pub const fn score_threshold(self, score_threshold: f32) -> Self {
        Self { score_threshold, ..self }
    }

    /// At most so many stay, the surest.
    #[must_use]
    pub const fn max_detections(self, max_detections: usize) -> Self {
        Self { max_detections, ..self }
    }

    /// Detections of different classes suppress each other, too.
    #[must_use]
    pub const fn class_agnostic(self) -> Self {
        Self { class_agnostic: true, ..self }
    }

    /// Leaves those that stay, the surest first; of equal scores the first one first. Boxes that are no boxes (not finite, or
    /// without an area) go. It takes no memory.
    pub fn apply(&self, detections: &mut Vec<Detection>) {
        detections.retain(|detection| detection.score >= self.score_threshold && detection.bbox.is_valid());
        match self.suppression {
            Suppression::Greedy => self.greedy(detections),
            Suppression::SoftLinear => {
                self.soft(detections, |iou| if iou > self.iou_threshold { 1.0 - iou } else { 1.0 });
            }
            Suppression::SoftGaussian { sigma } => self.soft(detections, |iou| (-iou * iou / sigma).exp()),
        }
    }

    fn meet(&self, a: &Detection, b: &Detection) -> bool {
        self.class_agnostic || a.class == b.class
    }

    fn greedy(&self, detections: &mut Vec<Detection>) {
        detections.sort_by(|a, b| b.score.total_cmp(&a.score));
        let mut kept = 0;
        for at in 0..detections.len() {
            if kept == self.max_detections {
                break;
            }
            let new = detections[at];
            let covers = |old: &Detection| self.meet(old, &new) && old.bbox.iou(&new.bbox) > self.iou_threshold;
            if !detections[..kept].iter().any(covers) {
                detections[kept] = new;
                kept += 1;
            }
        }
        detections.truncate(kept);
    }

    fn soft(&self, detections: &mut Vec<Detection>, factor: impl Fn(f32) -> f32) {
        for kept in 0..detections.len() {
            let rest = &mut detections[kept..];
            let mut best = 0;
            for at in 1..rest.len() {
                if rest[at].score > rest[best].score {
                    best = at;
                }
            }
            if kept == self.max_detections || rest[best].score < self.score_threshold {
                return detections.truncate(kept);
            }
            // In its place, with the others in their order, so that of equal scores the first stays the first.
            rest[..=best].rotate_right(1);
            if let Some((sure, others)) = rest.split_first_mut() {
                for other in others.iter_mut().filter(|other| self.meet(sure, other)) {
                    other.score *= factor(sure.bbox.iou(&other.bbox));
                }
            }
        }
    }
}
