//! A curve as a bounded number of buckets, in which every peak stays.

use serde::ser::{Serialize, Serializer};

/// A value of a curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// The step.
    pub step: u64,
    /// When it was logged, in seconds since the start of 1970.
    pub seconds: f64,
    /// The value, which may be NaN or infinite.
    pub value: f64,
}

/// A number of JSON, which has no NaN and nothing infinite: those are texts, `"NaN"`, `"Infinity"` and `"-Infinity"`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Number(pub f64);

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            value if value.is_finite() => to.serialize_f64(value),
            value if value.is_nan() => to.serialize_str("NaN"),
            value if value > 0.0 => to.serialize_str("Infinity"),
            _ => to.serialize_str("-Infinity"),
        }
    }
}

/// Along what a curve is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Along {
    /// Steps.
    Steps,
    /// Seconds from this time on.
    SecondsFrom(f64),
}

impl Along {
    /// The place of a point.
    pub fn of(self, point: Point) -> f64 {
        match self {
            Self::Steps => point.step as f64,
            Self::SecondsFrom(start) => point.seconds - start,
        }
    }
}

/// Some values of a curve that follow each other: how many there are, the first and the last, and of the finite ones the lowest, the
/// highest and the sum.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bucket {
    /// Where the record of the first value begins in the file.
    pub at: u64,
    /// How many values there are.
    pub count: u64,
    /// The first value.
    pub first: Point,
    /// The last value.
    pub last: Point,
    /// The lowest finite value; any if there is none.
    pub low: Point,
    /// The highest finite value; any if there is none.
    pub high: Point,
    /// The first value that is not finite.
    pub strange: Option<Point>,
    /// How many finite values there are.
    pub finite: u64,
    /// Their sum.
    sum: f64,
}

impl Bucket {
    fn new(point: Point, at: u64) -> Self {
        let is_finite = point.value.is_finite();
        Self {
            at,
            count: 1,
            first: point,
            last: point,
            low: point,
            high: point,
            strange: (!is_finite).then_some(point),
            finite: is_finite.into(),
            sum: if is_finite { point.value } else { 0.0 },
        }
    }

    /// Adds the values behind those that are here.
    fn join(&mut self, next: &Self) {
        if self.finite == 0 {
            (self.low, self.high) = (next.low, next.high);
        } else if next.finite > 0 {
            if next.low.value < self.low.value {
                self.low = next.low;
            }
            if next.high.value > self.high.value {
                self.high = next.high;
            }
        }
        self.last = next.last;
        self.strange = self.strange.or(next.strange);
        (self.count, self.finite, self.sum) = (self.count + next.count, self.finite + next.finite, self.sum + next.sum);
    }

    /// The values that are kept, in their order, each once.
    pub fn points(&self) -> impl Iterator<Item = Point> {
        let (low, high) = if self.low.step <= self.high.step { (self.low, self.high) } else { (self.high, self.low) };
        let mut all = [Some(self.first), Some(low), Some(high), self.strange, Some(self.last)];
        all[1..4].sort_by_key(|point| point.map_or(u64::MAX, |point| point.step));
        let same =
            |a: Point, b: Point| (a.step, a.seconds, a.value.to_bits()) == (b.step, b.seconds, b.value.to_bits());
        let mut previous = None;
        all.into_iter().flatten().filter(move |point| {
            let is_new = previous.is_none_or(|previous| !same(previous, *point));
            previous = Some(*point);
            is_new
        })
    }

    /// The mean of the finite values, in the middle between the first and the last; none if there is none.
    pub fn mean(&self) -> Option<Point> {
        (self.finite > 0).then(|| Point {
            step: self.first.step.midpoint(self.last.step),
            seconds: self.first.seconds.midpoint(self.last.seconds),
            value: self.sum / self.finite as f64,
        })
    }
}

/// A curve of any length, in at most so many buckets.
///
/// When they are full, each two neighbours become one. So a curve takes the same memory after a thousand values and after a
/// thousand million, and of each stretch the lowest and the highest value are there.
///
/// A step that goes back is one of a run that went on from an earlier state: it takes the place of what was logged from there on.
#[derive(Clone, Debug)]
pub struct Curve {
    buckets: Vec<Bucket>,
    /// How many values a bucket takes.
    each: u64,
    most: usize,
}

