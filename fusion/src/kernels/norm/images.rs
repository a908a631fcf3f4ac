//! Group norm of images that lie channels-last: see `channels`. One image is done after the other, while it lies in the cache.
//!
//! Threads have images of their own, or where there are few images parts of each. Nothing normalised is kept: the backward pass
//! takes `x` again.

use super::batch::{Columns, each_part, moments, numbers, of_channels, origin, parts, pixels, repeat};
use super::channels::{Apply, Gather, Incoming, Numbers, Pixels, Spread, Sums};
use crate::kernels::activation::Activation;
use crate::kernels::array::Array;
use crate::kernels::array::copy::copy;
use crate::kernels::array::layout::Dims;
use crate::kernels::dtype::float;
use crate::kernels::parallel::{Apart, ELEMENTS, num_threads, split_rows};
use crate::kernels::simd::{Float, dispatch};
use std::{ptr, slice};

/// What is known of a group after the forward pass: a number near its mean, from which deviations are taken; how far the mean
/// is from there; and one over the deviation.
type Known = [f64; 3];

fn near(&[origin, ..]: &Known) -> f64 {
    origin
}

fn inverse(&[.., inverse]: &Known) -> f64 {
    inverse
}

/// Images whose channels are in groups.
#[derive(Clone, Copy)]
struct Images {
    count: usize,
    /// Those of one image.
    pixels: Pixels,
    channels: usize,
    groups: usize,
}

impl Images {
    /// Panics unless `x` lies channels-last and its channels are in so many groups.
    #[track_caller]
    fn new(x: &Array, groups: usize) -> Self {
        let (_, channels) = pixels(x);
        assert!(channels.is_multiple_of(groups), "{channels} channels in {groups} groups");
        let count = x.shape().get(0);
        let pixels = Pixels::new(channels.max(1), x.count().checked_div(count).unwrap_or(0));
        Self { count, pixels, channels, groups }
    }

    /// The channels of a group.
    fn each(&self) -> usize {
        self.channels / self.groups
    }

    /// How many elements a group has.
    fn elements(&self) -> f64 {
        (self.pixels.count / self.groups) as f64
    }

    /// Calls `f` with the number of each image, its part of `rows`, and room that it may use.
    fn each_image<T: Float, R: Send>(&self, rows: &mut [R], f: impl Fn(usize, &mut [R], &mut Room) + Sync) {
        let (width, threads) = (rows.len() / self.count, num_threads());
        let some = |first: usize, rows: &mut [R]| {
            let mut room = Room::new::<T>(self);
            rows.chunks_exact_mut(width).enumerate().for_each(|(i, row)| f(first + i, row, &mut room));
        };
        // Where some threads had an image more than the others, these would wait for long.
        let even = self.count.is_multiple_of(threads) || self.count >= 4 * threads;
        if even || parts(self.pixels) == 1 {
            split_rows(rows, width, ELEMENTS.div_ceil(self.pixels.count), some);
        } else {
            some(0, rows);
        }
    }
}

/// What belongs to the channels of an image.
const ORIGIN: usize = 0;
const SCALE: usize = 1;
const SHIFT: usize = 2;
const ALONG: usize = 3;
const STRAIGHT: usize = 4;

/// Rows of numbers of each channel, repeated: `[5, room]`.
struct Rows(Array);

impl Rows {
    /// Writes a row; `of` gives the numbers for a group and a channel of it.
    fn write<T: Float>(&mut self, row: usize, images: &Images, of: impl Fn(usize, usize) -> f64) {
        let (pixels, each) = (images.pixels, images.each());
        let row = &mut self.0.make_mut::<T>()[row * pixels.room()..][..pixels.room()];
        repeat(row, pixels, images.channels, |channel| of(channel / each, channel));
    }

    /// Where the rows lie.
    fn at<T: Float>(&self, images: &Images) -> [Apart<T>; 5] {
        let row = numbers::<T>(&self.0, images.pixels);
        [ORIGIN, SCALE, SHIFT, ALONG, STRAIGHT].map(|number| Apart::new(row(number).cast_mut()))
    }
}

/// What is needed for one image, and used again for the next.
struct Room {
    columns: Columns,
    rows: Rows,
    /// What deviations are multiplied by in the gradients of each group, and what is added.
    slopes: Vec<[f64; 2]>,
}

