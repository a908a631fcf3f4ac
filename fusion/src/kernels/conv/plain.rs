//! Convolution the plain way: what lies under the window is unfolded into the columns of a matrix, and matrix products
//! do the rest. Results lie in C order. It computes in `f64` what has no faster way, and tests compare the others with it.

use super::sweep::{Inside, Sweep};
use crate::kernels::array::Array;
use crate::kernels::array::layout::Dims;
use crate::kernels::dtype::{Element, float};
use crate::kernels::gemm::{Bias, Epilogue, GemmElement, Mat, gemm};
use crate::kernels::simd::Float;
use std::mem::MaybeUninit;

impl Sweep {
    /// Panics unless it goes over images of the shape `x`.
    #[track_caller]
    pub(super) fn check_images(&self, x: &Dims) {
        self.check();
        let fits = x.rank() == 4 && [x.get(2), x.get(3)] == self.image;
        assert!(fits, "images of {x:?} under a window over {:?}", self.image);
    }

    /// Panics unless images of the shape `y` have its places.
    #[track_caller]
    pub(super) fn check_places(&self, y: &Dims) {
        self.check();
        let fits = y.rank() == 4 && [y.get(2), y.get(3)] == self.places;
        assert!(fits, "convolved images of {y:?} for a window at {:?} places", self.places);
    }

    /// Panics unless weights of the shape `w` fill its window.
    #[track_caller]
    pub(super) fn check_weights(&self, w: &Dims) {
        let fits = w.rank() == 4 && [w.get(2), w.get(3)] == self.window.kernel;
        assert!(fits, "weights of {w:?} for a window of {:?}", self.window.kernel);
    }

    /// Hands each row of the matrix of columns that belongs to one row of places to `f`: its number, the row of the
    /// image under it (none outside) and what of it lies inside.
    #[inline(always)]
    fn rows(&self, channels: usize, mut f: impl FnMut(usize, Option<usize>, Inside)) {
        let ([high, wide], [height, _]) = (self.window.kernel, self.image);
        let mut row = 0;
        for channel in 0..channels {
            for y in 0..high {
                let down = self.inside(0, y);
                for x in 0..wide {
                    let across = self.inside(1, x);
                    for place in 0..self.places[0] {
                        let inside = (down.from..down.to).contains(&place);
                        let at = || channel * height + down.start + (place - down.from) * self.window.stride[0];
                        f(row, inside.then(at), across);
                        row += 1;
                    }
                }
            }
        }
    }
}

/// The numbers that all three products need.
struct Sizes {
    images: usize,
    groups: usize,
    /// Channels of the image, in each group.
    inputs: usize,
    /// Channels of the convolved image, in each group.
    outputs: usize,
    /// Elements of the image under the window, in each group.
    depth: usize,
    places: usize,
    pixels: usize,
}

impl Sizes {
    #[track_caller]
    fn of(images: usize, inputs: usize, outputs: usize, s: &Sweep) -> Self {
        let groups = s.window.groups;
        let whole = groups > 0 && inputs.is_multiple_of(groups) && outputs.is_multiple_of(groups);
        assert!(whole, "{groups} groups of {inputs} and {outputs} channels");
        let inputs = inputs / groups;
        let depth = inputs * s.window.kernel[0] * s.window.kernel[1];
        let (places, pixels) = (s.places.iter().product(), s.image.iter().product());
        Self { images, groups, inputs, outputs: outputs / groups, depth, places, pixels }
    }

    /// The elements of one image, and of one convolved image.
    fn image(&self) -> usize {
        self.groups * self.inputs * self.pixels
    }

    fn convolved(&self) -> usize {
        self.groups * self.outputs * self.places
    }

    /// The weights of group `g` as a matrix: a row for each output.
    fn weights<'a, T>(&self, w: &'a [T], g: usize) -> Mat<'a, T> {
        let Self { outputs, depth, .. } = *self;
        Mat::new(&w[g * outputs * depth..][..outputs * depth], outputs, depth, depth, 1)
    }

    /// Group `g` of the unfolded image: a column for each place.
    fn columns<'a, T>(&self, columns: &'a [T], g: usize) -> Mat<'a, T> {
        let Self { depth, places, .. } = *self;
        Mat::new(&columns[g * depth * places..][..depth * places], depth, places, places, 1)
    }

    /// Group `g` of a convolved image: a row for each output.
    fn outputs<'a, T>(&self, convolved: &'a [T], g: usize) -> Mat<'a, T> {
        let Self { outputs, places, .. } = *self;
        Mat::new(&convolved[g * outputs * places..][..outputs * places], outputs, places, places, 1)
    }
}

