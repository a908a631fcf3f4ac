//! How well objects are followed.

use super::assign;
use crate::vision::BBox;
use std::collections::HashMap;

/// Two boxes are of one object by an IoU of at least this.
const SAME: f32 = 0.5;

/// The measures of CLEAR MOT (Bernardin and Stiefelhagen, [Evaluating Multiple Object Tracking
/// Performance](https://doi.org/10.1155/2008/246309), 2008) and of identities (Ristani et al., [Performance Measures
/// and a Data Set](https://arxiv.org/abs/1609.01775), 2016), frame by frame. py-motmetrics: `MOTAccumulator` with IoU,
/// of which at least 0.5 makes a pair.
///
/// ```
/// use fusion::vision::{BBox, MotMeasures};
///
/// let mut measures = MotMeasures::new();
/// let face = BBox::new(0.0, 0.0, 10.0, 10.0);
/// measures.add(&[(1, face)], &[(7, face)]);
/// measures.add(&[(1, face)], &[(8, face)]); // another number
/// measures.add(&[(1, face)], &[]);
/// let scores = measures.scores();
/// assert_eq!((scores.id_switches, scores.misses), (1, 1));
/// assert_eq!((scores.mota, scores.idf1), (1.0 / 3.0, 2.0 / 5.0));
/// ```
#[derive(Clone, Debug, Default)]
pub struct MotMeasures {
    objects: usize,
    tracks: usize,
    pairs: usize,
    switches: usize,
    overlap: f64,
    /// The track that each object had last.
    last: HashMap<u64, u64>,
    /// In how many frames an object and a track are in one place.
    together: HashMap<(u64, u64), usize>,
}

/// What the measures say.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MotScores {
    /// `1 - (misses + false positives + switches) / objects`: 1 if nothing is wrong, perhaps below 0. NaN without objects.
    pub mota: f64,
    /// The mean IoU of pairs of objects and tracks; NaN without pairs.
    pub motp: f64,
    /// With each object given to at most one track for all of the time, such that most fits: the share of objects and
    /// tracks in all frames that fit, `2 IDTP / (objects + tracks)`. NaN without either.
    pub idf1: f64,
    /// How often an object that had a track has another one.
    pub id_switches: usize,
    /// Objects in frames without a track.
    pub misses: usize,
    /// Tracks in frames without an object.
    pub false_positives: usize,
    /// Objects in all frames.
    pub objects: usize,
}

impl MotMeasures {
    /// Of no frames yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a frame: the objects in it and the tracks, each with its number.
    pub fn add(&mut self, objects: &[(u64, BBox)], tracks: &[(u64, BBox)]) {
        let iou = |object: usize, track: usize| objects[object].1.iou(&tracks[track].1);
        for (object, (id, _)) in objects.iter().enumerate() {
            for (_, (other, _)) in tracks.iter().enumerate().filter(|(track, _)| iou(object, *track) >= SAME) {
                *self.together.entry((*id, *other)).or_default() += 1;
            }
        }
        // Who is where they were stays together.
        let mut pairs = Vec::new();
        for (object, (id, _)) in objects.iter().enumerate() {
            let Some(before) = self.last.get(id) else { continue };
            let Some(track) = tracks.iter().position(|(other, _)| other == before) else { continue };
            if iou(object, track) >= SAME && pairs.iter().all(|&(_, taken)| taken != track) {
                pairs.push((object, track));
            }
        }
        let left = |n: usize, taken: Vec<usize>| (0..n).filter(|at| !taken.contains(at)).collect::<Vec<_>>();
        let alone = left(objects.len(), pairs.iter().map(|pair| pair.0).collect());
        let free = left(tracks.len(), pairs.iter().map(|pair| pair.1).collect());
        // As many pairs as there can be, and of those the closest.
        let weight = |object: usize, track: usize| {
            let iou = iou(alone[object], free[track]);
            if iou >= SAME { (1 << 40) + (f64::from(iou) * f64::from(1 << 20)) as i64 } else { 0 }
        };
        for (object, track) in assign(alone.len(), free.len(), weight) {
            let (object, track) = (alone[object], free[track]);
            let before = self.last.insert(objects[object].0, tracks[track].0);
            self.switches += usize::from(before.is_some_and(|before| before != tracks[track].0));
            pairs.push((object, track));
        }
        self.objects += objects.len();
        self.tracks += tracks.len();
        self.pairs += pairs.len();
        self.overlap += pairs.into_iter().map(|(object, track)| f64::from(iou(object, track))).sum::<f64>();
    }

    /// What the frames so far say.
    pub fn scores(&self) -> MotScores {
        let mut ids: [Vec<u64>; 2] = Default::default();
        for &(object, track) in self.together.keys() {
            ids[0].push(object);
            ids[1].push(track);
        }
        ids.iter_mut().for_each(|ids| {
            ids.sort_unstable();
            ids.dedup();
        });
        let frames = |object: usize, track: usize| {
            self.together.get(&(ids[0][object], ids[1][track])).copied().unwrap_or_default()
        };
        let fits = assign(ids[0].len(), ids[1].len(), |object, track| frames(object, track) as i64);
        let fits: usize = fits.into_iter().map(|(object, track)| frames(object, track)).sum();
        let (misses, false_positives) = (self.objects - self.pairs, self.tracks - self.pairs);
        let wrong = misses + false_positives + self.switches;
        MotScores {
            mota: (self.objects as f64 - wrong as f64) / self.objects as f64,
            motp: self.overlap / self.pairs as f64,
            idf1: 2.0 * fits as f64 / (self.objects + self.tracks) as f64,
            id_switches: self.switches,
            misses,
            false_positives,
            objects: self.objects,
        }
    }
}
