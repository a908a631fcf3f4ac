//! A step length by the strong Wolfe conditions.
//!
//! Nocedal and Wright, [Numerical Optimization](https://doi.org/10.1007/978-0-387-40065-5), 2006, algorithms 3.5 and 3.6, in
//! the form of minFunc and PyTorch.

use crate::Result;
use crate::kernels::Array;

/// How much a step must go down: this share of what the slope promises.
const C1: f64 = 1e-4;
/// How flat it must be there: this share of the slope at the start.
const C2: f64 = 0.9;

/// A point along the direction: how far, the function there, its gradient, and that along the direction.
#[derive(Clone)]
pub(super) struct Point {
    pub t: f64,
    pub f: f64,
    pub gradient: Array,
    pub slope: f64,
}

/// Where the cubic through two points is lowest, between `bounds`, which are the points themselves if none are given.
fn cubic(a: &Point, b: &Point, bounds: Option<(f64, f64)>) -> f64 {
    let (low, high) = bounds.unwrap_or((a.t.min(b.t), a.t.max(b.t)));
    let d1 = a.slope + b.slope - 3.0 * (a.f - b.f) / (a.t - b.t);
    let square = d1 * d1 - a.slope * b.slope;
    let is_real = square >= 0.0; // not if it is NaN
    if !is_real {
        return f64::midpoint(low, high);
    }
    let d2 = square.sqrt();
    let at = if a.t <= b.t {
        b.t - (b.t - a.t) * ((b.slope + d2 - d1) / (b.slope - a.slope + 2.0 * d2))
    } else {
        a.t - (a.t - b.t) * ((a.slope + d2 - d1) / (a.slope - b.slope + 2.0 * d2))
    };
    at.max(low).min(high)
}

/// From `start`, a point at 0, and the step length `t` on, a point that satisfies the conditions, or the best of `most` tries; and how many there
/// were. `longest` is the largest element of the direction.
pub(super) fn search(
    start: Point,
    t: f64,
    longest: f64,
    tolerance: f64,
    most: usize,
    mut at: impl FnMut(f64) -> Result<Point>,
) -> Result<(Point, usize)> {
    let (f, slope) = (start.f, start.slope);
    let is_flat = |point: &Point| point.slope.abs() <= -C2 * slope;
    let too_high = |point: &Point| point.f > f + C1 * point.t * slope;
    let (mut before, mut new, mut tries) = (start.clone(), at(t)?, 0);
    let mut bracket = loop {
        if tries >= most {
            break [start, new];
        }
        if too_high(&new) || (tries > 1 && new.f >= before.f) {
            break [before, new];
        }
        if is_flat(&new) {
            return Ok((new, tries + 1));
        }
        if new.slope >= 0.0 {
            break [before, new];
        }
        let bounds = (new.t + 0.01 * (new.t - before.t), new.t * 10.0);
        let next = cubic(&before, &new, Some(bounds));
        (before, new) = (new, at(next)?);
        tries += 1;
    };
    // A point that satisfies the conditions lies between the two, of which the first is to be the lower.
    let low_first = |bracket: &mut [Point; 2]| {
        if bracket[0].f > bracket[1].f {
            bracket.swap(0, 1);
        }
    };
    low_first(&mut bracket);
    let mut was_close = false;
    while tries < most {
        let [low, high] = &bracket;
        let (left, right) = (low.t.min(high.t), low.t.max(high.t));
        if (right - left) * longest < tolerance {
            break;
        }
        let mut t = cubic(low, high, None);
        // Twice near an end in a row, or at one, and the next point is a tenth of the way from it.
        let margin = 0.1 * (right - left);
        if (right - t).min(t - left) < margin {
            if was_close || t >= right || t <= left {
                t = if (t - right).abs() < (t - left).abs() { right - margin } else { left + margin };
                was_close = false;
            } else {
                was_close = true;
            }
        } else {
            was_close = false;
        }
        let new = at(t)?;
        tries += 1;
        if too_high(&new) || new.f >= low.f {
            bracket[1] = new;
            low_first(&mut bracket);
        } else {
            let done = is_flat(&new);
            if !done && new.slope * (high.t - low.t) >= 0.0 {
                bracket[1] = low.clone();
            }
            bracket[0] = new;
            if done {
                break;
            }
        }
    }
    let [low, _] = bracket;
    Ok((low, tries + 1))
}
