//! Normalisation: groups of elements with mean 0 and variance 1, or with a mean square of 1, then a scale and a shift. Memory
//! is read once forward and once backward; what is read again of a group lies in the cache.
//!
//! Deviations are taken from a group's first element, and from the mean of these. So the mean of equal numbers is exact, and
//! a large mean takes no digits from small deviations.

pub mod batch;
mod channels;
pub mod images;

use crate::kernels::array::Array;
use crate::kernels::array::copy::copy;
use crate::kernels::array::layout::Dims;
use crate::kernels::dtype::float;
use crate::kernels::simd::{Float, Kernel, Mask, Vector, dispatch};
use std::ptr;

/// How the groups of a dense array lie in its memory.
#[derive(Clone, Copy, Debug)]
pub struct Groups {
    /// How many groups.
    pub count: usize,
    /// How far apart they are, in elements.
    pub step: usize,
    /// How many stretches of contiguous elements each consists of.
    pub segments: usize,
    /// How far apart these are.
    pub segment_step: usize,
    /// How many elements each stretch has.
    pub length: usize,
    /// Which scale and which shift an element has.
    pub learned: Learned,
}

/// Which of the learned scales and shifts belongs to an element.
#[derive(Clone, Copy, Debug)]
pub enum Learned {
    /// That of its place in a group of one segment.
    Place,
    /// That of its segment: for segment `s` of group `q` number `q % cycle * group + s * segment`.
    Segment {
        /// After how many groups the numbers begin anew.
        cycle: usize,
        /// How many numbers a group has.
        group: usize,
        /// How far apart the numbers of segments are.
        segment: usize,
    },
}

impl Groups {
    /// Groups one behind the other, with a scale and a shift for each place.
    pub fn rows(count: usize, length: usize) -> Self {
        Self { count, step: length, segments: 1, segment_step: 0, length, learned: Learned::Place }
    }

    /// The channels of each image, which lie one behind the other, in so many groups, with a scale and a shift for each channel.
    pub fn channels([images, channels, area]: [usize; 3], groups: usize) -> Self {
        let each = channels.checked_div(groups).unwrap_or(0);
        Self {
            count: images * groups,
            step: each * area,
            segments: each,
            segment_step: area,
            length: area,
            learned: Learned::Segment { cycle: groups, group: each, segment: 1 },
        }
    }

    /// The number of the scale of a segment.
    #[inline(always)]
    fn number(&self, group: usize, segment: usize) -> usize {
        match self.learned {
            Learned::Place => 0,
            Learned::Segment { cycle, group: numbers, segment: step } => group % cycle * numbers + segment * step,
        }
    }

    /// Panics unless these are all elements of an array of `count`, each once, and there are scales for all.
    #[track_caller]
    fn check(&self, count: usize, scales: Option<usize>) {
        let Self { count: groups, step, segments, segment_step, length, learned } = *self;
        assert!(groups * segments * length == count, "groups of other elements");
        let one = segments <= 1 && step == length;
        let together = step == segments * length && segment_step == length;
        let apart = step == length && segment_step == groups * length;
        assert!(count == 0 || one || together || apart, "groups that overlap");
        let all = match learned {
            Learned::Place => length,
            Learned::Segment { cycle, group, segment } => {
                (cycle.min(groups).max(1) - 1) * group + (segments.max(1) - 1) * segment + 1
            }
        };
        assert!(matches!(learned, Learned::Segment { .. }) || segments == 1, "places of several segments");
        assert!(scales.is_none_or(|scales| count == 0 || scales >= all), "{scales:?} scales for {all}");
    }
}

/// What is known of a group after the forward pass: its mean, its variance (or mean square), how far its mean is from its
/// first element, and what its deviations are multiplied by.
const KNOWN: usize = 4;

