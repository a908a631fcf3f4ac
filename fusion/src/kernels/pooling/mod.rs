//! Pooling: the largest or the mean element under a window, and the way back. Images are `[N, C, H, W]`, taken in any layout;
//! results lie channels-last where the images do (`channels`), else in C order.

mod channels;

pub use channels::{has_taps, largest, put_taps, take_taps};

use crate::kernels::array::Array;
use crate::kernels::array::layout::Dims;
use crate::kernels::conv::Sweep;
use crate::kernels::dtype::{Element, float};
use crate::kernels::simd::Float;
use std::mem::MaybeUninit;

/// The elements of an image that each place of the result is made of.
#[derive(Clone, Copy, Debug)]
pub struct Regions {
    image: [usize; 2],
    places: [usize; 2],
    /// None: as many regions of about one size as there are places, which cover the image.
    window: Option<Sweep>,
}

/// One region along one axis: `from..to` in steps of `step`, the number of the first of these in the region, and how many elements
/// a mean counts.
#[derive(Clone, Copy)]
struct Span {
    from: usize,
    to: usize,
    step: usize,
    first: usize,
    count: usize,
}

impl Regions {
    /// Those under a window.
    ///
    /// # Panics
    /// If no image has room for it.
    #[track_caller]
    pub fn under(sweep: Sweep) -> Self {
        sweep.check();
        Self { image: sweep.image, places: sweep.places, window: Some(sweep) }
    }

    /// As many as there are `places`: region i of n goes from `floor(i * size / n)` to `ceil((i + 1) * size / n)`.
    ///
    /// # Panics
    /// If their ends could not be numbered.
    #[track_caller]
    pub fn covering(image: [usize; 2], places: [usize; 2]) -> Self {
        let numbered =
            (0..2).all(|axis| places[axis].checked_add(1).and_then(|n| n.checked_mul(image[axis])).is_some());
        assert!(numbered, "no image has room for {places:?} regions of {image:?}");
        Self { image, places, window: None }
    }

    fn span(&self, axis: usize, place: usize) -> Span {
        let (size, places) = (self.image[axis], self.places[axis]);
        let Some(Sweep { window, .. }) = &self.window else {
            let (from, to) = (place * size / places, ((place + 1) * size).div_ceil(places));
            return Span { from, to, step: 1, first: 0, count: to - from };
        };
        let (step, kernel, padding) = (window.dilation[axis], window.kernel[axis], window.padding[axis][0]);
        // Counted from the start of the padding.
        let (start, end) = (place * window.stride[axis], place * window.stride[axis] + (kernel - 1) * step + 1);
        let first = padding.saturating_sub(start).div_ceil(step);
        let from = start + first * step - padding;
        Span { from, to: end.saturating_sub(padding).min(size), step, first, count: kernel }
    }

    /// Calls `f` for each place of a plane, in C order.
    #[inline(always)]
    fn each(&self, mut f: impl FnMut(usize, Span, Span)) {
        let mut at = 0;
        for y in 0..self.places[0] {
            let down = self.span(0, y);
            for x in 0..self.places[1] {
                f(at, down, self.span(1, x));
                at += 1;
            }
        }
    }

    /// Panics unless images of the shape `x` are those that it has regions of.
    #[track_caller]
    fn check_images(&self, x: &Dims) {
        let fits = x.rank() == 4 && [x.get(2), x.get(3)] == self.image;
        assert!(fits, "images of {x:?} for regions of {:?}", self.image);
    }

    /// How many elements the largest region has along each axis, in the padding too.
    fn taps(&self) -> [usize; 2] {
        match &self.window {
            Some(sweep) => sweep.window.kernel,
            // A region has at most two more than its share, which are cut in the middle.
            None => [0, 1].map(|axis| self.image[axis].min(self.image[axis] / self.places[axis].max(1) + 2)),
        }
    }

    fn pixels(&self) -> usize {
        self.image[0] * self.image[1]
    }

    fn count(&self) -> usize {
        self.places[0] * self.places[1]
    }

    /// The shape of a result for `images` of `channels`.
    fn shape(&self, of: &Array) -> Dims {
        Dims::new(&[of.shape().get(0), of.shape().get(1), self.places[0], self.places[1]])
    }
}

fn planes(of: &Array) -> usize {
    of.shape().get(0) * of.shape().get(1)
}

fn elements<T: Element>(array: &Array) -> &[T] {
    array.dense().expect("contiguous")
}

/// Where in its plane (row times width plus column) each region's largest element is: the first of equal ones, the last
/// NaN where there is one, -1 where a region lies in the padding.
#[track_caller]
pub fn argmax(x: &Array, regions: &Regions) -> Array {
    let x = x.contiguous();
    regions.check_images(x.shape());
    float!(x.dtype(), T => places_of::<T>(&x, regions))
}

