//! Where a box will be: the filter of SORT.
//!
//! Its state has the centre, the area and the proportions of a box, and how fast the first three change (Bewley et al.,
//! [Simple Online and Realtime Tracking](https://arxiv.org/abs/1602.00763), 2016). The noises of these are independent
//! of each other, so that the filter of seven numbers is one of two numbers for each of the three, and one of one
//! number for the proportions.

use crate::vision::BBox;

/// A number and how fast it changes, with their covariances.
#[derive(Clone, Copy, Debug)]
struct Line {
    x: f64,
    v: f64,
    /// Of the number, of both, of its speed.
    p: [f64; 3],
    /// The variance that a step adds to the speed.
    speed: f64,
    /// The variance of what is seen.
    seen: f64,
}

/// The variance that a step adds to a number.
const STEP: f64 = 1.0;
/// The variances of a number that was seen once, and of a speed of which nothing is known.
const FIRST: [f64; 2] = [10.0, 10_000.0];

impl Line {
    fn new(x: f64, speed: f64, seen: f64) -> Self {
        Self { x, v: 0.0, p: [FIRST[0], 0.0, FIRST[1]], speed, seen }
    }

    fn predict(&mut self) {
        let [x, both, v] = self.p;
        self.x += self.v;
        self.p = [x + 2.0 * both + v + STEP, both + v, v + self.speed];
    }

    fn update(&mut self, seen: f64) {
        let [x, both, v] = self.p;
        let gain = [x, both].map(|p| p / (x + self.seen));
        let off = seen - self.x;
        self.x += gain[0] * off;
        self.v += gain[1] * off;
        self.p = [(1.0 - gain[0]) * x, (1.0 - gain[0]) * both, v - gain[1] * both];
    }
}

/// The state of a box.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kalman {
    /// The centre and the area.
    lines: [Line; 3],
    /// The width over the height, and its variance.
    ratio: f64,
    p: f64,
}

/// What is seen of a box: its centre, its area and its width over its height.
fn seen(bbox: &BBox) -> ([f64; 3], f64) {
    let ([x, y], w, h) = (bbox.center(), f64::from(bbox.width()), f64::from(bbox.height()));
    ([f64::from(x), f64::from(y), w * h], w / h)
}

/// The variance of the proportions that are seen.
const RATIO_SEEN: f64 = 10.0;

impl Kalman {
    /// Of a box that was seen for the first time, and has an area.
    pub fn new(bbox: &BBox) -> Self {
        let ([x, y, area], ratio) = seen(bbox);
        let lines = [Line::new(x, 0.01, 1.0), Line::new(y, 0.01, 1.0), Line::new(area, 0.0001, 10.0)];
        Self { lines, ratio, p: FIRST[0] }
    }

    /// A step of time.
    pub fn predict(&mut self) {
        let area = &mut self.lines[2];
        if area.x + area.v <= 0.0 {
            area.v = 0.0;
        }
        self.lines.iter_mut().for_each(Line::predict);
        self.p += STEP;
    }

    /// The box is seen.
    pub fn update(&mut self, bbox: &BBox) {
        let (numbers, ratio) = seen(bbox);
        self.lines.iter_mut().zip(numbers).for_each(|(line, seen)| line.update(seen));
        let gain = self.p / (self.p + RATIO_SEEN);
        self.ratio += gain * (ratio - self.ratio);
        self.p *= 1.0 - gain;
    }

    /// Where the box is.
    pub fn bbox(&self) -> BBox {
        let [x, y, area] = self.lines.map(|line| line.x);
        let width = (area.max(0.0) * self.ratio).sqrt();
        let height = if width > 0.0 { area / width } else { 0.0 };
        BBox::from_cxcywh(x as f32, y as f32, width as f32, height as f32)
    }
}