/// The groups of `x`, which is dense, with mean 0 and variance 1, or if they are not to be `centered` with a mean square of
/// 1; times `weight`, plus `bias`. With them what the backward pass needs, `[groups, 4]`: see [`statistics`].
#[track_caller]
pub fn forward(
    mut x: Array,
    weight: Option<&Array>,
    bias: Option<&Array>,
    groups: &Groups,
    eps: f64,
    centered: bool,
) -> (Array, Array) {
    groups.check(x.count(), weight.map(Array::count));
    groups.check(x.count(), bias.map(Array::count));
    let [weight, bias] = [weight, bias].map(|of| of.map(Array::contiguous));
    float!(x.dtype(), T => {
        let mut known = Array::full(T::ZERO, Dims::new(&[groups.count, KNOWN]));
        let from = x.ptr::<T>();
        let to = x.dense_mut::<T>().map(<[T]>::as_mut_ptr);
        let known_at = known.make_mut::<T>().as_mut_ptr();
        let [weight, bias] = [&weight, &bias].map(|of| of.as_ref().map_or(ptr::null(), Array::ptr::<T>));
        let pass = |y| dispatch(Forward { x: from, y, weight, bias, known: known_at, groups: *groups, eps, centered });
        if x.count() == 0 {
            return (x, known);
        }
        match to {
            // Where nobody else sees them, each group is replaced.
            Some(y) => pass(y),
            // SAFETY: the groups are all of the array's memory, and the pass writes all of them.
            None => x = unsafe { Array::build_as::<T>(&x, |y| pass(y.as_mut_ptr().cast())) },
        }
        (x, known)
    })
}

/// The mean and the variance (or the mean square) of each group, `[groups]`, of what [`forward`] found.
pub fn statistics(known: &Array) -> [Array; 2] {
    let groups = Dims::new(&[known.shape().get(0)]);
    let place = |place: usize| known.view(groups, Dims::new(&[KNOWN]), place).contiguous();
    if known.count() == 0 { [known.reshape(&groups), known.reshape(&groups)] } else { [place(0), place(1)] }
}

/// The gradients of [`forward`] by `x`, `weight` and `bias` from that of its result, `g`: of those that are `wanted`.
#[track_caller]
pub fn backward(
    g: Array,
    x: &Array,
    weight: Option<&Array>,
    known: &Array,
    groups: &Groups,
    centered: bool,
    wanted: [bool; 3],
) -> [Option<Array>; 3] {
    groups.check(x.count(), weight.map(Array::count));
    assert!(g.shape() == x.shape() && x.is_dense(), "a gradient of another shape");
    let numbers = match groups.learned {
        Learned::Place => groups.length,
        Learned::Segment { .. } => weight.map_or(0, Array::count),
    };
    let weight = weight.map(Array::contiguous);
    let learns = (wanted[1] || wanted[2]) && numbers > 0;
    float!(x.dtype(), T => {
        // What belongs to one scale comes from many groups: some of them in the elements' type, then all in `f64`.
        let mut total = Array::full(0f64, Dims::new(&[if learns { 2 * numbers } else { 0 }]));
        let by_place = learns && matches!(groups.learned, Learned::Place);
        let mut part = Array::full(T::ZERO, Dims::new(&[if by_place { 2 * numbers } else { 0 }]));
        let mut g = if g.strides() == x.strides() { g } else { copy(&g, *x.strides()) };
        let from = g.ptr::<T>();
        let total_at = if learns { total.make_mut::<f64>().as_mut_ptr() } else { ptr::null_mut() };
        let part_at = part.make_mut::<T>().as_mut_ptr();
        let weight = weight.as_ref().map_or(ptr::null(), Array::ptr::<T>);
        let (x_at, known) = (x.ptr::<T>(), known.as_slice::<T>().expect("made in C order").as_ptr());
        let pass = |dx: *mut T| {
            dispatch(Backward {
                g: from, x: x_at, dx, weight, known, total: total_at, part: part_at, numbers, groups: *groups, centered,
            });
        };
        let dx = match g.dense_mut::<T>().map(<[T]>::as_mut_ptr) {
            _ if x.count() == 0 => Some(g),
            _ if !wanted[0] => {
                pass(ptr::null_mut());
                None
            }
            Some(dx) => {
                pass(dx);
                Some(g)
            }
            // SAFETY: the groups are all of the array's memory, and the pass writes all of them.
            None => Some(unsafe { Array::build_as::<T>(x, |dx| pass(dx.as_mut_ptr().cast())) }),
        };
        let total = total.as_slice::<f64>().expect("made in C order");
        let sum = |k: usize| {
            (wanted[k + 1]).then(|| {
                Array::from_fn(Dims::new(&[numbers]), |i| T::from_f64(total[k * numbers + i]))
            })
        };
        [dx.filter(|_| wanted[0]), sum(0), sum(1)]
    })
}

/// After how many steps a sum in the elements' type goes on in `f64`.
const PART: usize = 32;