impl Curve {
    /// A curve without values.
    pub fn new(most: usize) -> Self {
        Self { buckets: Vec::new(), each: 1, most: most.max(2) }
    }

    /// Adds a value, whose record begins at this byte of the file.
    pub fn push(&mut self, point: Point, at: u64) {
        if self.buckets.last().is_some_and(|last| point.step < last.last.step) {
            self.back_to(point.step);
        }
        if self.buckets.len() == self.most && self.buckets.last().is_some_and(|last| last.count >= self.each) {
            self.halve();
        }
        let new = Bucket::new(point, at);
        match self.buckets.last_mut() {
            Some(last) if last.count < self.each => last.join(&new),
            _ => self.buckets.push(new),
        }
    }

    /// Makes one bucket of each two neighbours, where they lie.
    fn halve(&mut self) {
        let half = self.buckets.len().div_ceil(2);
        for at in 0..half {
            self.buckets[at] = joined(&self.buckets[2 * at..(2 * at + 2).min(self.buckets.len())]);
        }
        self.buckets.truncate(half);
        self.each = self.each.saturating_mul(2);
    }

    /// Forgets what lies at this step and behind. What is left of the bucket in which it lies is what is known of it.
    fn back_to(&mut self, step: u64) {
        while self.buckets.last().is_some_and(|last| last.first.step >= step) {
            self.buckets.pop();
        }
        let Some(last) = self.buckets.last_mut().filter(|last| last.last.step >= step) else { return };
        let mut kept = last.points().filter(|point| point.step < step).map(|point| Bucket::new(point, last.at));
        if let Some(mut all) = kept.next() {
            kept.for_each(|point| all.join(&point));
            *last = all;
        }
    }

    /// Allows so many buckets from now on, at least two.
    pub fn limit(&mut self, most: usize) {
        self.most = most.max(2);
        while self.buckets.len() > self.most {
            self.halve();
        }
        self.buckets.shrink_to(self.most);
    }

    /// The buckets.
    pub fn buckets(&self) -> &[Bucket] {
        &self.buckets
    }

    /// Does each bucket have one value, so that nothing was thinned?
    pub fn is_exact(&self) -> bool {
        self.each == 1
    }

    /// All values as one bucket; none if there are none.
    pub fn whole(&self) -> Option<Bucket> {
        (!self.buckets.is_empty()).then(|| joined(&self.buckets))
    }

    /// The buckets that reach into a range, with one more at each side, so that lines reach its edges.
    pub fn within(&self, along: Along, from: f64, to: f64) -> &[Bucket] {
        let (start, end) = self.range(along, from, to);
        &self.buckets[start..end]
    }

    fn range(&self, along: Along, from: f64, to: f64) -> (usize, usize) {
        let start = self.buckets.partition_point(|bucket| along.of(bucket.last) < from).saturating_sub(1);
        let end = self.buckets.partition_point(|bucket| along.of(bucket.first) <= to) + 1;
        (start, end.clamp(start, self.buckets.len()))
    }

    /// Where in the file lies what is [`within`](Self::within) a range: from where on, and up to where if that is not the end.
    pub fn stretch(&self, along: Along, from: f64, to: f64) -> (u64, Option<u64>) {
        let (start, end) = self.range(along, from, to);
        (self.buckets.get(start).map_or(0, |bucket| bucket.at), self.buckets.get(end).map(|bucket| bucket.at))
    }
}

fn joined(buckets: &[Bucket]) -> Bucket {
    let mut all = buckets[0];
    buckets[1..].iter().for_each(|bucket| all.join(bucket));
    all
}

