//! Convolutions of images.
//!
//! Three operations, each linear in either of its two inputs, and each one's gradients are the other two: the
//! convolution, the transposed convolution, and the sum over all places that makes the weights' gradient.

use super::activation::{activated, activated_grad};
use super::reduce::sum;
use super::shape::channels_last;
use crate::graph::{Context, Value, record};
use crate::kernels::activation::Activation;
use crate::kernels::conv::{self as kernel, Sweep};
use crate::kernels::{Array, DType};
use fusion_rules::{Mistake, Padding, Size};

pub use crate::kernels::conv::Window;

/// How many places `window` takes in an image of this height and width. Panics with the rule's sentence if it is
/// larger than the padded image.
#[track_caller]
pub(super) fn places(window: &Window, image: [usize; 2]) -> [usize; 2] {
    let Window { kernel, stride, dilation, padding, .. } = window;
    let mut numbers = [kernel, stride, dilation].into_iter().chain(padding).flatten();
    assert!(
        numbers.all(|&n| n <= fusion_rules::MAX_SIZE),
        "the numbers of a window have at most nine digits: {window:?}"
    );
    let [high, wide] = [0, 1].map(|axis| {
        let [before, after] = window.padding[axis];
        // The sentence speaks of one padding for both ends; where they differ it counts as part of the image.
        let (size, padding) = match before == after {
            true => (image[axis], before),
            false => (image[axis].saturating_add(before).saturating_add(after), 0),
        };
        let (kernel, stride, dilation) = (window.kernel[axis], window.stride[axis], window.dilation[axis]);
        let window = fusion_rules::Window { kernel, stride, padding: Padding::By(padding), dilation };
        match fusion_rules::window(Size::Known(size), window) {
            // At run time there may be more places than a type can spell.
            Ok(_) | Err(Mistake::TooManyDigits) => Ok((size + 2 * padding - (kernel - 1) * dilation - 1) / stride + 1),
            Err(mistake) => Err(mistake),
        }
    });
    [super::or_panic(high), super::or_panic(wide)]
}

/// Height and width of `[N, C, H, W]`.
#[track_caller]
pub(super) fn height_width(x: &Value) -> [usize; 2] {
    super::or_panic(fusion_rules::image(x.shape().sizes()));
    [x.shape().get(2), x.shape().get(3)]
}

/// Weights are `[O, I, KH, KW]` with the window's own height and width, the first axis in whole groups, and there is
/// one number of the bias for each of `outputs`.
#[track_caller]
fn check(name: &str, w: &Value, bias: Option<&Value>, outputs: usize, window: &Window) {
    let shape = w.shape();
    let [high, wide] = window.kernel;
    assert!(
        shape.rank() == 4 && shape.get(2) == high && shape.get(3) == wide,
        "{name}: weights of {shape:?} for a window of {high} x {wide}"
    );
    let groups = window.groups;
    assert!(
        groups > 0 && shape.get(0).is_multiple_of(groups),
        "{name}: {} channels do not split into {groups} groups",
        shape.get(0)
    );
    assert!(
        shape.get(1).checked_mul(groups).is_some(),
        "{name}: {groups} groups of {} channels are more than can be counted",
        shape.get(1)
    );
    if let Some(bias) = bias {
        assert!(*bias.shape() == [outputs][..], "{name}: a bias of {:?} for {outputs} channels", bias.shape());
    }
}

/// The convolution (cross-correlation) of images `x` `[N, I, H, W]` with `w` `[O, I / groups, KH, KW]`, plus `bias`
/// `[O]`: `[N, O, H', W']`. PyTorch's `conv2d`.
#[track_caller]
pub fn conv2d(x: Value, w: &Value, bias: Option<&Value>, window: Window) -> Value {
    conv2d_act(x, w, bias, window, Activation::Identity)
}

/// As [`conv2d`], then the `activation`, in one pass.
#[track_caller]
pub fn conv2d_act(x: Value, w: &Value, bias: Option<&Value>, window: Window, activation: Activation) -> Value {
    let image = height_width(&x);
    check("conv2d", w, bias, w.shape().get(0), &window);
    super::or_panic(fusion_rules::channels(Size::Known(w.shape().get(1) * window.groups), x.shape().sizes()));
    convolve(x, w, bias, Sweep { window, image, places: places(&window, image) }, activation)
}

