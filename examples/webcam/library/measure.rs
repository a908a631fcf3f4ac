//! How well faces are found and followed, by boxes that are known.

use crate::detector::{Found, Times};
use crate::{Fault, Result};
use fusion::vision::{BBox, MotMeasures, MotScores};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

/// Boxes that are known, by the name of their frame without its ending.
#[derive(Clone, Debug, Default)]
pub struct Known {
    frames: BTreeMap<String, Vec<BBox>>,
}

/// A line of a table of boxes.
#[derive(Deserialize)]
struct Row {
    image: String,
    x: f32,
    y: f32,
    w: f32,
    h: f32,
}

impl Known {
    /// Reads a table with the columns `image,x,y,w,h`: the left and upper edge, the width and the height in pixels.
    ///
    /// # Errors
    /// A file that cannot be read, or a line that is no box.
    pub fn read(path: &Path) -> Result<Self> {
        let failed = |error: csv::Error| Fault::file(path, error);
        let mut known = Self::default();
        for row in csv::Reader::from_path(path).map_err(failed)?.deserialize() {
            let Row { image, x, y, w, h } = row.map_err(failed)?;
            let bbox = BBox::from_xywh(x, y, w, h);
            if !bbox.is_valid() {
                return Err(Fault::file(path, format_args!("{image} has a box of {w} x {h} at {x}, {y}")));
            }
            let name = Path::new(&image).file_stem().unwrap_or_default().to_string_lossy().into_owned();
            known.frames.entry(name).or_default().push(bbox);
        }
        Ok(known)
    }

    /// Those of a frame, if there are any.
    pub fn of(&self, frame: &str) -> Option<&[BBox]> {
        self.frames.get(frame).map(Vec::as_slice)
    }
}

/// What is counted over frames.
#[derive(Clone, Debug, Default)]
pub struct Measures {
    known: Known,
    frames: usize,
    times: Times,
    /// Boxes that are known, those that were found, and detections beside them; for each of [`SAME`].
    counted: [[usize; 3]; 2],
    /// How faces are followed in frames with one known box each, which then is one face.
    followed: MotMeasures,
    alone: bool,
}

/// From which IoU on a detection is of a known box.
pub const SAME: [f32; 2] = [0.3, 0.5];

impl Measures {
    /// Of no frames yet.
    pub fn new(known: Known) -> Self {
        let alone = known.frames.values().all(|boxes| boxes.len() == 1);
        Self { known, alone, ..Self::default() }
    }

    /// Adds a frame. Those without a known box count for times alone.
    pub fn add(&mut self, name: &str, found: &Found) {
        self.frames += 1;
        let Times { decode, resize, network, boxes, tracker } = &mut self.times;
        let sums = [decode, resize, network, boxes, tracker];
        sums.into_iter().zip(found.times.parts()).for_each(|(sum, part)| *sum += part.1);
        let Some(known) = self.known.of(name) else { return };
        for (counted, same) in self.counted.iter_mut().zip(SAME) {
            let pairs = pairs(known, found, same);
            [known.len(), pairs, found.detections.len() - pairs].iter().zip(counted).for_each(|(n, sum)| *sum += n);
        }
        let objects: Vec<(u64, BBox)> = known.iter().map(|bbox| (0, *bbox)).collect();
        let tracks: Vec<(u64, BBox)> = found.tracks.iter().map(|track| (track.id, track.bbox)).collect();
        if self.alone {
            self.followed.add(&objects, &tracks);
        }
    }

    /// How many known boxes there are, how many were found, and how many detections are of none, by an IoU of at least [`SAME`].
    pub fn counted(&self) -> [[usize; 3]; 2] {
        self.counted
    }

    /// How the one face of all frames with known boxes is followed; none if frames have several, or there are none.
    pub fn followed(&self) -> Option<MotScores> {
        let scores = self.followed.scores();
        (self.alone && scores.objects > 0).then_some(scores)
    }

    /// The mean times of a frame.
    pub fn times(&self) -> Times {
        let n = self.frames.max(1) as f64;
        let Times { decode, resize, network, boxes, tracker } = self.times;
        Times { decode: decode / n, resize: resize / n, network: network / n, boxes: boxes / n, tracker: tracker / n }
    }
}

/// How many known boxes have a detection of their own, the surest first.
fn pairs(known: &[BBox], found: &Found, same: f32) -> usize {
    let mut free: Vec<&BBox> = known.iter().collect();
    for detection in &found.detections {
        let iou = |bbox: &&BBox| bbox.iou(&detection.bbox);
        let best = (0..free.len()).max_by(|&a, &b| iou(&free[a]).total_cmp(&iou(&free[b])));
        if let Some(best) = best.filter(|&best| iou(&free[best]) >= same) {
            free.swap_remove(best);
        }
    }
    known.len() - free.len()
}

impl fmt::Display for Measures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let times = self.times();
        write!(f, "{} frames, {:.1} of a second; milliseconds of a frame:", self.frames, 1e3 / times.total())?;
        times.parts().iter().try_for_each(|(name, time)| write!(f, " {name} {time:.2}"))?;
        for ([known, found, extra], same) in self.counted.into_iter().zip(SAME).filter(|(counted, _)| counted[0] > 0) {
            write!(f, "\n{found} of {known} known faces found, {extra} detections of none (IoU at least {same})")?;
        }
        if let Some(MotScores { mota, idf1, id_switches, misses, objects, .. }) = self.followed() {
            let recall = (objects - misses) as f64 / objects as f64;
            write!(f, "\nfollowed: recall {recall:.4}, id switches {id_switches}, MOTA {mota:.4}, IDF1 {idf1:.4}")?;
        }
        Ok(())
    }
}
