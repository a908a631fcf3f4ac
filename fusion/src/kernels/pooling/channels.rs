//! Pooling of images that lie channels-last: each lane is a channel.
//!
//! Which element of its region was the largest is one byte: its number in the region, row by row, as wide as the largest region.

use super::{Regions, Span};
use crate::kernels::array::Array;
use crate::kernels::array::layout::Dims;
use crate::kernels::dtype::{DType, float};
use crate::kernels::parallel::{Apart, split};
use crate::kernels::simd::{Float, Kernel, MAX_LANES, Mask, Vector, dispatch};
use std::ops::Range;
use std::ptr;

/// The number that stands for no element.
const NONE: u8 = u8::MAX;

/// How many elements are worth a thread.
const LEAST: usize = 1 << 15;

/// How many vectors of channels go through a region together.
const BLOCK: usize = 4;

/// Calls `f` with ranges of the rows of `images`, `each` for an image, that hold `elements` each.
fn over_rows(images: usize, each: usize, elements: usize, f: impl Fn(Range<usize>) + Sync) {
    split(images * each, LEAST.div_ceil(elements.max(1)), |_, rows| f(rows));
}

/// Where the elements of one region lie, and its place in the result.
#[derive(Clone, Copy)]
struct Place {
    /// The first element of the image.
    image: usize,
    /// The first channel of the result.
    at: usize,
    down: Span,
    across: Span,
}

/// The regions of all rows of the result.
struct Walk<'r> {
    regions: &'r Regions,
    channels: usize,
}

/// What is made of a region.
trait Fold<T: Float> {
    /// What it makes of `B` vectors from channel `at` on, of the last only the `lanes`, if they are given.
    ///
    /// # Safety
    /// The channels must be there, and the machine must have the instructions of `V`.
    unsafe fn block<V: Vector<Elem = T>, const B: usize>(&self, place: Place, at: usize, lanes: Option<V::Tail>);
}

impl<'r> Walk<'r> {
    fn new(regions: &'r Regions, channels: usize) -> Self {
        Self { regions, channels }
    }

    /// How far rows of the image are apart.
    #[inline(always)]
    fn row(&self) -> usize {
        self.regions.image[1] * self.channels
    }

    /// Calls the fold for all channels of all regions of these rows.
    ///
    /// # Safety
    /// The rows must be there, and the machine must have the instructions of `V`.
    #[inline(always)]
    unsafe fn each<V: Vector, F: Fold<V::Elem>>(&self, rows: Range<usize>, fold: &F) {
        let [high, wide] = self.regions.places;
        for row in rows {
            let image = row / high * self.regions.image[0] * self.row();
            let down = self.regions.span(0, row % high);
            for x in 0..wide {
                let across = self.regions.span(1, x);
                let place = Place { image, at: (row * wide + x) * self.channels, down, across };
                let mut at = 0;
                // SAFETY: no channel is beyond the last one.
                unsafe {
                    while at + BLOCK * V::LANES <= self.channels {
                        fold.block::<V, BLOCK>(place, at, None);
                        at += BLOCK * V::LANES;
                    }
                    while at + V::LANES <= self.channels {
                        fold.block::<V, 1>(place, at, None);
                        at += V::LANES;
                    }
                    if at < self.channels {
                        fold.block::<V, 1>(place, at, Some(V::tail(self.channels - at)));
                    }
                }
            }
        }
    }
}

/// # Safety
/// The lanes must be there, and the machine must have the instructions of `V`.
#[inline(always)]
unsafe fn read<V: Vector>(from: *const V::Elem, lanes: Option<V::Tail>) -> V {
    // SAFETY: the caller's promise.
    unsafe {
        match lanes {
            Some(tail) => V::load_tail(from, tail),
            None => V::load(from),
        }
    }
}

/// # Safety
/// The lanes must be there.
#[inline(always)]
unsafe fn write<V: Vector>(x: V, to: *mut V::Elem, lanes: Option<V::Tail>) {
    // SAFETY: the caller's promise.
    unsafe {
        match lanes {
            Some(tail) => x.store_tail(to, tail),
            None => x.store(to),
        }
    }
}

/// The largest elements, and their numbers.
struct Largest<'w, T> {
    walk: &'w Walk<'w>,
    rows: Range<usize>,
    x: *const T,
    y: *mut T,
    /// Null if nobody asks.
    taps: *mut u8,
}