/// The transposed convolution of images `x` `[N, I, H, W]` with `w` `[I, O / groups, KH, KW]`, plus `bias` `[O]`:
/// `[N, O, H', W']`, of which [`conv2d`] with the same window would make images as large as `x`. As several sizes may,
/// `output_padding` says by how much the height and the width exceed the smallest. PyTorch's `conv_transpose2d`.
#[track_caller]
pub fn conv_transpose2d(
    x: Value,
    w: &Value,
    bias: Option<&Value>,
    window: Window,
    output_padding: [usize; 2],
) -> Value {
    conv_transpose2d_act(x, w, bias, window, output_padding, Activation::Identity)
}

/// As [`conv_transpose2d`], then the `activation`, in one pass.
#[track_caller]
pub fn conv_transpose2d_act(
    x: Value,
    w: &Value,
    bias: Option<&Value>,
    window: Window,
    output_padding: [usize; 2],
    activation: Activation,
) -> Value {
    let places = height_width(&x);
    check("conv_transpose2d", w, bias, w.shape().get(1).saturating_mul(window.groups), &window);
    super::or_panic(fusion_rules::channels(Size::Known(w.shape().get(0)), x.shape().sizes()));
    let image = std::array::from_fn(|axis| {
        let (stride, dilation, [before, after]) = (window.stride[axis], window.dilation[axis], window.padding[axis]);
        let more = output_padding[axis];
        assert!(
            more < stride.max(dilation),
            "conv_transpose2d: an output padding of {more} must be smaller than the stride of {stride} or the dilation of \
             {dilation}"
        );
        // No places reach over nothing.
        let reach = dilation.saturating_mul(window.kernel[axis].saturating_sub(1)).saturating_add(1 + more);
        let reach = places[axis].saturating_sub(1).saturating_mul(stride).saturating_add(reach);
        let padding = before.saturating_add(after);
        reach
            .checked_sub(padding)
            .unwrap_or_else(|| panic!("conv_transpose2d: a padding of {padding} leaves nothing of a result of {reach}"))
    });
    transposed(x, w, bias, Sweep { window, image, places }, activation)
}

/// The gradient of [`conv2d`] by its weights: `x` `[N, I, H, W]` and the gradient of the result `[N, O, H', W']` to
/// `[O, I / groups, KH, KW]`.
#[track_caller]
pub fn conv2d_weight(x: Value, y: &Value, window: Window) -> Value {
    let (image, places) = (height_width(&x), height_width(y));
    let (xs, ys) = (x.shape(), y.shape());
    assert!(
        xs.get(0) == ys.get(0) && [xs, ys].iter().all(|shape| shape.get(1).is_multiple_of(window.groups)),
        "conv2d_weight: images of {xs:?} and gradients of {ys:?} in {} groups",
        window.groups
    );
    weight(x, y, Sweep { window, image, places })
}

/// The bias's gradient: one number for each channel.
#[track_caller]
fn channels(g: &Value) -> Value {
    sum(g, 0b1101, false)
}

/// Records one of the two convolutions, which differ in nothing else: their gradients by the input and by the weights.
#[track_caller]
fn recorded(
    name: &'static str,
    [x, w]: [&Value; 2],
    bias: Option<&Value>,
    activation: Activation,
    y: Array,
    rule: impl Fn(Value, [Option<Value>; 2]) -> [Option<Value>; 2] + Send + Sync + Copy + 'static,
) -> Value {
    let gradients = |y: &Array| {
        // Each is kept for the gradient of the other.
        let x_for_w = w.link().wants_gradient().then(|| x.array().clone());
        let w_for_x = x.link().wants_gradient().then(|| w.array().clone());
        let y = (activation != Activation::Identity).then(|| y.clone());
        move |g: Value, cx: &Context<'_>, bias: bool| {
            let g = match &y {
                Some(y) => activated_grad(g, &cx.output(y), activation),
                None => g,
            };
            let bias = bias.then(|| channels(&g));
            let kept = [x_for_w.as_ref().map(|x| cx.input(0, x)), w_for_x.as_ref().map(|w| cx.input(1, w))];
            let [x, w] = rule(g, kept);
            [x, w, bias]
        }
    };
    match bias {
        Some(bias) => record(name, [x.link(), w.link(), bias.link()], y, |y| {
            let gradients = gradients(y);
            move |g, cx| gradients(g, cx, cx.needs_grad(2))
        }),
        None => record(name, [x.link(), w.link()], y, |y| {
            let gradients = gradients(y);
            move |g, cx| {
                let [x, w, _] = gradients(g, cx, false);
                [x, w]
            }
        }),
    }
}

