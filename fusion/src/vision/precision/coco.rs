//! The figures of COCO.

use super::curve::{Hits, at_recalls};
use super::image::{Image, overlap};
use std::collections::BTreeSet;
use std::fmt;

/// How many detections of a class count in an image.
const MOST: usize = 100;
/// How many IoUs there are, from 0.5 on in steps of 0.05.
const IOUS: usize = 10;
/// The areas of all boxes, of small, of medium and of large ones, from and to, in pixels.
const AREAS: [[f64; 2]; 4] = [[0.0, 1e10], [0.0, 1024.0], [1024.0, 9216.0], [9216.0, 1e10]];
/// How many of the surest detections of an image count for recalls.
const COUNTS: [usize; 3] = [1, 10, MOST];

/// The twelve figures of COCO, each from 0 to 1; NaN where there is no such object.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CocoScores {
    /// Average precision: the mean of ten IoUs from 0.5 to 0.95.
    pub ap: f64,
    /// That at an IoU of 0.5.
    pub ap50: f64,
    /// That at an IoU of 0.75.
    pub ap75: f64,
    /// That of objects of up to 32 x 32 pixels.
    pub ap_small: f64,
    /// That of objects between these.
    pub ap_medium: f64,
    /// That of objects from 96 x 96 pixels on.
    pub ap_large: f64,
    /// Average recall with the surest detection of a class in each image: the mean of ten IoUs.
    pub ar1: f64,
    /// That with the ten surest.
    pub ar10: f64,
    /// That with the hundred surest.
    pub ar100: f64,
    /// That of small objects.
    pub ar_small: f64,
    /// That of medium ones.
    pub ar_medium: f64,
    /// That of large ones.
    pub ar_large: f64,
}

impl fmt::Display for CocoScores {
    /// A line for each figure, by its name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = [
            ("AP", self.ap),
            ("AP50", self.ap50),
            ("AP75", self.ap75),
            ("AP small", self.ap_small),
            ("AP medium", self.ap_medium),
            ("AP large", self.ap_large),
            ("AR 1", self.ar1),
            ("AR 10", self.ar10),
            ("AR 100", self.ar100),
            ("AR small", self.ar_small),
            ("AR medium", self.ar_medium),
            ("AR large", self.ar_large),
        ];
        all.iter().try_for_each(|(name, figure)| writeln!(f, "{name:<9} {figure:.3}"))
    }
}

/// What happened to the detections of a class, with areas of one kind and one IoU.
#[derive(Clone, Debug, Default)]
struct Tally {
    hits: Hits,
    /// How many objects were found with each of [`COUNTS`].
    found: [usize; 3],
}

/// Means of figures, of those that there are.
#[derive(Clone, Copy, Default)]
struct Mean {
    sum: f64,
    count: usize,
}

impl Mean {
    fn add(&mut self, figure: f64) {
        self.sum += figure;
        self.count += 1;
    }

    fn value(self) -> f64 {
        self.sum / self.count as f64
    }
}

pub(super) fn scores(images: &[Image], classes: BTreeSet<usize>) -> CocoScores {
    let (mut ap, mut ap50, mut ap75) = ([Mean::default(); 4], Mean::default(), Mean::default());
    let mut ar = [[Mean::default(); 3]; 4];
    for class in classes {
        let mut tallies: [[Tally; IOUS]; 4] = Default::default();
        images.iter().for_each(|image| count(image, class, &mut tallies));
        for (kind, tallies) in tallies.iter().enumerate() {
            for (place, tally) in tallies.iter().enumerate().filter(|(_, tally)| tally.hits.objects > 0) {
                let figure = at_recalls(&tally.hits.curve(), 100);
                ap[kind].add(figure);
                match (kind, place) {
                    (0, 0) => ap50.add(figure),
                    (0, 5) => ap75.add(figure),
                    _ => {}
                }
                for (mean, found) in ar[kind].iter_mut().zip(tally.found) {
                    mean.add(found as f64 / tally.hits.objects as f64);
                }
            }
        }
    }
    let [[ar1, ar10, ar100], small, medium, large] = ar.map(|means| means.map(Mean::value));
    let [ap, ap_small, ap_medium, ap_large] = ap.map(Mean::value);
    let (ap50, ap75) = (ap50.value(), ap75.value());
    let [ar_small, ar_medium, ar_large] = [small, medium, large].map(|means| means[2]);
    CocoScores { ap, ap50, ap75, ap_small, ap_medium, ap_large, ar1, ar10, ar100, ar_small, ar_medium, ar_large }
}

/// Adds what is of a class in one image.
fn count(image: &Image, class: usize, tallies: &mut [[Tally; IOUS]; 4]) {
    let found: Vec<_> = image.found(class).take(MOST).collect();
    let there: Vec<_> = image.there(class).collect();
    let overlaps: Vec<Vec<f64>> =
        found.iter().map(|found| there.iter().map(|there| overlap(&found.bbox, &there.bbox)).collect()).collect();
    for (tallies, [from, to]) in tallies.iter_mut().zip(AREAS) {
        let counts = |area: f32| (from..=to).contains(&f64::from(area));
        // Objects of other areas are there to be found, for nothing, when no other is.
        let (mut order, others): (Vec<usize>, Vec<usize>) =
            (0..there.len()).partition(|&at| counts(there[at].bbox.area()));
        let objects = order.len();
        order.extend(others);
        for (place, tally) in tallies.iter_mut().enumerate() {
            tally.hits.objects += objects;
            let mut taken = vec![false; there.len()];
            let least = (0.5 + 0.05 * place as f64).min(1.0 - 1e-10);
            for (rank, (found, overlaps)) in found.iter().zip(&overlaps).enumerate() {
                match best(&order, objects, overlaps, &taken, least) {
                    Some(at) => {
                        taken[order[at]] = true;
                        if at < objects {
                            tally.hits.push(found.score, true);
                            tally.found.iter_mut().zip(COUNTS).for_each(|(n, most)| *n += usize::from(rank < most));
                        }
                    }
                    None if counts(found.bbox.area()) => tally.hits.push(found.score, false),
                    None => {}
                }
            }
        }
    }
}

/// The place in `order` of the free object that is covered best, by at least `least`; one of the first `objects` if
/// there is any. Of equal ones the last.
fn best(order: &[usize], objects: usize, overlaps: &[f64], taken: &[bool], mut least: f64) -> Option<usize> {
    let mut best = None;
    for (at, &object) in order.iter().enumerate() {
        if at == objects && best.is_some() {
            break;
        }
        if !taken[object] && overlaps[object] >= least {
            (best, least) = (Some(at), overlaps[object]);
        }
    }
    best
}