impl Room {
    fn new<T: Float>(images: &Images) -> Self {
        let rows = Rows(Array::full(T::ZERO, Dims::new(&[5, images.pixels.room()])));
        Self { columns: Columns::new::<T>(images.pixels), rows, slopes: vec![[0.0; 2]; images.groups] }
    }

    /// Finds what is to be known of the groups of an image, and leaves their origins in the rows.
    fn find<T: Float>(&mut self, images: &Images, x: &[T], known: &mut [Known], eps: f64) {
        let &Images { pixels, channels, .. } = images;
        let (each, n) = (images.each(), images.elements());
        for (group, known) in known.iter_mut().enumerate() {
            known[0] = origin(x, channels, group * each..(group + 1) * each);
        }
        self.rows.write::<T>(ORIGIN, images, |group, _| near(&known[group]));
        let [origin, ..] = self.rows.at::<T>(images);
        let mut sums = self.columns.totals::<T>(pixels, channels, |start, totals, pixels| {
            let x = x[start..][..pixels.count].as_ptr();
            dispatch(Sums { x, origin: origin.at(0), totals, pixels });
        });
        for [_, mean, inverse] in known {
            let [mut sum, mut squares] = [0.0; 2];
            for of in sums.by_ref().take(each) {
                (sum, squares) = (sum + of[0], squares + of[1]);
            }
            let variance;
            [*mean, variance] = moments([sum, squares], n);
            *inverse = (variance + eps).sqrt().recip();
        }
    }
}

/// The number that a channel has learned, or if there are none `otherwise`.
#[track_caller]
fn learned<T: Float>(of: Option<&Array>, channels: usize, otherwise: f64) -> impl Fn(usize) -> f64 + Sync {
    let of = of.map(|of| of_channels::<T>(of, channels));
    move |channel| of.as_ref().map_or(otherwise, |of| of[channel].to_f64())
}

/// The channels of each image of `x`, which lies channels-last, in `groups` with mean 0 and variance 1, times `weight`, plus `bias`;
/// and what [`backward`] needs, `[images, groups, 3]`.
#[track_caller]
pub fn forward(mut x: Array, weight: Option<&Array>, bias: Option<&Array>, groups: usize, eps: f64) -> (Array, Array) {
    let images = Images::new(&x, groups);
    if x.count() == 0 {
        return (x, Array::full(0f64, Dims::new(&[0])));
    }
    let mut known = Array::full(0f64, Dims::new(&[images.count, groups, 3]));
    float!(x.dtype(), T => {
        let from = Apart::new(x.ptr::<T>().cast_mut());
        let weight = learned::<T>(weight, images.channels, 1.0);
        let bias = learned::<T>(bias, images.channels, 0.0);
        let mut pass = |y: *mut T| {
            let known = known.make_mut::<f64>().as_chunks_mut().0;
            normalise(&images, [from, Apart::new(y)], [&weight, &bias], known, eps);
        };
        match x.dense_mut::<T>().map(<[T]>::as_mut_ptr) {
            Some(y) => pass(y),
            // SAFETY: the images are all elements, and the pass writes them all.
            None => x = unsafe { Array::build_as::<T>(&x, |y| pass(y.as_mut_ptr().cast())) },
        }
    });
    (x, known)
}

/// The forward pass from `x` to `y`, which may be `x`.
fn normalise<T: Float>(
    images: &Images,
    [x, y]: [Apart<T>; 2],
    [weight, bias]: [&(dyn Fn(usize) -> f64 + Sync); 2],
    known: &mut [Known],
    eps: f64,
) {
    images.each_image::<T, _>(known, |image, known, room| {
        let pixels = images.pixels;
        let start = image * pixels.count;
        // SAFETY: these are the image's elements, none of which is written before it is read for the last time here.
        room.find(images, unsafe { slice::from_raw_parts(x.at(start), pixels.count) }, known, eps);
        let scale = |group: usize, channel| weight(channel) * inverse(&known[group]);
        room.rows.write::<T>(SCALE, images, scale);
        room.rows.write::<T>(SHIFT, images, |group, channel| {
            let [_, mean, _] = known[group];
            bias(channel) - mean * scale(group, channel)
        });
        let [origin, scale, shift, ..] = room.rows.at::<T>(images);
        each_part(pixels, |_, part, pixels| {
            dispatch(Apply {
                x: x.at(start + part),
                y: y.at(start + part),
                residual: ptr::null(),
                numbers: Numbers { origin: origin.at(0), scale: scale.at(0), shift: shift.at(0) },
                activation: Activation::Identity,
                pixels,
            });
        });
    });
}