/// At most so many buckets of these.
pub fn thinned(buckets: &[Bucket], most: usize) -> Vec<Bucket> {
    buckets.chunks(buckets.len().div_ceil(most.max(1)).max(1)).map(joined).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(step: u64, value: f64) -> Point {
        Point { step, seconds: step as f64 * 0.5, value }
    }

    fn curve(most: usize, values: impl IntoIterator<Item = f64>) -> Curve {
        let mut curve = Curve::new(most);
        values.into_iter().zip(0..).for_each(|(value, step)| curve.push(point(step, value), step * 10));
        curve
    }

    #[test]
    fn peaks_stay() {
        for length in [1, 2, 3, 100, 1000, 1023, 1024, 1025, 100_000] {
            let peaks = [length / 7, length / 2, length - 1];
            let curve =
                curve(64, (0..length).map(|at| if peaks.contains(&at) { 1e6 + at as f64 } else { at as f64 % 13.0 }));
            assert!(curve.buckets().len() <= 64);
            let kept: Vec<Point> = curve.buckets().iter().flat_map(Bucket::points).collect();
            for peak in peaks {
                assert!(kept.contains(&point(peak, 1e6 + peak as f64)), "{peak} of {length}");
            }
            assert_eq!(curve.buckets().iter().map(|bucket| bucket.count).sum::<u64>(), length);
            assert!(kept.is_sorted_by_key(|point| point.step));
            let whole = curve.whole().expect("values");
            assert_eq!((whole.first.step, whole.last.step, whole.at), (0, length - 1, 0));
        }
    }

    #[test]
    fn few_values_are_kept_as_they_are() {
        let curve = curve(64, [3.0, f64::NAN, 1.0, f64::INFINITY, 2.0]);
        let kept: Vec<String> =
            curve.buckets().iter().flat_map(Bucket::points).map(|point| point.value.to_string()).collect();
        assert_eq!(kept, ["3", "NaN", "1", "inf", "2"]);
    }

    #[test]
    fn strange_values() {
        let whole = curve(2, [f64::NAN, 1.0, f64::NEG_INFINITY, 5.0, f64::INFINITY]).whole().expect("values");
        assert_eq!((whole.low.value, whole.high.value, whole.finite, whole.count), (1.0, 5.0, 2, 5));
        assert!(whole.strange.expect("one").value.is_nan());
        assert_eq!(whole.mean().expect("two").value, 3.0);
        let nothing = curve(2, [f64::NAN; 9]).whole().expect("values");
        assert!(nothing.mean().is_none() && nothing.finite == 0);
        assert_eq!(
            serde_json::to_string(&[0.5, f64::NAN, f64::INFINITY, -f64::INFINITY].map(Number)).expect("JSON"),
            r#"[0.5,"NaN","Infinity","-Infinity"]"#
        );
    }

    #[test]
    fn a_run_that_goes_on_from_an_earlier_state() {
        for most in [4, 64, 4096] {
            let mut curve = curve(most, (0..100).map(f64::from));
            (60..80).for_each(|step| curve.push(point(step, 1000.0), 0));
            let kept: Vec<Point> = curve.buckets().iter().flat_map(Bucket::points).collect();
            assert!(kept.is_sorted_by_key(|point| point.step), "{kept:?}");
            assert_eq!(kept.last(), Some(&point(79, 1000.0)));
            assert!(kept.iter().all(|point| point.value == if point.step < 60 { point.step as f64 } else { 1000.0 }));
        }
    }

    #[test]
    fn ranges() {
        let curve = curve(1024, (0..1000).map(f64::from));
        let steps = |from, to| {
            let within = curve.within(Along::Steps, from, to);
            (within.len(), within.first().map(|bucket| bucket.first.step))
        };
        assert_eq!(steps(10.0, 19.0), (12, Some(9)));
        assert_eq!(steps(-5.0, 0.0), (2, Some(0)));
        assert_eq!(steps(2000.0, 3000.0), (1, Some(999)));
        assert!(steps(19.0, 10.0).0 <= 12);
        assert_eq!(curve.within(Along::SecondsFrom(100.0), 0.0, 1.0).len(), 5);
        assert_eq!(curve.stretch(Along::Steps, 10.0, 19.0), (90, Some(210)));
        assert_eq!(curve.stretch(Along::Steps, 0.0, 1e9), (0, None));
        assert_eq!(thinned(curve.buckets(), 10).len(), 10);
        assert_eq!(thinned(&[], 10).len(), 0);
    }
}
