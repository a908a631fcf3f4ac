//! Lines made short: without what lies beyond the axes, and without points that nobody can see.

use super::axis::Axis;
use super::points::drawable;

/// A point by its places on both axes.
pub(super) type Place = (f64, f64);

/// The runs of points that have a place, between the gaps.
pub(super) fn runs(points: &[(f64, f64)], x: &Axis, y: &Axis) -> Vec<Vec<Place>> {
    let has_place = |&(a, b): &(f64, f64)| x.takes(a) && y.takes(b);
    let places = |run: &[(f64, f64)]| run.iter().map(|&(a, b)| (x.place(a), y.place(b))).filter(is_drawable).collect();
    points.split(|point| !has_place(point)).filter(|run| !run.is_empty()).map(places).collect()
}

fn is_drawable((x, y): &Place) -> bool {
    drawable(*x) && drawable(*y)
}

/// A run with at most four points for each of so many columns: the first, the least, the greatest and the last. One that goes
/// back from right to left stays as it is.
pub(super) fn thinned(run: Vec<Place>, columns: usize) -> Vec<Place> {
    if run.len() <= 4 * columns || !run.is_sorted_by(|a, b| a.0 <= b.0) {
        return run;
    }
    let column = |place: &Place| (place.0 * columns as f64).floor();
    let mut kept = Vec::new();
    for part in run.chunk_by(|a, b| column(a) == column(b)) {
        let by_height = |a: &usize, b: &usize| part[*a].1.total_cmp(&part[*b].1);
        let (least, most) = ((0..part.len()).min_by(by_height), (0..part.len()).max_by(by_height));
        let mut chosen = vec![0, least.unwrap_or(0), most.unwrap_or(0), part.len() - 1];
        chosen.sort_unstable();
        chosen.dedup();
        kept.extend(chosen.into_iter().map(|i| part[i]));
    }
    kept
}

/// The parts of a run between 0 and 1 on both axes.
pub(super) fn clipped(run: &[Place]) -> Vec<Vec<Place>> {
    let mut parts: Vec<Vec<Place>> = Vec::new();
    if let [only] = run {
        let inside = (0.0..=1.0).contains(&only.0) && (0.0..=1.0).contains(&only.1);
        return if inside { vec![vec![*only]] } else { parts };
    }
    for pair in run.windows(2) {
        let Some((from, to)) = segment(pair[0], pair[1]) else { continue };
        match parts.last_mut() {
            Some(part) if part.last() == Some(&from) => part.push(to),
            _ => parts.push(vec![from, to]),
        }
    }
    parts
}

/// The part of a segment between 0 and 1 on both axes (Liang and Barsky).
fn segment(from: Place, to: Place) -> Option<(Place, Place)> {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let (mut start, mut end) = (0.0_f64, 1.0_f64);
    for (step, room) in [(-dx, from.0), (dx, 1.0 - from.0), (-dy, from.1), (dy, 1.0 - from.1)] {
        if step == 0.0 {
            if room < 0.0 {
                return None;
            }
        } else if step < 0.0 {
            start = start.max(room / step);
        } else {
            end = end.min(room / step);
        }
    }
    let at = |t: f64| {
        if t == 0.0 {
            from
        } else if t == 1.0 {
            to
        } else {
            (from.0 + t * dx, from.1 + t * dy)
        }
    };
    (start <= end).then(|| (at(start), at(end)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_part_a_line() {
        let axis = |log| Axis::new((1.0, 3.0), log, (0.0, 0.0));
        let points = [(1.0, 1.0), (2.0, f64::NAN), (2.0, 3.0), (3.0, 2.0), (f64::INFINITY, 1.0), (3.0, 0.0)];
        let lengths = |log| runs(&points, &axis(false), &axis(log)).iter().map(Vec::len).collect::<Vec<_>>();
        assert_eq!(lengths(false), [1, 2, 1]);
        assert_eq!(lengths(true), [1, 2]);
    }

    #[test]
    fn what_lies_beyond_is_cut_off() {
        assert_eq!(clipped(&[(-1.0, 0.5), (0.5, 0.5), (0.5, 2.0)]), [vec![(0.0, 0.5), (0.5, 0.5), (0.5, 1.0)]]);
        assert_eq!(clipped(&[(-1.0, 0.5), (2.0, 0.5)]), [vec![(0.0, 0.5), (1.0, 0.5)]]);
        // Out and in again: two parts.
        assert_eq!(clipped(&[(0.0, 0.0), (0.0, 2.0), (1.0, 2.0), (1.0, 0.0)]).len(), 2);
        assert!(clipped(&[(-1.0, 0.5), (-0.5, 3.0), (2.0, 3.0)]).is_empty());
        assert_eq!(clipped(&[(0.5, 0.5)]), [vec![(0.5, 0.5)]]);
        assert!(clipped(&[(0.5, 1.5)]).is_empty());
    }

    #[test]
    fn peaks_stay() {
        let peak = |i: usize| if i == 777_777 { 0.9 } else { 0.1 + (i % 7) as f64 / 100.0 };
        let run: Vec<Place> = (0..1_000_000).map(|i| (i as f64 / 1e6, peak(i))).collect();
        let thin = thinned(run.clone(), 500);
        assert!(thin.len() <= 2000 && thin.is_sorted_by(|a, b| a.0 < b.0));
        assert!(thin.contains(&run[777_777]) && thin[0] == run[0] && thin.last() == run.last());
        let back: Vec<Place> = run.iter().rev().take(5000).copied().collect();
        assert_eq!(thinned(back.clone(), 10), back);
    }
}
