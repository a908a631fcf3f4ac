//! Batch norm of images that lie channels-last, with what is added to them and the activation that follows: see `channels`.
//!
//! Nothing normalised is kept: the backward pass takes `x` again, and where nothing was added the sign of the result too.

use super::channels::{Apply, Gather, Incoming, Numbers, Pixels, Spread, Sums, Totals};
use crate::kernels::activation::Activation;
use crate::kernels::array::Array;
use crate::kernels::array::copy::copy;
use crate::kernels::array::layout::Dims;
use crate::kernels::dtype::{Scalar, float};
use crate::kernels::parallel::{Apart, ELEMENTS, pieces, split};
use crate::kernels::simd::{Float, dispatch};
use std::ops::Range;
use std::ptr;

/// How many pixels the number is the mean of from which deviations are taken, and how many channels of each, if it is that of
/// several. It is near enough to the mean that the square of what lies between takes no digits from the variance, and for equal
/// numbers it is exact.
const SAMPLES: usize = 8;

/// What is kept of a forward pass, `[5, room]`: these numbers of each channel, repeated.
const ORIGIN: usize = 0;
const SCALE: usize = 1;
const SHIFT: usize = 2;
/// One over the deviation.
const INVERSE: usize = 3;
/// How far the mean is from the origin.
const MEAN: usize = 4;

/// What follows the norm of a channel.
#[derive(Clone, Copy, Debug, Default)]
pub struct After<'a> {
    /// What is added, laid out as the input.
    pub residual: Option<&'a Array>,
    /// What is applied then.
    pub activation: Activation,
}

/// `x`, which lies channels-last, and its channels.
#[track_caller]
pub(super) fn pixels(x: &Array) -> (Pixels, usize) {
    assert!(
        x.is_dense() && x.is_channels_last(),
        "{:?} with the strides {:?} is no channels-last",
        x.shape(),
        x.strides()
    );
    let channels = x.shape().get(1);
    (Pixels::new(channels.max(1), x.count()), channels)
}

/// Calls `f` with the number of each part of the elements, where it begins, and what it is.
pub(super) fn each_part(pixels: Pixels, f: impl Fn(usize, usize, Pixels) + Sync) {
    let Pixels { width, count } = pixels;
    let group = pixels.group();
    split(count.div_ceil(group), ELEMENTS.div_ceil(group), |part, range| {
        let start = range.start * group;
        f(part, start, Pixels { width, count: count.min(range.end * group) - start });
    });
}

/// How many parts there are.
pub(super) fn parts(pixels: Pixels) -> usize {
    pieces(pixels.count.div_ceil(pixels.group()), ELEMENTS.div_ceil(pixels.group()))
}

/// Room for two sums of each column of each part of the elements.
pub(super) struct Columns {
    part: Array,
    total: Array,
}

impl Columns {
    /// Of elements of type `T` in these pixels.
    pub(super) fn new<T: Float>(pixels: Pixels) -> Self {
        let each = Dims::new(&[parts(pixels), 2 * pixels.room()]);
        Self { part: Array::full(T::ZERO, each), total: Array::full(0f64, each) }
    }

    /// Two sums of each channel over all elements, where `f` adds those of a part.
    pub(super) fn totals<T: Float>(
        &mut self,
        pixels: Pixels,
        channels: usize,
        f: impl Fn(usize, Totals<T>, Pixels) + Sync,
    ) -> impl Iterator<Item = [f64; 2]> {
        let room = pixels.room();
        let part_at = Apart::new(self.part.make_mut::<T>().as_mut_ptr());
        let total = self.total.make_mut::<f64>();
        total.fill(0.0);
        let total_at = Apart::new(total.as_mut_ptr());
        each_part(pixels, |number, start, of| {
            let own = number * 2 * room;
            f(start, Totals { part: part_at.at(own), total: total_at.at(own) }, of);
        });
        let total = self.total.as_slice::<f64>().expect("made in C order");
        let sum = move |k: usize, channel: usize| {
            let of = total.chunks_exact(room).skip(k).step_by(2);
            of.map(|of| of[channel..pixels.width].iter().step_by(channels).sum::<f64>()).sum()
        };
        (0..channels).map(move |channel| [sum(0, channel), sum(1, channel)])
    }
}

