//! Convolution. Images are `[N, C, H, W]`, weights `[O, C / groups, KH, KW]`. In `f32` images lie channels-last and so do the
//! results; `f64` takes the plain way, with results in C order.
//!
//! A [`Filter`] is weights packed for one window, one size of image and one way of computing, whose files know nothing of
//! arrays.

mod choose;
pub mod depthwise;
mod direct;
mod epilogue;
mod filter;
mod plain;
mod sweep;
#[cfg(test)]
mod tests;
pub mod weight;
mod winograd;

use crate::kernels::DType;
use crate::kernels::activation::Activation;
use crate::kernels::array::Array;
use crate::kernels::array::layout::Dims;
use crate::kernels::elementwise;
pub use choose::set_direct_convolutions;
use choose::{Way, weight_way};
#[cfg(test)]
pub use choose::{Ways, with_ways};
pub use epilogue::Epilogue;
pub use filter::Filter;
pub use sweep::{Sweep, Window};
use winograd::weight_gradient;

/// The convolution of `x` with `w`, plus `bias` (one number for each output).
///
/// # Panics
/// If the shapes do not fit.
#[track_caller]
pub fn conv2d(x: &Array, w: &Array, bias: Option<&Array>, s: &Sweep) -> Array {
    conv2d_act(x, w, bias, Activation::Identity, s)
}

/// As [`conv2d`], then the `activation`.
///
/// # Panics
/// If the shapes do not fit.
#[track_caller]
pub fn conv2d_act(x: &Array, w: &Array, bias: Option<&Array>, activation: Activation, s: &Sweep) -> Array {
    let (images, outputs) = (x.shape().get(0), w.shape().get(0));
    let shape = Dims::new(&[images, outputs, s.places[0], s.places[1]]);
    if x.dtype() != DType::F32 || x.count() == 0 || shape.count() == 0 {
        return activated(plain::conv2d(x, w, bias, s), activation);
    }
    s.check_images(x.shape());
    s.check_weights(w.shape());
    let w = w.contiguous();
    let filter = Filter::new(elements(&w), outputs, x.shape().get(1), s, images);
    apply(&filter, x, bias, activation, shape)
}

/// The image whose every element is the sum of what [`conv2d`] would take from it for `y`, plus `bias` (one number for
/// each channel): the adjoint of the convolution by its image, and the transposed convolution.
///
/// # Panics
/// If the shapes do not fit.
#[track_caller]
pub fn conv_transpose2d(y: &Array, w: &Array, bias: Option<&Array>, s: &Sweep) -> Array {
    conv_transpose2d_act(y, w, bias, Activation::Identity, s)
}

/// As [`conv_transpose2d`], then the `activation`.
///
/// # Panics
/// If the shapes do not fit.
#[track_caller]
pub fn conv_transpose2d_act(y: &Array, w: &Array, bias: Option<&Array>, activation: Activation, s: &Sweep) -> Array {
    let (images, inputs) = (y.shape().get(0), w.shape().get(1) * s.window.groups);
    let shape = Dims::new(&[images, inputs, s.image[0], s.image[1]]);
    if y.dtype() != DType::F32 || y.count() == 0 || shape.count() == 0 {
        return activated(plain::conv_transpose2d(y, w, bias, s), activation);
    }
    s.check_places(y.shape());
    s.check_weights(w.shape());
    let w = w.contiguous();
    let filter = Filter::transposed(elements(&w), y.shape().get(1), inputs, s, images);
    apply(&filter, y, bias, activation, shape)
}

/// The weights whose every element is the sum of the products of elements of `x` and `y` that it joins in [`conv2d`]:
/// the adjoint of the convolution by its weights.
///
/// # Panics
/// If the shapes do not fit.
#[track_caller]
pub fn conv2d_weight(x: &Array, y: &Array, s: &Sweep) -> Array {
    if x.dtype() != DType::F32 {
        return plain::conv2d_weight(x, y, s);
    }
    s.check_images(x.shape());
    s.check_places(y.shape());
    let [images, inputs, outputs] = [x.shape().get(0), x.shape().get(1), y.shape().get(1)];
    let (x, y) = (x.channels_last(), y.channels_last());
    let each = inputs.checked_div(s.window.groups).unwrap_or(0);
    let shape = Dims::new(&[outputs, each, s.window.kernel[0], s.window.kernel[1]]);
    // SAFETY: all ways write all weights.
    unsafe {
        Array::build(shape, |dw| match weight_way(s, inputs, outputs, images) {
            Way::Winograd(_) => weight_gradient(elements(&x), elements(&y), [outputs, inputs], s, images, dw),
            Way::Depthwise => depthwise::weight(elements(&x), elements(&y), images, inputs, s, dw),
            Way::Direct | Way::Folded => weight::weight(elements(&x), elements(&y), images, inputs, outputs, s, dw),
        })
    }
}

/// The activation of each element, in a pass of its own.
fn activated(x: Array, activation: Activation) -> Array {
    let y = x.clone();
    match activation {
        Activation::Identity => x,
        // What is behind either in the gradient, of the elements themselves.
        Activation::Relu => elementwise::relu_grad(x, &y),
        Activation::LeakyRelu(slope) => elementwise::leaky_relu_grad(x, &y, slope),
    }
}

/// What `filter` makes of `x`, an array of the shape `shape`.
#[track_caller]
fn apply(filter: &Filter, x: &Array, bias: Option<&Array>, activation: Activation, shape: Dims) -> Array {
    let (x, bias) = (x.channels_last(), bias.map(Array::contiguous));
    let epilogue = Epilogue { bias: bias.as_ref().map(elements), residual: None, activation };
    // SAFETY: a filter writes all elements of its images.
    unsafe { Array::build_like(shape, shape.channels_last(), |y| filter.run(elements(&x), shape.get(0), &epilogue, y)) }
}

#[track_caller]
fn elements(array: &Array) -> &[f32] {
    array.dense().expect("dense")
}