/// The sum of `f` of all elements of a group, which begins at `x`, in `f64`. `f` gets a vector of `x` and how many of its
/// lanes count; the others must be 0.
///
/// # Safety
/// The group must be there, and the machine must have the instructions of `V`.
#[inline(always)]
unsafe fn total<V: Vector>(x: *const V::Elem, groups: &Groups, f: impl Fn(V) -> V) -> f64 {
    let n = groups.length;
    // SAFETY: each segment is `n` elements; the machine has the instructions, as the caller promises.
    unsafe {
        let mut sums = V::sums();
        for segment in 0..groups.segments {
            let x = x.add(segment * groups.segment_step);
            let mut at = 0;
            while at + 4 * V::LANES <= n {
                let mut part = [V::zero(); 4];
                let end = n.min(at + 4 * V::LANES * PART);
                while at + 4 * V::LANES <= end {
                    for k in 0..4 {
                        part[k] = part[k] + f(V::load(x.add(at + k * V::LANES)));
                    }
                    at += 4 * V::LANES;
                }
                sums = ((part[0] + part[1]) + (part[2] + part[3])).add_to(sums);
            }
            while at + V::LANES <= n {
                sums = f(V::load(x.add(at))).add_to(sums);
                at += V::LANES;
            }
            if at < n {
                let term = f(V::load_tail(x.add(at), V::tail(n - at)));
                sums = term.first_n(n - at).select(term, V::zero()).add_to(sums);
            }
        }
        V::total(sums)
    }
}

struct Forward<T> {
    x: *const T,
    /// May be `x`.
    y: *mut T,
    /// Null if there is none.
    weight: *const T,
    /// Null if there is none.
    bias: *const T,
    known: *mut T,
    groups: Groups,
    eps: f64,
    centered: bool,
}

impl<T: Float> Kernel<T> for Forward<T> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Vector<Elem = T>>(self) {
        let Self { x, y, weight, bias, known, groups, eps, centered } = self;
        let n = (groups.segments * groups.length) as f64;
        for group in 0..groups.count {
            // SAFETY: the group, what is known of it and the numbers of its segments are there; a vector of a group is
            // written after it is read for the last time. The machine has the instructions.
            unsafe {
                let (x, y) = (x.add(group * groups.step), y.add(group * groups.step));
                let origin = if centered { *x } else { T::ZERO };
                let first = V::splat(origin);
                let shift = if centered { T::from_f64(total::<V>(x, &groups, |x| x - first) / n) } else { T::ZERO };
                let mean = V::splat(shift);
                let square = |x: V| {
                    let from = (x - first) - mean;
                    from * from
                };
                let variance = total::<V>(x, &groups, square) / n;
                let scale = (variance + eps).sqrt().recip();
                let all = [origin + shift, T::from_f64(variance), shift, T::from_f64(scale)];
                for (k, one) in all.into_iter().enumerate() {
                    *known.add(group * KNOWN + k) = one;
                }
                let scale = V::splat(all[3]);
                let deviation = |x: V| (x - first) - mean;
                if matches!(groups.learned, Learned::Place) && !weight.is_null() {
                    let n = groups.length;
                    let result = |x: V, w: V, b: V| (deviation(x) * scale).mul_add(w, b);
                    let (mut at, zero) = (0, V::zero());
                    while at + V::LANES <= n {
                        let b = if bias.is_null() { zero } else { V::load(bias.add(at)) };
                        result(V::load(x.add(at)), V::load(weight.add(at)), b).store(y.add(at));
                        at += V::LANES;
                    }
                    if at < n {
                        let tail = V::tail(n - at);
                        let b = if bias.is_null() { zero } else { V::load_tail(bias.add(at), tail) };
                        let (x, w) = (V::load_tail(x.add(at), tail), V::load_tail(weight.add(at), tail));
                        result(x, w, b).store_tail(y.add(at), tail);
                    }
                    continue;
                }
                for segment in 0..groups.segments {
                    let number = groups.number(group, segment);
                    let w = if weight.is_null() { scale } else { scale * V::splat(*weight.add(number)) };
                    let b = if bias.is_null() { V::zero() } else { V::splat(*bias.add(number)) };
                    let start = segment * groups.segment_step;
                    let (x, y) = (x.add(start), y.add(start));
                    let mut at = 0;
                    while at + V::LANES <= groups.length {
                        deviation(V::load(x.add(at))).mul_add(w, b).store(y.add(at));
                        at += V::LANES;
                    }
                    if at < groups.length {
                        let tail = V::tail(groups.length - at);
                        deviation(V::load_tail(x.add(at), tail)).mul_add(w, b).store_tail(y.add(at), tail);
                    }
                }
            }
        }
    }
}

struct Backward<T> {
    g: *const T,
    x: *const T,
    /// May be `g`; null if it is not wanted.
    dx: *mut T,
    /// Null if there is none.
    weight: *const T,
    known: *const T,
    /// Of all scales, and then of all shifts; null if they are not wanted.
    total: *mut f64,
    /// As much, for some groups, if there is a scale for each place.
    part: *mut T,
    numbers: usize,
    groups: Groups,
    centered: bool,
}