#[track_caller]
fn places_of<T: Float>(x: &Array, r: &Regions) -> Array {
    let (from, width) = (elements::<T>(x), r.image[1]);
    // SAFETY: `each` names every place of a plane once.
    unsafe {
        Array::build::<i64>(r.shape(x), |out| {
            for plane in 0..planes(x) {
                let from = &from[plane * r.pixels()..][..r.pixels()];
                let out = &mut out[plane * r.count()..][..r.count()];
                r.each(|at, down, across| {
                    let (mut best, mut place) = (-T::INFINITY, -1);
                    for y in (down.from..down.to).step_by(down.step) {
                        for x in (across.from..across.to).step_by(across.step) {
                            let value = from[y * width + x];
                            // Nothing is larger than NaN, as no comparison with it is true.
                            if value > best || value.to_f64().is_nan() || place < 0 {
                                (best, place) = (value, (y * width + x) as i64);
                            }
                        }
                    }
                    out[at].write(place);
                });
            }
        })
    }
}

/// The element of each plane of `x` at each index that [`argmax`] found, `none` where it found none.
#[track_caller]
pub fn take(x: &Array, index: &Array, none: f64) -> Array {
    let x = x.contiguous();
    float!(x.dtype(), T => taken::<T>(&x, index, T::from_f64(none)))
}

#[track_caller]
fn taken<T: Float>(x: &Array, index: &Array, none: T) -> Array {
    let (pixels, count) = (x.shape().get(2) * x.shape().get(3), index.shape().get(2) * index.shape().get(3));
    let (from, index_of) = (elements::<T>(x), elements::<i64>(index));
    assert_eq!(index.count(), planes(x) * count, "as many planes of indices as of elements");
    // SAFETY: writes the `count` elements of every plane, which are all that the indices' shape has.
    unsafe {
        Array::build::<T>(*index.shape(), |out| {
            for plane in 0..planes(x) {
                let from = &from[plane * pixels..][..pixels];
                let index = &index_of[plane * count..][..count];
                for (out, &i) in out[plane * count..][..count].iter_mut().zip(index) {
                    out.write(if i < 0 { none } else { from[i as usize] });
                }
            }
        })
    }
}

/// Images of the shape `to` that hold in each plane the elements of `g` at the indices that [`argmax`] found, added up,
/// and 0 elsewhere: the adjoint of [`take`].
#[track_caller]
pub fn put(g: &Array, index: &Array, to: &Dims) -> Array {
    let g = g.contiguous();
    float!(g.dtype(), T => laid::<T>(&g, index, to))
}

#[track_caller]
fn laid<T: Float>(g: &Array, index: &Array, to: &Dims) -> Array {
    let (pixels, count) = (to.get(2) * to.get(3), index.shape().get(2) * index.shape().get(3));
    let (from, index_of) = (elements::<T>(g), elements::<i64>(index));
    // SAFETY: every element is filled before any is read.
    unsafe {
        Array::build::<T>(*to, |out| {
            out.fill(MaybeUninit::new(T::ZERO));
            let out = out.assume_init_mut();
            for plane in 0..planes(g) {
                let out = &mut out[plane * pixels..][..pixels];
                let index = &index_of[plane * count..][..count];
                for (&g, &i) in from[plane * count..][..count].iter().zip(index) {
                    if i >= 0 {
                        out[i as usize] = out[i as usize] + g;
                    }
                }
            }
        })
    }
}

/// The mean of each region; under a window the padding counts as zeros.
#[track_caller]
pub fn mean(x: &Array, regions: &Regions) -> Array {
    regions.check_images(x.shape());
    if x.is_only_channels_last() {
        return channels::means(x, regions);
    }
    let x = x.contiguous();
    float!(x.dtype(), T => means::<T>(&x, regions))
}

#[track_caller]
fn means<T: Float>(x: &Array, r: &Regions) -> Array {
    let (from, width) = (elements::<T>(x), r.image[1]);
    // SAFETY: `each` names every place of a plane once.
    unsafe {
        Array::build::<T>(r.shape(x), |out| {
            for plane in 0..planes(x) {
                let from = &from[plane * r.pixels()..][..r.pixels()];
                let out = &mut out[plane * r.count()..][..r.count()];
                r.each(|at, down, across| {
                    let mut sum = T::ZERO;
                    for y in (down.from..down.to).step_by(down.step) {
                        for x in (across.from..across.to).step_by(across.step) {
                            sum = sum + from[y * width + x];
                        }
                    }
                    out[at].write(sum / T::from_f64((down.count * across.count) as f64));
                });
            }
        })
    }
}