/// Images as the kernels take them: once for the pass forward and the one back.
#[track_caller]
fn laid(x: Value) -> Value {
    if x.dtype() == DType::F32 { channels_last(x) } else { x }
}

#[track_caller]
fn convolve(x: Value, w: &Value, bias: Option<&Value>, s: Sweep, activation: Activation) -> Value {
    let x = laid(x);
    if !activation.keeps_sign() {
        return activated(convolve(x, w, bias, s, Activation::Identity), activation);
    }
    let y = kernel::conv2d_act(x.array(), w.array(), bias.map(Value::array), activation, &s);
    let name = activation.named(["conv2d", "conv2d relu", "conv2d leaky_relu"]);
    recorded(name, [&x, w], bias, activation, y, move |g, [x, w]| {
        let g = laid(g);
        let dw = x.map(|x| weight(x, &g, s));
        [w.map(|w| transposed(g, &w, None, s, Activation::Identity)), dw]
    })
}

#[track_caller]
fn transposed(y: Value, w: &Value, bias: Option<&Value>, s: Sweep, activation: Activation) -> Value {
    let y = laid(y);
    if !activation.keeps_sign() {
        return activated(transposed(y, w, bias, s, Activation::Identity), activation);
    }
    let x = kernel::conv_transpose2d_act(y.array(), w.array(), bias.map(Value::array), activation, &s);
    let name = activation.named(["conv_transpose2d", "conv_transpose2d relu", "conv_transpose2d leaky_relu"]);
    recorded(name, [&y, w], bias, activation, x, move |g, [y, w]| {
        let g = laid(g);
        let dw = y.map(|y| weight(g.clone(), &y, s));
        [w.map(|w| convolve(g, &w, None, s, Activation::Identity)), dw]
    })
}

#[track_caller]
fn weight(x: Value, y: &Value, s: Sweep) -> Value {
    let w = kernel::conv2d_weight(x.array(), y.array(), &s);
    recorded("conv2d_weight", [&x, y], None, Activation::Identity, w, move |g, [x, y]| {
        let dy = x.map(|x| convolve(x, &g, None, s, Activation::Identity));
        [y.map(|y| transposed(y, &g, None, s, Activation::Identity)), dy]
    })
}

#[cfg(test)]
mod tests {
    use super::super::derivatives::{any, first_and_second};
    use super::*;

    /// The last does not keep the sign.
    const FOLLOWING: [Activation; 3] = [Activation::Relu, Activation::LeakyRelu(0.25), Activation::LeakyRelu(-0.5)];

