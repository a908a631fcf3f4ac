//! How well objects are found.

mod coco;
mod curve;
mod image;

pub use coco::CocoScores;
pub use curve::{PrecisionRecall, VocRule};

use super::{BBox, Detection, Labelled};
use curve::{Hits, area};
use image::{Image, overlap};
use std::collections::BTreeSet;

/// What was found in images and what is there, and from that average precision, by the definitions of PASCAL VOC and of
/// COCO, and curves of precision and recall.
///
/// ```
/// use fusion::vision::{AveragePrecision, BBox, Detection, Labelled, VocRule};
///
/// let mut scores = AveragePrecision::new();
/// let face = BBox::new(10.0, 10.0, 30.0, 40.0);
/// let elsewhere = BBox::new(50.0, 10.0, 70.0, 40.0);
/// let found = |bbox, score| Detection { bbox, score, class: 0 };
/// scores.add(&[found(face, 0.8), found(elsewhere, 0.9)], &[Labelled { bbox: face, class: 0 }]);
/// assert_eq!(scores.voc(0.5, VocRule::AllPoint), 0.5);
/// assert_eq!(scores.curve(0, 0.5)[1].recall, 1.0);
/// assert!((scores.coco().ap50 - 0.5).abs() < 1e-12);
/// ```
#[derive(Clone, Debug, Default)]
#[doc(alias = "mAP")]
#[doc(alias = "COCOeval")]
pub struct AveragePrecision {
    images: Vec<Image>,
}

impl AveragePrecision {
    /// Of no images yet.
    pub const fn new() -> Self {
        Self { images: Vec::new() }
    }

    /// Adds an image: what was found, with low scores too and after [`Nms`](super::Nms), and what is there.
    ///
    /// Scores that are NaN are the lowest.
    pub fn add(&mut self, found: &[Detection], there: &[Labelled]) {
        self.images.push(Image::new(found, there));
    }

    /// How many images there are.
    pub fn num_images(&self) -> usize {
        self.images.len()
    }

    /// The classes of which there are objects: the others count for nothing.
    pub fn classes(&self) -> BTreeSet<usize> {
        self.images.iter().flat_map(Image::classes).collect()
    }

    /// The mean of the average precisions of all classes that there are, where an object is found by an IoU of at least
    /// `iou`, 0.5 in the challenge. NaN if there is no object.
    ///
    /// Each detection, the surest first, is a hit if the object of its class that it covers best has no detection yet.
    /// Everingham et al., [The PASCAL Visual Object Classes Challenge](https://doi.org/10.1007/s11263-009-0275-4),
    /// 2010.
    pub fn voc(&self, iou: f64, rule: VocRule) -> f64 {
        let classes = self.classes();
        classes.iter().map(|&class| self.voc_class(class, iou, rule)).sum::<f64>() / classes.len() as f64
    }

    /// As [`voc`](Self::voc), of one class.
    pub fn voc_class(&self, class: usize, iou: f64, rule: VocRule) -> f64 {
        area(&self.curve(class, iou), rule)
    }

    /// The curve of precision and recall of a class, by VOC's hits: for each score, from the highest down, what taking
    /// all detections with at least that score gives.
    pub fn curve(&self, class: usize, iou: f64) -> Vec<PrecisionRecall> {
        let mut hits = Hits::default();
        for image in &self.images {
            let there: Vec<BBox> = image.there(class).map(|object| object.bbox).collect();
            hits.objects += there.len();
            let mut taken = vec![false; there.len()];
            for found in image.found(class) {
                let overlaps = there.iter().map(|there| overlap(&found.bbox, there)).enumerate();
                let best = overlaps.reduce(|best, other| if other.1 > best.1 { other } else { best });
                let hit = best.is_some_and(|(at, most)| most >= iou && !std::mem::replace(&mut taken[at], true));
                hits.push(found.score, hit);
            }
        }
        hits.curve()
    }

    /// All figures of COCO, of boxes. Lin et al., [Microsoft COCO](https://arxiv.org/abs/1405.0312), 2014. pycocotools:
    /// `COCOeval` with `iouType="bbox"`.
    ///
    /// Each detection, the surest first, is a hit if some object of its class is free that it covers enough; it takes
    /// the one that it covers best. Average precision is the mean of the highest precisions at 101 recalls from 0 to 1,
    /// of ten IoUs from 0.5 to 0.95, and of all classes; of an image the 100 surest of a class count.
    pub fn coco(&self) -> CocoScores {
        coco::scores(&self.images, self.classes())
    }
}