impl<T: Float> Fold<T> for Largest<'_, T> {
    #[inline(always)]
    unsafe fn block<V: Vector<Elem = T>, const B: usize>(&self, place: Place, at: usize, lanes: Option<V::Tail>) {
        let Place { image, down, across, .. } = place;
        let wide = self.walk.regions.taps()[1];
        // SAFETY: a region's elements lie inside the image, as the walk says; the result has the place.
        unsafe {
            let mut best = [V::splat(-T::INFINITY); B];
            let mut number = [V::splat(T::from_f64(f64::from(NONE))); B];
            let mut first = true;
            for (i, y) in (down.from..down.to).step_by(down.step).enumerate() {
                for (j, x) in (across.from..across.to).step_by(across.step).enumerate() {
                    let from = self.x.add(image + y * self.walk.row() + x * self.walk.channels + at);
                    let tap = V::splat(T::from_f64(((down.first + i) * wide + across.first + j) as f64));
                    for b in 0..B {
                        let value = read::<V>(from.add(b * V::LANES), lanes);
                        if first {
                            (best[b], number[b]) = (value, tap);
                        } else {
                            // Nothing is larger than NaN, as no comparison with it is true.
                            let better = best[b].simd_lt(value).or(value.is_nan());
                            best[b] = better.select(value, best[b]);
                            number[b] = better.select(tap, number[b]);
                        }
                    }
                    first = false;
                }
            }
            let to = place.at + at;
            for b in 0..B {
                write(best[b], self.y.add(to + b * V::LANES), lanes);
                if !self.taps.is_null() {
                    let mut numbers = [T::ZERO; MAX_LANES];
                    number[b].store(numbers.as_mut_ptr());
                    let count = if lanes.is_some() { self.walk.channels - at } else { V::LANES };
                    for i in 0..count {
                        // The numbers are integers from 0 to 255.
                        *self.taps.add(to + b * V::LANES + i) = numbers[i].to_f64().to_int_unchecked::<i32>() as u8;
                    }
                }
            }
        }
    }
}

/// The means.
struct Means<'w, T> {
    walk: &'w Walk<'w>,
    rows: Range<usize>,
    x: *const T,
    y: *mut T,
}

impl<T: Float> Fold<T> for Means<'_, T> {
    #[inline(always)]
    unsafe fn block<V: Vector<Elem = T>, const B: usize>(&self, place: Place, at: usize, lanes: Option<V::Tail>) {
        let Place { image, down, across, .. } = place;
        // SAFETY: a region's elements lie inside the image, as the walk says; the result has the place.
        unsafe {
            let mut sums = [V::zero(); B];
            for y in (down.from..down.to).step_by(down.step) {
                for x in (across.from..across.to).step_by(across.step) {
                    let from = self.x.add(image + y * self.walk.row() + x * self.walk.channels + at);
                    for b in 0..B {
                        sums[b] = sums[b] + read::<V>(from.add(b * V::LANES), lanes);
                    }
                }
            }
            let count = V::splat(T::from_f64((down.count * across.count) as f64));
            for b in 0..B {
                write(sums[b] / count, self.y.add(place.at + at + b * V::LANES), lanes);
            }
        }
    }
}

/// A region that an element along one axis belongs to: its place, the element's number in it, and how many a mean counts.
#[derive(Clone, Copy)]
struct Member {
    place: usize,
    tap: usize,
    count: usize,
}

/// For each element along one axis the regions that it belongs to.
struct Members {
    starts: Vec<usize>,
    all: Vec<Member>,
}

impl Members {
    fn new(regions: &Regions, axis: usize) -> Self {
        let mut each = vec![Vec::new(); regions.image[axis]];
        for place in 0..regions.places[axis] {
            let span = regions.span(axis, place);
            for (i, at) in (span.from..span.to).step_by(span.step).enumerate() {
                each[at].push(Member { place, tap: span.first + i, count: span.count });
            }
        }
        let mut starts = vec![0];
        starts.extend(each.iter().scan(0, |end, of| {
            *end += of.len();
            Some(*end)
        }));
        Self { starts, all: each.concat() }
    }

    #[inline(always)]
    fn of(&self, at: usize) -> &[Member] {
        &self.all[self.starts[at]..self.starts[at + 1]]
    }
}

/// The ways back: each element of the image is written once, and gathers what the regions that it belongs to give it.
struct Back<'w, T> {
    members: &'w [Members; 2],
    regions: &'w Regions,
    channels: usize,
    rows: Range<usize>,
    g: *const T,
    /// The numbers of the largest elements; null if regions are shared out evenly.
    taps: *const u8,
    dx: *mut T,
}