    #[test]
    fn gradients_of_convolutions() {
        let three = Window { padding: [[1; 2]; 2], ..Window::square(3) };
        for (window, inputs, outputs, image) in [
            (Window::square(1), 2, 3, [3, 2]),
            (three, 2, 2, [3, 4]),
            (Window { stride: [2; 2], ..three }, 1, 2, [5, 4]),
            (Window { stride: [2, 1], dilation: [1, 2], groups: 2, ..three }, 2, 4, [4, 5]),
            (Window { kernel: [2, 3], padding: [[0, 1], [2, 0]], stride: [4, 4], ..three }, 1, 1, [4, 6]),
            (Window { kernel: [2, 2], groups: 2, ..three }, 2, 2, [2, 3]),
        ] {
            let x = any(1, &[2, inputs, image[0], image[1]]);
            let w = any(2, &[outputs, inputs / window.groups, window.kernel[0], window.kernel[1]]);
            let with_bias = |x: &[Value]| conv2d(x[0].clone(), &x[1], Some(&x[2]), window);
            first_and_second(&[x.clone(), w.clone(), any(3, &[outputs])], with_bias);
            let y = conv2d(x.clone(), &w, None, window);
            let y = any(4, &y.shape().iter().collect::<Vec<_>>());
            first_and_second(&[x.clone(), y.clone()], |x| conv2d_weight(x[0].clone(), &x[1], window));
            for activation in FOLLOWING {
                first_and_second(&[x.clone(), w.clone(), any(3, &[outputs])], |x| {
                    conv2d_act(x[0].clone(), &x[1], Some(&x[2]), window, activation)
                });
            }
            first_and_second(&[x, w], |x| conv2d(x[0].clone(), &x[1], None, window));
        }
    }

    #[test]
    fn gradients_of_transposed_convolutions() {
        let plain = Window::square(2);
        for (window, inputs, outputs, more) in [
            (plain, 2, 2, [0, 0]),
            (Window { stride: [2; 2], ..plain }, 2, 1, [1, 0]),
            (Window { kernel: [3, 2], stride: [2, 3], padding: [[1; 2], [0, 1]], groups: 2, ..plain }, 2, 4, [0, 2]),
            // As much output padding as one more place would need.
            (Window { dilation: [3; 2], padding: [[1; 2]; 2], ..plain }, 1, 2, [2, 1]),
        ] {
            let x = any(1, &[2, inputs, 3, 2]);
            let w = any(2, &[inputs, outputs / window.groups, window.kernel[0], window.kernel[1]]);
            let b = any(3, &[outputs]);
            for activation in FOLLOWING {
                first_and_second(&[x.clone(), w.clone(), b.clone()], |x| {
                    conv_transpose2d_act(x[0].clone(), &x[1], Some(&x[2]), window, more, activation)
                });
            }
            first_and_second(&[x, w, b], |x| conv_transpose2d(x[0].clone(), &x[1], Some(&x[2]), window, more));
        }
    }

    #[test]
    fn sizes_of_transposed_convolutions() {
        // The formula in PyTorch's documentation: (H - 1) S - 2 P + D (K - 1) + OP + 1.
        let window = Window { stride: [2; 2], padding: [[1; 2]; 2], dilation: [2; 2], ..Window::square(3) };
        let y = conv_transpose2d(any(1, &[1, 2, 4, 5]), &any(2, &[2, 3, 3, 3]), None, window, [1, 0]);
        assert_eq!(*y.shape(), [1, 3, 10, 11][..]);
    }

    #[test]
    fn no_images() {
        let window = Window { padding: [[1; 2]; 2], ..Window::square(3) };
        let w = any(2, &[4, 2, 3, 3]).into_parameter();
        let y = conv2d(any(1, &[0, 2, 5, 5]).trace(), &w, None, window);
        assert_eq!(*y.shape(), [0, 4, 5, 5][..]);
        let grads = y.clone().backward(any(3, &[0, 4, 5, 5]));
        assert_eq!(grads.get_value(w.link()).unwrap().array().to_vec::<f64>(), [0.0; 72]);
    }

    #[test]
    #[should_panic(expected = "4 channels")]
    fn other_channels_are_refused() {
        conv2d(any(1, &[1, 3, 5, 5]), &any(2, &[1, 4, 3, 3]), None, Window::square(3));
    }

    #[test]
    #[should_panic(expected = "conv2d: 3 channels do not split into 2 groups")]
    fn uneven_groups_are_refused() {
        let window = Window { groups: 2, ..Window::square(3) };
        conv2d(any(1, &[1, 2, 5, 5]), &any(2, &[3, 1, 3, 3]), None, window);
    }

    #[test]
    #[should_panic(expected = "window")]
    fn too_small_an_image_is_refused() {
        conv2d(any(1, &[1, 1, 2, 5]), &any(2, &[1, 1, 3, 3]), None, Window::square(3));
    }
}