impl<T: Float> Kernel<T> for Backward<T> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Vector<Elem = T>>(self) {
        let Self { g, x, dx, weight, known, total, part, numbers, groups, centered } = self;
        let (n, by_place) = ((groups.segments * groups.length) as f64, matches!(groups.learned, Learned::Place));
        let learns = !total.is_null() && by_place;
        for group in 0..groups.count {
            // SAFETY: the group, what is known of it and the numbers of its segments are there; a vector of `g` is written
            // after it is read for the last time. The machine has the instructions.
            unsafe {
                let start = group * groups.step;
                let (g, x) = (g.add(start), x.add(start));
                let [shift, scale] = [2, 3].map(|place| *known.add(group * KNOWN + place));
                let first = V::splat(if centered { *x } else { T::ZERO });
                let (mean, scales) = (V::splat(shift), V::splat(scale));
                let deviation = |x: V| (x - first) - mean;
                // The sums of the gradients, and of those times the deviations.
                let (mut straight, mut along) = (0.0, 0.0);
                for segment in 0..groups.segments {
                    let start = segment * groups.segment_step;
                    let (g, x) = (g.add(start), x.add(start));
                    let mut sums = [V::sums(); 2];
                    let mut at = 0;
                    let mut parts = [V::zero(); 2];
                    let mut left = PART;
                    while at < groups.length {
                        let whole = at + V::LANES <= groups.length;
                        let tail = V::tail(groups.length - at);
                        let read = |p: *const T| if whole { V::load(p.add(at)) } else { V::load_tail(p.add(at), tail) };
                        let (gradient, from) = (read(g), deviation(read(x)));
                        let weighted = if by_place && !weight.is_null() { gradient * read(weight) } else { gradient };
                        if learns {
                            let (dw, db) = (part.add(at), part.add(numbers + at));
                            let scaled = (gradient * scales).mul_add(from, read(part));
                            let shifted = gradient + read(part.add(numbers));
                            if whole {
                                scaled.store(dw);
                                shifted.store(db);
                            } else {
                                scaled.store_tail(dw, tail);
                                shifted.store_tail(db, tail);
                            }
                        }
                        parts = [parts[0] + weighted, weighted.mul_add(from, parts[1])];
                        at += V::LANES;
                        left -= 1;
                        if left == 0 || at >= groups.length {
                            sums = [parts[0].add_to(sums[0]), parts[1].add_to(sums[1])];
                            (parts, left) = ([V::zero(); 2], PART);
                        }
                    }
                    let [one, other] = sums.map(V::total);
                    let number = groups.number(group, segment);
                    if !total.is_null() && !by_place {
                        *total.add(number) += other * scale.to_f64();
                        *total.add(numbers + number) += one;
                    }
                    let w = if by_place || weight.is_null() { 1.0 } else { (*weight.add(number)).to_f64() };
                    (straight, along) = (straight + w * one, along + w * other);
                }
                if !dx.is_null() {
                    let scale = scale.to_f64();
                    let straight = V::splat(T::from_f64(if centered { -straight / n * scale } else { 0.0 }));
                    let along = V::splat(T::from_f64(-along / n * scale * scale * scale));
                    for segment in 0..groups.segments {
                        let start_of = segment * groups.segment_step;
                        let (g, x, dx) = (g.add(start_of), x.add(start_of), dx.add(start + start_of));
                        let one = match by_place || weight.is_null() {
                            true => scales,
                            false => scales * V::splat(*weight.add(groups.number(group, segment))),
                        };
                        let mut at = 0;
                        while at < groups.length {
                            let whole = at + V::LANES <= groups.length;
                            let tail = V::tail(groups.length - at);
                            let read =
                                |p: *const T| if whole { V::load(p.add(at)) } else { V::load_tail(p.add(at), tail) };
                            let w = if by_place && !weight.is_null() { one * read(weight) } else { one };
                            let y = read(g).mul_add(w, deviation(read(x)).mul_add(along, straight));
                            if whole {
                                y.store(dx.add(at));
                            } else {
                                y.store_tail(dx.add(at), tail);
                            }
                            at += V::LANES;
                        }
                    }
                }
                if learns && ((group + 1).is_multiple_of(PART) || group + 1 == groups.count) {
                    for i in 0..2 * numbers {
                        *total.add(i) += (*part.add(i)).to_f64();
                        *part.add(i) = T::ZERO;
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