impl<T: Float> Back<'_, T> {
    /// `B` vectors from channel `at` on of the element at `to`, which belongs to the regions `down` and `across` of an image whose
    /// places begin at row `top`.
    ///
    /// # Safety
    /// As for [`Fold::block`].
    #[inline(always)]
    unsafe fn block<V: Vector<Elem = T>, const B: usize>(
        &self,
        top: usize,
        [down, across]: [&[Member]; 2],
        to: usize,
        at: usize,
        lanes: Option<V::Tail>,
    ) {
        let wide = self.regions.places[1];
        // SAFETY: the places of members are those of the result, and the element is there.
        unsafe {
            let mut sums = [V::zero(); B];
            for down in down {
                for across in across {
                    let from = ((top + down.place) * wide + across.place) * self.channels + at;
                    if self.taps.is_null() {
                        let count = V::splat(T::from_f64((down.count * across.count) as f64));
                        for b in 0..B {
                            sums[b] = sums[b] + read::<V>(self.g.add(from + b * V::LANES), lanes) / count;
                        }
                        continue;
                    }
                    let tap = V::splat(T::from_f64((down.tap * self.regions.taps()[1] + across.tap) as f64));
                    for b in 0..B {
                        let mut numbers = [T::ZERO; MAX_LANES];
                        let count = if lanes.is_some() { self.channels - at } else { V::LANES };
                        for i in 0..count {
                            numbers[i] = T::from_f64(f64::from(*self.taps.add(from + b * V::LANES + i)));
                        }
                        let chosen = V::load(numbers.as_ptr()).simd_eq(tap);
                        let g = read::<V>(self.g.add(from + b * V::LANES), lanes);
                        sums[b] = sums[b] + chosen.select(g, V::zero());
                    }
                }
            }
            for b in 0..B {
                write(sums[b], self.dx.add(to + at + b * V::LANES), lanes);
            }
        }
    }
}

impl<T: Float> Kernel<T> for Back<'_, T> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Vector<Elem = T>>(self) {
        let [high, wide] = self.regions.image;
        for row in self.rows.clone() {
            let (top, down) = (row / high * self.regions.places[0], self.members[0].of(row % high));
            for x in 0..wide {
                let of = [down, self.members[1].of(x)];
                let to = (row * wide + x) * self.channels;
                let mut at = 0;
                // SAFETY: no channel is beyond the last one, and the rows are there.
                unsafe {
                    while at + BLOCK * V::LANES <= self.channels {
                        self.block::<V, BLOCK>(top, of, to, at, None);
                        at += BLOCK * V::LANES;
                    }
                    while at < self.channels {
                        let left = self.channels - at;
                        self.block::<V, 1>(top, of, to, at, (left < V::LANES).then(|| V::tail(left)));
                        at += V::LANES;
                    }
                }
            }
        }
    }
}

/// Compiles a fold for each set of instructions.
macro_rules! folds {
    ($($name:ident)*) => { $(
        impl<T: Float> Kernel<T> for $name<'_, T> {
            type Output = ();

            #[inline(always)]
            unsafe fn run<V: Vector<Elem = T>>(self) {
                // SAFETY: who makes the fold has the rows; the machine has the instructions.
                unsafe { self.walk.each::<V, Self>(self.rows.clone(), &self) };
            }
        }
    )* };
}
folds!(Largest Means);

/// Whether [`largest`] takes these images: channels-last, and no more elements in a region than a byte numbers.
pub fn has_taps(x: &Array, regions: &Regions) -> bool {
    let [high, wide] = regions.taps();
    x.is_only_channels_last() && high.checked_mul(wide).is_some_and(|taps| taps <= usize::from(NONE))
}

/// The largest element of each region, and if they are to be `kept` their numbers: the first of equal ones, the last NaN where
/// there is one. A region that lies in the padding has negative infinity, and the number 255.
///
/// # Panics
/// Unless the images and the regions are [such](has_taps).
#[track_caller]
pub fn largest(x: &Array, regions: &Regions, kept: bool) -> (Array, Option<Array>) {
    regions.check_images(x.shape());
    assert!(has_taps(x, regions), "images that lie channels-last, with at most 255 elements in a region");
    let shape = regions.shape(x);
    let (images, channels, strides) = (shape.get(0), shape.get(1), shape.channels_last());
    let walk = Walk::new(regions, channels);
    float!(x.dtype(), T => {
        let from = Apart::new(x.ptr::<T>().cast_mut());
        let pass = |y: *mut T, taps: *mut u8| {
            let (y, taps) = (Apart::new(y), Apart::new(taps));
            over_rows(images, regions.places[0], regions.places[1] * channels, |rows| {
                dispatch(Largest { walk: &walk, rows, x: from.at(0), y: y.at(0), taps: taps.at(0) });
            });
        };
        let mut taps = None;
        // SAFETY: the rows are all elements of both, and the pass writes them all.
        let y = unsafe {
            Array::build_like::<T>(shape, strides, |y| {
                let y = y.as_mut_ptr().cast();
                match kept {
                    true => taps = Some(Array::build_bytes(DType::U8, shape, strides, |taps| pass(y, taps))),
                    false => pass(y, ptr::null_mut()),
                }
            })
        };
        (y, taps)
    })
}