/// What lies under the window at each place, one column for each place and one row for each element of the window.
#[track_caller]
fn unfold<T: Element>(image: &[T], channels: usize, s: &Sweep) -> Array {
    let ([high, wide], [_, width], stride) = (s.window.kernel, s.image, s.window.stride[1]);
    let zero = MaybeUninit::new(T::default());
    let shape = Dims::new(&[channels * high * wide, s.places[0] * s.places[1]]);
    // SAFETY: `rows` names every row once, and each is written in full: before, inside and after the image.
    unsafe {
        Array::build::<T>(shape, |out| {
            s.rows(channels, |row, from, Inside { from: first, to, start }| {
                let out = &mut out[row * s.places[1]..][..s.places[1]];
                let Some(from) = from.filter(|_| first < to) else {
                    out.fill(zero);
                    return;
                };
                let from = &image[from * width..][..width][start..];
                out[..first].fill(zero);
                out[to..].fill(zero);
                let out = &mut out[first..to];
                if stride == 1 {
                    out.write_copy_of_slice(&from[..out.len()]);
                } else {
                    for (out, &x) in out.iter_mut().zip(from.iter().step_by(stride)) {
                        out.write(x);
                    }
                }
            });
        })
    }
}

/// Adds each column's elements to those of the image that they would be unfolded from: the adjoint of [`unfold`].
fn fold<T: Float>(columns: &[T], channels: usize, s: &Sweep, image: &mut [T]) {
    let ([_, width], stride) = (s.image, s.window.stride[1]);
    s.rows(channels, |row, to, Inside { from: first, to: last, start }| {
        let Some(to) = to.filter(|_| first < last) else { return };
        let from = &columns[row * s.places[1]..][first..last];
        let to = &mut image[to * width..][..width][start..];
        if stride == 1 {
            for (to, &x) in to.iter_mut().zip(from) {
                *to = *to + x;
            }
        } else {
            for (to, &x) in to.iter_mut().step_by(stride).zip(from) {
                *to = *to + x;
            }
        }
    });
}

fn elements<T: Element>(array: &Array) -> &[T] {
    array.dense().expect("contiguous")
}

/// The convolution of `x` with `w`, plus `bias` (one number for each output).
///
/// # Panics
/// If the shapes do not fit.
#[track_caller]
pub fn conv2d(x: &Array, w: &Array, bias: Option<&Array>, s: &Sweep) -> Array {
    let (x, w, bias) = (x.contiguous(), w.contiguous(), bias.map(Array::contiguous));
    s.check_images(x.shape());
    s.check_weights(w.shape());
    float!(x.dtype(), T => convolve::<T>(&x, &w, bias.as_ref(), s))
}

#[track_caller]
fn convolve<T: Float + GemmElement>(x: &Array, w: &Array, bias: Option<&Array>, s: &Sweep) -> Array {
    let [images, channels, outputs] = [x.shape().get(0), x.shape().get(1), w.shape().get(0)];
    let z = Sizes::of(images, channels, outputs, s);
    let (x, w, bias) = (elements::<T>(x), elements::<T>(w), bias.map(elements::<T>));
    // SAFETY: each product writes all outputs of a group at all places.
    unsafe {
        Array::build::<T>(Dims::new(&[images, outputs, s.places[0], s.places[1]]), |out| {
            for i in 0..z.images {
                let image = &x[i * z.image()..][..z.image()];
                let unfolded = (!s.is_identity()).then(|| unfold(image, channels, s));
                let columns = unfolded.as_ref().map_or(image, elements);
                let out = &mut out[i * z.convolved()..][..z.convolved()];
                for g in 0..z.groups {
                    let out = &mut out[g * z.outputs * z.places..][..z.outputs * z.places];
                    let bias = bias.map(|bias| Bias::PerRow(&bias[g * z.outputs..][..z.outputs]));
                    gemm(z.weights(w, g), z.columns(columns, g), out, Epilogue { bias, ..Epilogue::default() });
                }
            }
        })
    }
}