/// Two sums of each channel over all elements, where `f` adds those of a part.
fn totals<T: Float>(pixels: Pixels, channels: usize, f: impl Fn(usize, Totals<T>, Pixels) + Sync) -> Vec<[f64; 2]> {
    Columns::new::<T>(pixels).totals(pixels, channels, f).collect()
}

/// The mean and the variance of `n` numbers from their sum and that of their squares.
pub(super) fn moments([sum, squares]: [f64; 2], n: f64) -> [f64; 2] {
    let mean = sum / n;
    let variance = squares / n - mean * mean;
    // NaN stays.
    [mean, if variance < 0.0 { 0.0 } else { variance }]
}

/// Fills a row with the number of each channel, repeated as a period asks for.
pub(super) fn repeat<T: Float>(row: &mut [T], pixels: Pixels, channels: usize, of: impl Fn(usize) -> f64) {
    let (first, rest) = row[..pixels.width].split_at_mut(channels);
    first.iter_mut().enumerate().for_each(|(channel, to)| *to = T::from_f64(of(channel)));
    rest.chunks_exact_mut(channels).for_each(|to| to.copy_from_slice(first));
}

/// An array of `N` numbers for each channel, repeated as a period asks for.
fn repeated<T: Float, const N: usize>(pixels: Pixels, channels: usize, each: &[[f64; N]]) -> Array {
    let room = pixels.room();
    let mut all = Array::full(T::ZERO, Dims::new(&[N, room]));
    for (k, row) in all.make_mut::<T>().chunks_exact_mut(room).enumerate() {
        repeat(row, pixels, channels, |channel| each[channel][k]);
    }
    all
}

/// Where the rows of what [`repeated`] made lie.
pub(super) fn numbers<T: Float>(known: &Array, pixels: Pixels) -> impl Fn(usize) -> *const T {
    let (rows, room) = (known.shape().get(0), pixels.room());
    assert!(known.is_contiguous() && known.shape().get(1) == room, "numbers of other pixels");
    let start = known.ptr::<T>();
    move |row| {
        assert!(row < rows, "no such numbers");
        start.wrapping_add(row * room)
    }
}

/// Each channel of `x` with mean 0 and variance 1, times `weight`, plus `bias`, and what comes `after`; what [`backward`] needs;
/// and the mean and the variance of each channel.
#[track_caller]
pub fn batch(x: Array, weight: &Array, bias: &Array, after: After<'_>, eps: f64) -> (Array, Array, [Array; 2]) {
    let (pixels, channels) = pixels(&x);
    let each = Dims::new(&[channels]);
    let n = x.count() as f64 / channels as f64;
    float!(x.dtype(), T => {
        if channels == 0 {
            let none = Array::full(T::ZERO, each);
            return (x, none.clone(), [none.clone(), none]);
        }
        let elements = x.dense::<T>().expect("dense");
        let origin: Vec<_> = (0..channels).map(|channel| [origin(elements, channels, channel..channel + 1)]).collect();
        let first = repeated::<T, 1>(pixels, channels, &origin);
        let sums = totals::<T>(pixels, channels, |start, totals, pixels| {
            let (x, origin) = (elements[start..][..pixels.count].as_ptr(), numbers::<T>(&first, pixels)(0));
            dispatch(Sums { x, origin, totals, pixels });
        });
        let (weight, bias) = (of_channels::<T>(weight, channels), of_channels::<T>(bias, channels));
        let (mut all, mut statistics) = (Vec::with_capacity(channels), [const { Vec::new() }; 2]);
        for (channel, [sum, squares]) in sums.into_iter().enumerate() {
            let [origin] = origin[channel];
            let [mean, variance] = moments([sum, squares], n);
            let inverse = (variance + eps).sqrt().recip();
            let scale = weight[channel].to_f64() * inverse;
            all.push([origin, scale, bias[channel].to_f64() - mean * scale, inverse, mean]);
            statistics[0].push(T::from_f64(origin + mean));
            statistics[1].push(T::from_f64(variance));
        }
        let known = repeated::<T, 5>(pixels, channels, &all);
        let y = applied::<T>(x, &known, after);
        (y, known, statistics.map(|of| Array::from_slice(&of, each)))
    })
}