/// The gradients of [`forward`] by `x`, `weight` and `bias` from that of its result, `g`: of those that are `wanted`.
#[track_caller]
pub fn backward(
    g: Array,
    x: &Array,
    weight: Option<&Array>,
    known: &Array,
    groups: usize,
    wanted: [bool; 3],
) -> [Option<Array>; 3] {
    let images = Images::new(x, groups);
    let Images { count, channels, .. } = images;
    assert!(g.shape() == x.shape(), "a gradient of another shape");
    let each = Dims::new(&[channels]);
    if x.count() == 0 {
        let none = Array::full_float(x.dtype(), 0.0, each);
        return [wanted[0].then_some(g), wanted[1].then(|| none.clone()), wanted[2].then_some(none)];
    }
    assert!(*known.shape() == [count, groups, 3][..], "what is known of other images");
    let known = known.as_slice::<f64>().expect("made in C order").as_chunks().0;
    let mut sums = Array::full(0f64, Dims::new(&[count, channels, 2]));
    float!(x.dtype(), T => {
        let mut g = if g.is_channels_last() { g } else { copy(&g, *x.strides()) };
        let weight = learned::<T>(weight, channels, 1.0);
        let [g_at, x_at] = [&g, x].map(|of| Apart::new(of.ptr::<T>().cast_mut()));
        let mut pass = |dx: *mut T| {
            let back = Back { images: &images, g: g_at, x: x_at, dx: Apart::new(dx), weight: &weight };
            back.pass(known, sums.make_mut::<f64>().as_chunks_mut().0);
        };
        let dx = match g.dense_mut::<T>().map(<[T]>::as_mut_ptr) {
            _ if !wanted[0] => {
                pass(ptr::null_mut());
                None
            }
            Some(dx) => {
                pass(dx);
                Some(g)
            }
            // SAFETY: the images are all elements, and the pass writes them all.
            None => Some(unsafe { Array::build_as::<T>(x, |dx| pass(dx.as_mut_ptr().cast())) }),
        };
        let mut total = vec![[0.0; 2]; channels];
        for image in sums.as_slice::<f64>().expect("made in C order").as_chunks::<2>().0.chunks_exact(channels) {
            total.iter_mut().zip(image).for_each(|(total, of)| *total = [total[0] + of[0], total[1] + of[1]]);
        }
        let sum = |k: usize| wanted[k + 1].then(|| Array::from_fn(each, |channel| T::from_f64(total[channel][k])));
        [dx, sum(0), sum(1)]
    })
}

/// The backward pass.
struct Back<'a, T> {
    images: &'a Images,
    g: Apart<T>,
    x: Apart<T>,
    /// May be `g`; null if it is not wanted.
    dx: Apart<T>,
    weight: &'a (dyn Fn(usize) -> f64 + Sync),
}

