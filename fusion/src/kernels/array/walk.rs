//! How to walk several operands in the cheapest order.

use crate::kernels::array::layout::{Dims, MAX_RANK, is_dense};
use crate::kernels::parallel;
use std::ops::Range;

/// One axis of a [`Walk`]: its size, and each operand's step along it.
#[derive(Clone, Copy, Debug)]
pub struct AxisOf<const K: usize> {
    /// How many steps.
    pub n: usize,
    /// How far each operand moves in a step, in elements; 0 where it is broadcast.
    pub step: [usize; K],
}

/// How to visit every element of `K` operands of one shape: axes by rising step of the first operand (ties: of the
/// next), axes of size 1 left out, neighbours merged where all operands allow it. A walk over dense operands of one
/// order is a single axis.
#[derive(Clone, Copy, Debug)]
pub struct Walk<const K: usize> {
    axes: [AxisOf<K>; MAX_RANK],
    rank: usize,
    empty: bool,
}

impl<const K: usize> Walk<K> {
    /// Plans the walk over operands of `shape` (already broadcast: step 0) with `strides`.
    #[track_caller]
    pub fn new(shape: &Dims, strides: [&Dims; K]) -> Self {
        if strides.iter().all(|s| *s == strides[0]) && is_dense(shape, strides[0]) {
            return Self::flat(shape.count());
        }
        let mut walk = Self { axes: [AxisOf { n: 1, step: [0; K] }; MAX_RANK], rank: 0, empty: shape.count() == 0 };
        for axis in 0..shape.rank() {
            let n = shape.get(axis);
            if n != 1 {
                walk.axes[walk.rank] = AxisOf { n, step: strides.map(|s| s.get(axis)) };
                walk.rank += 1;
            }
        }
        // An insertion sort: stable, and at most six axes.
        for end in 1..walk.rank {
            let mut at = end;
            while at > 0 && walk.axes[at].step < walk.axes[at - 1].step {
                walk.axes.swap(at, at - 1);
                at -= 1;
            }
        }
        walk.merge();
        walk
    }

    /// The walk over `count` elements that lie gapless and in one order in all operands.
    pub fn flat(count: usize) -> Self {
        let mut walk = Self { axes: [AxisOf { n: 1, step: [0; K] }; MAX_RANK], rank: 1, empty: count == 0 };
        walk.axes[0] = AxisOf { n: count, step: [1; K] };
        walk
    }

    /// The walk along one axis.
    #[inline]
    pub fn line(axis: AxisOf<K>) -> Self {
        Self { axes: [axis; MAX_RANK], rank: 1, empty: axis.n == 0 }
    }

    /// As [`Walk::new`], but the axes keep the order in which they are given, innermost first.
    pub fn ordered(axes: impl IntoIterator<Item = AxisOf<K>>) -> Self {
        let mut walk = Self { axes: [AxisOf { n: 1, step: [0; K] }; MAX_RANK], rank: 0, empty: false };
        for axis in axes {
            walk.empty |= axis.n == 0;
            if axis.n != 1 {
                walk.axes[walk.rank] = axis;
                walk.rank += 1;
            }
        }
        walk.merge();
        walk
    }

    fn merge(&mut self) {
        let mut done = 0;
        for next in 1..self.rank {
            let (inner, outer) = (self.axes[done], self.axes[next]);
            if (0..K).all(|k| outer.step[k] == inner.step[k] * inner.n) {
                self.axes[done].n *= outer.n;
            } else {
                done += 1;
                self.axes[done] = outer;
            }
        }
        self.rank = self.rank.min(done + 1).max(1);
    }

    /// The innermost axis.
    pub fn inner(&self) -> AxisOf<K> {
        self.axes[0]
    }

    /// The outermost axis.
    pub fn outer(&self) -> AxisOf<K> {
        self.axes[self.rank - 1]
    }

    /// How many elements it visits.
    pub fn count(&self) -> usize {
        if self.empty { 0 } else { self.axes().iter().map(|axis| axis.n).product() }
    }

    /// Its part at these steps of the outermost axis, and how far each operand's start lies from that of the whole.
    pub fn part(&self, steps: Range<usize>) -> (Self, [usize; K]) {
        let mut part = *self;
        let outer = &mut part.axes[self.rank - 1];
        outer.n = steps.len();
        let start = outer.step.map(|step| step * steps.start);
        part.empty |= steps.is_empty();
        (part, start)
    }

    /// Into how many parts [`Walk::split`] splits it.
    #[inline]
    pub fn pieces(&self, least: usize) -> usize {
        let (count, outer) = (self.count(), self.outer().n);
        if count < 2 * least { 1 } else { parallel::pieces(outer, least.div_ceil(count / outer)) }
    }