/// As [`batch`], with the mean and the variance given.
#[track_caller]
pub fn batch_given(
    x: Array,
    weight: &Array,
    bias: &Array,
    [mean, variance]: [&Array; 2],
    after: After<'_>,
    eps: f64,
) -> (Array, Array) {
    let (pixels, channels) = pixels(&x);
    float!(x.dtype(), T => {
        if channels == 0 {
            return (x, Array::full(T::ZERO, Dims::new(&[0])));
        }
        let [weight, bias, mean, variance] = [weight, bias, mean, variance].map(|of| of_channels::<T>(of, channels));
        let of_channel = |channel: usize| {
            let inverse = (variance[channel].to_f64() + eps).sqrt().recip();
            let scale = weight[channel].to_f64() * inverse;
            [mean[channel].to_f64(), scale, bias[channel].to_f64(), inverse, 0.0]
        };
        let known = repeated::<T, 5>(pixels, channels, &(0..channels).map(of_channel).collect::<Vec<_>>());
        (applied::<T>(x, &known, after), known)
    })
}

/// The result of [`batch`] or [`batch_given`] once more, of what they found, where nothing was added.
#[track_caller]
pub fn result(x: Array, known: &Array, activation: Activation) -> Array {
    if x.count() == 0 {
        return x;
    }
    float!(x.dtype(), T => applied::<T>(x, known, After { residual: None, activation }))
}

/// One number for each channel.
#[track_caller]
pub(super) fn of_channels<T: Float>(of: &Array, channels: usize) -> Vec<T> {
    assert!(*of.shape() == [channels][..], "{:?} for {channels} channels", of.shape());
    of.to_vec()
}

/// A number near the mean of some channels, exact in its type.
pub(super) fn origin<T: Float>(x: &[T], channels: usize, of: Range<usize>) -> f64 {
    let pixels = x.len() / channels;
    let (samples, step) = (SAMPLES.min(pixels), of.len().div_ceil(SAMPLES));
    let Some(&first) = x.get(of.start) else { return 0.0 };
    let sample = |number: usize| x[number * (pixels / samples) * channels..][of.clone()].iter().step_by(step);
    let near: f64 = (0..samples).flat_map(sample).map(|&x| (x - first).to_f64()).sum();
    (first + T::from_f64(near / (samples * of.len().div_ceil(step)) as f64)).to_f64()
}

/// The forward pass where all is known.
#[track_caller]
fn applied<T: Float>(mut x: Array, known: &Array, after: After<'_>) -> Array {
    let (pixels, _) = pixels(&x);
    let number = numbers::<T>(known, pixels);
    let numbers = [number(ORIGIN), number(SCALE), number(SHIFT)].map(|of| Apart::new(of.cast_mut()));
    let residual = after.residual.map(|of| {
        assert!(of.shape() == x.shape(), "{:?} added to {:?}", of.shape(), x.shape());
        if of.is_channels_last() { of.clone() } else { of.channels_last() }
    });
    let added = Apart::new(residual.as_ref().map_or(ptr::null_mut(), |of| of.ptr::<T>().cast_mut()));
    let from = Apart::new(x.ptr::<T>().cast_mut());
    let pass = |y: *mut T| {
        let y = Apart::new(y);
        each_part(pixels, |_, start, pixels| {
            let [origin, scale, shift] = numbers.map(|of| of.at(0).cast_const());
            let residual = if added.is_null() { ptr::null() } else { added.at(start).cast_const() };
            dispatch(Apply {
                x: from.at(start).cast_const(),
                y: y.at(start),
                residual,
                numbers: Numbers { origin, scale, shift },
                activation: after.activation,
                pixels,
            });
        });
    };
    match x.dense_mut::<T>().map(<[T]>::as_mut_ptr) {
        Some(y) => {
            pass(y);
            x
        }
        // SAFETY: the parts are all elements, and the pass writes them all.
        None => unsafe { Array::build_as::<T>(&x, |y| pass(y.as_mut_ptr().cast())) },
    }
}

