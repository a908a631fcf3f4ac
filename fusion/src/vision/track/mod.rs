//! The same objects from frame to frame.

mod assign;
mod kalman;
mod measures;

pub use measures::{MotMeasures, MotScores};

use super::{BBox, Detection};
use assign::assign;
use kalman::Kalman;

/// The least IoU of a track with a detection of low score.
const LEAST_LOW: f32 = 0.5;
/// The least IoU of a track that began in the frame before with a detection.
const LEAST_NEW: f32 = 0.3;

/// An object that is followed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Track {
    /// Its number, from 1 on, which no other has.
    pub id: u64,
    /// Where it is, smoothed over time; in frames in which it was not found, where it should be.
    pub bbox: BBox,
    /// The score with which it was found last.
    pub score: f32,
    /// The number of its class.
    pub class: usize,
    /// In how many frames it was found.
    pub hits: usize,
    /// How many frames ago it was found; 0 in this one.
    pub misses: usize,
}

/// Gives the detections of each frame of a video steady numbers, in the manner of ByteTrack.
///
/// Where an object will be follows from a Kalman filter (that of SORT: Bewley et al., [Simple Online and Realtime
/// Tracking](https://arxiv.org/abs/1602.00763), 2016). Detections of high score are given to tracks so that the sum of
/// IoUs is the largest; then those of low score to the tracks that have none yet and were found in the frame before, as
/// what is hidden in part is still the same (Zhang et al., [ByteTrack](https://arxiv.org/abs/2110.06864), 2022). A
/// detection that nobody takes begins a track, which has a number once it is found in the next frame too, or at once in
/// the first frame. A track and its detections are of one class.
///
/// ```
/// use fusion::vision::{BBox, Detection, Tracker};
///
/// let mut tracker = Tracker::new();
/// for frame in 0..10 {
///     let bbox = BBox::from_xywh(10.0 + 2.0 * frame as f32, 20.0, 30.0, 40.0);
///     let score = if frame == 5 { 0.2 } else { 0.9 }; // for a moment something is in front
///     let tracks = tracker.update(&[Detection { bbox, score, class: 0 }]);
///     assert_eq!((tracks.len(), tracks[0].id), (1, 1));
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Tracker {
    high: f32,
    low: f32,
    start: f32,
    iou: f32,
    max_misses: usize,
    coast: usize,
    /// All that are followed.
    followed: Vec<Followed>,
    /// Those that were shown last.
    shown: Vec<Track>,
    first: bool,
    ids: u64,
}

#[derive(Clone, Debug)]
struct Followed {
    track: Track,
    filter: Kalman,
}

impl Followed {
    /// It has a number.
    fn is_known(&self) -> bool {
        self.track.id > 0
    }

    fn found(&mut self, detection: &Detection) {
        self.filter.update(&detection.bbox);
        let Track { score, hits, misses, .. } = &mut self.track;
        (*score, *misses) = (detection.score, 0);
        *hits += 1;
    }
}

impl Default for Tracker {
    fn default() -> Self {
        Self::new()
    }
}

impl Tracker {
    /// High scores are those from 0.5 on, low ones those from 0.1 on; a track begins with one from 0.6 on, takes
    /// detections by an IoU of at least 0.2 with where it should be, and ends after 30 frames in which it is not found.
    pub const fn new() -> Self {
        Self {
            high: 0.5,
            low: 0.1,
            start: 0.6,
            iou: 0.2,
            max_misses: 30,
            coast: 0,
            followed: Vec::new(),
            shown: Vec::new(),
            first: true,
            ids: 0,
        }
    }

    /// Scores from this on are high.
    #[must_use]
    pub fn high(self, high: f32) -> Self {
        Self { high, ..self }
    }

    /// Scores from this on are low; those below count for nothing.
    #[must_use]
    pub fn low(self, low: f32) -> Self {
        Self { low, ..self }
    }

