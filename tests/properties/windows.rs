//! Convolutions and pooling, against loops over every place and every number of the window.

use crate::arrays::{Draw, Values, equal};
use crate::{Outcome, Real};
use fusion::internals::ops::conv::{Window, conv_transpose2d, conv2d};
use fusion::internals::ops::pool;
use fusion::ndarray::{ArrayD, IxDyn};
use std::marker::PhantomData;

fn window(draw: &mut Draw) -> Window {
    let kernel = [1 + draw.below(3), 1 + draw.below(3)];
    let mut pair = |low: usize, n: usize| [low + draw.below(n), low + draw.below(n)];
    let (stride, dilation, first, second) = (pair(1, 3), pair(1, 2), pair(0, 3), pair(0, 3));
    Window { kernel, stride, padding: [first, second], dilation, groups: 1 + draw.below(3) }
}

/// What the window reaches over, less 1.
fn reach(w: &Window, axis: usize) -> usize {
    (w.kernel[axis] - 1) * w.dilation[axis]
}

/// Height and width of a padded image that has room for the window, without the padding; and how many places there are.
fn image(draw: &mut Draw, w: &Window) -> ([usize; 2], [usize; 2]) {
    let size = [0, 1].map(|axis| {
        let padding: usize = w.padding[axis].iter().sum();
        (reach(w, axis) + 1).saturating_sub(padding).max(1) + draw.below(6)
    });
    let places = [0, 1]
        .map(|axis| (size[axis] + w.padding[axis].iter().sum::<usize>() - reach(w, axis) - 1) / w.stride[axis] + 1);
    (size, places)
}

/// The place in the image, along one axis, of a number of the window.
fn inside(w: &Window, axis: usize, place: usize, at: usize, size: usize) -> Option<usize> {
    (place * w.stride[axis] + at * w.dilation[axis]).checked_sub(w.padding[axis][0]).filter(|&at| at < size)
}

/// Each place of the result and each number of the window that falls into the image, and where.
fn each(w: &Window, size: [usize; 2], places: [usize; 2], mut f: impl FnMut([usize; 2], [usize; 2], [usize; 2])) {
    for row in 0..places[0] {
        for column in 0..places[1] {
            for i in 0..w.kernel[0] {
                for j in 0..w.kernel[1] {
                    if let (Some(y), Some(x)) = (inside(w, 0, row, i, size[0]), inside(w, 1, column, j, size[1])) {
                        f([row, column], [i, j], [y, x]);
                    }
                }
            }
        }
    }
}

pub fn convolutions<T: Real>(draw: &mut Draw, _: PhantomData<T>) -> Outcome {
    let w = window(draw);
    let (size, places) = image(draw, &w);
    let (images, inputs, outputs) = (draw.below(3), w.groups * (1 + draw.below(2)), w.groups * (1 + draw.below(2)));
    let x = draw.tensor::<T>(&[images, inputs, size[0], size[1]], Values::Any);
    let weight = draw.tensor::<T>(&[outputs, inputs / w.groups, w.kernel[0], w.kernel[1]], Values::Any);
    let bias = draw.tensor::<T>(&[outputs], Values::Any);
    let has_bias = draw.below(2) == 1;

    let (xs, ws, bs) = (x.numbers(), weight.numbers(), bias.numbers());
    let mut want = ArrayD::zeros(IxDyn(&[images, outputs, places[0], places[1]]));
    let (ins, outs) = (inputs / w.groups, outputs / w.groups);
    for n in 0..images {
        for o in 0..outputs {
            for c in 0..ins {
                each(&w, size, places, |[row, column], [i, j], [y, x]| {
                    want[[n, o, row, column]] += xs[[n, o / outs * ins + c, y, x]] * ws[[o, c, i, j]];
                });
            }
            if has_bias {
                want.index_axis_mut(fusion::ndarray::Axis(0), n)
                    .index_axis_mut(fusion::ndarray::Axis(0), o)
                    .mapv_inplace(|x| x + bs[[o]]);
            }
        }
    }
    let found = conv2d(x.value, &weight.value, has_bias.then_some(&bias.value), w);
    equal::<T>(&format!("{w:?} over {size:?}"), &found, &want, T::SHARE)
}