/// The image whose every element is the sum of what [`conv2d`] would take from it for `y`, plus `bias` (one number for
/// each channel): the adjoint of the convolution by its image, and the transposed convolution.
///
/// # Panics
/// If the shapes do not fit.
#[track_caller]
pub fn conv_transpose2d(y: &Array, w: &Array, bias: Option<&Array>, s: &Sweep) -> Array {
    let (y, w, bias) = (y.contiguous(), w.contiguous(), bias.map(Array::contiguous));
    s.check_places(y.shape());
    s.check_weights(w.shape());
    float!(y.dtype(), T => transposed::<T>(&y, &w, bias.as_ref(), s))
}

#[track_caller]
fn transposed<T: Float + GemmElement>(y: &Array, w: &Array, bias: Option<&Array>, s: &Sweep) -> Array {
    let [images, outputs, channels] = [y.shape().get(0), y.shape().get(1), w.shape().get(1) * s.window.groups];
    let z = Sizes::of(images, channels, outputs, s);
    let (y, w, bias) = (elements::<T>(y), elements::<T>(w), bias.map(elements::<T>));
    let product = |y: &[T], columns: &mut [MaybeUninit<T>]| {
        for g in 0..z.groups {
            let columns = &mut columns[g * z.depth * z.places..][..z.depth * z.places];
            gemm(z.weights(w, g).t(), z.outputs(y, g), columns, Epilogue::default());
        }
    };
    // SAFETY: the outer array is filled plane by plane before it is read; the products write every column.
    unsafe {
        Array::build::<T>(Dims::new(&[images, channels, s.image[0], s.image[1]]), |out| {
            for i in 0..z.images {
                let y = &y[i * z.convolved()..][..z.convolved()];
                let out = &mut out[i * z.image()..][..z.image()];
                if s.is_identity() && bias.is_none() {
                    product(y, out);
                    continue;
                }
                for channel in 0..channels {
                    let start = bias.map_or(T::ZERO, |bias| bias[channel]);
                    out[channel * z.pixels..][..z.pixels].fill(MaybeUninit::new(start));
                }
                let columns = Array::build::<T>(Dims::new(&[z.groups * z.depth, z.places]), |out| product(y, out));
                fold(elements(&columns), channels, s, out.assume_init_mut());
            }
        })
    }
}

/// The weights whose every element is the sum of the products of elements of `x` and `y` that it joins in [`conv2d`]:
/// the adjoint of the convolution by its weights.
///
/// # Panics
/// If the shapes do not fit.
#[track_caller]
pub fn conv2d_weight(x: &Array, y: &Array, s: &Sweep) -> Array {
    let (x, y) = (x.contiguous(), y.contiguous());
    s.check_images(x.shape());
    s.check_places(y.shape());
    float!(x.dtype(), T => weight::<T>(&x, &y, s))
}

#[track_caller]
fn weight<T: Float + GemmElement>(x: &Array, y: &Array, s: &Sweep) -> Array {
    let [images, channels, outputs] = [x.shape().get(0), x.shape().get(1), y.shape().get(1)];
    let z = Sizes::of(images, channels, outputs, s);
    let shape = Dims::new(&[outputs, z.inputs, s.window.kernel[0], s.window.kernel[1]]);
    let (x, y) = (elements::<T>(x), elements::<T>(y));
    let image = |i: usize, out: &mut [MaybeUninit<T>]| {
        let image = &x[i * z.image()..][..z.image()];
        let y = &y[i * z.convolved()..][..z.convolved()];
        let unfolded = (!s.is_identity()).then(|| unfold(image, channels, s));
        let columns = unfolded.as_ref().map_or(image, elements);
        for g in 0..z.groups {
            let out = &mut out[g * z.outputs * z.depth..][..z.outputs * z.depth];
            gemm(z.outputs(y, g), z.columns(columns, g).t(), out, Epilogue::default());
        }
    };
    // SAFETY: an image's products write every weight; without images they are filled.
    unsafe {
        Array::build::<T>(shape, |out| {
            if z.images == 0 {
                out.fill(MaybeUninit::new(T::ZERO));
                return;
            }
            image(0, out);
            let sum = out.assume_init_mut();
            for i in 1..z.images {
                let term = Array::build::<T>(shape, |out| image(i, out));
                for (sum, &x) in sum.iter_mut().zip(elements::<T>(&term)) {
                    *sum = *sum + x;
                }
            }
        })
    }
}