/// The gradients of [`batch`] by `x`, `weight`, `bias` and what was added, of those that are `wanted`, from that of the result. `y`
/// is the result where something was added and an activation followed. If mean and variance were `given`, they have no part in it.
#[track_caller]
pub fn backward(
    g: Array,
    x: &Array,
    y: Option<&Array>,
    known: &Array,
    activation: Activation,
    given: bool,
    wanted: [bool; 4],
) -> [Option<Array>; 4] {
    let (pixels, channels) = pixels(x);
    assert!(
        g.shape() == x.shape() && y.is_none_or(|y| y.shape() == x.shape() && y.is_channels_last()),
        "another shape"
    );
    if channels == 0 {
        return [Some(g.clone()), Some(known.clone()), Some(known.clone()), Some(g)];
    }
    float!(x.dtype(), T => {
        let mut g = if g.is_channels_last() { g } else { copy(&g, *x.strides()) };
        let number = numbers::<T>(known, pixels);
        let numbers = [number(ORIGIN), number(SCALE), number(SHIFT)].map(|of| Apart::new(of.cast_mut()));
        let x_at = Apart::new(x.ptr::<T>().cast_mut());
        let y_at = Apart::new(y.map_or(ptr::null_mut(), |y| y.ptr::<T>().cast_mut()));
        let incoming = |g: Apart<T>, activation: Activation, start: usize| {
            let [origin, scale, shift] = numbers.map(|of| of.at(0).cast_const());
            Incoming {
                g: g.at(start).cast_const(),
                x: x_at.at(start).cast_const(),
                y: if y_at.is_null() { ptr::null() } else { y_at.at(start).cast_const() },
                numbers: Numbers { origin, scale, shift },
                activation,
            }
        };
        // What is added gets the gradient behind the activation, which then stands in the place of the incoming one.
        let keeps = wanted[3] && activation != Activation::Identity;
        let gather = |g: Apart<T>, kept: *mut T| {
            let kept = Apart::new(kept);
            totals::<T>(pixels, channels, |start, totals, pixels| {
                let kept = if kept.is_null() { ptr::null_mut() } else { kept.at(start) };
                dispatch(Gather { incoming: incoming(g, activation, start), kept, totals, pixels });
            })
        };
        let from = Apart::new(g.ptr::<T>().cast_mut());
        let sums = if keeps {
            let mut sums = Vec::new();
            match g.dense_mut::<T>().map(<[T]>::as_mut_ptr) {
                Some(kept) => sums = gather(from, kept),
                // SAFETY: the parts are all elements, and the pass writes them all.
                None => g = unsafe { Array::build_as::<T>(x, |kept| sums = gather(from, kept.as_mut_ptr().cast())) },
            }
            sums
        } else {
            gather(from, ptr::null_mut())
        };
        let activation = if keeps { Activation::Identity } else { activation };
        let of = |row: usize, channel: usize| known.as_slice::<T>().expect("C order")[row * pixels.room() + channel].to_f64();
        // The sums of the gradients, and of these times the deviations from the mean.
        let sums: Vec<[f64; 2]> =
            sums.iter().enumerate().map(|(channel, [g, along])| [*g, along - of(MEAN, channel) * g]).collect();
        let n = x.count() as f64 / channels as f64;
        let slopes = |(channel, [g, along]): (usize, &[f64; 2])| {
            let (scale, inverse) = (of(SCALE, channel), of(INVERSE, channel));
            let slope = -scale * inverse * inverse * along / n;
            if given { [0.0; 2] } else { [slope, -scale * g / n - slope * of(MEAN, channel)] }
        };
        let each = Dims::new(&[channels]);
        let dw = wanted[1].then(|| Array::from_fn(each, |channel| T::from_f64(sums[channel][1] * of(INVERSE, channel))));
        let db = wanted[2].then(|| Array::from_fn(each, |channel| T::from_f64(sums[channel][0])));
        let added = wanted[3].then(|| g.clone());
        let dx = wanted[0].then(|| {
            let slopes = repeated::<T, 2>(pixels, channels, &sums.iter().enumerate().map(slopes).collect::<Vec<_>>());
            let slope = self::numbers::<T>(&slopes, pixels);
            let slopes = [slope(0), slope(1)].map(|of| Apart::new(of.cast_mut()));
            let from = Apart::new(g.ptr::<T>().cast_mut());
            let pass = |dx: *mut T| {
                let dx = Apart::new(dx);
                each_part(pixels, |_, start, pixels| {
                    let [along, straight] = slopes.map(|of| of.at(0).cast_const());
                    dispatch(Spread { incoming: incoming(from, activation, start), along, straight, dx: dx.at(start), pixels });
                });
            };
            match g.dense_mut::<T>().map(<[T]>::as_mut_ptr) {
                Some(dx) => {
                    pass(dx);
                    g
                }
                // SAFETY: the parts are all elements, and the pass writes them all.
                None => unsafe { Array::build_as::<T>(x, |dx| pass(dx.as_mut_ptr().cast())) },
            }
        });
        [dx, dw, db, added]
    })
}