    /// Calls `f` for parts of the outermost axis, each with at least about `least` elements unless it is all, with how far each
    /// operand's start lies from that of the whole; threads share them.
    pub fn split(&self, least: usize, f: impl Fn(&Self, [usize; K]) + Sync) {
        if self.pieces(least) <= 1 {
            return f(self, [0; K]);
        }
        let outer = self.outer().n;
        let part = |steps| {
            let (part, start) = self.part(steps);
            f(&part, start);
        };
        match self.rank {
            1 => parallel::split_flat(outer, least, part),
            _ => parallel::spread(outer, 1, least.div_ceil(self.count() / outer), part),
        }
    }

    /// All axes, innermost first; at least one.
    pub fn axes(&self) -> &[AxisOf<K>] {
        &self.axes[..self.rank]
    }

    /// Every operand's offset at the start of each innermost row.
    ///
    /// A loop over these, unlike a closure, is sure to be compiled for the instruction set of the function around it.
    #[inline(always)]
    pub fn rows(&self) -> Rows<'_, K> {
        Rows { walk: self, at: [0; K], index: [0; MAX_RANK], done: self.empty }
    }
}

/// The rows of a [`Walk`].
pub struct Rows<'w, const K: usize> {
    walk: &'w Walk<K>,
    at: [usize; K],
    index: [usize; MAX_RANK],
    done: bool,
}

impl<const K: usize> Iterator for Rows<'_, K> {
    type Item = [usize; K];

    #[inline(always)]
    fn next(&mut self) -> Option<[usize; K]> {
        if self.done {
            return None;
        }
        let at = self.at;
        let mut axis = 1;
        loop {
            if axis >= self.walk.rank {
                self.done = true;
                return Some(at);
            }
            let AxisOf { n, step } = self.walk.axes[axis];
            self.index[axis] += 1;
            for k in 0..K {
                self.at[k] += step[k];
            }
            if self.index[axis] < n {
                return Some(at);
            }
            self.index[axis] = 0;
            for k in 0..K {
                self.at[k] -= step[k] * n;
            }
            axis += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dims(list: &[usize]) -> Dims {
        Dims::new(list)
    }

    #[test]
    fn parts_visit_each_element_once() {
        let shape = dims(&[5, 3, 70]);
        for strides in [[210, 70, 1], [1, 350, 5], [3, 1, 15]] {
            for threads in [1, 2, 3, 8] {
                let walk = Walk::new(&shape, [&dims(&strides), &dims(&[0, 70, 1])]);
                let seen = std::sync::Mutex::new(Vec::new());
                crate::kernels::testing::with_threads(threads, || {
                    walk.split(1, |part, start| {
                        let AxisOf { n, step } = part.inner();
                        for at in part.rows() {
                            let place = |i: usize| [0, 1].map(|k| start[k] + at[k] + i * step[k]);
                            seen.lock().unwrap().extend((0..n).map(place));
                        }
                    });
                });
                let mut want = Vec::new();
                for (i, j, k) in (0..5 * 3 * 70).map(|x| (x / 210, x / 70 % 3, x % 70)) {
                    want.push([i * strides[0] + j * strides[1] + k * strides[2], j * 70 + k]);
                }
                let mut seen = seen.into_inner().unwrap();
                seen.sort_unstable();
                want.sort_unstable();
                assert_eq!(seen, want, "{strides:?} by {threads}");
            }
        }
    }

    #[test]
    fn a_walk_visits_each_element_once() {
        let shape = dims(&[2, 3, 4]);
        for (a, b) in
            [([12, 4, 1], [12, 4, 1]), ([1, 2, 6], [12, 4, 1]), ([12, 4, 1], [0, 1, 0]), ([1, 8, 2], [1, 8, 2])]
        {
            let (sa, sb) = (dims(&a), dims(&b));
            let walk = Walk::new(&shape, [&sa, &sb]);
            let mut seen = Vec::new();
            walk.rows().for_each(|[x, y]| {
                let AxisOf { n, step } = walk.inner();
                seen.extend((0..n).map(|i| (x + i * step[0], y + i * step[1])));
            });
            let mut expect = Vec::new();
            for i in 0..2 {
                for j in 0..3 {
                    for k in 0..4 {
                        expect.push((i * a[0] + j * a[1] + k * a[2], i * b[0] + j * b[1] + k * b[2]));
                    }
                }
            }
            seen.sort_unstable();
            expect.sort_unstable();
            assert_eq!(seen, expect);
        }
        let flat = dims(&[1, 8, 2]);
        assert_eq!(Walk::new(&shape, [&flat, &flat]).axes().len(), 1);
        assert_eq!(Walk::new(&dims(&[0, 2]), [&dims(&[2, 1])]).rows().count(), 0);
    }
}