/// Each element of `g` shared out evenly over its region: the adjoint of [`mean`]. The result lies `channels_last`, or in C order.
#[track_caller]
pub fn spread(g: &Array, regions: &Regions, channels_last: bool) -> Array {
    if channels_last {
        return channels::back(g, None, regions);
    }
    let g = g.contiguous();
    float!(g.dtype(), T => spread_out::<T>(&g, regions))
}

#[track_caller]
fn spread_out<T: Float>(g: &Array, r: &Regions) -> Array {
    let (from, width) = (elements::<T>(g), r.image[1]);
    let shape = Dims::new(&[g.shape().get(0), g.shape().get(1), r.image[0], r.image[1]]);
    // SAFETY: every element is filled before any is read.
    unsafe {
        Array::build::<T>(shape, |out| {
            out.fill(MaybeUninit::new(T::ZERO));
            let out = out.assume_init_mut();
            for plane in 0..planes(g) {
                let out = &mut out[plane * r.pixels()..][..r.pixels()];
                let from = &from[plane * r.count()..][..r.count()];
                r.each(|at, down, across| {
                    let share = from[at] / T::from_f64((down.count * across.count) as f64);
                    for y in (down.from..down.to).step_by(down.step) {
                        for x in (across.from..across.to).step_by(across.step) {
                            out[y * width + x] = out[y * width + x] + share;
                        }
                    }
                });
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::conv::Window;
    use crate::kernels::testing::{dims, floats, layouts, noise, with_each_isa};
    use crate::kernels::{elementwise, reduce};

    fn regions() -> Vec<Regions> {
        let two = Window { stride: [2; 2], ..Window::square(2) };
        let three = Window { stride: [2, 1], padding: [[1; 2]; 2], ..Window::square(3) };
        let under = |window, places| Regions::under(Sweep { window, image: [6, 7], places });
        vec![
            under(two, [3, 3]),
            under(three, [3, 7]),
            under(Window { padding: [[0; 2]; 2], dilation: [2, 3], stride: [1; 2], ..three }, [2, 1]),
            under(Window { padding: [[1, 0], [0, 1]], dilation: [3, 2], ..two }, [2, 3]),
            under(Window { stride: [4, 5], ..two }, [2, 2]),
            Regions::covering([6, 7], [1, 1]),
            Regions::covering([6, 7], [4, 3]),
            Regions::covering([6, 7], [9, 7]),
        ]
    }

    /// The elements of region (`y`, `x`), by index.
    fn members(r: &Regions, y: usize, x: usize) -> Vec<usize> {
        let along = |axis: usize, place: usize| -> Vec<usize> {
            let Some(Sweep { window, .. }) = r.window else {
                let (size, n) = (r.image[axis] as f64, r.places[axis] as f64);
                let (from, to) = (place as f64 * size / n, (place + 1) as f64 * size / n);
                return (from.floor() as usize..to.ceil() as usize).collect();
            };
            let taps = (0..window.kernel[axis]).map(|k| place * window.stride[axis] + k * window.dilation[axis]);
            taps.filter_map(|at| at.checked_sub(window.padding[axis][0])).filter(|&at| at < r.image[axis]).collect()
        };
        let across = along(1, x);
        along(0, y).into_iter().flat_map(|row| across.iter().map(move |col| row * r.image[1] + col)).collect()
    }

    fn each_region(r: &Regions) -> impl Iterator<Item = Vec<usize>> + '_ {
        (0..r.places[0]).flat_map(move |y| (0..r.places[1]).map(move |x| members(r, y, x)))
    }

    #[test]
    fn as_element_by_element_in_any_layout() {
        for r in regions() {
            for x in layouts(&[2, 3, 6, 7], f32::NAN, |i| noise(i) as f32) {
                let (index, means) = (argmax(&x, &r), floats(&mean(&x, &r)));
                let best = floats(&take(&x, &index, f64::NAN));
                let mut at = 0;
                for plane in floats(&x).chunks(42) {
                    for members in each_region(&r) {
                        let most = members.iter().map(|&i| plane[i]).fold(f64::NEG_INFINITY, f64::max);
                        assert_eq!(best[at], most);
                        let area = r.window.map_or(members.len(), |s| s.window.kernel.iter().product());
                        let sum = members.iter().map(|&i| plane[i]).sum::<f64>();
                        assert!((means[at] - sum / area as f64).abs() < 1e-6, "{} of {members:?}", means[at]);
                        at += 1;
                    }
                }
                assert_eq!((at, at), (best.len(), means.len()));
            }
        }
    }

    #[test]
    fn ways_back_are_adjoint() {
        let dot = |a: &Array, b: &Array| {
            let product = elementwise::mul(a.clone(), b);
            reduce::sum(&product, 0b1111, false).to_vec::<f64>()[0]
        };
        for r in regions() {
            let x = layouts(&[2, 3, 6, 7], f64::NAN, noise);
            for (x, g) in x.iter().zip(layouts(&[2, 3, r.places[0], r.places[1]], f64::NAN, |i| noise(i + 500))) {
                let index = argmax(x, &r);
                let (there, back) = (dot(&take(x, &index, 0.0), &g), dot(&put(&g, &index, x.shape()), x));
                assert!((there - back).abs() < 1e-12);
                let (there, back) = (dot(&mean(x, &r), &g), dot(&spread(&g, &r, false), x));
                assert!((there - back).abs() < 1e-12);
            }
        }
    }

    /// Channels-last as in C order, with ties and NaN, of channels that are several vectors and of some that are none.
    #[test]
    fn channels_last() {
        with_each_isa(|| {
            for (r, channels) in regions().into_iter().flat_map(|r| [2, 45, 80].map(|channels| (r, channels))) {
                let of = |kind: usize, shape: &[usize]| {
                    let few = |i: usize| (noise(i + 10_000 * kind) * 4.0).round() as f32;
                    Array::from_fn(dims(shape), |i| if i % 31 == 7 * kind { f32::NAN } else { few(i) })
                };
                let x = of(1, &[2, channels, 6, 7]);
                let g = of(100, &[2, channels, r.places[0], r.places[1]]);
                let (last, index) = (x.channels_last(), argmax(&x, &r));
                let same = |got: &Array, want: &Array| {
                    assert!(got.is_channels_last());
                    floats(got).iter().zip(floats(want)).for_each(|(got, want)| {
                        assert!((got - want).abs() < 1e-5 || got.is_nan() && want.is_nan() || *got == want);
                    });
                };
                assert!(has_taps(&last, &r) && !has_taps(&x, &r));
                let (y, taps) = largest(&last, &r, true);
                let taps = taps.expect("kept");
                same(&y, &take(&x, &index, f64::NEG_INFINITY));
                same(&largest(&last, &r, false).0, &y);
                same(&take_taps(&x, &taps, &r, 0.5), &take(&x, &index, 0.5));
                same(&put_taps(&g, &taps, &r), &put(&g, &index, x.shape()));
                same(&mean(&last, &r), &mean(&x, &r));
                same(&spread(&g, &r, true), &spread(&g, &r, false));
            }
        });
    }

    /// As PyTorch: the first of equal ones, NaN before all, and an infinite plane has a maximum too.
    #[test]
    fn ties_and_special_values() {
        let (nan, inf) = (f32::NAN, f32::INFINITY);
        let index = |plane: &[f32; 4]| {
            let x = Array::from_slice(plane, dims(&[1, 1, 2, 2]));
            let index = argmax(&x, &Regions::covering([2, 2], [1, 1]));
            (index.to_vec::<i64>()[0], take(&x, &index, 0.0).to_vec::<f32>()[0])
        };
        assert_eq!(index(&[1.0, 3.0, 3.0, 3.0]), (1, 3.0));
        assert_eq!(index(&[-inf; 4]), (0, -inf));
        assert_eq!(index(&[inf, 0.0, inf, 0.0]), (0, inf));
        let (place, value) = index(&[1.0, nan, 9.0, nan]);
        assert!(place == 3 && value.is_nan());
        // A window over nothing but padding.
        let window = Window { padding: [[2; 2]; 2], dilation: [3; 2], ..Window::square(2) };
        let r = Regions::under(Sweep { window, image: [1, 1], places: [2, 2] });
        let x = Array::full(1f32, dims(&[1, 1, 1, 1]));
        let index = argmax(&x, &r);
        assert_eq!(index.to_vec::<i64>(), [-1; 4]);
        assert_eq!(take(&x, &index, f64::NEG_INFINITY).to_vec::<f32>(), [-inf; 4]);
        assert_eq!(put(&take(&x, &index, 5.0), &index, x.shape()).to_vec::<f32>(), [0.0]);
    }

    #[test]
    fn no_images() {
        for r in regions() {
            let x = Array::full(0f32, dims(&[0, 3, 6, 7]));
            let index = argmax(&x, &r);
            assert_eq!(*index.shape(), [0, 3, r.places[0], r.places[1]][..]);
            assert_eq!(take(&x, &index, 0.0).shape(), mean(&x, &r).shape());
            assert_eq!(*spread(&mean(&x, &r), &r, false).shape(), [0, 3, 6, 7][..]);
            assert_eq!(*put(&mean(&x, &r), &index, x.shape()).shape(), [0, 3, 6, 7][..]);
        }
    }
}