    /// A track begins with a score from this on.
    #[must_use]
    pub fn start(self, start: f32) -> Self {
        Self { start, ..self }
    }

    /// The least IoU of a track with a detection of high score.
    #[must_use]
    pub fn iou(self, iou: f32) -> Self {
        Self { iou, ..self }
    }

    /// After how many frames in which it is not found a track ends.
    #[must_use]
    pub fn max_misses(self, max_misses: usize) -> Self {
        Self { max_misses, ..self }
    }

    /// Tracks that were found at most so many frames ago are shown too, where they should be; by default none.
    #[must_use]
    pub fn coast(self, coast: usize) -> Self {
        Self { coast, ..self }
    }

    /// The next frame: the tracks that are in it, by their numbers.
    pub fn update(&mut self, found: &[Detection]) -> &[Track] {
        for followed in &mut self.followed {
            followed.filter.predict();
            followed.track.misses += 1;
        }
        let of = |from: f32, to: f32| {
            let fits =
                move |at: &usize| found[*at].score >= from && found[*at].score < to && found[*at].bbox.is_valid();
            (0..found.len()).filter(fits).collect::<Vec<_>>()
        };
        let (mut high, mut low) = (of(self.high, f32::INFINITY), of(self.low, self.high));
        self.take(found, &mut high, self.iou, Followed::is_known);
        self.take(found, &mut low, LEAST_LOW, |followed| followed.is_known() && followed.track.misses == 1);
        self.take(found, &mut high, LEAST_NEW, |followed| !followed.is_known());
        // What began in the frame before and was not found again was none.
        let most = self.max_misses;
        self.followed.retain(|one| one.track.misses == 0 || (one.is_known() && one.track.misses <= most));
        for at in high {
            let Detection { bbox, score, class } = found[at];
            if score >= self.start {
                let track = Track { id: 0, bbox, score, class, hits: 1, misses: 0 };
                self.followed.push(Followed { track, filter: Kalman::new(&bbox) });
            }
        }
        for followed in &mut self.followed {
            followed.track.bbox = followed.filter.bbox();
            if !followed.is_known() && (followed.track.hits > 1 || self.first) {
                self.ids += 1;
                followed.track.id = self.ids;
            }
        }
        self.first = false;
        self.shown.clear();
        let seen = |one: &&Followed| one.is_known() && one.track.misses <= self.coast;
        self.shown.extend(self.followed.iter().filter(seen).map(|followed| followed.track));
        &self.shown
    }

    /// Forgets all tracks, as at a cut between two scenes. Numbers go on.
    pub fn reset(&mut self) {
        self.followed.clear();
        self.shown.clear();
        self.first = true;
    }

    /// Gives detections of a list to tracks that may have one and have none yet, and strikes them off.
    fn take(&mut self, found: &[Detection], list: &mut Vec<usize>, least: f32, may: impl Fn(&Followed) -> bool) {
        let mut tracks: Vec<&mut Followed> =
            self.followed.iter_mut().filter(|one| one.track.misses > 0 && may(one)).collect();
        if list.is_empty() || tracks.is_empty() {
            return;
        }
        let places: Vec<BBox> = tracks.iter().map(|followed| followed.filter.bbox()).collect();
        let weight = |track: usize, at: usize| {
            let detection = &found[list[at]];
            let iou = places[track].iou(&detection.bbox);
            let fits = iou >= least && tracks[track].track.class == detection.class;
            // What an IoU is more than the least one: two poor pairs are not better than one good one.
            if fits { 1 + (f64::from(iou - least) * f64::from(1 << 30)) as i64 } else { 0 }
        };
        let pairs = assign(tracks.len(), list.len(), weight);
        let mut taken = vec![false; list.len()];
        for (track, at) in pairs {
            tracks[track].found(&found[list[at]]);
            taken[at] = true;
        }
        let mut taken = taken.into_iter();
        list.retain(|_| !taken.next().unwrap_or_default());
    }
}