impl<T: Float> Back<'_, T> {
    /// For each channel of each image, `sums` become those of the gradients times what is normalised, and of the gradients.
    fn pass(&self, known: &[Known], sums: &mut [[f64; 2]]) {
        let &Images { pixels, groups, .. } = self.images;
        self.images.each_image::<T, _>(sums, |image, sums, room| {
            let (start, known) = (image * pixels.count, &known[image * groups..][..groups]);
            self.gather(start, known, sums, room);
            if !self.dx.is_null() {
                self.spread(start, known, sums, room);
            }
        });
    }

    /// What a part of an image takes, whose elements begin at `start`.
    fn incoming(&self, start: usize, [origin, scale, shift, ..]: [Apart<T>; 5]) -> Incoming<T> {
        Incoming {
            g: self.g.at(start),
            x: self.x.at(start),
            y: ptr::null(),
            numbers: Numbers { origin: origin.at(0), scale: scale.at(0), shift: shift.at(0) },
            activation: Activation::Identity,
        }
    }

    /// Finds the sums, and leaves the origins and scales of the channels in the rows.
    fn gather(&self, start: usize, known: &[Known], sums: &mut [[f64; 2]], room: &mut Room) {
        let &Images { pixels, channels, .. } = self.images;
        let each = self.images.each();
        room.rows.write::<T>(ORIGIN, self.images, |group, _| near(&known[group]));
        room.rows.write::<T>(SCALE, self.images, |group, channel| (self.weight)(channel) * inverse(&known[group]));
        let rows = room.rows.at::<T>(self.images);
        let found = room.columns.totals::<T>(pixels, channels, |part, totals, pixels| {
            let incoming = self.incoming(start + part, rows);
            dispatch(Gather { incoming, kept: ptr::null_mut(), totals, pixels });
        });
        for (channel, ([g, along], sums)) in found.zip(sums).enumerate() {
            let [_, mean, inverse] = known[channel / each];
            *sums = [(along - mean * g) * inverse, g];
        }
    }

    /// Writes the gradient by `x`.
    fn spread(&self, start: usize, known: &[Known], sums: &[[f64; 2]], room: &mut Room) {
        let (each, n) = (self.images.each(), self.images.elements());
        for (group, slopes) in room.slopes.iter_mut().enumerate() {
            let [_, mean, inverse] = known[group];
            let [mut along, mut straight] = [0.0; 2];
            for channel in group * each..(group + 1) * each {
                let (weight, of) = ((self.weight)(channel), sums[channel]);
                (along, straight) = (along + weight * of[0], straight + weight * of[1]);
            }
            let slope = -inverse * inverse * along / n;
            *slopes = [slope, -inverse * straight / n - slope * mean];
        }
        let Room { rows, slopes, .. } = room;
        rows.write::<T>(ALONG, self.images, |group, _| slopes[group][0]);
        rows.write::<T>(STRAIGHT, self.images, |group, _| slopes[group][1]);
        let rows = rows.at::<T>(self.images);
        each_part(self.images.pixels, |_, part, pixels| {
            let [.., along, straight] = rows.map(|of| of.at(0).cast_const());
            let (incoming, dx) = (self.incoming(start + part, rows), self.dx.at(start + part));
            dispatch(Spread { incoming, along, straight, dx, pixels });
        });
    }
}

#[cfg(test)]
mod tests {
    use super::super::Groups;
    use super::super::tests::exact;
    use super::*;
    use crate::kernels::testing::{close, floats, noise, with_each_isa, with_threads};

    /// Result and gradients of one geometry are those of the definition, in new memory and in place, whatever is wanted, and the
    /// same bits each time.
    fn check<T: Float>(shape: [usize; 3], groups: usize, learns: bool, tolerance: f64) {
        let of = |kind: usize, shape: &[usize], far: f64| {
            Array::from_fn(Dims::new(shape), |i| T::from_f64(noise(i + 10_000 * kind) + far))
        };
        let channels = &shape[1..2];
        let (x, g) = (of(1, &shape, 3.0), of(2, &shape, 0.0));
        let one = |value: f64| Array::full(T::from_f64(value), Dims::new(channels));
        let (w, b) = if learns { (of(3, channels, 0.5), of(4, channels, 0.0)) } else { (one(1.0), one(0.0)) };
        // The deviation of few elements may be small, and rounding is divided by it.
        let eps = if shape[1] / groups * shape[2] < 16 { 0.125 } else { 1e-5 };
        let all = [&x, &g, &w, &b].map(floats);
        let [want_y, want_dx, want_dw, want_db] =
            exact(all.each_ref().map(Vec::as_slice), &Groups::channels(shape, groups), eps, true);
        let near = |got: &Array, want: &[f64]| {
            let most = want.iter().fold(1.0, |most: f64, x| most.max(x.abs()));
            floats(got).iter().zip(want).for_each(|(got, want)| close(got / most, want / most, tolerance));
        };
        let (weight, bias) = (learns.then_some(&w), learns.then_some(&b));
        let last = |of: &Array| of.channels_last().dense_copy();
        let x = last(&x);
        let (y, known) = forward(x.clone(), weight, bias, groups, eps);
        near(&y, &want_y);
        assert_eq!(y.strides(), x.strides());
        let own = last(&x);
        let place = own.ptr::<T>();
        let (same, again) = forward(own, weight, bias, groups, eps);
        assert_eq!((same.ptr(), same.to_vec::<T>()), (place, y.to_vec()));
        assert_eq!(again.to_vec::<f64>(), known.to_vec::<f64>());
        let mut bits = None;
        for g in [g.clone(), g.dense_copy(), last(&g)] {
            let [dx, dw, db] = backward(g, &x, weight, &known, groups, [true, learns, learns]);
            let dx = dx.expect("wanted");
            near(&dx, &want_dx);
            assert!(dx.is_channels_last() && dw.is_some() == learns);
            for (got, want) in [(&dw, &want_dw), (&db, &want_db)] {
                got.iter().for_each(|got| near(got, want));
            }
            assert_eq!(*bits.get_or_insert_with(|| dx.to_vec::<T>()), dx.to_vec());
        }
        let [dx, dw, db] = backward(g.clone(), &x, weight, &known, groups, [false, learns, false]);
        assert!(dx.is_none() && db.is_none() && dw.is_some() == learns);
        dw.iter().for_each(|dw| near(dw, &want_dw));
        let [dx, dw, db] = backward(g, &x, weight, &known, groups, [true, false, false]);
        assert!(dw.is_none() && db.is_none());
        near(&dx.expect("wanted"), &want_dx);
    }