/// The means, of images that lie channels-last.
#[track_caller]
pub(super) fn means(x: &Array, regions: &Regions) -> Array {
    let shape = regions.shape(x);
    let (images, channels) = (shape.get(0), shape.get(1));
    let walk = Walk::new(regions, channels);
    float!(x.dtype(), T => {
        let from = Apart::new(x.ptr::<T>().cast_mut());
        // SAFETY: the rows are all elements, and the pass writes them all.
        unsafe {
            Array::build_like::<T>(shape, shape.channels_last(), |y| {
                let y = Apart::new(y.as_mut_ptr().cast::<T>());
                over_rows(images, regions.places[0], regions.places[1] * channels, |rows| {
                    dispatch(Means { walk: &walk, rows, x: from.at(0), y: y.at(0) });
                });
            })
        }
    })
}

/// The ways back to images that lie channels-last: to the elements with these numbers, or in even shares.
#[track_caller]
pub(super) fn back(g: &Array, taps: Option<&Array>, regions: &Regions) -> Array {
    let g = g.channels_last();
    let [images, channels] = [0, 1].map(|axis| g.shape().get(axis));
    assert!([2, 3].map(|axis| g.shape().get(axis)) == regions.places, "gradients of other places");
    let shape = Dims::new(&[images, channels, regions.image[0], regions.image[1]]);
    let taps = taps.map(|taps| {
        assert!(taps.shape() == g.shape(), "numbers of other places");
        taps.channels_last()
    });
    let members = [0, 1].map(|axis| Members::new(regions, axis));
    float!(g.dtype(), T => {
        let from = Apart::new(g.ptr::<T>().cast_mut());
        let taps = Apart::new(taps.as_ref().map_or(ptr::null_mut(), |taps| taps.ptr::<u8>().cast_mut()));
        // SAFETY: the rows are all elements, and the pass writes them all.
        unsafe {
            Array::build_like::<T>(shape, shape.channels_last(), |dx| {
                let dx = Apart::new(dx.as_mut_ptr().cast::<T>());
                over_rows(images, regions.image[0], regions.image[1] * channels, |rows| {
                    let (members, g, taps, dx) = (&members, from.at(0), taps.at(0), dx.at(0));
                    dispatch(Back { members, regions, channels, rows, g, taps, dx });
                });
            })
        }
    })
}

/// Images that hold the elements of `g` where the `taps` that [`largest`] found say, added up, and 0 elsewhere: the adjoint of
/// [`take_taps`].
#[track_caller]
pub fn put_taps(g: &Array, taps: &Array, regions: &Regions) -> Array {
    back(g, Some(taps), regions)
}

/// The element of each region of `x` that the `taps` that [`largest`] found say, `none` where there is none.
#[track_caller]
pub fn take_taps(x: &Array, taps: &Array, regions: &Regions, none: f64) -> Array {
    regions.check_images(x.shape());
    let (x, taps, shape) = (x.channels_last(), taps.channels_last(), regions.shape(x));
    assert!(*taps.shape() == shape, "numbers of other places");
    let (channels, [_, wide]) = (shape.get(1), regions.taps());
    float!(x.dtype(), T => {
        let from = x.dense::<T>().expect("dense");
        let numbers = taps.dense::<u8>().expect("dense");
        let element = |at: usize| {
            let (tap, place) = (numbers[at], at / channels);
            if tap == NONE {
                return T::from_f64(none);
            }
            let row = place / regions.places[1];
            let inside = |span: &Span, tap: usize| span.from + (tap - span.first) * span.step;
            let y = inside(&regions.span(0, row % regions.places[0]), usize::from(tap) / wide);
            let x = inside(&regions.span(1, place % regions.places[1]), usize::from(tap) % wide);
            from[((row / regions.places[0] * regions.image[0] + y) * regions.image[1] + x) * channels + at % channels]
        };
        // SAFETY: writes every element.
        unsafe {
            Array::build_like::<T>(shape, shape.channels_last(), |out| {
                for (at, out) in out.iter_mut().enumerate() {
                    out.write(element(at));
                }
            })
        }
    })
}