pub fn transposed<T: Real>(draw: &mut Draw, _: PhantomData<T>) -> Outcome {
    let w = window(draw);
    let more = [0, 1].map(|axis| draw.below(w.stride[axis].max(w.dilation[axis])));
    let places = [1 + draw.below(4), 1 + draw.below(4)];
    // The image that a convolution would come from.
    let padded = [0, 1].map(|axis| (places[axis] - 1) * w.stride[axis] + reach(&w, axis) + 1 + more[axis]);
    if (0..2).any(|axis| padded[axis] <= w.padding[axis].iter().sum()) {
        return Ok(());
    }
    let size = [0, 1].map(|axis| padded[axis] - w.padding[axis].iter().sum::<usize>());
    let (images, inputs, outputs) = (draw.below(3), w.groups * (1 + draw.below(2)), w.groups * (1 + draw.below(2)));
    let x = draw.tensor::<T>(&[images, inputs, places[0], places[1]], Values::Any);
    let weight = draw.tensor::<T>(&[inputs, outputs / w.groups, w.kernel[0], w.kernel[1]], Values::Any);

    let (xs, ws) = (x.numbers(), weight.numbers());
    let mut want = ArrayD::zeros(IxDyn(&[images, outputs, size[0], size[1]]));
    let (ins, outs) = (inputs / w.groups, outputs / w.groups);
    for n in 0..images {
        for c in 0..inputs {
            for o in 0..outs {
                each(&w, size, places, |[row, column], [i, j], [y, x]| {
                    want[[n, c / ins * outs + o, y, x]] += xs[[n, c, row, column]] * ws[[c, o, i, j]];
                });
            }
        }
    }
    let found = conv_transpose2d(x.value, &weight.value, None, w, more);
    equal::<T>(&format!("{w:?} transposed from {places:?}, {more:?} more"), &found, &want, T::SHARE)
}

pub fn pools<T: Real>(draw: &mut Draw, _: PhantomData<T>) -> Outcome {
    let mut w = window(draw);
    w.groups = 1;
    // At most half a window of padding, so that each has an element.
    w.padding = [0, 1].map(|axis| w.padding[axis].map(|padding| padding.min(w.kernel[axis] / 2)));
    let kind = draw.below(3);
    if kind == 1 {
        w.dilation = [1, 1];
    }
    let (size, places) = image(draw, &w);
    let (images, channels) = (draw.below(3), 1 + draw.below(3));
    let x =
        draw.tensor::<T>(&[images, channels, size[0], size[1]], if kind == 0 { Values::Special } else { Values::Any });
    let xs = x.numbers();
    if kind == 2 {
        return adaptive(draw, &x, size, &xs);
    }
    let start = if kind == 0 { f64::NEG_INFINITY } else { 0.0 };
    let mut want = ArrayD::from_elem(IxDyn(&[images, channels, places[0], places[1]]), start);
    for n in 0..images {
        for c in 0..channels {
            each(&w, size, places, |[row, column], _, [y, x]| {
                let to = &mut want[[n, c, row, column]];
                let from = xs[[n, c, y, x]];
                *to = match kind {
                    0 if to.is_nan() || from.is_nan() => f64::NAN,
                    0 => to.max(from),
                    _ => *to + from / (w.kernel[0] * w.kernel[1]) as f64,
                };
            });
        }
    }
    let found = if kind == 0 { pool::max_pool2d(x.value, w) } else { pool::avg_pool2d(x.value, w) };
    equal::<T>(&format!("{w:?} over {size:?}, kind {kind}"), &found, &want, T::SHARE)
}

/// Regions of about one size that cover the image.
fn adaptive<T: Real>(draw: &mut Draw, x: &crate::arrays::Both<T>, size: [usize; 2], xs: &ArrayD<f64>) -> Outcome {
    let places = [1 + draw.below(6), 1 + draw.below(6)];
    let region =
        |axis: usize, at: usize| at * size[axis] / places[axis]..((at + 1) * size[axis]).div_ceil(places[axis]);
    let of = |n: usize, c: usize, row: usize, column: usize| {
        region(0, row)
            .flat_map(|y| region(1, column).map(move |x| (y, x)))
            .map(|(y, x)| xs[[n, c, y, x]])
            .collect::<Vec<_>>()
    };
    let shape = [xs.shape()[0], xs.shape()[1], places[0], places[1]];
    let made =
        |f: &dyn Fn(&[f64]) -> f64| ArrayD::from_shape_fn(IxDyn(&shape), |at| f(&of(at[0], at[1], at[2], at[3])));
    let mean = made(&|list| list.iter().sum::<f64>() / list.len() as f64);
    let most = made(&|list| list.iter().copied().fold(f64::NEG_INFINITY, f64::max));
    let what = format!("{size:?} to {places:?}");
    equal::<T>(&format!("means of {what}"), &pool::adaptive_avg_pool2d(x.value.clone(), places), &mean, T::SHARE)?;
    equal::<T>(&format!("largest of {what}"), &pool::adaptive_max_pool2d(x.value.clone(), places), &most, 0.0)
}