    #[test]
    fn every_geometry_on_every_machine() {
        with_each_isa(|| {
            for channels in [1usize, 3, 7, 8, 16, 17, 64, 65] {
                for (area, groups) in [1, 2, 9, 64]
                    .into_iter()
                    .flat_map(|area| (1..=channels).filter(|&n| channels.is_multiple_of(n)).map(move |n| (area, n)))
                {
                    // Some in which threads have images of their own, some in which they have parts of each.
                    for (images, threads) in [(2, 1), (1, 2), (3, 2), (4, 2)] {
                        with_threads(threads, || {
                            check::<f32>([images, channels, area], groups, images > 2, 2e-5);
                            check::<f64>([images, channels, area], groups, images != 3, 2e-11);
                        });
                    }
                }
            }
            with_threads(3, || check::<f32>([16, 6, 300], 2, true, 2e-5));
        });
    }

    /// With a mean a million times the deviation, and of equal numbers.
    #[test]
    fn large_means() {
        with_each_isa(|| {
            for (channels, area, groups) in [(1, 5, 1), (4, 100, 2), (6, 3136, 3), (17, 100, 17), (64, 9, 1)] {
                let shape = [2, channels, area];
                let x = |i: usize| 1e6 + (noise(i) * 8.0).round() as f32 / 4.0;
                let x = Array::from_fn(Dims::new(&shape), x);
                let (zeros, ones) = (vec![0.0; x.count()], vec![1.0; channels]);
                let all = [&floats(&x), &zeros, &ones, &zeros[..channels]];
                let [want, ..] = exact(all, &Groups::channels(shape, groups), 1e-5, true);
                let (y, _) = forward(x.channels_last(), None, None, groups, 1e-5);
                floats(&y).iter().zip(&want).for_each(|(y, want)| close(*y, *want, 1e-5));
                for c in [0.1f32, 100.0, 1000.0, 10_001.0, 1_000_001.0, 1e7 + 1.0] {
                    let x = Array::full(c, Dims::new(&shape)).channels_last();
                    assert_eq!(forward(x, None, None, groups, 1e-5).0.to_vec::<f32>(), vec![0.0; 2 * channels * area]);
                }
            }
        });
    }

    #[test]
    fn nothing() {
        for shape in [[0, 4, 3], [2, 0, 3], [2, 4, 0]] {
            let x = Array::full(1f32, Dims::new(&shape)).channels_last();
            let w = Array::full(1f32, Dims::new(&shape[1..2]));
            let groups = shape[1] / 2;
            let (y, known) = forward(x.clone(), Some(&w), Some(&w), groups, 1e-5);
            let [dx, dw, db] = backward(y.clone(), &x, Some(&w), &known, groups, [true; 3]);
            assert_eq!([*y.shape(), *dx.expect("wanted").shape()], [*x.shape(); 2]);
            for of in [dw, db] {
                assert_eq!(of.expect("wanted").to_vec::<f32>(), vec![0.0; shape[1]]);
            }
        }
    }
}
